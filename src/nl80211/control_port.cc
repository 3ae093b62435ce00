// CONTROL_PORT_FRAME: EAPOL without touching the netdev.
#include <linux/nl80211.h>

#include "bytes/writer.h"
#include "cfg80211/commands.h"
#include "netlink/native.h"
#include "nl80211/context.h"
#include "nl80211/crypto_settings.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {
namespace {

Result<void> send_control_port_frame(Context& context) {
  const auto& attributes = context.attributes();
  const auto mac = attributes.mac(NL80211_ATTR_MAC);
  const auto ethertype = attributes.u16(NL80211_ATTR_CONTROL_PORT_ETHERTYPE);
  if (!attributes.has(NL80211_ATTR_FRAME) || !ethertype || !mac)
    return fail(Errc::kInvalid, "Frame, MAC or ethertype missing");
  cfg80211::ControlPortTxRequest request;
  request.destination = *mac;
  request.ethertype = *ethertype;
  request.payload = octets_of(attributes, NL80211_ATTR_FRAME);
  request.no_encrypt = attributes.has(NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT);
  request.want_status = !attributes.has(NL80211_ATTR_DONT_WAIT_FOR_ACK);
  request.link = attributes.u8(NL80211_ATTR_MLO_LINK_ID);
  const uint64_t cookie = TRY(cfg80211::send_control_port_frame(context.wdev(), request));
  if (request.want_status) netlink::append(context.request.ack.cookie, cookie);
  return {};
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_CONTROL_PORT_FRAME, .handle = send_control_port_frame},
};

}  // namespace

std::span<const Row> control_port_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
