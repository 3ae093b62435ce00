#include "platform/tap.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/os_error.h"

namespace airloom::platform {
namespace {

// struct virtio_net_hdr, of the length that a device has by default (its header is no C++).
constexpr size_t kVirtioHeader = 10;
// The largest frame a TAP at the largest 802.11 MTU hands over: 2304 octets, Ethernet, VLAN tags.
constexpr size_t kMaxFrame = 2304 + 14 + 8;

Error cannot_open(int number) {
  if (number == ENOENT || number == ENODEV || number == ENXIO)
    return Error{Errc::kNoDevice,
                 "/dev/net/tun is missing: load the tun module (modprobe tun), or in a container "
                 "pass the device in (--device /dev/net/tun)"};
  if (number == EACCES || number == EPERM)
    return Error{Errc::kPermission,
                 "/dev/net/tun may not be opened: as root, chmod 666 /dev/net/tun, or run as root"};
  return os_error(number, "/dev/net/tun");
}

Result<UniqueFd> open_device() {
  UniqueFd fd(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return std::unexpected(cannot_open(errno));
  return fd;
}

Result<ifreq> request_for(int fd) {
  ifreq request{};
  TRY(checked(ioctl(fd, TUNGETIFF, &request), "TUNGETIFF"));
  return request;
}

Result<uint32_t> index_of(const char* name) {
  UniqueFd socket(TRY(checked(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket")));
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  TRY(checked(ioctl(socket.get(), SIOCGIFINDEX, &request), "SIOCGIFINDEX"));
  return static_cast<uint32_t>(request.ifr_ifindex);
}

}  // namespace

Result<void> Tap::probe() {
  TRY(open_device());
  return {};
}

Result<Tap> Tap::open(const std::string& name, const MacAddress& address) {
  if (name.empty() || name.size() >= IFNAMSIZ) return fail(Errc::kInvalid, "interface name");
  UniqueFd fd = TRY(open_device());
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), name.size());
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (ioctl(fd.get(), TUNSETIFF, &request) < 0) {
    if (errno == EPERM)
      return fail(Errc::kPermission, "a TAP needs CAP_NET_ADMIN in this network namespace");
    if (errno == EBUSY || errno == EEXIST) return fail(Errc::kExists, name + " exists");
    return std::unexpected(os_error(errno, "TUNSETIFF"));
  }
  Tap tap(std::move(fd), TRY(index_of(request.ifr_name)));
  TRY(tap.set_carrier(false));
  TRY(tap.set_address(address));
  return tap;
}

Result<void> Tap::refresh_ifindex() {
  ifindex_ = TRY(index_of(TRY(name()).c_str()));
  return {};
}

Result<std::string> Tap::name() const {
  const ifreq request = TRY(request_for(fd_.get()));
  return std::string(request.ifr_name, strnlen(request.ifr_name, IFNAMSIZ));
}

Result<MacAddress> Tap::address() const {
  ifreq request = TRY(request_for(fd_.get()));
  TRY(checked(ioctl(fd_.get(), SIOCGIFHWADDR, &request), "SIOCGIFHWADDR"));
  MacAddress address;
  std::memcpy(address.octets.data(), request.ifr_hwaddr.sa_data, address.octets.size());
  return address;
}

Result<void> Tap::set_address(const MacAddress& address) {
  ifreq request = TRY(request_for(fd_.get()));
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  std::memcpy(request.ifr_hwaddr.sa_data, address.octets.data(), address.octets.size());
  TRY(checked(ioctl(fd_.get(), SIOCSIFHWADDR, &request), "SIOCSIFHWADDR"));
  return {};
}

Result<void> Tap::set_carrier(bool on) {
  int value = on ? 1 : 0;
  TRY(checked(ioctl(fd_.get(), TUNSETCARRIER, &value), "TUNSETCARRIER"));
  return {};
}

Result<void> Tap::set_link_type(uint16_t arphrd) {
  TRY(checked(ioctl(fd_.get(), TUNSETLINK, arphrd), "TUNSETLINK"));
  return {};
}

size_t Tap::read_burst(FramePool& pool, std::vector<FrameBuffer>& out, size_t max) {
  size_t count = 0;
  while (count < max) {
    FrameBuffer frame = spare_ ? std::move(spare_) : pool.allocate(kMaxFrame);
    std::array<uint8_t, kVirtioHeader> header;
    const std::array<iovec, 2> parts{
        {{header.data(), header.size()}, {frame.writable().data(), frame.size()}}};
    const ssize_t got = readv(fd_.get(), parts.data(), static_cast<int>(parts.size()));
    if (got < static_cast<ssize_t>(kVirtioHeader)) {
      spare_ = std::move(frame);
      break;
    }
    frame.trim_back(frame.size() - (static_cast<size_t>(got) - kVirtioHeader));
    out.push_back(std::move(frame));
    ++count;
  }
  return count;
}

size_t Tap::write_burst(std::span<const FrameBuffer> frames) {
  static constexpr std::array<uint8_t, kVirtioHeader> kNoOffload{};
  size_t count = 0;
  for (const FrameBuffer& frame : frames) {
    const auto octets = frame.octets();
    // writev takes its input as mutable, but only reads it.
    const std::array<iovec, 2> parts{{{const_cast<uint8_t*>(kNoOffload.data()), kNoOffload.size()},
                                      {const_cast<uint8_t*>(octets.data()), octets.size()}}};
    if (writev(fd_.get(), parts.data(), static_cast<int>(parts.size())) > 0) ++count;
  }
  return count;
}

}  // namespace airloom::platform
