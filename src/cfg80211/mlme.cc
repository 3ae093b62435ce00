// Authentication and association as userspace's SME steers them, and what became of them.
#include <linux/nl80211.h>

#include "cfg80211/internal.h"
#include "cfg80211/sme.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/management.h"

namespace airloom::cfg80211 {

namespace {

using ieee80211::FrameView;
using ieee80211::Subtype;

constexpr uint32_t kCipherWep40 = 0x000fac01, kCipherWep104 = 0x000fac05;

bool is_fils(AuthType type) {
  return type == AuthType::kFilsSk || type == AuthType::kFilsSkPfs || type == AuthType::kFilsPk;
}

bool is_valid_auth_type(const Capabilities& capabilities, AuthType type) {
  if (type >= AuthType::kAutomatic) return false;
  if (type == AuthType::kSae) return (capabilities.features & NL80211_FEATURE_SAE) != 0;
  if (is_fils(type)) return capabilities.has_extended_feature(NL80211_EXT_FEATURE_FILS_STA);
  return true;
}

Result<void> check_wep_key(const Capabilities& capabilities, const AuthenticateRequest& request) {
  if (request.key.empty()) return {};
  const bool wep40 = request.key_cipher == kCipherWep40 && request.key.size() == 5;
  const bool wep104 = request.key_cipher == kCipherWep104 && request.key.size() == 13;
  if ((!wep40 && !wep104) || request.key_index > 3) return fail(Errc::kInvalid);
  if (!is_valid_cipher(capabilities, request.key_cipher)) return fail(Errc::kInvalid);
  return {};
}

/// The scan result that a request names.
Result<BssId> find_bss(const Wiphy& wiphy, uint32_t mhz, uint16_t offset_khz,
                       const MacAddress& bssid, const Octets& ssid) {
  if (!is_enabled_channel(wiphy, mhz, offset_khz)) return fail(Errc::kInvalid);
  const Bss* bss = wiphy.bss_table().find(mhz, bssid, Span(ssid), {.ess_only = true});
  if (bss == nullptr) return fail(Errc::kNotFound);
  return bss->id;
}

/// Keeps a scan result alive for the length of a call.
class HoldForCall {
 public:
  HoldForCall(Wiphy& wiphy, BssId id) : wiphy_(wiphy), id_(id) { wiphy_.bss_table().hold(id_); }
  ~HoldForCall() { wiphy_.bss_table().release(id_); }
  HoldForCall(const HoldForCall&) = delete;
  HoldForCall& operator=(const HoldForCall&) = delete;

