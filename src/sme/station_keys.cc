// The station's handshakes: frames to the supplicant's machine, its actions to nl80211.
// [802.11-2020 12.7.6, 12.7.7]
#include <linux/nl80211.h>

#include "sme/station.h"

namespace airloom::sme {

namespace {

constexpr Duration kHandshakeLimit = std::chrono::seconds(10);

}  // namespace

void Station::begin_handshake() {
  enter(State::kHandshake);
  supplicant_.emplace(SupplicantConfig{
      .profile = *AkmProfile::of(rsn_->akms.at(0)),
      .pairwise_cipher = rsn_->pairwise.at(0),
      .pmk = pmk_,
      .authenticator = bss_->bssid,
      .supplicant = address_,
      .own_rsn_element = emit_rsn(*rsn_),
      .ap_rsn_element = bss_->rsn_element,
      .own_rsnx_element = rsnx_element_,
      .ap_rsnx_element = bss_->rsnx_element,
      .group_management = pmf_,
      .beacon_protection = config_.security->beacon_protection && radio_protects_beacons_});
  handshake_ = Supplicant::AwaitMessage1{};
  deadline_.arm(kHandshakeLimit);
  if (auto early = std::exchange(early_eapol_, std::nullopt)) on_eapol(*std::move(early));
}

void Station::on_eapol(EapolFrame frame) {
  if (state_ == State::kAssociating) {
    early_eapol_ = std::move(frame);
    return;
  }
  if (state_ != State::kHandshake && state_ != State::kConnected) return;
  if (!supplicant_) return;
  Supplicant::Received event{frame.octets, frame.encrypted, {}};
  ports_.rng->fill(event.fresh_nonce);
  auto step = supplicant_->on(handshake_, event);
  if (!step.discarded.empty()) log_.warn("EAPOL-Key discarded: {}", step.discarded);
  handshake_ = std::move(step.state);
  const uint64_t attempt = attempt_;
  for (const Action& action : step.actions)
    if (attempt == attempt_) perform(action);
}

void Station::perform(const Action& action) {
  const uint32_t ifindex = config_.ifindex;
  if (const auto* frame = std::get_if<SendFrame>(&action)) {
    request("EAPOL", NL80211_CMD_CONTROL_PORT_FRAME, [&](netlink::MessageWriter& w) {
      put_control_port_frame(w, ifindex, bss_->bssid, frame->octets, frame->encrypt);
    });
  } else if (const auto* ptk = std::get_if<InstallPtk>(&action)) {
    request("pairwise key", NL80211_CMD_NEW_KEY, [&](netlink::MessageWriter& w) {
      put_pairwise_key(w, ifindex, bss_->bssid, ptk->tk, rsn_->pairwise.at(0));
    });
  } else if (const auto* group = std::get_if<InstallGroupKey>(&action)) {
    const GroupKey& key = group->key;
    const auto cipher = key.id < 4 ? rsn_->group : *pmf_;
    request("group key", NL80211_CMD_NEW_KEY,
            [&](netlink::MessageWriter& w) { put_group_key(w, ifindex, key, cipher); });
  } else if (std::holds_alternative<Authorise>(action)) {
    authorise();
  } else if (const auto* failure = std::get_if<Fail>(&action)) {
    deauthenticate(failure->reason);
    lost(failure->reason);
  }
}

void Station::authorise() {
  const auto fill = [this](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex).mac(NL80211_ATTR_MAC, bss_->bssid);
    const uint32_t authorised = flag_bit(NL80211_STA_FLAG_AUTHORIZED);
    put_station_flags(w, {.mask = authorised, .set = authorised});
  };
  request("authorise", NL80211_CMD_SET_STATION, fill, [this] {
    if (state_ == State::kHandshake) connected();
  });
}

}  // namespace airloom::sme
