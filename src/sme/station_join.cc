// Authentication and association. [802.11-2020 11.3.4, 11.3.5]
#include <linux/nl80211.h>

#include "ieee80211/mac_header.h"
#include "ieee80211/management.h"
#include "ieee80211/status_code.h"
#include "sme/station.h"

namespace airloom::sme {

namespace {

constexpr auto kSuccess = static_cast<uint16_t>(ieee80211::StatusCode::kSuccess);

/// The body of a management frame of that subtype.
template <typename Body>
Result<Body> parse_body(std::span<const uint8_t> frame, ieee80211::Subtype subtype) {
  const auto view = ieee80211::FrameView::of(frame);
  if (!view || !view->fc().is(subtype)) return fail(Errc::kMalformed, "not the awaited frame");
  return Body::parse(view->body());
}

}  // namespace

void Station::authenticate() {
  enter(State::kAuthenticating);
  rsn_.reset();
  pmf_.reset();
  if (config_.security) {
    rsn_ = *choose_rsn(*bss_->rsn, *config_.security);  // choose_bss() saw that it fits
    pmf_ = negotiated_pmf(*bss_->rsn, *rsn_);
    const auto& psk = config_.security->psk;
    pmk_.assign(psk.begin(), psk.end());
    rsnx_element_.clear();
    if (rsn_->akms.at(0) == ieee80211::akm::kSae && begin_sae()) return;
  }
  request("authenticate", NL80211_CMD_AUTHENTICATE, [this](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex).mac(NL80211_ATTR_MAC, bss_->bssid);
    w.u32(NL80211_ATTR_WIPHY_FREQ, bss_->frequency_mhz).bytes(NL80211_ATTR_SSID, bss_->ssid);
    w.u32(NL80211_ATTR_AUTH_TYPE, NL80211_AUTHTYPE_OPEN_SYSTEM);
  });
}

void Station::on_authenticated(std::span<const uint8_t> frame) {
  using ieee80211::AuthenticationBody;
  const auto body = parse_body<AuthenticationBody>(frame, ieee80211::Subtype::kAuthentication);
  if (body && sae_) return on_sae(*body);
  if (!body || body->status != kSuccess) {
    log_.warn("authentication refused: status {}", body ? body->status : 0);
    return lost(ieee80211::ReasonCode::kUnspecified);
  }
  associate();
}

void Station::associate() {
  enter(State::kAssociating);
  request("associate", NL80211_CMD_ASSOCIATE, [this](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex).mac(NL80211_ATTR_MAC, bss_->bssid);
    w.u32(NL80211_ATTR_WIPHY_FREQ, bss_->frequency_mhz).bytes(NL80211_ATTR_SSID, bss_->ssid);
    if (!rsn_) return w.flag(NL80211_ATTR_SOCKET_OWNER), void();
    Octets elements = emit_rsn(*rsn_);
    elements.insert(elements.end(), rsnx_element_.begin(), rsnx_element_.end());
    w.bytes(NL80211_ATTR_IE, elements);
    put_crypto(w, *rsn_);
    if (pmf_) w.u32(NL80211_ATTR_USE_MFP, NL80211_MFP_REQUIRED);
    w.flag(NL80211_ATTR_CONTROL_PORT);
    put_control_port(w);
  });
}

void Station::on_associated(std::span<const uint8_t> frame) {
  using ieee80211::AssociationResponseBody;
  const auto body =
      parse_body<AssociationResponseBody>(frame, ieee80211::Subtype::kAssociationResponse);
  if (!body || body->status != kSuccess) {
    log_.warn("association refused: status {}", body ? body->status : 0);
    return lost(ieee80211::ReasonCode::kUnspecified);
  }
  if (rsn_)
    begin_handshake();
  else
    connected();
}

void Station::connected() {
  enter(State::kConnected);
  deadline_.cancel();
  failures_ = 0;
  ports_.link->set_operstate(LinkPort::OperState::kUp);
  observer_.on_connected(*bss_);
}

}  // namespace airloom::sme
