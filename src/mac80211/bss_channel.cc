#include "mac80211/bss_channel.h"

#include <array>
#include <cstdlib>

#include "cfg80211/commands.h"
#include "ieee80211/bss_elements.h"
#include "ieee80211/he_elements.h"
#include "ieee80211/ht_vht_elements.h"

namespace airloom::mac80211 {

using ieee80211::Band;
using ieee80211::ChannelDefinition;
using ieee80211::ChannelType;
using ieee80211::ChannelWidth;
using ieee80211::find_element;

namespace {

/// Width and centres as VHT Operation has them, with channel numbers. [802.11-2020 Table 9-274]
struct VhtChannel {
  uint8_t width = 0;
  uint8_t center0 = 0, center1 = 0;
};

ChannelDefinition from_secondary_offset(uint32_t mhz, uint8_t offset) {
  constexpr uint8_t kNone = 0, kAbove = 1, kBelow = 3;
  switch (offset) {
    case kNone:
      return ChannelDefinition::from_type(mhz, ChannelType::kHt20);
    case kAbove:
      return ChannelDefinition::from_type(mhz, ChannelType::kHt40Plus);
    case kBelow:
      return ChannelDefinition::from_type(mhz, ChannelType::kHt40Minus);
    default:
      return ChannelDefinition::from_type(mhz, ChannelType::kNoHt);
  }
}

/// The wider channel that a VHT width and centres make of `ht`; nothing if they make no sense.
std::optional<ChannelDefinition> widen(const ChannelDefinition& ht, const VhtChannel& vht) {
  constexpr uint8_t kUseHt = 0, k80 = 1, k160 = 2, k80Plus80 = 3;
  const Band band = ieee80211::band_of(ht.primary_mhz).value_or(Band::k5GHz);
  const uint32_t center0 = ieee80211::channel_mhz(vht.center0, band);
  const uint32_t center1 = ieee80211::channel_mhz(vht.center1, band);
  ChannelDefinition wide = ht;
  wide.center1_mhz = center0;
  switch (vht.width) {
    case kUseHt:
      return ht;
    case k80: {
      wide.width = ChannelWidth::k80;
      // A second centre widens it: 40 MHz away it is that of 160 MHz, further off a segment's.
      const int distance = vht.center1 == 0 ? 0 : std::abs(int{vht.center1} - int{vht.center0});
      constexpr int kCenterOf160 = 8;
      if (distance == kCenterOf160) {
        wide.width = ChannelWidth::k160;
        wide.center1_mhz = center1;
      } else if (distance > kCenterOf160) {
        wide.width = ChannelWidth::k80Plus80;
        wide.center2_mhz = center1;
      }
      break;
    }
    case k160:
      wide.width = ChannelWidth::k160;
      break;
    case k80Plus80:
      wide.width = ChannelWidth::k80Plus80;
      wide.center2_mhz = center1;
      break;
    default:
      return std::nullopt;
  }
  if (!wide.is_valid()) return std::nullopt;
  return wide;
}

/// The VHT Operation Information within HE Operation, if it is there. [802.11ax-2021 9.4.2.249]
std::optional<VhtChannel> vht_of(const ieee80211::HeOperationElement& he) {
  constexpr uint8_t kVhtInformationPresent = 0x40;  // bit 14 of the parameters
  if (!(he.parameters[1] & kVhtInformationPresent) || he.rest.size() < 3) return std::nullopt;
  return VhtChannel{he.rest[0], he.rest[1], he.rest[2]};
}

/// The channel of a 6 GHz BSS. [802.11ax-2021 9.4.2.249 Figure 9-788m]
std::optional<ChannelDefinition> channel_6ghz(uint32_t mhz,
                                              const ieee80211::HeOperationElement& he) {
  constexpr uint8_t k6GhzInformationPresent = 0x02;      // bit 17
  constexpr uint8_t kVhtInformationPresent = 0x40;       // bit 14
  constexpr uint8_t kCoHostedInformationPresent = 0x80;  // bit 15
  if (!(he.parameters[2] & k6GhzInformationPresent)) return std::nullopt;
  size_t at = 0;
  if (he.parameters[1] & kVhtInformationPresent) at += 3;
  if (he.parameters[1] & kCoHostedInformationPresent) at += 1;
  if (he.rest.size() < at + 5) return std::nullopt;
  const uint8_t width = he.rest[at + 1] & 3;
  const uint8_t center0 = he.rest[at + 2], center1 = he.rest[at + 3];
  ChannelDefinition channel{.primary_mhz = mhz, .width = ChannelWidth::k20};
  channel.center1_mhz = ieee80211::channel_mhz(center0, Band::k6GHz);
  constexpr std::array kWidths{ChannelWidth::k20, ChannelWidth::k40, ChannelWidth::k80,
                               ChannelWidth::k160};
  channel.width = kWidths[width];
  if (channel.width == ChannelWidth::k160) {
    constexpr int kCenterOf160 = 8;
    const bool contiguous = std::abs(int{center1} - int{center0}) == kCenterOf160;
    const uint32_t second = ieee80211::channel_mhz(center1, Band::k6GHz);
    channel.width = contiguous ? ChannelWidth::k160 : ChannelWidth::k80Plus80;
    (contiguous ? channel.center1_mhz : channel.center2_mhz) = second;
  }
  if (!channel.is_valid()) return std::nullopt;
  return channel;
}

/// HT's channel, and VHT's or HE's over it.
BssChannel announced_channel(const cfg80211::BandCapability& band, uint32_t mhz,
                             std::span<const uint8_t> elements, PhyModes wanted) {
  using namespace ieee80211;
  const ChannelDefinition plain = ChannelDefinition::from_type(mhz, ChannelType::kNoHt);
  const auto he = find_element<HeOperationElement>(elements);
  if (band.band == Band::k6GHz) {
    const auto channel = he ? channel_6ghz(mhz, *he) : std::nullopt;
    return {channel.value_or(plain), {.he = wanted.he && channel.has_value()}};
  }
  const auto ht = find_element<HtOperationElement>(elements);
  const bool same_primary = ht && ieee80211::channel_mhz(ht->primary_channel, band.band) == mhz;
  if (!wanted.ht || !band.ht || !ht || !same_primary) return {plain, {}};
  BssChannel out{ChannelDefinition::from_type(mhz, ChannelType::kHt20), {.ht = true}};
  out.modes.he = wanted.he && he.has_value();
  if (!(band.ht->info & ht_capability::kWidth40)) return out;
  out.channel = from_secondary_offset(mhz, ht->secondary_offset());
  const auto vht = find_element<VhtOperationElement>(elements);
  if (!wanted.vht || !band.vht || !vht) return out;
  const auto from_he = out.modes.he ? vht_of(*he) : std::nullopt;
  const auto wide =
      widen(out.channel, from_he.value_or(VhtChannel{vht->width, vht->center0, vht->center1}));
  if (!wide || !ieee80211::compatible(*wide, out.channel)) return out;
  out.channel = *wide;
  out.modes.vht = true;
  return out;
}

}  // namespace

ChannelDefinition narrower(const ChannelDefinition& channel) {
  const int half = ieee80211::width_mhz(channel.width) / 2;
  ChannelDefinition out = channel;
  out.center2_mhz = 0;
  switch (channel.width) {
    case ChannelWidth::k80Plus80:
      out.width = ChannelWidth::k80;
      return out;
    case ChannelWidth::k320:
      out.width = ChannelWidth::k160;
      break;
    case ChannelWidth::k160:
      out.width = ChannelWidth::k80;
      break;
    case ChannelWidth::k80:
      out.width = ChannelWidth::k40;
      break;
    case ChannelWidth::k40:
      return ChannelDefinition::from_type(channel.primary_mhz, ChannelType::kHt20);
    default:
      return channel.no_ht();
  }
  const auto quarter = static_cast<uint32_t>(half) / 2;
  out.center1_mhz = channel.primary_mhz < channel.center1_mhz ? channel.center1_mhz - quarter
                                                              : channel.center1_mhz + quarter;
  return out;
}

BssChannel bss_channel(const cfg80211::Wiphy& wiphy, uint32_t primary_mhz,
                       std::span<const uint8_t> elements, PhyModes wanted) {
  BssChannel out{ChannelDefinition::from_type(primary_mhz, ChannelType::kNoHt), {}};
  const auto name = ieee80211::band_of(primary_mhz);
  const auto* band = name ? wiphy.capabilities().find_band(*name) : nullptr;
  if (band == nullptr) return out;
  out = announced_channel(*band, primary_mhz, elements, wanted);
  while (!cfg80211::is_usable(wiphy, out.channel)) {
    if (out.channel.width == ChannelWidth::k20NoHt) {
      out.modes = {};
      break;
    }
    if (ieee80211::width_mhz(out.channel.width) <= 40) out.modes.vht = false;
    if (out.channel.width == ChannelWidth::k20) out.modes.ht = false;
    out.channel = narrower(out.channel);
  }
  const auto* primary = wiphy.find_channel(primary_mhz);
  if (primary != nullptr && primary->no_he) out.modes.he = false;
  return out;
}

namespace {

/// The band of an operating class; nothing if the class is unknown. [802.11-2020 Table E-4]
std::optional<Band> band_of_class(uint8_t operating_class) {
  constexpr uint8_t k2GhzFirst = 81, k2GhzLast = 84, k5GhzFirst = 112, k5GhzLast = 130,
                    k6GhzFirst = 131, k6GhzLast = 136;
  if (operating_class >= k2GhzFirst && operating_class <= k2GhzLast) return Band::k2GHz;
  if (operating_class >= k5GhzFirst && operating_class <= k5GhzLast) return Band::k5GHz;
  if (operating_class >= k6GhzFirst && operating_class <= k6GhzLast) return Band::k6GHz;
  return std::nullopt;
}

/// Wide Bandwidth Channel Switch, alone in an action frame or in a beacon's wrapper.
std::optional<ieee80211::WideBandwidthChannelSwitchElement> find_wide_switch(
    std::span<const uint8_t> elements) {
  using Wide = ieee80211::WideBandwidthChannelSwitchElement;
  if (const auto wide = find_element<Wide>(elements)) return wide;
  const auto wrapper = find_element(elements, ieee80211::ElementId::kChannelSwitchWrapper);
  return wrapper ? find_element<Wide>(wrapper->body) : std::nullopt;
}

}  // namespace

Result<std::optional<SwitchAnnouncement>> switch_announcement(const cfg80211::Wiphy& wiphy,
                                                              uint32_t current_mhz,
                                                              std::span<const uint8_t> elements,
                                                              PhyModes modes) {
  using namespace ieee80211;
  const auto plain = find_element<ChannelSwitchAnnouncementElement>(elements);
  const auto extended = find_element<ExtendedChannelSwitchElement>(elements);
  if (!plain && !extended) return std::nullopt;
  Band band = ieee80211::band_of(current_mhz).value_or(Band::k2GHz);
  SwitchAnnouncement out;
  uint8_t number = 0;
  if (extended) {
    band = band_of_class(extended->operating_class).value_or(band);
    number = extended->new_channel;
    out.count = extended->count;
    out.quiet = extended->mode != 0;
  } else {
    number = plain->new_channel;
    out.count = plain->count;
    out.quiet = plain->mode != 0;
  }
  const uint32_t mhz = ieee80211::channel_mhz(number, band);
  const auto* channel = wiphy.find_channel(mhz);
  if (channel == nullptr || channel->disabled)
    return fail(Errc::kInvalid, "the BSS moves to a channel that this radio cannot use");
  if (!modes.ht) {
    out.channel = ChannelDefinition::from_type(mhz, ChannelType::kNoHt);
    return out;
  }
  // Without the element nobody knows where the secondary channel will be: 20 MHz.
  const auto secondary = find_element<SecondaryChannelOffsetElement>(elements);
  out.channel = from_secondary_offset(mhz, secondary ? secondary->offset : 0);
  if (out.channel.width == ChannelWidth::k20NoHt)  // an offset that is none
    out.channel = ChannelDefinition::from_type(mhz, ChannelType::kHt20);
  const auto wide = modes.vht ? find_wide_switch(elements) : std::nullopt;
  if (!wide) return out;
  const auto widened = widen(out.channel, {wide->width, wide->center0, wide->center1});
  if (!widened) return out;
  if (!ieee80211::compatible(*widened, out.channel))
    return fail(Errc::kInvalid, "the BSS's channel switch elements disagree");
  out.channel = *widened;
  return out;
}

}  // namespace airloom::mac80211
