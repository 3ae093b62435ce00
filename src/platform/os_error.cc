#include "platform/os_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace airloom::platform {
namespace {

Errc code_of(int number) {
  switch (number) {
    case ENOENT:
      return Errc::kNotFound;
    case ENODEV:
    case ENXIO:
      return Errc::kNoDevice;
    case ENOTCONN:
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
      return Errc::kNotConnected;
    case EBUSY:
      return Errc::kBusy;
    case EEXIST:
      return Errc::kExists;
    case EALREADY:
      return Errc::kAlready;
    case EOPNOTSUPP:
    case ENOSYS:
    case EAFNOSUPPORT:
      return Errc::kUnsupported;
    case ENETDOWN:
      return Errc::kNetDown;
    case EPERM:
    case EACCES:
      return Errc::kPermission;
    case EMFILE:
    case ENFILE:
      return Errc::kTooMany;
    case ENOBUFS:
      return Errc::kNoBuffers;
    case ENOMEM:
      return Errc::kNoMemory;
    case EINPROGRESS:
      return Errc::kInProgress;
    case EADDRINUSE:
      return Errc::kAddressInUse;
    case EAGAIN:
      return Errc::kTryAgain;
    case ETIMEDOUT:
      return Errc::kTimedOut;
    case ERANGE:
      return Errc::kRange;
    case EINVAL:
      return Errc::kInvalid;
    default:
      return Errc::kIo;
  }
}

}  // namespace

Error os_error(int number, std::string_view what) {
  return Error{code_of(number), fmt::format("{}: {}", what, std::strerror(number))};
}

Result<int> checked(int returned, std::string_view what) {
  if (returned < 0) return std::unexpected(os_error(errno, what));
  return returned;
}

}  // namespace airloom::platform
