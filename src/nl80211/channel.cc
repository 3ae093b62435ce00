#include "nl80211/channel.h"

#include <linux/nl80211.h>

#include "cfg80211/commands.h"

namespace airloom::nl80211 {

namespace {

using cfg80211::ChannelDefinition;
using cfg80211::ChannelWidth;
using ieee80211::ChannelType;

/// The older way: a type, from which the rest follows.
Result<ChannelDefinition> from_type(uint32_t mhz, uint32_t type,
                                    const netlink::AttributeTable& attributes) {
  if (type > NL80211_CHAN_HT40PLUS)
    return fail(Errc::kInvalid, "invalid channel type", NL80211_ATTR_WIPHY_CHANNEL_TYPE);
  const auto channel = ChannelDefinition::from_type(mhz, static_cast<ChannelType>(type));
  const auto center1 = attributes.u32(NL80211_ATTR_CENTER_FREQ1);
  if (center1 && *center1 != channel.center1_mhz)
    return fail(Errc::kInvalid, "bad center frequency 1", NL80211_ATTR_CENTER_FREQ1);
  if (attributes.u32(NL80211_ATTR_CENTER_FREQ2).value_or(0) != 0)
    return fail(Errc::kInvalid, "center frequency 2 can't be used", NL80211_ATTR_CENTER_FREQ2);
  return channel;
}

/// The newer way: a width and the centre frequencies.
Result<ChannelDefinition> from_width(ChannelDefinition channel, uint32_t width,
                                     const netlink::AttributeTable& attributes) {
  if (width > NL80211_CHAN_WIDTH_320) return fail(Errc::kInvalid, "invalid channel definition");
  channel.width = static_cast<ChannelWidth>(width);
  if (const auto center1 = attributes.u32(NL80211_ATTR_CENTER_FREQ1)) {
    channel.center1_mhz = *center1;
    channel.center1_offset_khz =
        static_cast<uint16_t>(attributes.u32(NL80211_ATTR_CENTER_FREQ1_OFFSET).value_or(0));
  }
  channel.center2_mhz = attributes.u32(NL80211_ATTR_CENTER_FREQ2).value_or(0);
  return channel;
}

}  // namespace

Result<ChannelDefinition> parse_channel(const cfg80211::Wiphy& wiphy,
                                        const netlink::AttributeTable& attributes) {
  const auto mhz = attributes.u32(NL80211_ATTR_WIPHY_FREQ);
  if (!mhz) return fail(Errc::kInvalid);
  const auto offset =
      static_cast<uint16_t>(attributes.u32(NL80211_ATTR_WIPHY_FREQ_OFFSET).value_or(0));
  const cfg80211::ChannelState* primary = wiphy.find_channel(*mhz, offset);
  if (!primary || primary->disabled)
    return fail(Errc::kInvalid, "Channel is disabled", NL80211_ATTR_WIPHY_FREQ);
  ChannelDefinition channel{.primary_mhz = *mhz,
                            .primary_offset_khz = offset,
                            .center1_mhz = *mhz,
                            .center1_offset_khz = offset};
  if (const auto type = attributes.u32(NL80211_ATTR_WIPHY_CHANNEL_TYPE))
    channel = TRY(from_type(*mhz, *type, attributes));
  else if (const auto width = attributes.u32(NL80211_ATTR_CHANNEL_WIDTH))
    channel = TRY(from_width(channel, *width, attributes));
  if (!channel.is_valid()) return fail(Errc::kInvalid, "invalid channel definition");
  if (!cfg80211::is_usable(wiphy, channel))
    return fail(Errc::kInvalid, "(extension) channel is disabled");
  const bool narrow = channel.width == ChannelWidth::k5 || channel.width == ChannelWidth::k10;
  if (narrow && !wiphy.capabilities().supports_5_10_mhz)
    return fail(Errc::kInvalid, "5/10 MHz not supported");
  return channel;
}

void put_channel(netlink::MessageWriter& writer, const ChannelDefinition& channel) {
  writer.u32(NL80211_ATTR_WIPHY_FREQ, channel.primary_mhz);
  writer.u32(NL80211_ATTR_WIPHY_FREQ_OFFSET, channel.primary_offset_khz);
  if (const auto type = channel.type())
    writer.u32(NL80211_ATTR_WIPHY_CHANNEL_TYPE, static_cast<uint32_t>(*type));
  writer.u32(NL80211_ATTR_CHANNEL_WIDTH, static_cast<uint32_t>(channel.width));
  writer.u32(NL80211_ATTR_CENTER_FREQ1, channel.center1_mhz);
  if (channel.center2_mhz != 0) writer.u32(NL80211_ATTR_CENTER_FREQ2, channel.center2_mhz);
}

}  // namespace airloom::nl80211
