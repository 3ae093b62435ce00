#include "mac80211/flow_hash.h"

#include <cstring>

#include "bytes/big_endian.h"
#include "ieee80211/ethernet.h"

namespace airloom::mac80211 {

namespace {

namespace ethertype = ieee80211::ethertype;

constexpr size_t kTypeAt = 12;
constexpr size_t kVlanLength = 4;
constexpr size_t kVlansMax = 2;

// [iana.org/assignments/protocol-numbers]: those whose header begins with two ports.
constexpr bool has_ports(uint8_t protocol) {
  constexpr uint8_t kTcp = 6, kUdp = 17, kDccp = 33, kSctp = 132, kUdpLite = 136;
  return protocol == kTcp || protocol == kUdp || protocol == kDccp || protocol == kSctp ||
         protocol == kUdpLite;
}

/// Folds in eight octets at a time by a multiplication of 128 bits.
class Mixer {
 public:
  explicit Mixer(uint64_t key) : state_(key ^ kFirst), key_(key | 1) {}

  Mixer& add(uint64_t value) {
    const auto product = static_cast<unsigned __int128>(state_ ^ value) * (key_ ^ kSecond);
    state_ = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
    return *this;
  }
  /// @param octets  a multiple of four
  Mixer& add(std::span<const uint8_t> octets) {
    for (; octets.size() >= 8; octets = octets.subspan(8)) add(load<uint64_t>(octets));
    return octets.empty() ? *this : add(uint64_t{load<uint32_t>(octets)});
  }
  uint64_t finish() { return add(kFirst).state_; }

 private:
  static constexpr uint64_t kFirst = 0x9e3779b97f4a7c15, kSecond = 0xd1b54a32d192ed02;
  template <typename T>
  static T load(std::span<const uint8_t> octets) {
    T value;
    std::memcpy(&value, octets.data(), sizeof value);
    return value;
  }
  uint64_t state_, key_;
};

/// [RFC 791 3.1]
bool add_ipv4(Mixer& mixer, std::span<const uint8_t> packet) {
  constexpr size_t kHeaderMin = 20;
  if (packet.size() < kHeaderMin || packet[0] >> 4 != 4) return false;
  const uint8_t protocol = packet[9];
  mixer.add(protocol).add(packet.subspan(12, 8));
  const size_t header = size_t{packet[0]} % 16 * 4;
  const bool is_fragment = (load_be16(packet, 6) & 0x3fff) != 0;  // More Fragments, or an offset
  if (has_ports(protocol) && !is_fragment && header >= kHeaderMin && packet.size() >= header + 4)
    mixer.add(packet.subspan(header, 4));
  return true;
}

/// [RFC 8200 3]
bool add_ipv6(Mixer& mixer, std::span<const uint8_t> packet) {
  constexpr size_t kHeader = 40;
  constexpr uint32_t kFlowLabel = 0xfffff;
  if (packet.size() < kHeader || packet[0] >> 4 != 6) return false;
  const uint32_t label = load_be32(packet, 0) & kFlowLabel;
  mixer.add(packet.subspan(8, 32)).add(label);
  // A label stands for the ports; its sender sets one per flow. [RFC 6437]
  if (label != 0) return true;
  const uint8_t next_header = packet[6];
  mixer.add(next_header);
  if (has_ports(next_header) && packet.size() >= kHeader + 4) mixer.add(packet.subspan(kHeader, 4));
  return true;
}

}  // namespace

uint64_t flow_hash(std::span<const uint8_t> ethernet, uint64_t key) {
  Mixer mixer(key);
  size_t type_at = kTypeAt;
  for (size_t i = 0; i < kVlansMax && ethernet.size() >= type_at + 2 + kVlanLength; ++i) {
    if (load_be16(ethernet, type_at) != ethertype::kVlan) break;
    type_at += kVlanLength;
  }
  if (ethernet.size() < type_at + 2) return mixer.finish();
  const uint16_t type = load_be16(ethernet, type_at);
  const auto packet = ethernet.subspan(type_at + 2);
  if (type == ethertype::kIpv4 && add_ipv4(mixer, packet)) return mixer.finish();
  if (type == ethertype::kIpv6 && add_ipv6(mixer, packet)) return mixer.finish();
  return mixer.add(ethernet.first(kTypeAt)).add(type).finish();
}

}  // namespace airloom::mac80211
