// Which channel definitions a wiphy can use, and where it may transmit first.
#include <algorithm>

#include "cfg80211/internal.h"

namespace airloom::cfg80211 {

namespace {

using Prohibited = bool (*)(const ChannelState&);

constexpr uint16_t kHtWidth40 = 0x0002, kHtIntolerant40 = 0x4000;  // [802.11-2020 9.4.2.55.2]
constexpr uint32_t kVhtWidthMask = 0x0c, kVht160 = 0x04, kVht160And8080 = 0x08;
constexpr uint32_t kVhtExtendedNssMask = 0xc0000000;  // [802.11-2020 9.4.2.157.2]
constexpr uint8_t kEhtPhy320MHz = 0x02;               // [802.11be 9.4.2.313.3]

bool has_320mhz(const BandCapability& band) {
  return std::any_of(band.interface_type_data.begin(), band.interface_type_data.end(),
                     [](const InterfaceTypeData& data) {
                       return !data.eht_phy.empty() && (data.eht_phy[0] & kEhtPhy320MHz) != 0;
                     });
}

bool supports_40mhz(const BandCapability& band, const ChannelState& primary,
                    const ChannelDefinition& definition) {
  if (!band.ht || !(band.ht->info & kHtWidth40) || (band.ht->info & kHtIntolerant40)) return false;
  return definition.center1_mhz < definition.primary_mhz ? !primary.no_ht40_minus
                                                         : !primary.no_ht40_plus;
}

bool supports_160mhz(const BandCapability& band, bool split) {
  if (!band.vht) return false;
  const uint32_t width = band.vht->info & kVhtWidthMask;
  if ((band.vht->info & kVhtExtendedNssMask) != 0) return true;
  return width == kVht160And8080 || (!split && width == kVht160);
}

/// Whether the hardware does this width in this band. 6 GHz needs no HT or VHT for it.
bool supports_width(const BandCapability& band, const ChannelState& primary,
                    const ChannelDefinition& definition) {
  const bool is_6ghz = band.band == Band::k6GHz;
  switch (definition.width) {
    case ChannelWidth::k20:
      return is_6ghz || band.ht.has_value();
    case ChannelWidth::k40:
      return is_6ghz || supports_40mhz(band, primary, definition);
    case ChannelWidth::k80:
      return is_6ghz || band.vht.has_value();
    case ChannelWidth::k80Plus80:
      return is_6ghz || supports_160mhz(band, true);
    case ChannelWidth::k160:
      return is_6ghz || supports_160mhz(band, false);
    case ChannelWidth::k320:
      return is_6ghz && has_320mhz(band);
    case ChannelWidth::k20NoHt:
    case ChannelWidth::k5:
    case ChannelWidth::k10:
    case ChannelWidth::k1:
    case ChannelWidth::k2:
    case ChannelWidth::k4:
    case ChannelWidth::k8:
    case ChannelWidth::k16:
      return true;
  }
  return false;
}

/// Whether a channel's regulatory state forbids the width.
bool forbids_width(const ChannelState& channel, ChannelWidth width) {
  const int mhz = ieee80211::width_mhz(width);
  if (mhz != 20 && channel.no_ofdm) return true;
  switch (width) {
    case ChannelWidth::k10:
      return channel.no_10mhz;
    case ChannelWidth::k20NoHt:
    case ChannelWidth::k20:
      return channel.no_20mhz;
    case ChannelWidth::k80Plus80:
    case ChannelWidth::k80:
      return channel.no_80mhz;
    case ChannelWidth::k160:
      return channel.no_160mhz;
    case ChannelWidth::k320:
      return channel.no_320mhz;
    default:
      return false;
  }
}

/// Calls `visit` with every 20 MHz channel of the definition (null where there is none) until it
/// returns false.
template <typename Visit>
bool each_channel(const Wiphy& wiphy, const ChannelDefinition& definition, Visit visit) {
  const int mhz = ieee80211::width_mhz(definition.width);
  if (mhz <= 20)
    return visit(wiphy.find_channel(definition.center1_mhz, definition.center1_offset_khz));
  for (const uint32_t center : {definition.center1_mhz, definition.center2_mhz}) {
    if (center == 0) continue;
    const uint32_t first = center - static_cast<uint32_t>(mhz) / 2 + 10;
    for (uint32_t at = first; at < first + static_cast<uint32_t>(mhz); at += 20)
      if (!visit(wiphy.find_channel(at))) return false;
  }
  return true;
}

bool is_usable(const Wiphy& wiphy, const ChannelDefinition& definition, Prohibited prohibited) {
  if (!definition.is_valid()) return false;
  const auto band_name = ieee80211::band_of(definition.primary_mhz);
  const BandCapability* band = band_name ? wiphy.capabilities().find_band(*band_name) : nullptr;
  const ChannelState* primary =
      wiphy.find_channel(definition.primary_mhz, definition.primary_offset_khz);
  if (band == nullptr || primary == nullptr) return false;
  if (!supports_width(*band, *primary, definition)) return false;
  return each_channel(wiphy, definition, [&](const ChannelState* channel) {
    return channel != nullptr && !prohibited(*channel) &&
           !forbids_width(*channel, definition.width);
  });
}

}  // namespace

bool is_usable(const Wiphy& wiphy, const ChannelDefinition& definition) {
  return is_usable(wiphy, definition, [](const ChannelState& c) { return c.disabled; });
}

bool may_beacon(const Wiphy& wiphy, const ChannelDefinition& definition) {
  // Who has looked for radar may be the first to transmit.
  if (definition.is_valid() && needs_radar_detection(wiphy, definition) &&
      is_radar_free(wiphy, definition))
    return is_usable(wiphy, definition);
  return is_usable(wiphy, definition,
                   [](const ChannelState& c) { return c.disabled || c.radar || c.no_ir; });
}

bool is_enabled_channel(const Wiphy& wiphy, uint32_t mhz, uint16_t offset_khz) {
  const ChannelState* channel = wiphy.find_channel(mhz, offset_khz);
  return channel != nullptr && !channel->disabled;
}

Result<void> check_channel(const Wiphy& wiphy, const ChannelDefinition& definition) {
  if (!is_enabled_channel(wiphy, definition.primary_mhz, definition.primary_offset_khz))
    return fail(Errc::kInvalid, "Channel is disabled");
  if (!definition.is_valid()) return fail(Errc::kInvalid, "invalid channel definition");
  if (!is_usable(wiphy, definition)) return fail(Errc::kInvalid, "(extension) channel is disabled");
  const bool is_narrow =
      definition.width == ChannelWidth::k5 || definition.width == ChannelWidth::k10;
  if (is_narrow && !wiphy.capabilities().supports_5_10_mhz)
    return fail(Errc::kInvalid, "5/10 MHz not supported");
  return {};
}

uint32_t radar_widths(const Wiphy& wiphy, const ChannelDefinition& definition) {
  bool radar = false;
  each_channel(wiphy, definition, [&](const ChannelState* channel) {
    radar |= channel != nullptr && channel->radar;
    return true;
  });
  return radar ? 1u << static_cast<unsigned>(definition.width) : 0;
}

bool needs_radar_detection(const Wiphy& wiphy, const ChannelDefinition& definition) {
  return radar_widths(wiphy, definition) != 0;
}

bool may_go_off_channel(const Wdev& wdev) {
  if (!wdev.is_beaconing()) return true;
  for (const auto& [id, link] : wdev.links()) {
    if (!link.channel) continue;
    const ChannelState* channel =
        wdev.wiphy().find_channel(link.channel->primary_mhz, link.channel->primary_offset_khz);
    if (channel != nullptr && channel->radar) return false;
  }
  return true;
}

}  // namespace airloom::cfg80211
