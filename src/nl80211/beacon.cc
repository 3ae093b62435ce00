#include "nl80211/beacon.h"

#include <linux/nl80211.h>

namespace airloom::nl80211 {

namespace {

std::optional<Octets> optional_octets(const netlink::AttributeTable& attributes, uint16_t type) {
  const auto octets = attributes.bytes(type);
  if (!octets) return std::nullopt;
  return Octets(octets->begin(), octets->end());
}

}  // namespace

Result<cfg80211::BeaconData> parse_beacon(const netlink::AttributeTable& attributes) {
  cfg80211::BeaconData beacon{
      .head = optional_octets(attributes, NL80211_ATTR_BEACON_HEAD),
      .tail = optional_octets(attributes, NL80211_ATTR_BEACON_TAIL),
      .beacon_elements = optional_octets(attributes, NL80211_ATTR_IE),
      .probe_response_elements = optional_octets(attributes, NL80211_ATTR_IE_PROBE_RESP),
      .association_response_elements = optional_octets(attributes, NL80211_ATTR_IE_ASSOC_RESP),
      .probe_response = optional_octets(attributes, NL80211_ATTR_PROBE_RESP)};
  if (beacon.head && beacon.head->empty()) return fail(Errc::kInvalid);
  if (!beacon.head && !beacon.tail) return fail(Errc::kInvalid);
  // Answering fine timing measurements takes hardware that no radio here has.
  if (attributes.has(NL80211_ATTR_FTM_RESPONDER)) return fail(Errc::kUnsupported);
  return beacon;
}

}  // namespace airloom::nl80211
