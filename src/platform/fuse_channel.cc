#include "platform/fuse_channel.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fuse.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "platform/os_error.h"

namespace airloom::platform {

namespace {

constexpr size_t kBuffer = FUSE_MIN_READ_BUFFER + FuseChannel::kMaxWrite;
constexpr uint32_t kSpokenMinor = 31;  // of the protocol: what is used here is older

int error_number(Errc code) {
  switch (code) {
    case Errc::kNotFound:
      return ENOENT;
    case Errc::kPermission:
      return EACCES;
    case Errc::kUnsupported:
      return EOPNOTSUPP;
    case Errc::kNetDown:
      return ENETDOWN;
    case Errc::kBusy:
      return EBUSY;
    case Errc::kRange:
      return ERANGE;
    case Errc::kTryAgain:
      return EAGAIN;
    case Errc::kUnsupportedMode:
      return ENOSYS;
    default:
      return EINVAL;
  }
}

}  // namespace

Result<FuseChannel> FuseChannel::open() {
  UniqueFd fd(::open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return std::unexpected(os_error(errno, "/dev/fuse"));
  return FuseChannel(std::move(fd));
}

std::string FuseChannel::mount_options(uint32_t root_mode) const {
  return fmt::format("fd={},rootmode={:o},user_id=0,group_id=0,allow_other,default_permissions",
                     fd_.get(), root_mode);
}

void FuseChannel::serve(FuseHandler& handler) {
  std::array<uint8_t, kBuffer> buffer;
  for (;;) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got < static_cast<ssize_t>(sizeof(fuse_in_header))) {
      if (got < 0 && (errno == EINTR || errno == ENOENT)) continue;  // taken back meanwhile
      return;
    }
    fuse_in_header header{};
    std::memcpy(&header, buffer.data(), sizeof header);
    const auto body = std::span(buffer).first(static_cast<size_t>(got)).subspan(sizeof header);
    const FuseRequest request{header.opcode, header.unique, header.nodeid, body};
    if (request.opcode == FUSE_INIT) {
      answer(request.unique, initialise(request));
    } else if (const auto reply = handler.handle(request)) {
      answer(request.unique, *reply);
    }
  }
}

std::vector<uint8_t> FuseChannel::initialise(const FuseRequest& request) {
  fuse_init_out out{};
  out.major = FUSE_KERNEL_VERSION;
  out.minor = std::min<uint32_t>(request.as<fuse_init_in>().minor, kSpokenMinor);
  out.max_write = kMaxWrite;
  out.max_background = 1;
  out.time_gran = 1;
  return fuse_octets(out);
}

void FuseChannel::answer(uint64_t unique, const FuseReply& reply) {
  if (reply) return send(unique, 0, *reply);
  send(unique, -error_number(reply.error().code), {});
}

void FuseChannel::interrupt(uint64_t unique) {
  send(unique, -EINTR, {});
}

void FuseChannel::wake_poll(uint64_t handle) {
  // A notice has no request: its code stands where an answer has its error.
  send(0, FUSE_NOTIFY_POLL, fuse_octets(fuse_notify_poll_wakeup_out{handle}));
}

void FuseChannel::send(uint64_t unique, int32_t error, std::span<const uint8_t> body) {
  fuse_out_header header{};
  header.unique = unique;
  header.error = error;
  header.len = static_cast<uint32_t>(sizeof header + body.size());
  std::vector<uint8_t> out = fuse_octets(header);
  out.insert(out.end(), body.begin(), body.end());
  (void)!::write(fd_.get(), out.data(), out.size());  // whoever asked may be gone
}

}  // namespace airloom::platform
