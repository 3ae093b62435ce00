// What a simulated radio can do: field by field what Linux 6.1 reports of a mac80211_hwsim radio
// with one channel, which tests/vectors/linux-6.1 has as a wiphy dump.
#pragma once

#include <cstdint>
#include <vector>

#include "base/mac_address.h"
#include "cfg80211/capabilities.h"

namespace airloom::hwsim {

/// Make one per world and share it among its radios.
cfg80211::SharedCapabilities make_capabilities();

/// 02:00:00:NN:NN:00 for radio NNNN, and its second address, 42:....
std::vector<MacAddress> radio_addresses(uint16_t radio);

/// The channels and rates of each band, in the order of Band. (bands.cc)
std::vector<cfg80211::BandCapability> make_bands();

}  // namespace airloom::hwsim
