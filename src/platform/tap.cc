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

// The largest frame that goes on the air: 2304 octets, Ethernet, VLAN tags.
constexpr size_t kMaxFrame = 2304 + 14 + 8;
// The largest IP packet, Ethernet, VLAN tags.
constexpr size_t kMaxLarge = 65'535 + 14 + 8;
constexpr size_t kPartsMax = 130;  // the header, and what a TcpCoalescer puts together

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

Result<Tap> Tap::open(const std::string& name, const MacAddress& address, bool carrier) {
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
  TRY(tap.set_offloads(true));
  if (!carrier) TRY(tap.set_carrier(false));
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
  return set_offloads(arphrd == kLinkTypeEthernet);
}

Result<void> Tap::set_offloads(bool on) {
  constexpr unsigned kOffloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
  TRY(checked(ioctl(fd_.get(), TUNSETOFFLOAD, on ? kOffloads : 0), "TUNSETOFFLOAD"));
  return {};
}

TapReader::TapReader(FramePool& pool)
    : pool_(pool), overflow_(std::make_unique_for_overwrite<uint8_t[]>(kMaxLarge)) {}

size_t Tap::read_burst(TapReader& reader, std::vector<FrameBuffer>& out, size_t max) {
  const size_t before = out.size();
  for (size_t reads = 0; reads < max && out.size() - before < max; ++reads) {
    FrameBuffer frame = reader.spare_ ? std::move(reader.spare_) : reader.pool_.allocate(kMaxFrame);
    OffloadHeader::Bytes raw;
    // A frame as the air takes it lands in the buffer it stays in, the rest of a large one behind
    // the place where its beginning is then put.
    uint8_t* const large = reader.overflow_.get();
    const std::array<iovec, 3> parts{{{raw.data(), raw.size()},
                                      {frame.writable().data(), frame.size()},
                                      {large + kMaxFrame, kMaxLarge - kMaxFrame}}};
    const ssize_t got = readv(fd_.get(), parts.data(), static_cast<int>(parts.size()));
    if (got < static_cast<ssize_t>(raw.size())) {
      reader.spare_ = std::move(frame);
      break;
    }
    const size_t size = static_cast<size_t>(got) - raw.size();
    const auto taken = take(OffloadHeader::load(raw), size, std::move(frame), reader, out);
    if (!taken) ++refused_;
  }
  return out.size() - before;
}

/// What a read brought: its first octets in `frame`, the rest in the reader's overflow.
Result<void> Tap::take(const OffloadHeader& header, size_t size, FrameBuffer frame,
                       TapReader& reader, std::vector<FrameBuffer>& out) {
  if (header.segmentation != OffloadHeader::kNone) {
    uint8_t* const large = reader.overflow_.get();
    std::memcpy(large, frame.octets().data(), std::min(size, kMaxFrame));
    reader.spare_ = std::move(frame);
    return cut_segments(header, {large, size}, kMaxFrame, reader.pool_, out);
  }
  if (size > kMaxFrame) return fail(Errc::kMalformed, "larger than any MTU");
  frame.trim_back(frame.size() - size);
  TRY(complete_checksum(header, frame));
  out.push_back(std::move(frame));
  return {};
}

bool Tap::write(const OffloadHeader& header, std::span<const std::span<const uint8_t>> parts) {
  if (parts.size() >= kPartsMax) return false;
  auto raw = header.store();
  std::array<iovec, kPartsMax> vectors;
  vectors[0] = {raw.data(), raw.size()};
  // writev takes its input as mutable, but only reads it.
  for (size_t i = 0; i < parts.size(); ++i)
    vectors[i + 1] = {const_cast<uint8_t*>(parts[i].data()), parts[i].size()};
  return writev(fd_.get(), vectors.data(), static_cast<int>(parts.size() + 1)) > 0;
}

}  // namespace airloom::platform
