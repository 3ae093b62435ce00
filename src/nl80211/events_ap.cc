#include <linux/nl80211.h>

#include "cfg80211/wiphy.h"
#include "nl80211/channel.h"
#include "nl80211/events.h"
#include "nl80211/put_station.h"
#include "nl80211/server.h"

namespace airloom::nl80211 {

void Events::station_added(const Wdev& wdev, const MacAddress& station,
                           const cfg80211::StationInfo& info) {
  auto message = server_.event(NL80211_CMD_NEW_STATION);
  put_station(message, wdev, station, info);
  tell_mlme(wdev, std::move(message));
}

void Events::station_removed(const Wdev& wdev, const MacAddress& station,
                             const cfg80211::StationInfo& info) {
  auto message = server_.event(NL80211_CMD_DEL_STATION);
  put_station(message, wdev, station, info);
  tell_mlme(wdev, std::move(message));
}

void Events::ap_started(const Wdev& wdev, cfg80211::LinkId) {
  auto message = about_wdev(NL80211_CMD_START_AP, wdev);
  if (wdev.access_point && !wdev.access_point->ssid.empty())
    message.bytes(NL80211_ATTR_SSID, wdev.access_point->ssid);
  tell_mlme(wdev, std::move(message));
}

void Events::ap_stopped(const Wdev& wdev, cfg80211::LinkId) {
  tell_mlme(wdev, about_wdev(NL80211_CMD_STOP_AP, wdev));
}

void Events::channel_switch_started(const Wdev& wdev, const cfg80211::ChannelDefinition& channel,
                                    uint8_t count, bool quiet) {
  auto message = server_.event(NL80211_CMD_CH_SWITCH_STARTED_NOTIFY);
  message.u32(NL80211_ATTR_IFINDEX, wdev.ifindex());
  put_channel(message, channel);
  message.u32(NL80211_ATTR_CH_SWITCH_COUNT, count);
  message.flag_if(quiet, NL80211_ATTR_CH_SWITCH_BLOCK_TX);
  tell_mlme(wdev, std::move(message));
}

void Events::channel_switched(const Wdev& wdev, const cfg80211::ChannelDefinition& channel) {
  auto message = server_.event(NL80211_CMD_CH_SWITCH_NOTIFY);
  message.u32(NL80211_ATTR_IFINDEX, wdev.ifindex());
  put_channel(message, channel);
  tell_mlme(wdev, std::move(message));
}

void Events::radar_event(const Wiphy& wiphy, const Wdev* wdev,
                         const cfg80211::ChannelDefinition& channel, uint8_t event) {
  auto message = server_.event(NL80211_CMD_RADAR_DETECT);
  message.u32(NL80211_ATTR_WIPHY, wiphy.index());
  if (wdev != nullptr) {
    message.u32(NL80211_ATTR_IFINDEX, wdev->ifindex());
    message.u64(NL80211_ATTR_WDEV, wdev->id(), NL80211_ATTR_PAD);
  }
  message.u32(NL80211_ATTR_RADAR_EVENT, event);
  put_channel(message, channel);
  server_.multicast(Group::kMlme, wiphy.name_space(), std::move(message));
}

void Events::connection_failed(const Wdev& wdev, const MacAddress& station, uint8_t reason) {
  auto message = server_.event(NL80211_CMD_CONN_FAILED);
  message.u32(NL80211_ATTR_IFINDEX, wdev.ifindex());
  message.mac(NL80211_ATTR_MAC, station);
  message.u32(NL80211_ATTR_CONN_FAILED_REASON, reason);
  tell_mlme(wdev, std::move(message));
}

void Events::station_opmode_changed(const Wdev& wdev, const MacAddress& station,
                                    std::optional<uint8_t> smps,
                                    std::optional<cfg80211::ChannelWidth> width,
                                    std::optional<uint8_t> rx_nss) {
  auto message = about(NL80211_CMD_STA_OPMODE_CHANGED, wdev);
  message.mac(NL80211_ATTR_MAC, station);
  if (smps) message.u8(NL80211_ATTR_SMPS_MODE, *smps);
  if (width) message.u32(NL80211_ATTR_CHANNEL_WIDTH, static_cast<uint32_t>(*width));
  if (rx_nss) message.u8(NL80211_ATTR_NSS, *rx_nss);
  tell_mlme(wdev, std::move(message));
}

void Events::client_probed(const Wdev& wdev, const MacAddress& station, uint64_t cookie, bool ack,
                           std::optional<int8_t> ack_signal_dbm) {
  auto message = about(NL80211_CMD_PROBE_CLIENT, wdev);
  message.mac(NL80211_ATTR_MAC, station);
  message.u64(NL80211_ATTR_COOKIE, cookie, NL80211_ATTR_PAD);
  message.flag_if(ack, NL80211_ATTR_ACK);
  if (ack_signal_dbm) message.s32(NL80211_ATTR_ACK_SIGNAL, *ack_signal_dbm);
  tell_mlme(wdev, std::move(message));
}

}  // namespace airloom::nl80211
