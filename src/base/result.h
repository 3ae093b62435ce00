// The one error idiom of airloom: Result<T> and TRY.
// Errors carry a code, and where somebody will read it, a text. Errno, reason codes and status
// codes are protocol data and are mapped from Errc once, at the edge that speaks them.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace airloom {

/// What went wrong. Each code has exactly one errno at the netlink edge (netlink/errno.h).
enum class Errc : uint8_t {
  kInvalid,          // EINVAL: a value is wrong
  kMalformed,        // EINVAL: octets do not parse
  kTruncated,        // EINVAL: fewer octets than the format needs
  kRange,            // ERANGE
  kNotFound,         // ENOENT
  kNoDevice,         // ENODEV
  kNotConnected,     // ENOTCONN
  kNoLink,           // ENOLINK
  kAlready,          // EALREADY
  kBusy,             // EBUSY
  kExists,           // EEXIST
  kUnsupported,      // EOPNOTSUPP
  kUnsupportedMode,  // ENOTSUPP (524), which the kernel lets escape in places
  kNetDown,          // ENETDOWN
  kPermission,       // EPERM
  kTooMany,          // ENFILE
  kNoBuffers,        // ENOBUFS
  kNoMemory,         // ENOMEM
  kInProgress,       // EINPROGRESS
  kAddressInUse,     // EADDRINUSE
  kTryAgain,         // EAGAIN
  kTimedOut,         // ETIMEDOUT
  kIo,               // EIO: the machine underneath refused; the text has its words
  kBadAuth,          // EKEYREJECTED: a MIC, a replay counter or a decryption did not hold
  kRadioBlocked,     // ERFKILL
  kNoProcess,        // ESRCH
  kBadDescriptor,    // EBADF
  kBadAddress,       // EADDRNOTAVAIL: no station can have that address
  kNoSpace,          // ENOSPC
};

/// The name of a code, e.g. "not found".
const char* to_string(Errc code);

/// An error: its code, the words for whoever asked (may be empty), and the number of the
/// attribute or element at fault (0: none).
struct Error {
  Errc code = Errc::kInvalid;
  std::string text;
  uint16_t where = 0;

  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = std::expected<T, Error>;

/// Returns an error from a function: `return fail(Errc::kBusy, "a scan is running");`
inline std::unexpected<Error> fail(Errc code, std::string text = {}, uint16_t where = 0) {
  return std::unexpected<Error>(Error{code, std::move(text), where});
}

}  // namespace airloom

/// Evaluates a Result; on error returns it from the enclosing function, else yields the value.
#define TRY(expr)                                                             \
  __extension__({                                                             \
    auto&& try_result_ = (expr);                                              \
    if (!try_result_) return std::unexpected(std::move(try_result_).error()); \
    ::airloom::internal::take(std::move(try_result_));                        \
  })

namespace airloom::internal {
template <typename T>
T take(std::expected<T, Error>&& result) {
  return *std::move(result);
}
inline void take(std::expected<void, Error>&&) {}
}  // namespace airloom::internal
