#include "netlink/errno.h"

#include <cerrno>

namespace airloom::netlink {

namespace {

constexpr int kEnotsupp = 524;  // Linux's internal ENOTSUPP, which escapes from START_AP

struct Row {
  Errc code;
  int value;
};

// Where several codes share an errno, from_errno() answers with the first.
constexpr Row kRows[] = {
    {Errc::kInvalid, EINVAL},
    {Errc::kMalformed, EINVAL},
    {Errc::kTruncated, EINVAL},
    {Errc::kRange, ERANGE},
    {Errc::kNotFound, ENOENT},
    {Errc::kNoDevice, ENODEV},
    {Errc::kNotConnected, ENOTCONN},
    {Errc::kNoLink, ENOLINK},
    {Errc::kAlready, EALREADY},
    {Errc::kBusy, EBUSY},
    {Errc::kExists, EEXIST},
    {Errc::kUnsupported, EOPNOTSUPP},
    {Errc::kUnsupportedMode, kEnotsupp},
    {Errc::kNetDown, ENETDOWN},
    {Errc::kPermission, EPERM},
    {Errc::kTooMany, ENFILE},
    {Errc::kNoBuffers, ENOBUFS},
    {Errc::kNoMemory, ENOMEM},
    {Errc::kInProgress, EINPROGRESS},
    {Errc::kAddressInUse, EADDRINUSE},
    {Errc::kTryAgain, EAGAIN},
    {Errc::kTimedOut, ETIMEDOUT},
    {Errc::kIo, EIO},
    {Errc::kBadAuth, EKEYREJECTED},
    {Errc::kRadioBlocked, ERFKILL},
    {Errc::kNoProcess, ESRCH},
    {Errc::kBadDescriptor, EBADF},
    {Errc::kBadAddress, EADDRNOTAVAIL},
    {Errc::kNoSpace, ENOSPC},
};

}  // namespace

int to_errno(Errc code) {
  for (const Row& row : kRows)
    if (row.code == code) return row.value;
  return EINVAL;
}

Errc from_errno(int value) {
  for (const Row& row : kRows)
    if (row.value == value) return row.code;
  return Errc::kInvalid;
}

}  // namespace airloom::netlink
