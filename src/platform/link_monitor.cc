#include "platform/link_monitor.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/os_error.h"
#include "platform/rtnetlink.h"

namespace airloom::platform {
namespace {

constexpr int kReceiveBuffer = 1 << 20;

void report_all(std::span<const uint8_t> datagram,
                const std::function<void(const LinkEvent&)>& on_event) {
  nlmsghdr header;
  while (datagram.size() >= sizeof header) {
    std::memcpy(&header, datagram.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) return;
    if (const auto link = parse_link(datagram.first(header.nlmsg_len))) on_event(*link);
    datagram = datagram.subspan(std::min<size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size()));
  }
}

}  // namespace

Result<LinkMonitor> LinkMonitor::open(std::function<void(const LinkEvent&)> on_event) {
  const int type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
  UniqueFd fd(TRY(checked(::socket(AF_NETLINK, type, NETLINK_ROUTE), "socket")));
  const int size = kReceiveBuffer;  // as large as allowed: the default where it is not
  if (setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  // Bound by that too: a socket without a port id gets no multicast from the kernel.
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
  TRY(checked(bind(fd.get(), generic, sizeof address), "rtnetlink group"));
  return LinkMonitor(std::move(fd), std::move(on_event));
}

void LinkMonitor::drain() {
  std::array<uint8_t, 32 * 1024> buffer;
  for (;;) {
    const ssize_t got = recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (got > 0) {
      report_all(std::span(buffer).first(static_cast<size_t>(got)), on_event_);
    } else if (got < 0 && errno == ENOBUFS) {
      if (on_lost) on_lost();
    } else if (got == 0 || errno != EINTR) {
      return;
    }
  }
}

}  // namespace airloom::platform
