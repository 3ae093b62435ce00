#include <array>
#include <initializer_list>
#include <span>

#include "hwsim/capabilities.h"
#include "ieee80211/rates.h"

namespace airloom::hwsim {

namespace {

using cfg80211::Band;
using cfg80211::BandCapability;
using cfg80211::bit;
using cfg80211::HardwareChannel;
using cfg80211::InterfaceType;
using cfg80211::InterfaceTypeData;

constexpr size_t kHePpeOctets = 25;

/// `count` channels from `first_mhz` on.
void add_channels(BandCapability& band, uint32_t first_mhz, uint32_t step_mhz, unsigned count) {
  for (unsigned i = 0; i < count; ++i) band.channels.push_back({.mhz = first_mhz + i * step_mhz});
}

void add_rates(BandCapability& band, std::span<const uint16_t> rates_100kbps) {
  for (uint16_t rate : rates_100kbps) {
    const bool short_preamble = ieee80211::is_dsss_rate(rate) && rate != 10;
    band.rates.push_back({rate, short_preamble});
  }
}

/// 20 and 40 MHz, greenfield, short GI in both, 3,839-octet A-MSDUs, DSSS/CCK in 40 MHz; two
/// streams; 65,535-octet A-MPDUs, 8 us apart. [802.11-2020 9.4.2.55]
cfg80211::HtCapability ht_capability() {
  cfg80211::HtCapability ht{.info = 0x107e, .ampdu_factor = 3, .ampdu_density = 6};
  ht.mcs[0] = ht.mcs[1] = 0xff;
  ht.mcs[12] = 0x01;  // the transmit MCS set is defined, and equal
  return ht;
}

/// 11,454-octet MPDUs, 160 and 80+80 MHz, RX LDPC, short GI in 80 and 160 MHz, TX STBC, RX STBC of
/// four streams; MCS 0 to 9 on eight streams. [802.11-2020 9.4.2.157]
cfg80211::VhtCapability vht_capability() {
  return {.info = 0x038004fa, .mcs = {0xaa, 0xaa, 0, 0, 0xaa, 0xaa, 0, 0}};
}

/// What differs between the bands. [802.11ax-2021 9.4.2.248] [802.11be 9.4.2.313]
struct HeEhtOfBand {
  uint8_t he_phy_widths;  ///< the first octet of the HE PHY capabilities
  bool wide;              ///< HE maps for 160 and 80+80 MHz too
  uint16_t he_6ghz;
  std::array<uint8_t, 9> eht_phy;
  size_t eht_mcs_octets_station, eht_mcs_octets_ap;
};

Octets he_mcs_nss(bool wide) {
  const std::array<uint8_t, 4> two_streams{0xfa, 0xff, 0xfa, 0xff}, none{0xff, 0xff, 0xff, 0xff};
  Octets map;
  for (bool there : {true, wide, wide}) {
    const auto& part = there ? two_streams : none;
    map.insert(map.end(), part.begin(), part.end());
  }
  return map;
}

InterfaceTypeData he_data(InterfaceType type, const HeEhtOfBand& of) {
  InterfaceTypeData data{.types = bit(type)};
  data.he_mac = {0x01, 0x78, 0xc8, 0x1a, 0x40, 0x00};
  data.he_phy = {of.he_phy_widths, 0xbf, 0xce};
  data.he_mcs_nss = he_mcs_nss(of.wide);
  data.he_ppe.assign(kHePpeOctets, 0);
  data.he_6ghz = of.he_6ghz;
  if (type == InterfaceType::kMeshPoint) {
    data.he_mac[1] = 0x70;
    data.he_mac[2] = 0x80;
    data.he_phy[2] = 0;
  }
  return data;
}

std::vector<InterfaceTypeData> interface_type_data(const HeEhtOfBand& of) {
  std::vector<InterfaceTypeData> all;
  for (InterfaceType type : {InterfaceType::kStation, InterfaceType::kAp}) {
    InterfaceTypeData data = he_data(type, of);
    data.eht_mac = {0x07, 0x00};
    data.eht_phy.assign(of.eht_phy.begin(), of.eht_phy.end());
    const bool station = type == InterfaceType::kStation;
    data.eht_mcs_nss.assign(station ? of.eht_mcs_octets_station : of.eht_mcs_octets_ap, 0x88);
    data.eht_ppe = {0, 0};
    all.push_back(std::move(data));
  }
  all.push_back(he_data(InterfaceType::kMeshPoint, of));
  return all;
}

BandCapability band_2ghz() {
  BandCapability band{.band = Band::k2GHz, .ht = ht_capability()};
  add_channels(band, 2412, 5, 13);
  add_channels(band, 2484, 0, 1);
  add_rates(band, ieee80211::kDsssRates);
  add_rates(band, ieee80211::kOfdmRates);
  band.interface_type_data = interface_type_data(
      {0x00, false, 0, {0x7c, 0x00, 0x00, 0xfe, 0xff, 0xff, 0x7f, 0x01, 0x00}, 4, 3});
  return band;
}

BandCapability band_5ghz() {
  BandCapability band{.band = Band::k5GHz, .ht = ht_capability(), .vht = vht_capability()};
  add_channels(band, 5180, 20, 8);
  add_channels(band, 5500, 20, 11);
  add_channels(band, 5745, 20, 6);
  add_channels(band, 5855, 5, 15);  // 5.9 GHz, for vehicles
  add_rates(band, ieee80211::kOfdmRates);
  band.interface_type_data = interface_type_data(
      {0x1c, true, 0, {0xfc, 0x1f, 0x3f, 0xfe, 0xff, 0xff, 0x7f, 0x37, 0x00}, 6, 6});
  return band;
}

BandCapability band_6ghz() {
  BandCapability band{.band = Band::k6GHz};
  add_channels(band, 5955, 20, 59);
  add_rates(band, ieee80211::kOfdmRates);
  band.interface_type_data = interface_type_data(
      {0x1c, true, 0x3eff, {0xfe, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0x7f, 0x00}, 9, 9});
  return band;
}

BandCapability band_s1g() {
  BandCapability band{.band = Band::kS1GHz, .ht = ht_capability()};
  for (uint32_t khz = 902'500; khz <= 927'500; khz += 500)
    band.channels.push_back({.mhz = khz / 1000, .offset_khz = static_cast<uint16_t>(khz % 1000)});
  return band;
}

}  // namespace

std::vector<BandCapability> make_bands() {
  return {band_2ghz(), band_5ghz(), band_6ghz(), band_s1g()};
}

}  // namespace airloom::hwsim
