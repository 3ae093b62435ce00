#include "nl80211/scan_request.h"

#include <linux/nl80211.h>

#include <set>

namespace airloom::nl80211 {

using cfg80211::ScanRequest;
using netlink::AttributeRange;

void add_channel(ScanRequest& request, uint32_t khz) {
  request.channels.push_back({.mhz = khz / 1000, .offset_khz = static_cast<uint16_t>(khz % 1000)});
}

Result<void> parse_frequencies(const netlink::AttributeTable& attributes, ScanRequest& request) {
  const auto* list = attributes.find(NL80211_ATTR_SCAN_FREQUENCIES);
  if (list == nullptr) return {};
  std::set<uint32_t> seen;
  for (const auto& entry : AttributeRange(*list)) {
    const uint32_t mhz = entry.u32().value_or(0);
    if (mhz > UINT32_MAX / 1000) return fail(Errc::kInvalid);
    if (!seen.insert(mhz).second) return fail(Errc::kInvalid);  // twice
    add_channel(request, mhz * 1000);
  }
  if (request.channels.empty()) return fail(Errc::kInvalid);
  return {};
}

std::vector<Octets> parse_ssids(const netlink::AttributeTable& attributes) {
  std::vector<Octets> ssids;
  if (const auto* list = attributes.find(NL80211_ATTR_SCAN_SSIDS))
    for (const auto& entry : AttributeRange(*list))
      ssids.emplace_back(entry.payload.begin(), entry.payload.end());
  return ssids;
}

Result<void> parse_random_address(const netlink::AttributeTable& attributes, ScanRequest& request) {
  if (!(request.flags & NL80211_SCAN_FLAG_RANDOM_ADDR)) return {};
  const auto mac = attributes.mac(NL80211_ATTR_MAC);
  const auto mask = attributes.mac(NL80211_ATTR_MAC_MASK);
  if (!mac && !mask) {
    // Any locally administered, individual address.
    request.mac = MacAddress{{0x02, 0, 0, 0, 0, 0}};
    request.mac_mask = MacAddress{{0x03, 0, 0, 0, 0, 0}};
    return {};
  }
  if (!mac || !mask || !(mask->octets[0] & 1) || mac->is_group()) return fail(Errc::kInvalid);
  request.mac = *mac;
  request.mac_mask = *mask;
  return {};
}

}  // namespace airloom::nl80211
