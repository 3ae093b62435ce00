// EAPOL over nl80211: who may send, and to whom received frames go.
#include <linux/nl80211.h>

#include "cfg80211/internal.h"

namespace airloom::cfg80211 {

namespace {

constexpr uint16_t kEthertypePreauthentication = 0x88c7;

Result<void> check_joined(const Wdev& wdev) {
  switch (wdev.type()) {
    case InterfaceType::kAp:
    case InterfaceType::kP2pGo:
    case InterfaceType::kMeshPoint:
      return {};
    case InterfaceType::kStation:
    case InterfaceType::kP2pClient:
      if (wdev.is_connected()) return {};
      return fail(Errc::kNotConnected);
    case InterfaceType::kAdhoc:
      return fail(Errc::kNotConnected);
    default:
      return fail(Errc::kUnsupported);
  }
}

}  // namespace

Result<uint64_t> send_control_port_frame(Wdev& wdev, const ControlPortTxRequest& request) {
  Wiphy& wiphy = wdev.wiphy();
  if (!wiphy.capabilities().has_extended_feature(NL80211_EXT_FEATURE_CONTROL_PORT_OVER_NL80211))
    return fail(Errc::kUnsupported);
  TRY(check_joined(wdev));
  if (request.ethertype != wdev.control_port.ethertype &&
      request.ethertype != kEthertypePreauthentication)
    return fail(Errc::kInvalid);
  if (request.link && !wdev.links().contains(*request.link)) return fail(Errc::kNoLink);
  const uint64_t cookie = request.want_status ? wiphy.next_cookie() : 0;
  auto sent = wiphy.ops().control_port_tx(wdev, request, cookie);
  if (sent && *sent) return cookie;
  if (cookie != 0) wiphy.return_cookie(cookie);  // no status will name it
  if (!sent) return std::unexpected(std::move(sent).error());
  return 0;
}

bool rx_control_port(Wdev& wdev, const MacAddress& source, uint16_t ethertype, Span payload,
                     bool unencrypted) {
  const PortId owner = wdev.connection_owner();
  if (owner == 0) return false;
  return wdev.wiphy().host().events().control_port_received(wdev, owner, source, ethertype, payload,
                                                            unencrypted);
}

void control_port_tx_status(Wdev& wdev, uint64_t cookie, Span ethernet, bool ack) {
  wdev.wiphy().host().events().control_port_tx_status(wdev, cookie, ethernet, ack);
}

}  // namespace airloom::cfg80211
