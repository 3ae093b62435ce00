// CONNECT and DISCONNECT, how connections begin and end for userspace, and cfg80211's own SME.
#include <linux/nl80211.h>

#include "cfg80211/internal.h"
#include "cfg80211/sme.h"
#include "ieee80211/element.h"

namespace airloom::cfg80211 {

namespace {

constexpr uint16_t kReasonLeaving = 3;      // [802.11-2020 Table 9-49]
constexpr uint16_t kStatusUnspecified = 1;  // [802.11-2020 Table 9-50]
constexpr uint16_t kStatusUnsupportedAuth = 13;
constexpr size_t kPairwiseCiphersMax = 5;  // [nl80211.h NL80211_MAX_NR_CIPHER_SUITES]

void release_bss(Wdev& wdev) {
  for (const auto& [id, link] : wdev.links()) {
    wdev.wiphy().bss_table().release(link.current_bss);
    wdev.link(id).current_bss = 0;
    wdev.link(id).channel.reset();
  }
}

void fail_connection(Wdev& wdev, BssId bss) {
  wdev.connection = {};
  wdev.control_port = {};
  wdev.wiphy().bss_table().release(bss);
  wdev.sme.reset();
}

void hint_country(Wdev& wdev, const Bss& bss) {
  const auto country = ieee80211::find_element(bss.elements(), ieee80211::ElementId::kCountry);
  if (!country || country->body.size() < 6) return;
  // The kernel learns the SSID here only, so GET_INTERFACE shows it only where a country is known.
  if (wdev.connection.ssid.empty()) wdev.connection.ssid = bss.ssid().value_or(Octets{});
  wdev.wiphy().host().regulatory().hint_country(
      wdev.wiphy(), {static_cast<char>(country->body[0]), static_cast<char>(country->body[1])});
}

/// The scan result a connection is with: the driver's, or for FullMAC what fits. Held.
BssId find_connected_bss(Wdev& wdev, const MacAddress& bssid, BssId known) {
  if (known != 0) return known;
  BssTable& table = wdev.wiphy().bss_table();
  const Bss* bss = table.find(std::nullopt, bssid, Span(wdev.connection.ssid), {.ess_only = true});
  if (bss == nullptr) return 0;
  table.hold(bss->id);
  return bss->id;
}

/// From now on the connection is with this access point, whose scan result is held (0: unknown).
void join_bss(Wdev& wdev, const MacAddress& bssid, BssId bss) {
  wdev.connection.state = Wdev::Connection::State::kConnected;
  wdev.connection.bssid = bssid;
  const Bss* joined = wdev.wiphy().bss_table().find(bss);
  if (joined == nullptr) return;
  wdev.link().current_bss = bss;
  wdev.link().channel = ChannelDefinition::from_type(joined->mhz, ieee80211::ChannelType::kNoHt);
}

}  // namespace

void connect_result(Wdev& wdev, const ConnectResult& result, BssId bss) {
  if (!is_station(wdev.type())) {
    wdev.wiphy().bss_table().release(bss);
    return;
  }
  wdev.connection.unprotected_beacon_told.reset();
  wdev.wiphy().host().events().connect_result(wdev, result);
  release_bss(wdev);
  if (result.status != 0 || result.timed_out) {
    fail_connection(wdev, bss);
    return;
  }
  join_bss(wdev, result.bssid, find_connected_bss(wdev, result.bssid, bss));
  install_wep_keys(wdev);
  wdev.log().info("connected to {}", result.bssid.to_string());
  if (const Bss* joined = wdev.wiphy().bss_table().find(wdev.link().current_bss))
    hint_country(wdev, *joined);
}

void roamed(Wdev& wdev, const ConnectResult& result) {
  if (!is_station(wdev.type()) || !wdev.is_connected()) return;
  const BssId bss = find_connected_bss(wdev, result.bssid, 0);
  if (bss == 0) return;
  release_bss(wdev);
  join_bss(wdev, result.bssid, bss);
  wdev.connection.unprotected_beacon_told.reset();
  wdev.wiphy().host().events().roamed(wdev, result);
}

void port_authorized(Wdev& wdev, const MacAddress& bssid) {
  if (wdev.is_connected_to(bssid)) wdev.wiphy().host().events().port_authorized(wdev, bssid);
}

void lose_connection(Wdev& wdev, uint16_t reason, Span elements, bool by_ap) {
  if (!is_station(wdev.type())) return;
  release_bss(wdev);
  wdev.connection = {};
  wdev.control_port = {};
  wdev.log().info("disconnected, reason {}", reason);
  wdev.wiphy().host().events().disconnected(wdev, reason, elements, by_ap);
  const Capabilities& capabilities = wdev.wiphy().capabilities();
  const bool beacon_protection =
      capabilities.has_extended_feature(NL80211_EXT_FEATURE_BEACON_PROTECTION) ||
      capabilities.has_extended_feature(NL80211_EXT_FEATURE_BEACON_PROTECTION_CLIENT);
  for (uint8_t index = 0; index <= (beacon_protection ? 7 : 5); ++index)
    (void)wdev.wiphy().ops().delete_key(wdev, {.index = index});
  (void)wdev.wiphy().ops().set_qos_map(wdev, std::nullopt);
  wdev.wiphy().host().regulatory().restore_if_idle();
}

void disconnected(Wdev& wdev, uint16_t reason, Span elements, bool by_ap) {
  lose_connection(wdev, reason, elements, by_ap);
}

Result<void> connect(Wdev& wdev, ConnectRequest request, PortId caller) {
  Wiphy& wiphy = wdev.wiphy();
  Wdev::Connection& connection = wdev.connection;
  if (request.ssid.empty() || request.ssid.size() > 32) return fail(Errc::kInvalid);
  TRY(check_crypto(wiphy, request.crypto, request.owner, kPairwiseCiphersMax));
  if (!is_station(wdev.type())) return fail(Errc::kUnsupported);
  if (request.mhz && !is_enabled_channel(wiphy, *request.mhz, 0)) return fail(Errc::kInvalid);

  // An SSID is set while connecting and connected: only reassociation within it is allowed.
  if (!connection.ssid.empty() && connection.ssid != request.ssid) return fail(Errc::kAlready);
  if (wdev.is_connected()) {
    if (!request.previous_bssid) return fail(Errc::kAlready);
    if (*request.previous_bssid != connection.bssid) return fail(Errc::kNotConnected);
  }
  const auto was = connection;
  connection.ssid = request.ssid;
  connection.via_connect = true;
  Result<void> started;
  if (wiphy.capabilities().full_mac) {
    started = wiphy.ops().connect(wdev, request);
  } else {
    release_bss(wdev);
    if (wdev.is_connected()) {
      wdev.sme.reset();
      connection.state = Wdev::Connection::State::kIdle;
    }
    if (wdev.sme) return fail(Errc::kInProgress);
    wdev.sme = std::make_unique<Sme>(wdev, request);
    uint32_t unused = 0;
    started = wdev.sme->step(unused);
    if (!started) wdev.sme.reset();
  }
  if (!started) {
    connection.via_connect = was.via_connect;
    if (!wdev.is_connected()) connection.ssid.clear();
    return started;
  }
  if (connection.state == Wdev::Connection::State::kIdle)
    connection.state = Wdev::Connection::State::kAssociating;
  connection.crypto = request.crypto;
  if (request.owner != 0) {
    connection.owner = caller;
    connection.disconnect_bssid = request.bssid.value_or(MacAddress{});
  }
  set_control_port(wdev, request.crypto, connection.owner);
  return {};
}

Result<void> disconnect(Wdev& wdev, uint16_t reason, PortId caller) {
  TRY(check_connection_owner(wdev, caller));
  if (reason == 0) return fail(Errc::kInvalid);
  if (!is_station(wdev.type())) return fail(Errc::kUnsupported);
  return leave_connection(wdev, reason);
}

Result<void> check_connection_owner(const Wdev& wdev, PortId caller) {
  const PortId owner = wdev.connection_owner();
  if (owner != 0 && owner != caller) return fail(Errc::kPermission);
  return {};
}

namespace {

Result<void> leave_by_sme(Wdev& wdev, uint16_t reason) {
  const Sme::State state = wdev.sme->state;
  Result<void> left;
  if (state != Sme::State::kScanning && state != Sme::State::kScanAgain)
    left = mlme_deauthenticate(
        wdev, {.bssid = wdev.sme->request.bssid.value_or(MacAddress{}), .reason = reason});
  wdev.sme.reset();
  return left;
}

}  // namespace

Result<void> leave_connection(Wdev& wdev, uint16_t reason) {
  wdev.connection.owner = 0;
  Result<void> left;
  if (wdev.sme) {
    left = leave_by_sme(wdev, reason);
  } else if (!wdev.wiphy().capabilities().full_mac) {
    if (wdev.is_connected())
      (void)mlme_deauthenticate(wdev, {.bssid = wdev.connection.bssid, .reason = kReasonLeaving});
  } else if (!wdev.connection.ssid.empty()) {
    left = wdev.wiphy().ops().disconnect(wdev, reason);
  }
  if (!wdev.is_connected()) wdev.connection.ssid.clear();
  return left;
}

void on_owner_gone(Wdev& wdev) {
  if (is_ap(wdev.type())) {
    stop_all_aps(wdev, true);  // DEVIATES: the kernel tells nobody
    return;
  }
  if (!is_station(wdev.type())) return;
  if (wdev.wiphy().capabilities().full_mac || wdev.is_connected()) {
    (void)leave_connection(wdev, kReasonLeaving);
    return;
  }
  // While associating: whom we were about to join hears of it, userspace's events do not.
  (void)mlme_deauthenticate(wdev,
                            {.bssid = wdev.connection.disconnect_bssid, .reason = kReasonLeaving});
  wdev.connection.owner = 0;
}

Sme::Sme(Wdev& owner, ConnectRequest what)
    : wdev(owner), request(std::move(what)), timer(owner.wiphy().scheduler(), [this] { work(); }) {
  if (request.auth_type == AuthType::kAutomatic) {
    automatic_auth = true;
    request.auth_type = AuthType::kOpenSystem;
  }
  const Bss* bss = wdev.wiphy().bss_table().find(request.mhz, request.bssid, Span(request.ssid),
                                                 {.ess_only = true, .privacy = request.privacy});
  if (bss == nullptr) {
    state = State::kScanAgain;
    return;
  }
  request.bssid = bss->bssid;
  request.mhz = bss->mhz;
  state = State::kAuthenticateNext;
}

void Sme::go_to(State next) {
  state = next;
  timer.arm({});
}

namespace {

Result<void> sme_scan(Sme& sme) {
  ScanRequest scan{.ssids = {sme.request.ssid}};
  if (sme.request.mhz) scan.channels.push_back({.mhz = *sme.request.mhz});
  auto started = trigger_scan(sme.wdev, std::move(scan));
  if (!started && started.error().code == Errc::kBusy) {
    sme.state = Sme::State::kScanAgain;  // after the scan that runs
    return {};
  }
  if (started) sme.state = Sme::State::kScanning;
  return started;
}

const Bss* sme_bss(const Sme& sme) {
  return sme.wdev.wiphy().bss_table().find(sme.request.mhz, sme.request.bssid,
                                           Span(sme.request.ssid), {.ess_only = true});
}

Result<void> sme_authenticate(Sme& sme) {
  const Bss* bss = sme_bss(sme);
  if (bss == nullptr) return fail(Errc::kNotFound);
  sme.state = Sme::State::kAuthenticating;
  AuthenticateRequest request{.bssid = bss->bssid,
                              .mhz = bss->mhz,
                              .offset_khz = bss->offset_khz,
                              .ssid = sme.request.ssid,
                              .type = sme.request.auth_type,
                              .key = sme.request.key,
                              .key_index = sme.request.key_index,
                              .bss = bss->id};
  return mlme_authenticate(sme.wdev, request);
}

void sme_deauthenticate(Sme& sme) {
  if (sme.request.bssid)
    (void)mlme_deauthenticate(sme.wdev, {.bssid = *sme.request.bssid, .reason = kReasonLeaving});
}

Result<void> sme_associate(Sme& sme) {
  sme.state = Sme::State::kAssociating;
  const Bss* bss = sme_bss(sme);
  Result<void> started = fail(Errc::kNotFound);
  if (bss != nullptr) {
    AssociateRequest request{.bssid = bss->bssid,
                             .mhz = bss->mhz,
                             .offset_khz = bss->offset_khz,
                             .ssid = sme.request.ssid,
                             .elements = sme.request.elements,
                             .previous_bssid = sme.request.previous_bssid,
                             .crypto = sme.request.crypto,
                             .use_mfp = sme.request.use_mfp,
                             .bss = bss->id};
    started = mlme_associate(sme.wdev, request);
  }
  if (!started) sme_deauthenticate(sme);
  return started;
}

}  // namespace

Result<void> Sme::step(uint32_t& timeout_reason) {
  switch (state) {
    case State::kScanning:
      return fail(Errc::kNotFound);  // the scan did not find it
    case State::kScanAgain:
      return sme_scan(*this);
    case State::kAuthenticateNext:
      return sme_authenticate(*this);
    case State::kAuthenticationTimedOut:
      timeout_reason = NL80211_TIMEOUT_AUTH;
      return fail(Errc::kNotConnected);
    case State::kAssociateNext:
      return sme_associate(*this);
    case State::kAssociationTimedOut:
      timeout_reason = NL80211_TIMEOUT_ASSOC;
      sme_deauthenticate(*this);
      return fail(Errc::kNotConnected);
    case State::kAssociationFailed:
      sme_deauthenticate(*this);
      return fail(Errc::kNotConnected);
    case State::kDeauthenticate:
      sme_deauthenticate(*this);
      return {};
    case State::kAuthenticating:
    case State::kAssociating:
    case State::kAbandoned:
    case State::kConnected:
      return {};
  }
  return {};
}

void Sme::work() {
  if (!wdev.is_running()) return;
  const bool ends = state == State::kDeauthenticate || state == State::kAbandoned;
  uint32_t timeout_reason = NL80211_TIMEOUT_UNSPECIFIED;
  const auto bssid = request.bssid.value_or(MacAddress{});
  Wdev& on = wdev;  // a step may end in our destruction
  if (!step(timeout_reason)) {
    connect_result(on,
                   {.bssid = bssid,
                    .status = kStatusUnspecified,
                    .timed_out = true,
                    .timeout_reason = timeout_reason},
                   0);
  } else if (ends) {
    on.sme.reset();
  }
}

void sme_scan_done(Wdev& wdev) {
  if (!wdev.sme) return;
  Sme& sme = *wdev.sme;
  if (sme.state != Sme::State::kScanning && sme.state != Sme::State::kScanAgain) return;
  const Bss* bss =
      wdev.wiphy().bss_table().find(sme.request.mhz, sme.request.bssid, Span(sme.request.ssid),
                                    {.ess_only = true, .privacy = sme.request.privacy});
  if (bss == nullptr) {
    sme.go_to(sme.state);
    return;
  }
  sme.request.bssid = bss->bssid;
  sme.request.mhz = bss->mhz;
  sme.go_to(Sme::State::kAuthenticateNext);
}

void sme_authentication(Wdev& wdev, const MacAddress& bssid, uint16_t status) {
  if (!wdev.sme || wdev.sme->state == Sme::State::kConnected) return;
  Sme& sme = *wdev.sme;
  if (status == kStatusUnsupportedAuth && sme.automatic_auth &&
      sme.request.auth_type == AuthType::kOpenSystem && !sme.request.key.empty()) {
    sme.request.auth_type = AuthType::kSharedKey;
    sme.go_to(Sme::State::kAuthenticateNext);
  } else if (status != 0) {
    connect_result(wdev, {.bssid = bssid, .status = status}, 0);
  } else if (sme.state == Sme::State::kAuthenticating) {
    sme.go_to(Sme::State::kAssociateNext);
  }
}

bool sme_association_response(Wdev& wdev, uint16_t status) {
  if (!wdev.sme) return false;
  Sme& sme = *wdev.sme;
  if (status == 0) {
    sme.state = Sme::State::kConnected;
    return false;
  }
  if (sme.request.previous_bssid) {
    sme.request.previous_bssid.reset();  // some access points know association only
    sme.go_to(Sme::State::kAssociateNext);
    return true;
  }
  sme.go_to(Sme::State::kAssociationFailed);
  return false;
}

void sme_authentication_timed_out(Wdev& wdev) {
  if (wdev.sme) wdev.sme->go_to(Sme::State::kAuthenticationTimedOut);
}

void sme_association_timed_out(Wdev& wdev) {
  if (wdev.sme) wdev.sme->go_to(Sme::State::kAssociationTimedOut);
}

void sme_association_abandoned(Wdev& wdev) {
  if (wdev.sme) wdev.sme->go_to(Sme::State::kAbandoned);
}

void sme_disassociated(Wdev& wdev) {
  if (wdev.sme) wdev.sme->go_to(Sme::State::kDeauthenticate);
}

}  // namespace airloom::cfg80211
