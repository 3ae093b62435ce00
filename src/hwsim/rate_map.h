// Between the stack's rates and channels and the medium's.
#pragma once

#include "cfg80211/types.h"
#include "mac80211/driver.h"
#include "medium/transmission.h"

namespace airloom::hwsim {

medium::Channel to_medium(const cfg80211::ChannelDefinition& channel);

/// A legacy rate of 0 becomes the lowest rate of the band.
medium::Rate to_medium(const cfg80211::RateInfo& rate, bool short_preamble, uint32_t mhz);

cfg80211::RateInfo from_medium(const medium::Rate& rate);

}  // namespace airloom::hwsim
