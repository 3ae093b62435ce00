#include "mac80211/classify.h"

#include <array>

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

}  // namespace

uint8_t classify(std::span<const uint8_t> ethernet, uint16_t control_port_ethertype,
                 std::span<const uint8_t> qos_map) {
  constexpr size_t kHeader = ieee80211::kEthernetHeaderLength;
  if (ethernet.size() < kHeader + 2) return 0;
  const auto type = static_cast<uint16_t>(ethernet[12] << 8 | ethernet[13]);
  if (type == control_port_ethertype) return 7;
  switch (type) {
    case ethertype::kVlan:
      return ethernet[kHeader] >> 5;
    case ethertype::kIpv4:  // DSCP is the upper six bits of the second octet
      return priority_of(ethernet[kHeader + 1] >> 2, qos_map);
    case ethertype::kIpv6: {  // the traffic class begins in the low half of the first
      const int traffic_class = (ethernet[kHeader] & 0xf) << 4 | ethernet[kHeader + 1] >> 4;
      return priority_of(static_cast<uint8_t>(traffic_class >> 2), qos_map);
    }
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