 private:
  Wiphy& wiphy_;
  BssId id_;
};

}  // namespace

Result<void> authenticate(Wdev& wdev, AuthenticateRequest request) {
  Wiphy& wiphy = wdev.wiphy();
  const Capabilities& capabilities = wiphy.capabilities();
  TRY(check_wep_key(capabilities, request));
  if (capabilities.full_mac || !is_station(wdev.type())) return fail(Errc::kUnsupported);
  if (!is_enabled_channel(wiphy, request.mhz, request.offset_khz)) return fail(Errc::kInvalid);
  if (!is_valid_auth_type(capabilities, request.type)) return fail(Errc::kInvalid);
  const bool wants_data = request.type == AuthType::kSae || is_fils(request.type);
  if (wants_data == request.auth_data.empty()) return fail(Errc::kInvalid);
  if (request.local_state_change) return {};  // there is no such state to change
  request.bss = TRY(find_bss(wiphy, request.mhz, request.offset_khz, request.bssid, request.ssid));
  return mlme_authenticate(wdev, request);
}

Result<void> mlme_authenticate(Wdev& wdev, const AuthenticateRequest& request) {
  if (request.type == AuthType::kSharedKey && (request.key.empty() || request.key_index > 3))
    return fail(Errc::kInvalid);
  if (wdev.is_connected_to(request.bssid)) return fail(Errc::kAlready);
  if (request.bssid == wdev.address()) return fail(Errc::kInvalid);
  const HoldForCall hold(wdev.wiphy(), request.bss);
  return wdev.wiphy().ops().authenticate(wdev, request);
}

Result<void> associate(Wdev& wdev, AssociateRequest request, PortId caller) {
  Wiphy& wiphy = wdev.wiphy();
  TRY(check_connection_owner(wdev, caller));
  if (wiphy.capabilities().full_mac || !is_station(wdev.type())) return fail(Errc::kUnsupported);
  request.bss = TRY(find_bss(wiphy, request.mhz, request.offset_khz, request.bssid, request.ssid));
  TRY(check_crypto(wiphy, request.crypto, request.owner, 1));
  TRY(mlme_associate(wdev, request));
  if (request.owner != 0) {
    wdev.connection.owner = caller;
    wdev.connection.disconnect_bssid = request.bssid;
  }
  set_control_port(wdev, request.crypto, wdev.connection.owner);
  return {};
}

Result<void> mlme_associate(Wdev& wdev, AssociateRequest& request) {
  if (wdev.is_connected() && request.previous_bssid != wdev.connection.bssid)
    return fail(Errc::kAlready);
  if (request.bssid == wdev.address()) return fail(Errc::kInvalid);
  const Capabilities& capabilities = wdev.wiphy().capabilities();
  for (size_t i = 0; i < request.ht_capability_mask.size(); ++i)
    request.ht_capability_mask[i] &=
        capabilities.ht_override_mask ? (*capabilities.ht_override_mask)[i] : 0;
  for (size_t i = 0; i < request.vht_capability_mask.size(); ++i)
    request.vht_capability_mask[i] &=
        capabilities.vht_override_mask ? (*capabilities.vht_override_mask)[i] : 0;
  const HoldForCall hold(wdev.wiphy(), request.bss);
  TRY(wdev.wiphy().ops().associate(wdev, request));
  wdev.wiphy().bss_table().hold(request.bss);  // until the outcome
  if (!wdev.is_connected()) wdev.connection.state = Wdev::Connection::State::kAssociating;
  wdev.connection.crypto = request.crypto;
  return {};
}

Result<void> deauthenticate(Wdev& wdev, const LeaveRequest& request, PortId caller) {
  TRY(check_connection_owner(wdev, caller));
  if (wdev.wiphy().capabilities().full_mac || !is_station(wdev.type()))
    return fail(Errc::kUnsupported);
  if (request.reason == 0) return fail(Errc::kInvalid);
  return mlme_deauthenticate(wdev, request);
}

Result<void> mlme_deauthenticate(Wdev& wdev, const LeaveRequest& request) {
  const bool connected = wdev.is_connected_to(request.bssid);
  if (request.local_state_change && !connected) return {};
  if (connected || wdev.connection.disconnect_bssid == request.bssid) wdev.connection.owner = 0;
  return wdev.wiphy().ops().deauthenticate(wdev, request);
}

Result<void> disassociate(Wdev& wdev, const LeaveRequest& request, PortId caller) {
  TRY(check_connection_owner(wdev, caller));
  if (wdev.wiphy().capabilities().full_mac || !is_station(wdev.type()))
    return fail(Errc::kUnsupported);
  if (request.reason == 0) return fail(Errc::kInvalid);
  if (!wdev.is_connected_to(request.bssid)) return fail(Errc::kNotConnected);
  return wdev.wiphy().ops().disassociate(wdev, request);
}

namespace {

void process_authentication(Wdev& wdev, const FrameView& frame) {
  const auto body = ieee80211::AuthenticationBody::parse(Reader(frame.body()));
  if (!body) return;
  wdev.wiphy().host().events().authenticated(wdev, frame.octets());
  sme_authentication(wdev, frame.bssid(), body->status);
}

void process_deauthentication(Wdev& wdev, const FrameView& frame, bool reconnect) {
  const auto body = ieee80211::DeauthenticationBody::parse(Reader(frame.body()));
  if (!body) return;
  wdev.wiphy().host().events().deauthenticated(wdev, frame.octets(), reconnect);
  if (!wdev.is_connected_to(frame.bssid())) return;
  lose_connection(wdev, body->reason, {}, frame.address2() != wdev.address());
  wdev.sme.reset();
}

void process_disassociation(Wdev& wdev, const FrameView& frame, bool reconnect) {
  const auto body = ieee80211::DisassociationBody::parse(Reader(frame.body()));
  if (!body) return;
  wdev.wiphy().host().events().disassociated(wdev, frame.octets(), reconnect);
  if (!wdev.is_connected_to(frame.bssid())) return;
  lose_connection(wdev, body->reason, {}, frame.address2() != wdev.address());
  sme_disassociated(wdev);
}

}  // namespace

void rx_mlme_frame(Wdev& wdev, Span octets) {
  const auto frame = FrameView::of(octets);
  if (!frame) return;
  if (frame->fc().is(Subtype::kAuthentication)) process_authentication(wdev, *frame);
  if (frame->fc().is(Subtype::kDeauthentication)) process_deauthentication(wdev, *frame, false);
  if (frame->fc().is(Subtype::kDisassociation)) process_disassociation(wdev, *frame, false);
}

void tx_mlme_frame(Wdev& wdev, Span octets, bool reconnect) {
  const auto frame = FrameView::of(octets);
  if (!frame) return;
  if (frame->fc().is(Subtype::kDeauthentication)) process_deauthentication(wdev, *frame, reconnect);
  if (frame->fc().is(Subtype::kDisassociation)) process_disassociation(wdev, *frame, reconnect);
}

void authentication_timed_out(Wdev& wdev, const MacAddress& bssid) {
  wdev.wiphy().host().events().authentication_timed_out(wdev, bssid);
  sme_authentication_timed_out(wdev);
}

void rx_association_response(Wdev& wdev, const AssociationOutcome& outcome) {
  BssTable& table = wdev.wiphy().bss_table();
  const auto frame = FrameView::of(outcome.frame);
  auto body = frame ? ieee80211::AssociationResponseBody::parse(Reader(frame->body()))
                    : Result<ieee80211::AssociationResponseBody>(fail(Errc::kMalformed));
  if (!body || sme_association_response(wdev, body->status)) {
    table.release(outcome.bss);
    return;
  }
  wdev.wiphy().host().events().associated(wdev, outcome.frame, outcome.request_elements,
                                          outcome.uapsd_queues);
  ConnectResult result{.bssid = frame->bssid(), .status = body->status};
  result.request_elements.assign(outcome.request_elements.begin(), outcome.request_elements.end());
  result.response_elements.assign(body->elements.begin(), body->elements.end());
  connect_result(wdev, result, outcome.bss);
}

namespace {

void end_association(Wdev& wdev, BssId bss) {
  wdev.wiphy().bss_table().release(bss);
  if (!wdev.is_connected()) wdev.connection.state = Wdev::Connection::State::kIdle;
}

}  // namespace

void association_timed_out(Wdev& wdev, BssId id) {
  const Bss* bss = wdev.wiphy().bss_table().find(id);
  const MacAddress bssid = bss != nullptr ? bss->bssid : wdev.connection.disconnect_bssid;
  wdev.wiphy().host().events().association_timed_out(wdev, bssid);
  sme_association_timed_out(wdev);
  end_association(wdev, id);
}

void association_abandoned(Wdev& wdev, BssId bss) {
  sme_association_abandoned(wdev);
  end_association(wdev, bss);
}

void association_comeback(Wdev& wdev, const MacAddress& bssid, uint32_t timeout_tu) {
  wdev.wiphy().host().events().association_comeback(wdev, bssid, timeout_tu);
}

void rx_unprotected_mlme_frame(Wdev& wdev, Span octets) {
  const auto frame = FrameView::of(octets);
  if (!frame) return;
  EventSink& events = wdev.wiphy().host().events();
  if (frame->fc().is(Subtype::kDeauthentication)) events.unprotected_deauthenticated(wdev, octets);
  if (frame->fc().is(Subtype::kDisassociation)) events.unprotected_disassociated(wdev, octets);
  if (!frame->fc().is_beacon()) return;
  // An attacker can send many: every ten seconds one is enough to tell of.
  auto& told = wdev.connection.unprotected_beacon_told;
  const TimePoint now = wdev.wiphy().host().now();
  if (told && now - *told < std::chrono::seconds(10)) return;
  told = now;
  events.unprotected_beacon(wdev, octets);
}

}  // namespace airloom::cfg80211
