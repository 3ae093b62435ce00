#include "platform/packet_pipe.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "platform/os_error.h"

namespace airloom::platform {

Result<PacketPipe> PacketPipe::create() {
  std::array<int, 2> ends{};
  TRY(checked(::pipe2(ends.data(), O_CLOEXEC | O_DIRECT), "pipe"));
  PacketPipe made{UniqueFd(ends[0]), UniqueFd(ends[1])};
  TRY(checked(fcntl(ends[1], F_SETFL, O_DIRECT | O_NONBLOCK), "F_SETFL"));
  return made;
}

Result<void> PacketPipe::send(std::span<const uint8_t> message) const {
  if (message.size() > PIPE_BUF) return fail(Errc::kInvalid, "too long for one write");
  ssize_t written;
  do {
    written = ::write(writer_.get(), message.data(), message.size());
  } while (written < 0 && errno == EINTR);
  if (written < 0) return std::unexpected(os_error(errno, "write"));
  return {};
}

}  // namespace airloom::platform
