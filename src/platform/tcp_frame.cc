#include "platform/tcp_frame.h"

#include "bytes/big_endian.h"
#include "platform/internet_checksum.h"

namespace airloom::platform {
namespace {

constexpr size_t kTypeAt = 12;
constexpr uint16_t kVlan = 0x8100, kServiceVlan = 0x88a8, kIpv4 = 0x0800, kIpv6 = 0x86dd;
constexpr size_t kTagsMax = 2;
constexpr size_t kIpv4Header = 20, kTcpHeader = 20;
constexpr uint8_t kTcp = 6;

struct IpHeader {
  size_t at = 0;
  uint16_t type = 0;
};

/// What follows the Ethernet header and the tags; nothing if the frame ends there.
std::optional<IpHeader> behind_tags(std::span<const uint8_t> ethernet) {
  size_t at = kTypeAt;
  for (size_t tags = 0; at + 2 <= ethernet.size(); ++tags, at += 4) {
    const uint16_t type = load_be16(ethernet, at);
    if (tags == kTagsMax || (type != kVlan && type != kServiceVlan)) return IpHeader{at + 2, type};
  }
  return std::nullopt;
}

/// The length of an IPv4 header with TCP behind it.
std::optional<size_t> ipv4_header(std::span<const uint8_t> ip) {
  if (ip.size() < kIpv4Header || ip[0] >> 4 != 4 || ip[9] != kTcp) return std::nullopt;
  const size_t length = size_t{ip[0]} % 16 * 4;
  const bool is_fragment = (load_be16(ip, 6) & 0x3fff) != 0;
  if (length < kIpv4Header || is_fragment || load_be16(ip, TcpFrame::kIpv4Length) != ip.size())
    return std::nullopt;
  return length;
}

/// The length of an IPv6 header and its extensions with TCP behind them.
std::optional<size_t> ipv6_header(std::span<const uint8_t> ip) {
  constexpr uint8_t kHopByHop = 0, kRouting = 43, kDestination = 60;
  if (ip.size() < TcpFrame::kIpv6Header || ip[0] >> 4 != 6 ||
      load_be16(ip, TcpFrame::kIpv6Length) != ip.size() - TcpFrame::kIpv6Header)
    return std::nullopt;
  size_t length = TcpFrame::kIpv6Header;
  uint8_t next = ip[6];
  while (next == kHopByHop || next == kRouting || next == kDestination) {
    if (length + 8 > ip.size()) return std::nullopt;
    next = ip[length];
    length += 8 + size_t{ip[length + 1]} * 8;
  }
  return next == kTcp ? std::optional(length) : std::nullopt;
}

}  // namespace

bool is_ip(std::span<const uint8_t> ethernet) {
  const auto ip = behind_tags(ethernet);
  return ip && (ip->type == kIpv4 || ip->type == kIpv6);
}

std::optional<TcpFrame> TcpFrame::find(std::span<const uint8_t> ethernet) {
  const auto header = behind_tags(ethernet);
  if (!header || (header->type != kIpv4 && header->type != kIpv6)) return std::nullopt;
  const auto ip = ethernet.subspan(header->at);
  TcpFrame frame{.ip_at = header->at, .is_ipv6 = header->type == kIpv6};
  const auto ip_octets = frame.is_ipv6 ? ipv6_header(ip) : ipv4_header(ip);
  if (!ip_octets || *ip_octets + kTcpHeader > ip.size()) return std::nullopt;
  frame.has_ip_options = *ip_octets != (frame.is_ipv6 ? kIpv6Header : kIpv4Header);
  frame.tcp_at = frame.ip_at + *ip_octets;
  const size_t tcp_octets = size_t{ethernet[frame.tcp_at + 12]} / 16 * 4;
  frame.payload_at = frame.tcp_at + tcp_octets;
  if (tcp_octets < kTcpHeader || frame.payload_at > ethernet.size()) return std::nullopt;
  return frame;
}

std::span<const uint8_t> TcpFrame::addresses(std::span<const uint8_t> ethernet) const {
  return is_ipv6 ? ethernet.subspan(ip_at + kIpv6Addresses, 32)
                 : ethernet.subspan(ip_at + kIpv4Addresses, 8);
}

uint16_t TcpFrame::pseudo_sum(std::span<const uint8_t> ethernet, size_t tcp_octets) const {
  return InternetSum()
      .add(addresses(ethernet))
      .add16(kTcp)
      .add16(static_cast<uint16_t>(tcp_octets))
      .folded();
}

bool TcpFrame::checksums_hold(std::span<const uint8_t> ethernet) const {
  constexpr uint16_t kHolds = 0xffff;
  if (!is_ipv6 && InternetSum().add(ethernet.subspan(ip_at, tcp_at - ip_at)).folded() != kHolds)
    return false;
  const auto tcp = ethernet.subspan(tcp_at);
  return InternetSum().add(tcp).add16(pseudo_sum(ethernet, tcp.size())).folded() == kHolds;
}

void TcpFrame::set_length(std::span<uint8_t> headers, size_t frame_octets) const {
  const auto ip_octets = static_cast<uint16_t>(frame_octets - ip_at);
  if (is_ipv6)
    return store_be16(headers, ip_at + kIpv6Length, static_cast<uint16_t>(ip_octets - kIpv6Header));
  store_be16(headers, ip_at + kIpv4Length, ip_octets);
  store_be16(headers, ip_at + kIpv4Checksum, 0);
  store_be16(headers, ip_at + kIpv4Checksum,
             InternetSum().add(headers.subspan(ip_at, tcp_at - ip_at)).checksum());
}

}  // namespace airloom::platform
