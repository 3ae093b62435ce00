// Which rates apply where: what a peer and this radio share, the lowest basic rate of a BSS, and
// the Duration field, which follows from the rate of the expected ACK.
// [802.11-2020 9.2.5, 10.6.5]
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "cfg80211/capabilities.h"
#include "mac80211/interface.h"
#include "mac80211/rate_control.h"

namespace airloom::mac80211 {

/// The rates that both `band` and a peer have. `peer_rates` are octets of the elements; empty: all.
SupportedRates common_rates(const cfg80211::BandCapability& band,
                            std::span<const uint8_t> peer_rates,
                            const std::optional<cfg80211::HtCapability>& peer_ht);
/// The peer's HT Capabilities element body as a value; nothing if it has another length.
std::optional<cfg80211::HtCapability> parse_ht_capability(std::span<const uint8_t> body);

/// The band of a channel in this interface's radio; null if it has none there.
const cfg80211::BandCapability* band_of(const Interface& interface, uint32_t mhz);

/// What management and group frames are sent at. [802.11-2020 10.6.5.1]
uint16_t lowest_basic_rate_100kbps(const Interface& interface, uint32_t mhz, bool no_cck = false);

/// Duration of an individually addressed frame sent at a legacy rate: SIFS and the ACK. Rates
/// beyond the legacy ones leave the field to the radio (0), as the kernel does.
uint16_t ack_duration_us(const RateInfo& rate, uint32_t mhz, bool short_preamble);

}  // namespace airloom::mac80211
