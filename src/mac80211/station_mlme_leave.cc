// Leaving, and being told to leave. [802.11-2020 11.3.4.4, 11.3.5.6]
#include "cfg80211/driver_events.h"
#include "ieee80211/management.h"
#include "mac80211/radio_stack.h"
#include "mac80211/station_elements.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

Octets StationMlme::leave_frame(ieee80211::Subtype subtype, const MacAddress& ap,
                                const cfg80211::LeaveRequest& request) const {
  Octets frame = management_header(subtype, ap, interface_.address(), ap);
  Writer(frame).le16(request.reason).bytes(request.elements);
  return frame;
}

void StationMlme::end_association(std::span<const uint8_t> farewell) {
  timer_.cancel();
  beacon_timer_.cancel();
  idle_timer_.cancel();
  end_switch();
  const bool was_associated = is_associated();
  if (was_associated) {
    interface_.set_carrier(false);
    if (Station* ap = stack_.stations().find(interface_, bssid_)) stack_.tx().drop(*ap);
  }
  // While the keys are still there: under PMF the farewell is protected.
  if (!farewell.empty()) stack_.management_tx_path().send(interface_, farewell);
  state_ = Idle{};
  bssid_ = {};
  auto& link = interface_.link();
  link.config.associated = false;
  link.config.aid = 0;
  link.config.ssid.clear();
  link.config.dtim_period = 0;
  if (was_associated) {
    remove_station();
    link.keys.clear();
    link.config.bssid = {};
    forget_operation();
    interface_.set_default_edca(false);
  }
  interface_.control_port = {};
  forget_peer();
}

/// How the BSS was operated: the next one says it anew.
void StationMlme::forget_operation() {
  LinkConfig& config = interface_.link().config;
  config.cts_protection = config.short_preamble = config.short_slot = false;
  config.ht_operation_mode = 0;
  interface_.notify_link_changed(kChangedAssociation | kChangedBssid | kChangedProtection |
                                 kChangedHtOperation);
}

Result<void> StationMlme::deauthenticate(const cfg80211::LeaveRequest& request) {
  if (peer() != request.bssid || request.bssid.is_zero()) return fail(Errc::kNotConnected);
  const auto* associating = std::get_if<Associating>(&state_);
  const auto bss = associating != nullptr ? associating->bss : 0;
  const auto frame = leave_frame(ieee80211::Subtype::kDeauthentication, request.bssid, request);
  end_association(request.local_state_change ? std::span<const uint8_t>{} : frame);
  cfg80211::tx_mlme_frame(wdev(), frame, false);
  if (bss != 0) cfg80211::association_abandoned(wdev(), bss);
  return {};
}

Result<void> StationMlme::disassociate(const cfg80211::LeaveRequest& request) {
  if (!is_associated() || bssid_ != request.bssid) return fail(Errc::kNotConnected);
  const auto frame = leave_frame(ieee80211::Subtype::kDisassociation, request.bssid, request);
  end_association(request.local_state_change ? std::span<const uint8_t>{} : frame);
  cfg80211::tx_mlme_frame(wdev(), frame, false);
  return {};
}

void StationMlme::on_deauthentication(const RxFrame& frame) {
  const auto body = ieee80211::DeauthenticationBody::parse(Reader(frame.view.body()));
  if (!body || frame.view.address2() != peer() || frame.view.bssid() != peer()) return;
  if (const auto* state = std::get_if<Associating>(&state_)) {
    const auto bss = state->bss;
    end_association({});
    cfg80211::rx_mlme_frame(wdev(), frame.view.octets());
    return cfg80211::association_abandoned(wdev(), bss);
  }
  if (!is_associated()) return;  // while authenticating: its answer decides
  interface_.log().info("deauthenticated by {}, reason {}", bssid_.to_string(), body->reason);
  end_association({});
  cfg80211::rx_mlme_frame(wdev(), frame.view.octets());
}

void StationMlme::on_disassociation(const RxFrame& frame) {
  const auto body = ieee80211::DeauthenticationBody::parse(Reader(frame.view.body()));
  if (!body || !is_associated() || frame.view.address2() != bssid_ || frame.view.bssid() != bssid_)
    return;
  interface_.log().info("disassociated by {}, reason {}", bssid_.to_string(), body->reason);
  end_association({});
  cfg80211::rx_mlme_frame(wdev(), frame.view.octets());
}

}  // namespace airloom::mac80211
