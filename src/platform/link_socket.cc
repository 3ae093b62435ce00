#include "platform/link_socket.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/os_error.h"

namespace airloom::platform {
namespace {

constexpr size_t kFrameMax = 16384;
constexpr size_t kBurst = 32;
constexpr int kSocketRoom = 4 * 1024 * 1024;

const sockaddr* generic(const sockaddr_ll& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

Result<uint16_t> link_type_of(int fd, const std::string& interface) {
  ifreq request{};
  std::memcpy(request.ifr_name, interface.data(), std::min(interface.size(), size_t{IFNAMSIZ - 1}));
  TRY(checked(::ioctl(fd, SIOCGIFHWADDR, &request), interface));
  return request.ifr_hwaddr.sa_family;
}

}  // namespace

LinkSocket::LinkSocket(UniqueFd fd, uint32_t ifindex, uint16_t link_type)
    : fd_(std::move(fd)), ifindex_(ifindex), link_type_(link_type), room_(kBurst * kFrameMax) {}

Result<LinkSocket> LinkSocket::open(const std::string& interface) {
  UniqueFd fd(TRY(
      checked(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "a packet socket")));
  const uint32_t ifindex = ::if_nametoindex(interface.c_str());
  if (ifindex == 0) return std::unexpected(os_error(errno, interface));
  const uint16_t type = TRY(link_type_of(fd.get(), interface));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(ifindex);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kSocketRoom, sizeof kSocketRoom);
  TRY(checked(::bind(fd.get(), generic(address), sizeof address), interface));
  return LinkSocket(std::move(fd), ifindex, type);
}

bool LinkSocket::receive(const std::function<void(std::span<const uint8_t>)>& visit) {
  std::array<mmsghdr, kBurst> messages{};
  std::array<iovec, kBurst> parts;
  std::array<sockaddr_ll, kBurst> senders;
  for (size_t i = 0; i < kBurst; ++i) {
    parts[i] = {room_.data() + i * kFrameMax, kFrameMax};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &senders[i];
    messages[i].msg_hdr.msg_namelen = sizeof senders[i];
  }
  const int count = ::recvmmsg(fd_.get(), messages.data(), kBurst, MSG_DONTWAIT, nullptr);
  // An interface that goes down says so once; when it is up again, frames come again.
  if (count < 0) return errno == ENETDOWN || errno == EINTR;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i)
    if (senders[i].sll_pkttype != PACKET_OUTGOING)
      visit({room_.data() + i * kFrameMax, messages[i].msg_len});
  return static_cast<size_t>(count) == kBurst;
}

bool LinkSocket::send(std::span<const uint8_t> frame) {
  return ::send(fd_.get(), frame.data(), frame.size(), MSG_DONTWAIT) >= 0;
}

}  // namespace airloom::platform
