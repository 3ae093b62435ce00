#include "tunnel/capabilities.h"

#include <linux/nl80211.h>

namespace airloom::tunnel {

using cfg80211::Band;

cfg80211::SharedCapabilities reduced(const cfg80211::Capabilities& radio) {
  auto left = std::make_shared<cfg80211::Capabilities>(radio);
  std::erase_if(left->bands, [](const cfg80211::BandCapability& band) {
    return band.band != Band::k2GHz && band.band != Band::k5GHz;
  });
  for (auto& band : left->bands) {
    band.vht.reset();
    band.interface_type_data.clear();
    if (band.ht) band.ht->ampdu_factor = band.ht->ampdu_density = 0;
  }
  left->features &= ~uint32_t{NL80211_FEATURE_ACTIVE_MONITOR};
  left->supports_5_10_mhz = false;
  return left;
}

}  // namespace airloom::tunnel
