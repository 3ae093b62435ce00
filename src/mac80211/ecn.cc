#include "mac80211/ecn.h"

#include "ieee80211/ethernet.h"

namespace airloom::mac80211 {

namespace {

constexpr uint8_t kNotCapable = 0, kCongestion = 3;

std::span<uint8_t> writable(FrameBuffer& frame) {
  if (!frame.is_unique()) frame = frame.copy();
  return frame.writable();
}

/// The header's checksum follows the change. [RFC 1624 3]
void mark_ipv4(std::span<uint8_t> packet) {
  const auto before = packet[1];
  packet[1] |= kCongestion;
  uint32_t sum = static_cast<uint16_t>(~(packet[10] << 8 | packet[11]));
  sum += static_cast<uint16_t>(~before & 0xff) + 0xff00u + packet[1];
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  packet[10] = static_cast<uint8_t>(~sum >> 8);
  packet[11] = static_cast<uint8_t>(~sum);
}

}  // namespace

bool mark_congestion(FrameBuffer& ethernet) {
  using namespace ieee80211;
  constexpr size_t kIpv4Header = 20, kIpv6Header = 40;
  const auto octets = ethernet.octets();
  if (octets.size() < kEthernetHeaderLength + kIpv4Header) return false;
  const uint16_t type = EthernetHeader::load(octets).type;
  const auto packet = octets.subspan(kEthernetHeaderLength);
  const auto version = packet[0] >> 4;
  if (type == ethertype::kIpv4 && version == 4) {
    if ((packet[1] & kCongestion) == kNotCapable) return false;
    if ((packet[1] & kCongestion) != kCongestion)
      mark_ipv4(writable(ethernet).subspan(kEthernetHeaderLength));
    return true;
  }
  if (type == ethertype::kIpv6 && version == 6 && packet.size() >= kIpv6Header) {
    if ((packet[1] >> 4 & kCongestion) == kNotCapable) return false;
    writable(ethernet)[kEthernetHeaderLength + 1] |= kCongestion << 4;
    return true;
  }
  return false;
}

}  // namespace airloom::mac80211
