// Which rates apply where: what a peer and this radio share, the lowest basic rate of a BSS, that
// of its beacons, and the Duration field, which follows from the rate of the expected ACK.
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

/// Whether the band that the interface is on has short slots whatever anybody says: 5 and 6 GHz.
bool knows_short_slots_only(const Interface& interface);

/// Whether the mask leaves one of the BSS's basic rates, without which its clients hear nothing.
/// Stations need none before they know some.
bool keeps_basic_rate(const Interface& interface, const cfg80211::BandCapability& band,
                      const cfg80211::BitrateMask& mask);
/// Basic rates have changed: a SET_TX_BITRATE_MASK that leaves none of them holds no longer for
/// legacy rates.
void forget_mask_without_basic_rates(Interface& interface);

/// What management and group frames are sent at. [802.11-2020 10.6.5.1]
uint16_t lowest_basic_rate_100kbps(const Interface& interface, uint32_t mhz, bool no_cck = false);

/// What beacons go at: the rate that START_AP asked for on that band, or where it is not basic the
/// next basic one in the band's order; else the lowest basic rate.
uint16_t beacon_rate_100kbps(const Interface& interface,
                             const std::optional<cfg80211::BitrateMask>& wanted, uint32_t mhz);

/// Duration of an individually addressed frame sent at a legacy rate: SIFS and the ACK. Rates
/// beyond the legacy ones leave the field to the radio (0), as the kernel does.
uint16_t ack_duration_us(const RateInfo& rate, uint32_t mhz, bool short_preamble);

/// Has the medium reserved for an individually addressed frame that is longer than the radio's RTS
/// threshold, by an RTS before each try. Frames that are to be cut count as their parts.
/// [802.11-2020 10.3.2.9]
void apply_rts_threshold(const Interface& interface, TxFrame& frame);

}  // namespace airloom::mac80211
