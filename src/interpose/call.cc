#include "interpose/call.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>

#include "platform/os_error.h"

// Since Linux 6.6; the kernel headers here may be older. [seccomp.h]
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

namespace airloom::interpose {
namespace {

size_t total(std::span<const RemoteSpan> parts) {
  size_t size = 0;
  for (const RemoteSpan& part : parts) size += part.iov_len;
  return size;
}

// process_vm_readv takes remote addresses as pointers; they are never followed here.
RemoteSpan remote(uint64_t address, size_t size) {
  RemoteSpan part{nullptr, size};
  std::memcpy(&part.iov_base, &address, sizeof address);
  return part;
}

}  // namespace

Listener::Listener(platform::UniqueFd fd) : fd_(std::move(fd)) {
  // Wakes the supervisor on the caller's CPU: a round trip costs less. Without it all works.
  (void)ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

Result<Call> Call::receive(const Listener& listener) {
  seccomp_notif notification{};
  int got;
  do {
    got = ioctl(listener.fd(), SECCOMP_IOCTL_NOTIF_RECV, &notification);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return std::unexpected(platform::os_error(errno, "seccomp notification"));
  Call call(listener.fd(), notification.id);
  call.thread_ = static_cast<pid_t>(notification.pid);
  call.number_ = notification.data.nr;
  std::copy_n(notification.data.args, call.arguments_.size(), call.arguments_.begin());
  return call;
}

bool Call::is_waiting() const {
  return ioctl(listener_, SECCOMP_IOCTL_NOTIF_ID_VALID, &id_) == 0;
}

void Call::respond(int64_t value, int error, uint32_t flags) const {
  seccomp_notif_resp response{};
  response.id = id_;
  response.val = value;
  response.error = -error;
  response.flags = flags;
  (void)ioctl(listener_, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

void Call::reply(int64_t value) const {
  respond(value, 0, 0);
}
void Call::fail(int error) const {
  respond(0, error, 0);
}
void Call::resume() const {
  respond(0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

void Call::reply_descriptor(int source, int target, bool close_on_exec) const {
  seccomp_notif_addfd request{};
  request.id = id_;
  request.flags = SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND;
  request.srcfd = static_cast<uint32_t>(source);
  request.newfd = static_cast<uint32_t>(target);
  request.newfd_flags = close_on_exec ? O_CLOEXEC : 0;
  if (ioctl(listener_, SECCOMP_IOCTL_NOTIF_ADDFD, &request) < 0 && errno != ENOENT)
    fail(errno == EBADF ? EMFILE : errno);  // EBADF: beyond the caller's RLIMIT_NOFILE
}

bool Call::read(uint64_t address, std::span<uint8_t> into) const {
  if (into.empty()) return true;
  const iovec local{into.data(), into.size()};
  const RemoteSpan from = remote(address, into.size());
  return process_vm_readv(thread_, &local, 1, &from, 1, 0) == static_cast<ssize_t>(into.size()) &&
         is_waiting();
}

bool Call::write(uint64_t address, std::span<const uint8_t> from) const {
  const RemoteSpan to = remote(address, from.size());
  return scatter(std::span(&to, 1), from);
}

bool Call::gather(std::span<const RemoteSpan> parts, Octets& out) const {
  const size_t size = total(parts);
  if (size == 0) return true;
  const size_t at = out.size();
  out.resize(at + size);
  const iovec local{out.data() + at, size};
  return process_vm_readv(thread_, &local, 1, parts.data(), parts.size(), 0) ==
             static_cast<ssize_t>(size) &&
         is_waiting();
}

bool Call::scatter(std::span<const RemoteSpan> parts, std::span<const uint8_t> from) const {
  const size_t size = std::min(total(parts), from.size());
  if (size == 0) return true;
  if (!is_waiting()) return false;  // else the pid might be somebody else's by now
  const iovec local{const_cast<uint8_t*>(from.data()), size};  // only read from
  return process_vm_writev(thread_, &local, 1, parts.data(), parts.size(), 0) ==
         static_cast<ssize_t>(size);
}

}  // namespace airloom::interpose
