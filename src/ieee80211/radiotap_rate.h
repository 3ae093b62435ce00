// Between a bit rate and the radiotap fields that say it: Rate for the legacy ones, MCS for HT,
// VHT, HE. The field's form is the one Linux writes. [radiotap.org/fields/defined]
#pragma once

#include <cstdint>
#include <optional>

#include "ieee80211/radiotap.h"
#include "ieee80211/rates.h"

namespace airloom::ieee80211 {

/// Puts a rate into the field of its kind.
void set_rate(RadiotapHeader& header, const Rate& rate);

/// The rate that a header names; nothing if it names none, or one that does not exist. What a VHT
/// field gets wrong falls back to MCS 0 and one stream, as on Linux.
std::optional<Rate> rate_of(const RadiotapHeader& header);

/// @param rate  none: not known
RadiotapChannel radiotap_channel_field(uint16_t mhz, const std::optional<Rate>& rate);

}  // namespace airloom::ieee80211
