#include "mac80211/station_rates.h"

#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/driver_events.h"
#include "ieee80211/he_elements.h"
#include "ieee80211/ht_vht_elements.h"
#include "ieee80211/rates.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rates.h"

namespace airloom::mac80211 {

namespace {

using cfg80211::BandCapability;
using ieee80211::HeCapabilitiesElement;
using ieee80211::VhtCapabilitiesElement;
using ieee80211::VhtMcsMap;

constexpr int kStreamsMax = 8;

VhtMcsMap receive_map(const cfg80211::VhtCapability& vht) {
  return {static_cast<uint16_t>(vht.mcs[0] | vht.mcs[1] << 8)};
}

VhtMcsMap transmit_map(const cfg80211::VhtCapability& vht) {
  return {static_cast<uint16_t>(vht.mcs[4] | vht.mcs[5] << 8)};
}

/// MCS 0 to 9 as bits; combinations of width and streams that do not divide evenly are left out.
/// [802.11-2020 21.5]
uint16_t vht_mcs_bits(uint8_t highest, int width_mhz, int streams) {
  uint32_t bits = (2u << highest) - 1;
  if (width_mhz == 20 && streams != 3 && streams != 6) bits &= ~(1u << 9);
  if (width_mhz == 80 && (streams == 3 || streams == 7)) bits &= ~(1u << 6);
  if (width_mhz == 80 && streams == 6) bits &= ~(1u << 9);
  return static_cast<uint16_t>(bits);
}

int he_width_mhz(const HeCapabilitiesElement& he, uint32_t mhz) {
  if (ieee80211::band_of(mhz) == ieee80211::Band::k2GHz)
    return he.phy[0] & HeCapabilitiesElement::kWidth40In2GHz ? 40 : 20;
  if (he.phy[0] & (HeCapabilitiesElement::kWidth160 | HeCapabilitiesElement::kWidth80Plus80))
    return 160;
  return he.phy[0] & HeCapabilitiesElement::kWidth40And80In5GHz ? 80 : 20;
}

/// What the peer and this radio both do, at the width in use.
SupportedRates shared_rates(const BandCapability& band, const Station& station, int width_mhz) {
  SupportedRates rates = common_rates(band, station.supported_rates, station.ht);
  rates.width_mhz = width_mhz;
  if (!band.ht || !station.ht) return rates;
  const uint8_t streams =
      station.smps == NL80211_SMPS_STATIC ? 1 : station.receive_streams.value_or(kStreamsMax);
  if (streams < 4) rates.ht_mcs &= (1u << 8 * streams) - 1;
  const uint16_t both = band.ht->info & station.ht->info;
  namespace ht = ieee80211::ht_capability;
  rates.short_gi = (both & (width_mhz == 20 ? ht::kShortGi20 : ht::kShortGi40)) != 0;
  if (!band.vht || !station.vht) return rates;
  if (width_mhz == 80)
    rates.short_gi = (band.vht->info & station.vht->info & VhtCapabilitiesElement::kShortGi80) != 0;
  for (int nss = 1; nss <= std::min<int>(streams, kStreamsMax); ++nss) {
    const auto theirs = receive_map(*station.vht).max_mcs(nss);
    const auto ours = transmit_map(*band.vht).max_mcs(nss);
    if (theirs && ours)
      rates.vht_mcs[static_cast<size_t>(nss) - 1] =
          vht_mcs_bits(std::min(*theirs, *ours), width_mhz, nss);
  }
  return rates;
}

void apply_mask(const BandCapability& band, const cfg80211::BitrateMask::PerBand& mask,
                SupportedRates& rates) {
  std::erase_if(rates.legacy_100kbps, [&](uint16_t rate) {
    for (size_t i = 0; i < band.rates.size() && i < 32; ++i)
      if (band.rates[i].rate_100kbps == rate) return (mask.legacy >> i & 1) == 0;
    return false;
  });
  for (size_t i = 0; i < 4; ++i)
    rates.ht_mcs &= ~(static_cast<uint32_t>(~mask.ht[i] & 0xff) << 8 * i);
  for (size_t i = 0; i < rates.vht_mcs.size(); ++i) rates.vht_mcs[i] &= mask.vht[i];
}

}  // namespace

int receive_width_mhz(const Station& station) {
  const auto& link = station.interface().link();
  if (station.he && link.config.channel)
    return he_width_mhz(*station.he, link.config.channel->primary_mhz);
  if (station.vht) return station.vht->info & VhtCapabilitiesElement::kWidthSet ? 160 : 80;
  if (station.ht) return station.ht->info & ieee80211::ht_capability::kWidth40 ? 40 : 20;
  return 20;
}

void refresh_rates(Station& station) {
  constexpr int kWidestMhz = 80;  // minstrel has no rates of 160 MHz
  Interface& interface = station.interface();
  const auto& channel = interface.link().config.channel;
  const BandCapability* band = channel ? band_of(interface, channel->primary_mhz) : nullptr;
  if (band == nullptr) return;
  const int width = std::min({receive_width_mhz(station), station.width_limit_mhz,
                              ieee80211::width_mhz(channel->width), kWidestMhz});
  station.rates = shared_rates(*band, station, width);
  if (interface.bitrate_mask)
    apply_mask(*band, interface.bitrate_mask->bands[static_cast<size_t>(band->band)],
               station.rates);
  station.rate_control().set_rates(station.rates);
}

namespace {

/// The streams that a peer's capabilities name.
int capable_streams(const Station& station) {
  if (station.vht) return receive_map(*station.vht).streams();
  if (!station.ht) return 1;
  int streams = 1;
  for (size_t i = 1; i < 4; ++i)
    if (station.ht->mcs[i] != 0) streams = static_cast<int>(i) + 1;
  return streams;
}

int current_width_mhz(const Station& station) {
  const auto& channel = station.interface().link().config.channel;
  const int used = channel ? ieee80211::width_mhz(channel->width) : 20;
  return std::min({receive_width_mhz(station), station.width_limit_mhz, used});
}

cfg80211::ChannelWidth width_of(int mhz) {
  using cfg80211::ChannelWidth;
  if (mhz >= 160) return ChannelWidth::k160;
  if (mhz >= 80) return ChannelWidth::k80;
  return mhz >= 40 ? ChannelWidth::k40 : ChannelWidth::k20;
}

}  // namespace

void limit_width(Station& station, int limit_mhz, OperatingModeChange change) {
  const int before = current_width_mhz(station);
  station.width_limit_mhz = limit_mhz;
  const int after = current_width_mhz(station);
  if (after != before) change.width = width_of(after);
  if (!change.smps && !change.width && !change.streams) return;
  refresh_rates(station);
  cfg80211::station_opmode_changed(station.interface().wdev(), station.address(), change.smps,
                                   change.width, change.streams);
}

void apply_operating_mode(Station& station, uint8_t mode) {
  const ieee80211::OperatingModeNotificationElement notified{mode};
  if (notified.is_beamforming_type()) return;
  OperatingModeChange change;
  const auto streams = static_cast<uint8_t>(notified.rx_streams());
  const int capable = capable_streams(station);
  if (streams <= capable && streams != station.receive_streams.value_or(capable))
    change.streams = station.receive_streams = streams;
  constexpr uint8_t k160Or80Plus80 = 0x04;
  const bool is_160 = notified.width_mhz() == 80 && (mode & k160Or80Plus80);
  limit_width(station, is_160 ? 160 : notified.width_mhz(), change);
}

void refresh_all_rates(Interface& interface) {
  interface.stack().stations().for_each(interface, [](Station& s) { refresh_rates(s); });
}

}  // namespace airloom::mac80211
