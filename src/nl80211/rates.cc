// SET_TX_BITRATE_MASK: which rates an interface may send with, per band.
// [nl80211.h nl80211_tx_rate_attributes]
#include "nl80211/rates.h"

#include <linux/nl80211.h>

#include <algorithm>

#include "nl80211/context.h"
#include "nl80211/policies.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

using cfg80211::BandCapability;
using Mask = cfg80211::BitrateMask::PerBand;
using Span = std::span<const uint8_t>;

uint16_t le16_at(Span octets, size_t at) {
  return static_cast<uint16_t>(octets[at] | octets[at + 1] << 8);
}

/// An MCS map (two bits per spatial stream) as a mask of MCSs per stream.
/// @param last_mcs  what the values 0, 1 and 2 reach up to  [802.11-2020 9.4.2.157.3]
std::array<uint16_t, 8> expand_map(uint16_t map, const std::array<uint8_t, 3>& last_mcs) {
  std::array<uint16_t, 8> masks{};
  for (size_t stream = 0; stream < masks.size(); ++stream) {
    const unsigned value = (map >> (2 * stream)) & 3u;
    if (value < 3) masks[stream] = static_cast<uint16_t>((2u << last_mcs[value]) - 1);
  }
  return masks;
}

std::array<uint16_t, 8> vht_masks(const BandCapability& band) {
  if (!band.vht) return {};
  return expand_map(le16_at(band.vht->mcs, 4), {7, 8, 9});  // the transmit map
}

std::array<uint16_t, 8> he_masks(const BandCapability& band, cfg80211::InterfaceType type) {
  for (const auto& data : band.interface_type_data)
    if ((data.types & bit(type)) && data.he_mcs_nss.size() >= 4)
      return expand_map(le16_at(data.he_mcs_nss, 2), {7, 9, 11});
  return {};
}

constexpr Mask kNoRates{.legacy = 0, .ht = {}, .vht = {}, .he = {}};

/// Every rate that the band has.
Mask all_rates(const BandCapability& band, cfg80211::InterfaceType type) {
  Mask mask;
  mask.legacy = static_cast<uint32_t>((uint64_t{1} << band.rates.size()) - 1);
  mask.ht = {};
  if (band.ht) std::copy_n(band.ht->mcs.begin(), mask.ht.size(), mask.ht.begin());
  mask.vht = vht_masks(band);
  mask.he = he_masks(band, type);
  return mask;
}

/// Rates in units of 500 kb/s. @error kInvalid  one that the band has not
Result<uint32_t> parse_legacy(const BandCapability& band, Span rates) {
  uint32_t mask = 0;
  for (const uint8_t rate : rates) {
    const auto at = std::find_if(band.rates.begin(), band.rates.end(), [&](const auto& known) {
      return known.rate_100kbps == (rate & 0x7f) * 5;
    });
    if (at == band.rates.end()) return fail(Errc::kInvalid);
    mask |= 1u << (at - band.rates.begin());
  }
  return mask;
}

Result<std::array<uint8_t, 10>> parse_ht(const BandCapability& band, Span list) {
  std::array<uint8_t, 10> mask{};
  for (const uint8_t mcs : list) {
    const size_t octet = mcs / 8;
    const auto bit = static_cast<uint8_t>(1u << (mcs % 8));
    if (!band.ht || octet >= mask.size() || !(band.ht->mcs[octet] & bit))
      return fail(Errc::kInvalid);
    mask[octet] |= bit;
  }
  return mask;
}

/// Eight masks of MCSs (struct nl80211_txrate_vht and _he), within what there is.
Result<std::array<uint16_t, 8>> parse_masks(const std::array<uint16_t, 8>& possible, Span wanted) {
  std::array<uint16_t, 8> masks{};
  for (size_t stream = 0; stream < masks.size(); ++stream) {
    const auto mask = netlink::load<uint16_t>(wanted.subspan(2 * stream));
    if (!mask || (*mask & ~possible[stream])) return fail(Errc::kInvalid);
    masks[stream] = *mask;
  }
  return masks;
}

template <typename Masks>
bool any(const Masks& masks) {
  return std::any_of(masks.begin(), masks.end(), [](auto mask) { return mask != 0; });
}

/// @param mask  what holds unless the request says otherwise
Result<Mask> parse_band(const netlink::AttributeTable& given, const BandCapability& band,
                        cfg80211::InterfaceType type, Mask mask) {
  if (const auto legacy = given.bytes(NL80211_TXRATE_LEGACY))
    mask.legacy = TRY(parse_legacy(band, *legacy));
  if (const auto ht = given.bytes(NL80211_TXRATE_HT)) mask.ht = TRY(parse_ht(band, *ht));
  if (const auto vht = given.bytes(NL80211_TXRATE_VHT)) {
    if (!band.vht) return fail(Errc::kInvalid);
    mask.vht = TRY(parse_masks(vht_masks(band), *vht));
  }
  if (const auto he = given.bytes(NL80211_TXRATE_HE))
    mask.he = TRY(parse_masks(he_masks(band, type), *he));
  mask.gi = given.u8(NL80211_TXRATE_GI).value_or(NL80211_TXRATE_DEFAULT_GI);
  if (mask.gi > NL80211_TXRATE_FORCE_LGI) return fail(Errc::kInvalid);
  if (mask.legacy == 0 && !any(mask.ht) && !any(mask.vht) && !any(mask.he))
    return fail(Errc::kInvalid);
  return mask;
}

Result<void> set_bitrate_mask(Context& context) {
  const auto mask = TRY(parse_rates(context, /*all_unless_said=*/true));
  return context.wiphy().ops().set_bitrate_mask(context.wdev(), std::nullopt, mask);
}

constexpr Row kRows[] = {
    {NL80211_CMD_SET_TX_BITRATE_MASK, set_bitrate_mask},
};

}  // namespace

Result<cfg80211::BitrateMask> parse_rates(const Context& context, bool all_unless_said) {
  const auto& can = context.wiphy().capabilities();
  const cfg80211::InterfaceType type = context.wdev().type();
  cfg80211::BitrateMask mask;
  mask.bands.fill(kNoRates);
  if (all_unless_said)
    for (const BandCapability& band : can.bands)
      mask.bands[static_cast<size_t>(band.band)] = all_rates(band, type);
  if (const netlink::Attribute* rates = context.attributes().find(NL80211_ATTR_TX_RATES)) {
    for (const netlink::Attribute& nest : netlink::AttributeRange(*rates)) {
      if (nest.type >= ieee80211::kBandCount) return fail(Errc::kInvalid);
      const auto* band = can.find_band(static_cast<cfg80211::Band>(nest.type));
      if (!band) return fail(Errc::kInvalid);
      const auto given = TRY(netlink::validate_and_parse(nest, kTxattrPolicy, context.request.ack));
      Mask& of_band = mask.bands[nest.type];
      of_band = TRY(parse_band(given, *band, type, of_band));
    }
  }
  return mask;
}

std::span<const Row> rates_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
