#include "nl80211/beacon.h"

#include <linux/nl80211.h>

#include "nl80211/policies.h"

namespace airloom::nl80211 {

namespace {

std::optional<Octets> optional_octets(const netlink::AttributeTable& attributes, uint16_t type) {
  const auto octets = attributes.bytes(type);
  if (!octets) return std::nullopt;
  return Octets(octets->begin(), octets->end());
}

/// The beacon's elements tell the colour to the stations, and no radio here asks for it.
Result<void> check_bss_color(const netlink::AttributeTable& attributes, netlink::ExtAck& ack) {
  const auto* nest = attributes.find(NL80211_ATTR_HE_BSS_COLOR);
  if (nest == nullptr) return {};
  const auto color = TRY(netlink::validate_and_parse(*nest, kHeBssColorPolicy, ack));
  return color.has(NL80211_HE_BSS_COLOR_ATTR_COLOR) ? Result<void>{} : fail(Errc::kInvalid);
}

}  // namespace

Result<cfg80211::BeaconData> parse_beacon(const netlink::AttributeTable& attributes,
                                          netlink::ExtAck& ack) {
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
  TRY(check_bss_color(attributes, ack));
  if (attributes.has(NL80211_ATTR_MBSSID_ELEMS)) return fail(Errc::kInvalid);
  return beacon;
}

}  // namespace airloom::nl80211
