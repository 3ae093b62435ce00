// Between the stack's rates and mac80211's numbers for them, which a medium outside speaks.
// [mac80211_hwsim.h struct hwsim_tx_rate, enum hwsim_tx_rate_flags]
#pragma once

#include <optional>

#include "hwsim/outside_air.h"

namespace airloom::hwsim {

/// A legacy rate that the band at `mhz` lacks becomes its lowest.
OutsideRate to_outside(const mac80211::RateAttempt& attempt, uint32_t mhz);
/// The legacy rate of an index; none beyond the band's last.
std::optional<cfg80211::RateInfo> from_outside(uint32_t index, uint32_t mhz);

}  // namespace airloom::hwsim
