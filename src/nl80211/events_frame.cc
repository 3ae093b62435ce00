#include <linux/nl80211.h>

#include "cfg80211/wiphy.h"
#include "nl80211/events.h"
#include "nl80211/put_interface.h"
#include "nl80211/server.h"

namespace airloom::nl80211 {

using netlink::MessageWriter;

MessageWriter Events::about_wdev(uint8_t command, const Wdev& wdev) const {
  auto message = server_.event(command);
  put_wdev_ids(message, wdev);
  return message;
}

void Events::tell_tx_status(uint8_t command, const Wdev& wdev, uint64_t cookie, Span frame,
                            bool ack) {
  auto message = about_wdev(command, wdev);
  message.bytes(NL80211_ATTR_FRAME, frame);
  message.u64(NL80211_ATTR_COOKIE, cookie, NL80211_ATTR_PAD);
  message.flag_if(ack, NL80211_ATTR_ACK);
  tell_mlme(wdev, std::move(message));
}

void Events::frame_tx_status(const Wdev& wdev, uint64_t cookie, Span frame, bool ack) {
  tell_tx_status(NL80211_CMD_FRAME_TX_STATUS, wdev, cookie, frame, ack);
}

void Events::control_port_tx_status(const Wdev& wdev, uint64_t cookie, Span ethernet, bool ack) {
  tell_tx_status(NL80211_CMD_CONTROL_PORT_FRAME_TX_STATUS, wdev, cookie, ethernet, ack);
}

void Events::tell_stay(uint8_t command, const Wdev& wdev, uint64_t cookie,
                       const cfg80211::ChannelDefinition& channel,
                       std::optional<uint32_t> duration_ms) {
  auto message = about_wdev(command, wdev);
  message.u32(NL80211_ATTR_WIPHY_FREQ, channel.primary_mhz);
  message.u32(NL80211_ATTR_WIPHY_CHANNEL_TYPE, NL80211_CHAN_NO_HT);
  message.u64(NL80211_ATTR_COOKIE, cookie, NL80211_ATTR_PAD);
  if (duration_ms) message.u32(NL80211_ATTR_DURATION, *duration_ms);
  tell_mlme(wdev, std::move(message));
}

void Events::frame_wait_cancelled(const Wdev& wdev, uint64_t cookie,
                                  const cfg80211::ChannelDefinition& channel) {
  tell_stay(NL80211_CMD_FRAME_WAIT_CANCEL, wdev, cookie, channel, std::nullopt);
}

void Events::remain_on_channel(const Wdev& wdev, uint64_t cookie,
                               const cfg80211::ChannelDefinition& channel, uint32_t duration_ms) {
  tell_stay(NL80211_CMD_REMAIN_ON_CHANNEL, wdev, cookie, channel, duration_ms);
}

void Events::remain_on_channel_expired(const Wdev& wdev, uint64_t cookie,
                                       const cfg80211::ChannelDefinition& channel) {
  tell_stay(NL80211_CMD_CANCEL_REMAIN_ON_CHANNEL, wdev, cookie, channel, std::nullopt);
}

bool Events::frame_received(const Wdev& wdev, cfg80211::PortId port, Span frame, uint32_t mhz,
                            uint16_t offset_khz, std::optional<int8_t> signal_dbm, uint32_t flags) {
  auto message = about_wdev(NL80211_CMD_FRAME, wdev);
  message.u32(NL80211_ATTR_WIPHY_FREQ, mhz);
  message.u32(NL80211_ATTR_WIPHY_FREQ_OFFSET, offset_khz);
  if (signal_dbm) message.s32(NL80211_ATTR_RX_SIGNAL_DBM, *signal_dbm);
  message.bytes(NL80211_ATTR_FRAME, frame);
  if (flags != 0) message.u32(NL80211_ATTR_RXMGMT_FLAGS, flags);
  return server_.unicast(wdev.name_space(), port, std::move(message));
}

bool Events::control_port_received(const Wdev& wdev, cfg80211::PortId port,
                                   const MacAddress& source, uint16_t ethertype, Span payload,
                                   bool unencrypted) {
  auto message = about_wdev(NL80211_CMD_CONTROL_PORT_FRAME, wdev);
  message.mac(NL80211_ATTR_MAC, source);
  message.u16(NL80211_ATTR_CONTROL_PORT_ETHERTYPE, ethertype);
  message.flag_if(unencrypted, NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT);
  message.bytes(NL80211_ATTR_FRAME, payload);
  return server_.unicast(wdev.name_space(), port, std::move(message));
}

bool Events::beacon_received(const Wiphy& wiphy, cfg80211::PortId port, Span frame, uint32_t mhz,
                             std::optional<int8_t> signal_dbm) {
  auto message = server_.event(NL80211_CMD_FRAME);
  message.u32(NL80211_ATTR_WIPHY, wiphy.index());
  if (mhz != 0) message.u32(NL80211_ATTR_WIPHY_FREQ, mhz);
  if (signal_dbm) message.s32(NL80211_ATTR_RX_SIGNAL_DBM, *signal_dbm);
  message.bytes(NL80211_ATTR_FRAME, frame);
  return server_.unicast(wiphy.name_space(), port, std::move(message));
}

bool Events::unexpected_frame(const Wdev& wdev, cfg80211::PortId port, const MacAddress& station,
                              bool four_address) {
  auto message =
      about(four_address ? NL80211_CMD_UNEXPECTED_4ADDR_FRAME : NL80211_CMD_UNEXPECTED_FRAME, wdev);
  message.mac(NL80211_ATTR_MAC, station);
  return server_.unicast(wdev.name_space(), port, std::move(message));
}

}  // namespace airloom::nl80211
