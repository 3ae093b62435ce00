#include "interpose/kernel_socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "netlink/message.h"
#include "platform/os_error.h"

namespace airloom::interpose {
namespace {

constexpr size_t kPortAt = offsetof(nlmsghdr, nlmsg_pid);

// The sockets API takes every address as a sockaddr.
sockaddr* generic(sockaddr_nl& address) {
  return static_cast<sockaddr*>(static_cast<void*>(&address));
}

uint32_t group_of(msghdr& header) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_NETLINK || part->cmsg_type != NETLINK_PKTINFO) continue;
    nl_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(part), sizeof info);
    return info.group;
  }
  return 0;
}

}  // namespace

Result<KernelSocket> KernelSocket::open(uint32_t port) {
  const int type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
  platform::UniqueFd fd(
      TRY(platform::checked(socket(AF_NETLINK, type, NETLINK_GENERIC), "generic netlink")));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_pid = port;
  if (bind(fd.get(), generic(address), sizeof address) < 0) {
    address.nl_pid = 0;
    TRY(platform::checked(bind(fd.get(), generic(address), sizeof address), "generic netlink"));
  }
  socklen_t size = sizeof address;
  TRY(platform::checked(getsockname(fd.get(), generic(address), &size), "generic netlink"));
  KernelSocket made(std::move(fd), port, address.nl_pid);
  (void)made.set_option(NETLINK_PKTINFO, 1);
  return made;
}

int KernelSocket::send(std::span<const uint8_t> datagram) const {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const ssize_t sent =
      sendto(fd_.get(), datagram.data(), datagram.size(), 0, generic(kernel), sizeof kernel);
  return sent < 0 ? errno : 0;
}

int KernelSocket::set_option(int name, int value) const {
  return setsockopt(fd_.get(), SOL_NETLINK, name, &value, sizeof value) < 0 ? errno : 0;
}

void KernelSocket::give_shown_port(Octets& datagram) const {
  netlink::MessageReader reader(datagram);
  while (const auto message = reader.next()) {
    if (message->header.port != own_port_) continue;
    const auto at = static_cast<size_t>(message->octets.data() - datagram.data());
    std::memcpy(datagram.data() + at + kPortAt, &shown_port_, sizeof shown_port_);
  }
}

void KernelSocket::receive_waiting(DatagramReceiver& receiver) {
  for (;;) {
    const ssize_t size = recv(fd_.get(), nullptr, 0, MSG_PEEK | MSG_TRUNC);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == ENOBUFS) {
      receiver.on_overrun();
      continue;
    }
    if (size < 0) return;
    Octets datagram(static_cast<size_t>(size));
    iovec part{datagram.data(), datagram.size()};
    alignas(cmsghdr) std::array<uint8_t, 64> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    if (recvmsg(fd_.get(), &header, 0) < 0) return;
    const uint32_t group = group_of(header);
    if (group == 0 && shown_port_ != own_port_) give_shown_port(datagram);
    receiver.on_datagram(datagram, group);
  }
}

}  // namespace airloom::interpose
