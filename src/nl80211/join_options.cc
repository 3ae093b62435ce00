#include "nl80211/join_options.h"

#include <linux/nl80211.h>

namespace airloom::nl80211 {

namespace {

bool can_measure(const cfg80211::Capabilities& can) {
  constexpr uint32_t kNeeded = NL80211_FEATURE_DS_PARAM_SET_IE_IN_PROBES | NL80211_FEATURE_QUIET;
  return (can.features & kNeeded) == kNeeded || can.has_extended_feature(NL80211_EXT_FEATURE_RRM);
}

}  // namespace

Result<std::pair<uint32_t, uint16_t>> parse_bss_channel(const Context& context) {
  const auto mhz = context.attributes().u32(NL80211_ATTR_WIPHY_FREQ);
  if (!mhz) return fail(Errc::kInvalid);
  const auto offset =
      static_cast<uint16_t>(context.attributes().u32(NL80211_ATTR_WIPHY_FREQ_OFFSET).value_or(0));
  const auto* channel = context.wdev().wiphy().find_channel(*mhz, offset);
  if (channel == nullptr || channel->disabled) return fail(Errc::kInvalid);
  return std::pair(*mhz, offset);
}

Result<void> check_join_options(const Context& context) {
  const auto& attributes = context.attributes();
  if (attributes.has(NL80211_ATTR_HT_CAPABILITY) &&
      !attributes.has(NL80211_ATTR_HT_CAPABILITY_MASK))
    return fail(Errc::kInvalid);
  if (attributes.has(NL80211_ATTR_VHT_CAPABILITY) &&
      !attributes.has(NL80211_ATTR_VHT_CAPABILITY_MASK))
    return fail(Errc::kInvalid);
  if (attributes.has(NL80211_ATTR_USE_RRM) && !can_measure(context.wiphy().capabilities()))
    return fail(Errc::kInvalid);
  return {};
}

}  // namespace airloom::nl80211
