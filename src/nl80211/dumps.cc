#include "nl80211/dumps.h"

#include <linux/nl80211.h>

namespace airloom::nl80211 {

Result<std::optional<uint32_t>> find_dump_filter(const Context& context) {
  const auto& attributes = context.attributes();
  std::optional<uint32_t> filter = attributes.u32(NL80211_ATTR_WIPHY);
  if (const auto wdev = attributes.u64(NL80211_ATTR_WDEV))
    filter = static_cast<uint32_t>(*wdev >> 32);
  if (attributes.has(NL80211_ATTR_IFINDEX)) {
    const cfg80211::Wdev* wdev =
        TRY(find_wdev(context.host, context.request.ns, context.attributes()));
    filter = wdev->wiphy().index();
  }
  return filter;
}

}  // namespace airloom::nl80211
