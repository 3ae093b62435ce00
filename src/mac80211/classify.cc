#include "mac80211/classify.h"

#include <array>

#include "bytes/big_endian.h"
#include "ieee80211/ethernet.h"

namespace airloom::mac80211 {

namespace ethertype = ieee80211::ethertype;

uint8_t access_category_of(uint8_t tid) {
  constexpr std::array<uint8_t, 8> kCategories = {2, 3, 3, 2, 1, 1, 0, 0};
  return kCategories[tid & 7];
}

namespace {

constexpr size_t kRanges = 16;  // octets: lowest and highest DSCP of eight priorities

/// The priority of a DSCP under a QoS Map, or by its upper bits where the map is silent.
uint8_t priority_of(uint8_t dscp, std::span<const uint8_t> map) {
  const auto by_precedence = static_cast<uint8_t>(dscp >> 3);
  if (map.size() < kRanges) return by_precedence;
  const auto exceptions = map.first(map.size() - kRanges);
  for (size_t at = 0; at + 1 < exceptions.size(); at += 2)
    if (exceptions[at] == dscp) return exceptions[at + 1];
  const auto ranges = map.last(kRanges);
  for (uint8_t priority = 0; priority < 8; ++priority)
    if (dscp >= ranges[2u * priority] && dscp <= ranges[2u * priority + 1]) return priority;
  return by_precedence;
}

bool is_tag(uint16_t type) {
  return type == ethertype::kVlan || type == ethertype::kServiceVlan;
}

}  // namespace

uint8_t classify(std::span<const uint8_t> ethernet, uint16_t control_port_ethertype,
                 std::span<const uint8_t> qos_map) {
  constexpr size_t kTypeAt = ieee80211::kEthernetHeaderLength - 2;
  constexpr size_t kTagLength = 4;
  if (ethernet.size() < kTypeAt + 4) return 0;
  auto rest = ethernet.subspan(kTypeAt);  // a type, and at least two octets behind it
  auto type = [&] { return load_be16(rest, 0); };
  uint8_t tagged_priority = 0;
  if (is_tag(type()) && rest.size() >= kTagLength + 4) {
    tagged_priority = rest[2] >> 5;
    rest = rest.subspan(kTagLength);
  }
  if (type() == control_port_ethertype) return 7;
  // Nought is what a VLAN device writes that knows no better: then the packet says.
  if (tagged_priority != 0) return tagged_priority;
  const auto packet = rest.subspan(2);
  switch (type()) {
    case ethertype::kIpv4:  // DSCP is the upper six bits of the second octet
      return priority_of(packet[1] >> 2, qos_map);
    case ethertype::kIpv6: {  // the traffic class begins in the low half of the first
      const int traffic_class = (packet[0] & 0xf) << 4 | packet[1] >> 4;
      return priority_of(static_cast<uint8_t>(traffic_class >> 2), qos_map);
    }
    case ethertype::kMplsUnicast:
    case ethertype::kMplsMulticast:  // the traffic class lies behind 20 bits of label [RFC 5462]
      return packet.size() < 4 ? 0 : packet[2] >> 1 & 7;
    case ethertype::kMediaIndependentHandover:
      return 7;
    default:  // EtherTypes are open-ended
      return 0;
  }
}

uint8_t downgrade(uint8_t priority, uint8_t mandatory) {
  constexpr std::array<uint8_t, 4> kNextLower = {5, 3, 2, 2};  // below VO, VI, BE; BK stays
  for (uint8_t ac = access_category_of(priority); ac < 3 && (mandatory >> ac & 1) != 0;
       ac = access_category_of(priority))
    priority = kNextLower[ac];
  return priority;
}

}  // namespace airloom::mac80211
