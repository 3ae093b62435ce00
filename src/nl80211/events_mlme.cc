#include <linux/nl80211.h>

#include "cfg80211/wiphy.h"
#include "nl80211/events.h"
#include "nl80211/server.h"

namespace airloom::nl80211 {

using netlink::MessageWriter;

MessageWriter Events::about(uint8_t command, const Wdev& wdev) const {
  auto message = server_.event(command);
  message.u32(NL80211_ATTR_WIPHY, wdev.wiphy().index());
  if (wdev.netdev() != nullptr) message.u32(NL80211_ATTR_IFINDEX, wdev.ifindex());
  return message;
}

void Events::tell_mlme(const Wdev& wdev, MessageWriter&& message) {
  server_.multicast(Group::kMlme, wdev.name_space(), std::move(message));
}

void Events::tell_frame(uint8_t command, const Wdev& wdev, Span frame) {
  auto message = about(command, wdev);
  message.bytes(NL80211_ATTR_FRAME, frame);
  tell_mlme(wdev, std::move(message));
}

void Events::authenticated(const Wdev& wdev, Span frame) {
  tell_frame(NL80211_CMD_AUTHENTICATE, wdev, frame);
}

void Events::associated(const Wdev& wdev, Span frame, Span request_elements, int uapsd_queues) {
  auto message = about(NL80211_CMD_ASSOCIATE, wdev);
  message.bytes(NL80211_ATTR_FRAME, frame);
  if (!request_elements.empty()) message.bytes(NL80211_ATTR_REQ_IE, request_elements);
  if (uapsd_queues >= 0) {
    const auto nest = message.nest(NL80211_ATTR_STA_WME);
    message.u8(NL80211_STA_WME_UAPSD_QUEUES, static_cast<uint8_t>(uapsd_queues));
  }
  tell_mlme(wdev, std::move(message));
}

void Events::deauthenticated(const Wdev& wdev, Span frame, bool reconnect) {
  auto message = about(NL80211_CMD_DEAUTHENTICATE, wdev);
  message.bytes(NL80211_ATTR_FRAME, frame);
  message.flag_if(reconnect, NL80211_ATTR_RECONNECT_REQUESTED);
  tell_mlme(wdev, std::move(message));
}

void Events::disassociated(const Wdev& wdev, Span frame, bool reconnect) {
  auto message = about(NL80211_CMD_DISASSOCIATE, wdev);
  message.bytes(NL80211_ATTR_FRAME, frame);
  message.flag_if(reconnect, NL80211_ATTR_RECONNECT_REQUESTED);
  tell_mlme(wdev, std::move(message));
}

void Events::unprotected_deauthenticated(const Wdev& wdev, Span frame) {
  tell_frame(NL80211_CMD_UNPROT_DEAUTHENTICATE, wdev, frame);
}

void Events::unprotected_disassociated(const Wdev& wdev, Span frame) {
  tell_frame(NL80211_CMD_UNPROT_DISASSOCIATE, wdev, frame);
}

void Events::unprotected_beacon(const Wdev& wdev, Span frame) {
  tell_frame(NL80211_CMD_UNPROT_BEACON, wdev, frame);
}

void Events::authentication_timed_out(const Wdev& wdev, const MacAddress& ap) {
  auto message = about(NL80211_CMD_AUTHENTICATE, wdev);
  message.flag(NL80211_ATTR_TIMED_OUT).mac(NL80211_ATTR_MAC, ap);
  tell_mlme(wdev, std::move(message));
}

void Events::association_timed_out(const Wdev& wdev, const MacAddress& ap) {
  auto message = about(NL80211_CMD_ASSOCIATE, wdev);
  message.flag(NL80211_ATTR_TIMED_OUT).mac(NL80211_ATTR_MAC, ap);
  tell_mlme(wdev, std::move(message));
}

void Events::association_comeback(const Wdev& wdev, const MacAddress& ap, uint32_t timeout_tu) {
  auto message = about(NL80211_CMD_ASSOC_COMEBACK, wdev);
  message.mac(NL80211_ATTR_MAC, ap).u32(NL80211_ATTR_TIMEOUT, timeout_tu);
  tell_mlme(wdev, std::move(message));
}

void Events::connect_result(const Wdev& wdev, const cfg80211::ConnectResult& result) {
  constexpr uint16_t kUnspecifiedFailure = 1;
  auto message = about(NL80211_CMD_CONNECT, wdev);
  if (!result.bssid.is_zero()) message.mac(NL80211_ATTR_MAC, result.bssid);
  message.u16(NL80211_ATTR_STATUS_CODE, result.timed_out ? kUnspecifiedFailure : result.status);
  if (result.timed_out)
    message.flag(NL80211_ATTR_TIMED_OUT).u32(NL80211_ATTR_TIMEOUT_REASON, result.timeout_reason);
  if (!result.request_elements.empty()) message.bytes(NL80211_ATTR_REQ_IE, result.request_elements);
  if (!result.response_elements.empty())
    message.bytes(NL80211_ATTR_RESP_IE, result.response_elements);
  tell_mlme(wdev, std::move(message));
}

void Events::roamed(const Wdev& wdev, const cfg80211::ConnectResult& result) {
  auto message = about(NL80211_CMD_ROAM, wdev);
  message.mac(NL80211_ATTR_MAC, result.bssid);
  if (!result.request_elements.empty()) message.bytes(NL80211_ATTR_REQ_IE, result.request_elements);
  if (!result.response_elements.empty())
    message.bytes(NL80211_ATTR_RESP_IE, result.response_elements);
  tell_mlme(wdev, std::move(message));
}

void Events::port_authorized(const Wdev& wdev, const MacAddress& bssid) {
  auto message = about(NL80211_CMD_PORT_AUTHORIZED, wdev);
  message.mac(NL80211_ATTR_MAC, bssid);
  tell_mlme(wdev, std::move(message));
}

void Events::disconnected(const Wdev& wdev, uint16_t reason, Span elements, bool by_ap) {
  auto message = about(NL80211_CMD_DISCONNECT, wdev);
  if (reason != 0) message.u16(NL80211_ATTR_REASON_CODE, reason);
  message.flag_if(by_ap, NL80211_ATTR_DISCONNECTED_BY_AP);
  if (!elements.empty()) message.bytes(NL80211_ATTR_IE, elements);
  tell_mlme(wdev, std::move(message));
}

void Events::michael_mic_failure(const Wdev& wdev, const MacAddress& peer, bool pairwise,
                                 uint8_t index, Span sequence) {
  auto message = about(NL80211_CMD_MICHAEL_MIC_FAILURE, wdev);
  message.mac(NL80211_ATTR_MAC, peer);
  message.u32(NL80211_ATTR_KEY_TYPE, pairwise ? NL80211_KEYTYPE_PAIRWISE : NL80211_KEYTYPE_GROUP);
  message.u8(NL80211_ATTR_KEY_IDX, index);
  if (!sequence.empty()) message.bytes(NL80211_ATTR_KEY_SEQ, sequence);
  tell_mlme(wdev, std::move(message));
}

void Events::cqm_rssi(const Wdev& wdev, bool low, int32_t rssi_dbm) {
  auto message = about(NL80211_CMD_NOTIFY_CQM, wdev);
  {
    const auto nest = message.flagged_nest(NL80211_ATTR_CQM);
    message.u32(NL80211_ATTR_CQM_RSSI_THRESHOLD_EVENT,
                low ? NL80211_CQM_RSSI_THRESHOLD_EVENT_LOW : NL80211_CQM_RSSI_THRESHOLD_EVENT_HIGH);
    if (rssi_dbm != 0) message.s32(NL80211_ATTR_CQM_RSSI_LEVEL, rssi_dbm);
  }
  tell_mlme(wdev, std::move(message));
}

void Events::cqm_packet_loss(const Wdev& wdev, const MacAddress& peer, uint32_t packets) {
  auto message = about(NL80211_CMD_NOTIFY_CQM, wdev);
  message.mac(NL80211_ATTR_MAC, peer);
  {
    const auto nest = message.flagged_nest(NL80211_ATTR_CQM);
    message.u32(NL80211_ATTR_CQM_PKT_LOSS_EVENT, packets);
  }
  tell_mlme(wdev, std::move(message));
}

void Events::cqm_beacon_loss(const Wdev& wdev) {
  auto message = about(NL80211_CMD_NOTIFY_CQM, wdev);
  {
    const auto nest = message.flagged_nest(NL80211_ATTR_CQM);
    message.flag(NL80211_ATTR_CQM_BEACON_LOSS_EVENT);
  }
  tell_mlme(wdev, std::move(message));
}

}  // namespace airloom::nl80211
