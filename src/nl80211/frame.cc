// REGISTER_FRAME, UNEXPECTED_FRAME, REGISTER_BEACONS, FRAME, FRAME_WAIT_CANCEL, REMAIN_ON_CHANNEL,
// CANCEL_REMAIN_ON_CHANNEL and PROBE_CLIENT.
#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "nl80211/channel.h"
#include "nl80211/context.h"
#include "nl80211/crypto_settings.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {
namespace {

Result<void> register_frame(Context& context) {
  const auto& attributes = context.attributes();
  if (!attributes.has(NL80211_ATTR_FRAME_MATCH)) return fail(Errc::kInvalid);
  constexpr uint16_t kAction = 0xd0;
  cfg80211::FrameRegistration registration;
  registration.port = context.request.port;
  registration.frame_type = attributes.u16(NL80211_ATTR_FRAME_TYPE).value_or(kAction);
  registration.match = octets_of(attributes, NL80211_ATTR_FRAME_MATCH);
  registration.multicast = attributes.has(NL80211_ATTR_RECEIVE_MULTICAST);
  return cfg80211::register_frame(context.wdev(), std::move(registration));
}

Result<void> register_unexpected_frame(Context& context) {
  return cfg80211::register_unexpected_frame(context.wdev(), context.request.port);
}

Result<void> register_beacons(Context& context) {
  return cfg80211::register_beacons(context.wiphy(), context.request.port);
}

/// Offsets of channel switch counters, u16 each.
std::vector<uint16_t> parse_offsets(const netlink::AttributeTable& attributes, uint16_t type) {
  std::vector<uint16_t> offsets;
  const auto octets = attributes.bytes(type);
  if (!octets) return offsets;
  for (size_t i = 0; i + 1 < octets->size(); i += 2) {
    uint16_t offset;
    std::memcpy(&offset, octets->data() + i, sizeof offset);
    offsets.push_back(offset);
  }
  return offsets;
}

void send_cookie(Context& context, uint8_t command, uint64_t cookie) {
  auto reply = context.reply(command);
  reply.u64(NL80211_ATTR_COOKIE, cookie, NL80211_ATTR_PAD);
  context.send(std::move(reply));
}

Result<void> send_frame(Context& context) {
  const auto& attributes = context.attributes();
  if (!attributes.has(NL80211_ATTR_FRAME)) return fail(Errc::kInvalid);
  cfg80211::FrameTxRequest request;
  request.frame = octets_of(attributes, NL80211_ATTR_FRAME);
  request.wait_ms = attributes.u32(NL80211_ATTR_DURATION).value_or(0);
  request.offchannel_ok = attributes.has(NL80211_ATTR_OFFCHANNEL_TX_OK);
  request.no_cck = attributes.has(NL80211_ATTR_TX_NO_CCK_RATE);
  request.dont_wait_for_ack = attributes.has(NL80211_ATTR_DONT_WAIT_FOR_ACK);
  if (attributes.has(NL80211_ATTR_WIPHY_FREQ))
    request.channel = TRY(parse_channel(context.wdev().wiphy(), attributes));
  request.csa_offsets = parse_offsets(attributes, NL80211_ATTR_CSA_C_OFFSETS_TX);
  const uint64_t cookie = TRY(cfg80211::send_frame(context.wdev(), request));
  if (!request.dont_wait_for_ack) send_cookie(context, NL80211_CMD_FRAME, cookie);
  return {};
}

Result<void> cancel_frame_wait(Context& context) {
  const auto cookie = context.attributes().u64(NL80211_ATTR_COOKIE);
  if (!cookie) return fail(Errc::kInvalid);
  return cfg80211::cancel_frame_wait(context.wdev(), *cookie);
}

Result<void> remain_on_channel(Context& context) {
  const auto& attributes = context.attributes();
  const auto duration_ms = attributes.u32(NL80211_ATTR_DURATION);
  if (!attributes.has(NL80211_ATTR_WIPHY_FREQ) || !duration_ms) return fail(Errc::kInvalid);
  const auto& wiphy = context.wdev().wiphy();
  if (*duration_ms < 10 || *duration_ms > wiphy.capabilities().max_remain_on_channel_ms)
    return fail(Errc::kInvalid);
  const auto channel = TRY(parse_channel(wiphy, attributes));
  const uint64_t cookie = TRY(cfg80211::remain_on_channel(context.wdev(), channel, *duration_ms));
  send_cookie(context, NL80211_CMD_REMAIN_ON_CHANNEL, cookie);
  return {};
}

Result<void> cancel_remain_on_channel(Context& context) {
  const auto cookie = context.attributes().u64(NL80211_ATTR_COOKIE);
  if (!cookie) return fail(Errc::kInvalid);
  return cfg80211::cancel_remain_on_channel(context.wdev(), *cookie);
}

Result<void> probe_client(Context& context) {
  const auto mac = context.attributes().mac(NL80211_ATTR_MAC);
  if (!mac) return fail(Errc::kInvalid);
  const uint64_t cookie = TRY(cfg80211::probe_client(context.wdev(), *mac));
  send_cookie(context, NL80211_CMD_PROBE_CLIENT, cookie);
  return {};
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_REGISTER_FRAME, .handle = register_frame},
    {.command = NL80211_CMD_UNEXPECTED_FRAME, .handle = register_unexpected_frame},
    {.command = NL80211_CMD_REGISTER_BEACONS, .handle = register_beacons},
    {.command = NL80211_CMD_FRAME, .handle = send_frame},
    {.command = NL80211_CMD_FRAME_WAIT_CANCEL, .handle = cancel_frame_wait},
    {.command = NL80211_CMD_REMAIN_ON_CHANNEL, .handle = remain_on_channel},
    {.command = NL80211_CMD_CANCEL_REMAIN_ON_CHANNEL, .handle = cancel_remain_on_channel},
    {.command = NL80211_CMD_PROBE_CLIENT, .handle = probe_client},
};

}  // namespace

std::span<const Row> frame_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
