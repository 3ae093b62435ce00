// CHANNEL_SWITCH and COLOR_CHANGE_REQUEST: an access point tells its stations that something about
// its BSS changes when a counter in its beacons reaches zero. [nl80211.h
// NL80211_CMD_CHANNEL_SWITCH]
#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "nl80211/beacon.h"
#include "nl80211/channel.h"
#include "nl80211/context.h"
#include "nl80211/policies.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

/// Where the counters stand: u16 each, at least one.
Result<std::vector<uint16_t>> parse_counter_offsets(std::span<const uint8_t> octets) {
  if (octets.empty() || octets.size() % sizeof(uint16_t) != 0) return fail(Errc::kInvalid);
  std::vector<uint16_t> offsets;
  for (size_t at = 0; at < octets.size(); at += sizeof(uint16_t))
    offsets.push_back(*netlink::load<uint16_t>(octets.subspan(at)));
  return offsets;
}

/// The beacon while the switch is announced, and after it.
Result<void> parse_beacons(const Context& context, cfg80211::ChannelSwitchRequest& request) {
  request.beacon_after = TRY(parse_beacon(context.attributes(), context.request.ack));
  const auto announced = TRY(netlink::validate_and_parse(
      *context.attributes().find(NL80211_ATTR_CSA_IES), kAttributePolicy, context.request.ack));
  request.beacon_csa = TRY(parse_beacon(announced, context.request.ack));
  const auto beacon = announced.bytes(NL80211_ATTR_CNTDWN_OFFS_BEACON);
  if (!beacon) return fail(Errc::kInvalid);
  request.counter_offsets_beacon = TRY(parse_counter_offsets(*beacon));
  if (const auto response = announced.bytes(NL80211_ATTR_CNTDWN_OFFS_PRESP))
    request.counter_offsets_presp = TRY(parse_counter_offsets(*response));
  return {};
}

Result<void> channel_switch(Context& context) {
  const auto& attributes = context.attributes();
  cfg80211::Wdev& wdev = context.wdev();
  if (!is_ap(wdev.type())) return fail(Errc::kUnsupported);
  if (!wdev.is_beaconing()) return fail(Errc::kNotConnected);
  const auto count = attributes.u32(NL80211_ATTR_CH_SWITCH_COUNT);
  if (!attributes.has(NL80211_ATTR_WIPHY_FREQ) || !count || !attributes.has(NL80211_ATTR_CSA_IES))
    return fail(Errc::kInvalid);
  if (*count > UINT8_MAX) return fail(Errc::kInvalid);
  cfg80211::ChannelSwitchRequest request;
  request.count = static_cast<uint8_t>(*count);
  TRY(parse_beacons(context, request));
  request.channel = TRY(parse_channel(wdev.wiphy(), attributes));
  request.block_tx = attributes.has(NL80211_ATTR_CH_SWITCH_BLOCK_TX);
  return cfg80211::channel_switch(wdev, request);
}

Result<void> color_change(Context& context) {
  const auto& can = context.wiphy().capabilities();
  if (!can.has_extended_feature(NL80211_EXT_FEATURE_BSS_COLOR)) return fail(Errc::kUnsupported);
  return fail(Errc::kUnsupported, "airloom does not change BSS colors yet");
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_CHANNEL_SWITCH, .handle = channel_switch},
    {.command = NL80211_CMD_COLOR_CHANGE_REQUEST, .handle = color_change},
};

}  // namespace

std::span<const Row> channel_switch_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
