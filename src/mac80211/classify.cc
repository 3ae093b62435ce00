#include "mac80211/classify.h"

#include <array>

#include "ieee80211/ethernet.h"

namespace airloom::mac80211 {

namespace ethertype = ieee80211::ethertype;

uint8_t access_category_of(uint8_t tid) {
  constexpr std::array<uint8_t, 8> kCategories = {2, 3, 3, 2, 1, 1, 0, 0};
  return kCategories[tid & 7];
}

uint8_t classify(std::span<const uint8_t> ethernet, uint16_t control_port_ethertype) {
  constexpr size_t kHeader = ieee80211::kEthernetHeaderLength;
  if (ethernet.size() < kHeader + 2) return 0;
  const auto type = static_cast<uint16_t>(ethernet[12] << 8 | ethernet[13]);
  if (type == control_port_ethertype) return 7;
  switch (type) {
    case ethertype::kVlan:
      return ethernet[kHeader] >> 5;
    case ethertype::kIpv4:  // DSCP is the upper six bits of the second octet
      return ethernet[kHeader + 1] >> 5;
    case ethertype::kIpv6:  // the traffic class begins in the low half of the first
      return static_cast<uint8_t>((ethernet[kHeader] & 0xf) >> 1);
    default:  // EtherTypes are open-ended
      return 0;
  }
}

}  // namespace airloom::mac80211
