#include "mac80211/rates.h"

#include <algorithm>
#include <bit>

#include "cfg80211/wiphy.h"
#include "ieee80211/bss_elements.h"
#include "ieee80211/rates.h"
#include "mac80211/fragments.h"

namespace airloom::mac80211 {

using ieee80211::Band;

SupportedRates common_rates(const cfg80211::BandCapability& band,
                            std::span<const uint8_t> peer_rates,
                            const std::optional<cfg80211::HtCapability>& peer_ht) {
  SupportedRates rates;
  auto peer_has = [&](uint16_t rate) {
    return peer_rates.empty() || std::any_of(peer_rates.begin(), peer_rates.end(), [&](uint8_t o) {
             return ieee80211::from_500kbps(o) == rate;
           });
  };
  for (const auto& rate : band.rates)
    if (peer_has(rate.rate_100kbps)) rates.legacy_100kbps.push_back(rate.rate_100kbps);
  std::sort(rates.legacy_100kbps.begin(), rates.legacy_100kbps.end());
  if (!band.ht || !peer_ht) return rates;
  for (size_t i = 0; i < 4; ++i)
    rates.ht_mcs |= static_cast<uint32_t>(band.ht->mcs[i] & peer_ht->mcs[i]) << (8 * i);
  return rates;
}

std::optional<cfg80211::HtCapability> parse_ht_capability(std::span<const uint8_t> body) {
  if (body.size() != 26) return std::nullopt;
  cfg80211::HtCapability ht;
  ht.info = static_cast<uint16_t>(body[0] | body[1] << 8);
  ht.ampdu_factor = body[2] & 3;
  ht.ampdu_density = body[2] >> 2 & 7;
  std::copy_n(body.begin() + 3, ht.mcs.size(), ht.mcs.begin());
  return ht;
}

const cfg80211::BandCapability* band_of(const Interface& interface, uint32_t mhz) {
  const auto band = ieee80211::band_of(mhz);
  if (!band) return nullptr;
  for (const auto& capability : interface.wdev().wiphy().capabilities().bands)
    if (capability.band == *band) return &capability;
  return nullptr;
}

bool knows_short_slots_only(const Interface& interface) {
  const auto& channel = interface.links().at(0).config.channel;
  const auto* band = channel ? band_of(interface, channel->primary_mhz) : nullptr;
  return band != nullptr && (band->band == Band::k5GHz || band->band == Band::k6GHz);
}

bool keeps_basic_rate(const Interface& interface, const cfg80211::BandCapability& band,
                      const cfg80211::BitrateMask& mask) {
  const auto& basic = interface.links().at(0).config.basic_rates_100kbps;
  if (basic.empty()) return !cfg80211::is_ap(interface.type());
  const uint32_t legacy = mask.bands[static_cast<size_t>(band.band)].legacy;
  for (size_t i = 0; i < band.rates.size() && i < 32; ++i)
    if ((legacy >> i & 1) && std::ranges::find(basic, band.rates[i].rate_100kbps) != basic.end())
      return true;
  return false;
}

void forget_mask_without_basic_rates(Interface& interface) {
  const auto& channel = interface.link().config.channel;
  const auto* band = channel ? band_of(interface, channel->primary_mhz) : nullptr;
  if (band == nullptr || !interface.bitrate_mask) return;
  if (keeps_basic_rate(interface, *band, *interface.bitrate_mask)) return;
  interface.bitrate_mask->bands[static_cast<size_t>(band->band)].legacy = 0xffffffff;
}

namespace {

/// Whether SET_TX_BITRATE_MASK leaves the interface a legacy rate.
bool mask_allows(const Interface& interface, uint32_t mhz, uint16_t rate_100kbps) {
  const auto* band = interface.bitrate_mask ? band_of(interface, mhz) : nullptr;
  if (band == nullptr) return true;
  const uint32_t mask = interface.bitrate_mask->bands[static_cast<size_t>(band->band)].legacy;
  for (size_t i = 0; i < band->rates.size() && i < 32; ++i)
    if (band->rates[i].rate_100kbps == rate_100kbps) return (mask >> i & 1) != 0;
  return true;
}

}  // namespace

uint16_t lowest_basic_rate_100kbps(const Interface& interface, uint32_t mhz, bool no_cck) {
  const bool is_2ghz = ieee80211::band_of(mhz) == Band::k2GHz;
  const bool dsss = is_2ghz && !no_cck && mask_allows(interface, mhz, 10);
  const uint16_t mandatory = dsss ? 10 : 60;
  const auto& links = interface.links();
  const auto link = links.find(0);
  if (link == links.end()) return mandatory;
  for (uint16_t rate : link->second.config.basic_rates_100kbps) {
    const bool is_dsss = ieee80211::is_dsss_rate(rate);
    if (is_dsss && (no_cck || !is_2ghz)) continue;
    if (!mask_allows(interface, mhz, rate)) continue;
    return rate;
  }
  return mandatory;
}

uint16_t beacon_rate_100kbps(const Interface& interface,
                             const std::optional<cfg80211::BitrateMask>& wanted, uint32_t mhz) {
  const auto* band = wanted ? band_of(interface, mhz) : nullptr;
  const uint32_t mask = band == nullptr ? 0 : wanted->bands[static_cast<size_t>(band->band)].legacy;
  if (mask == 0) return lowest_basic_rate_100kbps(interface, mhz);
  const auto& basic = interface.links().at(0).config.basic_rates_100kbps;
  const auto chosen = band->rates.begin() + std::countr_zero(mask);
  const auto heard_by_all = std::find_if(chosen, band->rates.end(), [&](const auto& rate) {
    return std::ranges::find(basic, rate.rate_100kbps) != basic.end();
  });
  return (heard_by_all == band->rates.end() ? chosen : heard_by_all)->rate_100kbps;
}

void apply_rts_threshold(const Interface& interface, TxFrame& frame) {
  const auto& wiphy = interface.wdev().wiphy();
  const size_t sent =
      std::min<size_t>(frame.mpdu.size() + kFcsOctets, wiphy.fragmentation_threshold);
  if (frame.no_ack || sent <= wiphy.rts_threshold) return;
  for (RateAttempt& attempt : frame.rates) attempt.rts = attempt.tries > 0;
}

uint16_t ack_duration_us(const RateInfo& rate, uint32_t mhz, bool short_preamble) {
  if (rate.kind != RateInfo::Kind::kLegacy || rate.legacy_100kbps == 0) return 0;
  const bool is_2ghz = ieee80211::band_of(mhz) == Band::k2GHz;
  const uint32_t sifs = is_2ghz ? 10 : 16;
  constexpr size_t kAckOctets = 14;
  // The ACK goes at the highest mandatory rate of the same modulation that is not faster.
  uint16_t ack = rate.legacy_100kbps;
  if (!ieee80211::is_dsss_rate(ack)) ack = ack >= 240 ? 240 : ack >= 120 ? 120 : 60;
  return static_cast<uint16_t>(
      sifs + ieee80211::legacy_duration_us(kAckOctets, ack, is_2ghz, short_preamble));
}

}  // namespace airloom::mac80211
