#include "platform/netlink_socket.h"

#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "platform/os_error.h"

namespace airloom::platform {
namespace {

constexpr size_t kDatagramMax = 64 * 1024;
constexpr int kPatienceMs = 5000;

}  // namespace

Result<NetlinkSocket> NetlinkSocket::open_generic() {
  return NetlinkSocket(UniqueFd(TRY(
      checked(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC), "generic netlink"))));
}

Result<void> NetlinkSocket::send(std::span<const uint8_t> datagram) {
  TRY(checked(static_cast<int>(::send(fd_.get(), datagram.data(), datagram.size(), 0)), "netlink"));
  return {};
}

Result<Octets> NetlinkSocket::receive() {
  pollfd wait{fd_.get(), POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&wait, 1, kPatienceMs)) < 0)
    if (errno != EINTR) return std::unexpected(os_error(errno, "poll"));
  if (ready == 0) return fail(Errc::kTimedOut, "netlink does not answer");
  Octets datagram(kDatagramMax);
  const int length = TRY(
      checked(static_cast<int>(::recv(fd_.get(), datagram.data(), datagram.size(), 0)), "netlink"));
  datagram.resize(static_cast<size_t>(length));
  return datagram;
}

}  // namespace airloom::platform
