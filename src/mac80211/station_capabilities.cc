#include "mac80211/station_capabilities.h"

#include <algorithm>

#include "cfg80211/wiphy.h"
#include "ieee80211/ht_vht_elements.h"
#include "mac80211/rates.h"

namespace airloom::mac80211 {

namespace {

using cfg80211::HtCapability;
using cfg80211::VhtCapability;
using ieee80211::HtCapabilitiesElement;
using ieee80211::VhtCapabilitiesElement;
namespace ht = ieee80211::ht_capability;

/// Bits of the VHT Capabilities Information. [802.11-2020 Table 9-271]
constexpr uint32_t kSuBeamformer = 1u << 11, kSuBeamformee = 1u << 12, kBeamformeeSts = 7u << 13,
                   kMuBeamformer = 1u << 19, kMuBeamformee = 1u << 20;

/// HT_CAPABILITY and its mask: a station may be told to pretend it can do less.
void apply_override(const cfg80211::AssociateRequest& request, HtCapability& own) {
  const auto& value = request.ht_capability;
  const auto& mask = request.ht_capability_mask;
  const auto u16 = [](const auto& octets) {
    return static_cast<uint16_t>(octets[0] | octets[1] << 8);
  };
  constexpr uint16_t kCanDrop = ht::kLdpc | ht::kWidth40 | ht::kShortGi20 | ht::kShortGi40 |
                                ht::kTxStbc | ht::kRxStbc | ht::kMaxAmsdu7935;
  const uint16_t spoken = u16(mask), wanted = u16(value);
  own.info &= static_cast<uint16_t>(~(spoken & ~wanted & kCanDrop));
  own.info |= spoken & wanted & ht::kFortyIntolerant;
  const uint8_t factor = value[2] & 3, density = value[2] >> 2 & 7;
  if (mask[2] & 3) own.ampdu_factor = std::min(own.ampdu_factor, factor);
  if (mask[2] & 0x1c) own.ampdu_density = std::max(own.ampdu_density, density);
  for (size_t i = 0; i < 10; ++i)  // the receive MCS bitmap
    own.mcs[i] = static_cast<uint8_t>((own.mcs[i] & ~mask[i + 3]) | (value[i + 3] & mask[i + 3]));
}

/// The same of VHT: flags may go, and the highest MCS of each number of streams may sink.
void apply_override(const cfg80211::AssociateRequest& request, VhtCapability& own) {
  const auto u32 = [](const auto& octets) {
    return static_cast<uint32_t>(octets[0] | octets[1] << 8 | octets[2] << 16) |
           static_cast<uint32_t>(octets[3]) << 24;
  };
  const uint32_t spoken = u32(request.vht_capability_mask), wanted = u32(request.vht_capability);
  constexpr uint32_t kCanDrop = 0x300018f0;  // LDPC, short GI, TX STBC, SU beamforming, antennas
  own.info &= ~(spoken & ~wanted & kCanDrop);
  for (const size_t map : {4, 8}) {
    for (unsigned nss = 0; nss < 8; ++nss) {
      const size_t octet = map + nss / 4;
      const unsigned shift = nss % 4 * 2;
      if ((request.vht_capability_mask[octet] >> shift & 3) == 0) continue;
      const uint8_t asked = request.vht_capability[octet] >> shift & 3;
      uint8_t& entry = own.mcs[octet - 4];
      const uint8_t has = entry >> shift & 3;
      constexpr uint8_t kNone = 3;
      if (has == kNone || (asked != kNone && asked > has)) continue;
      entry = static_cast<uint8_t>((entry & ~(3u << shift)) | unsigned{asked} << shift);
    }
  }
}

HtCapability own_ht(const Interface& interface, HtCapability own,
                    const cfg80211::AssociateRequest& request, const cfg80211::Bss& bss) {
  apply_override(request, own);
  const auto operation = ieee80211::find_element<ieee80211::HtOperationElement>(bss.elements());
  const auto* channel = interface.wdev().wiphy().find_channel(bss.mhz);
  if (operation && channel != nullptr) {
    constexpr uint8_t kAbove = 1, kBelow = 3;
    const uint8_t offset = operation->secondary_offset();
    if ((offset == kAbove && channel->no_ht40_plus) || (offset == kBelow && channel->no_ht40_minus))
      own.info &= static_cast<uint16_t>(~(ht::kWidth40 | ht::kShortGi40));
  }
  own.info |= ht::kSmPowerSave;
  return own;
}

VhtCapability own_vht(VhtCapability own, const cfg80211::AssociateRequest& request,
                      const cfg80211::Bss& bss) {
  apply_override(request, own);
  const auto ap = ieee80211::find_element<VhtCapabilitiesElement>(bss.elements());
  const uint32_t theirs = ap ? ap->info : 0;
  if (!(theirs & kSuBeamformer))
    own.info &= ~(kSuBeamformee | kMuBeamformee);
  else if (!(theirs & kMuBeamformer))
    own.info &= ~kMuBeamformee;
  if ((theirs & kBeamformeeSts) < (own.info & kBeamformeeSts))
    own.info = (own.info & ~kBeamformeeSts) | (theirs & kBeamformeeSts);
  return own;
}

VhtCapability to_value(const VhtCapabilitiesElement& element) {
  VhtCapability vht{.info = element.info};
  const uint16_t words[] = {element.rx_map.bits, element.rx_highest, element.tx_map.bits,
                            element.tx_highest};
  for (size_t i = 0; i < 4; ++i) {
    vht.mcs[2 * i] = static_cast<uint8_t>(words[i]);
    vht.mcs[2 * i + 1] = static_cast<uint8_t>(words[i] >> 8);
  }
  return vht;
}

}  // namespace

OwnCapabilities own_capabilities(const Interface& interface, PhyModes modes,
                                 const cfg80211::AssociateRequest& request,
                                 const cfg80211::Bss& bss) {
  OwnCapabilities own;
  const auto* band = band_of(interface, bss.mhz);
  if (band == nullptr) return own;
  if (modes.ht && band->ht) own.ht = own_ht(interface, *band->ht, request, bss);
  if (modes.vht && band->vht) own.vht = own_vht(*band->vht, request, bss);
  own.he = modes.he;
  return own;
}

void learn_capabilities(Station& station, std::span<const uint8_t> elements, PhyModes modes) {
  using ieee80211::find_element;
  station.ht.reset();
  station.vht.reset();
  station.he.reset();
  if (!modes.ht && !modes.he) return;
  if (const auto element = find_element(elements, ieee80211::ElementId::kHtCapabilities))
    station.ht = parse_ht_capability(element->body);
  if (modes.vht)
    if (const auto element = find_element<VhtCapabilitiesElement>(elements))
      station.vht = to_value(*element);
  if (modes.he) station.he = find_element<ieee80211::HeCapabilitiesElement>(elements);
}

Result<void> learn_capabilities(Station& station, const cfg80211::StationParams& params) {
  if (params.ht_capability) {
    station.ht = parse_ht_capability(*params.ht_capability);
    if (!station.ht) return fail(Errc::kInvalid);
  }
  if (params.vht_capability)
    station.vht = to_value(TRY(VhtCapabilitiesElement::parse(Reader(*params.vht_capability))));
  // hostapd hands HE down as it came off the air: what does not parse is no HE, and no error.
  if (params.he_capability) {
    auto parsed = ieee80211::HeCapabilitiesElement::parse(Reader(*params.he_capability));
    station.he.reset();
    if (parsed) station.he = *std::move(parsed);
  }
  return {};
}

}  // namespace airloom::mac80211
