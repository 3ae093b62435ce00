// What a simulated radio can do: field by field what Linux 6.1 reports of a mac80211_hwsim radio;
// tests/vectors/linux-6.1 has the default one as a wiphy dump.
#pragma once

#include <cstdint>
#include <vector>

#include "base/mac_address.h"
#include "cfg80211/capabilities.h"
#include "hwsim/radio_spec.h"

namespace airloom::hwsim {

/// Make one per world and kind of radio, and share it among its radios.
/// @param traits  ones that check() lets pass.
cfg80211::SharedCapabilities make_capabilities(const RadioTraits& traits = {});

/// 02:00:00:NN:NN:00 for radio NNNN, and its second address, 42:....
std::vector<MacAddress> radio_addresses(uint16_t radio);
/// Those of a radio that was given its address: it has that twice.
std::vector<MacAddress> radio_addresses(const MacAddress& chosen);

/// The channels and rates of each band, in the order of Band. (bands.cc)
std::vector<cfg80211::BandCapability> make_bands();

}  // namespace airloom::hwsim
