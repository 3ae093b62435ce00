// Following the AP: its beacons, and whether it is still there. [802.11-2020 11.1.3, 11.2.3]
#include "cfg80211/driver_events.h"
#include "ieee80211/bss_elements.h"
#include "ieee80211/ht_vht_elements.h"
#include "ieee80211/management.h"
#include "ieee80211/tim_element.h"
#include "mac80211/beacon_digest.h"
#include "mac80211/bss_observation.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rates.h"
#include "mac80211/scan.h"
#include "mac80211/station_elements.h"
#include "mac80211/station_mlme.h"
#include "mac80211/station_rates.h"

namespace airloom::mac80211 {

using ieee80211::ElementId;

namespace {

constexpr int kBeaconLossCount = 7;
constexpr uint8_t kProbesMax = 2;
constexpr auto kProbeWait = std::chrono::milliseconds(500);
constexpr auto kIdleTime = std::chrono::seconds(30);
constexpr size_t kElementHeader = 2;  // octets

/// Whether a beacon with these elements means the same when it comes again. What else these depend
/// on, an action frame or the regulatory domain may change in between.
bool is_settling(std::span<const uint8_t> elements) {
  return !ieee80211::find_element(elements, ElementId::kChannelSwitchAnnouncement) &&
         !ieee80211::find_element(elements, ElementId::kExtendedChannelSwitchAnnouncement) &&
         !ieee80211::find_element(elements, ElementId::kOperatingModeNotification);
}

}  // namespace

cfg80211::BssId StationMlme::refresh_bss(const RxFrame& frame) {
  if (frame.view.bssid() != peer()) return 0;
  return cfg80211::inform_bss(wdev().wiphy(), observation_of(frame.view, frame.status));
}

/// Refreshes the entry of our AP by one of its beacons.
void StationMlme::report_beacon(const RxFrame& frame, const ieee80211::BeaconBody& body,
                                const BeaconDigest& digest) {
  // The scan has reported it, but for what had to be verified first.
  if (stack_.scan_work().is_running() && !protects_beacons()) return;
  auto& last = std::get<Associated>(state_).reported;
  if (last && last->digest.rest == digest.rest && frame.view.bssid() == peer()) {
    cfg80211::BeaconChange change{.tsf_us = body.timestamp_us};
    if (last->digest.tim != digest.tim)
      change = {digest.tim_at, body.elements.subspan(digest.tim_at, digest.tim_size),
                body.timestamp_us};
    if (wdev().wiphy().bss_table().inform_again(last->entry,
                                                observation_of(frame.view, frame.status), change)) {
      last->digest = digest;
      return;
    }
  }
  last.reset();
  const auto echo = wdev().wiphy().bss_table().echo_of(refresh_bss(frame));
  if (echo) last = {digest, *echo};
}

bool StationMlme::protects_beacons() const {
  const KeyRing& keys = interface_.link().keys;
  return is_associated() && (keys.find(6) != nullptr || keys.find(7) != nullptr);
}

void StationMlme::on_beacon(const RxFrame& frame) {
  auto* state = std::get_if<Associated>(&state_);
  if (state == nullptr || frame.view.address2() != state->ap) return;
  const auto body = ieee80211::BeaconBody::parse(Reader(frame.view.body()));
  const auto& channel = interface_.link().config.channel;
  if (!body || !channel || channel->primary_mhz != frame.status.mhz) return;
  if (Station* ap = stack_.stations().find(interface_, state->ap)) {
    ++ap->counters.rx_beacons;
    ap->counters.beacon_signal.add(frame.status.signal_dbm);
  }
  if (state->probing) stop_probing();
  arm_beacon_loss();
  finish_switch();
  const BeaconDigest digest = digest_of(frame.buffer, *body);
  report_beacon(frame, *body, digest);
  const uint16_t aid = interface_.link().config.aid;
  const auto tim = body->elements.subspan(digest.tim_at, digest.tim_size);
  const bool buffered =
      !tim.empty() && aid != 0 && ieee80211::TimElement::has(tim.subspan(kElementHeader), aid);
  if (state->settled == std::pair(digest.rest, *channel))
    return interface_.power_save().on_beacon(buffered);
  on_announcement(body->elements, /*in_beacon=*/true);
  interface_.power_save().on_beacon(buffered);
  follow_elements(*body);
  state->settled.reset();
  if (interface_.link().config.dtim_period != 0 && !state->following && channel &&
      !stack_.scan_work().is_running() && is_settling(body->elements))
    state->settled.emplace(digest.rest, *channel);
}

/// What the elements say of the BSS, but that it moves.
void StationMlme::follow_elements(const ieee80211::BeaconBody& body) {
  auto& state = std::get<Associated>(state_);
  uint32_t changes = follow_dtim_period(body.elements);
  changes |= follow_capability(body.capability, body.elements);
  changes |= follow_ht_operation(body.elements);
  if (changes != 0) interface_.notify_link_changed(changes);
  follow_edca(body.elements);
  follow_width(body.elements);
  const auto mode =
      ieee80211::find_element<ieee80211::OperatingModeNotificationElement>(body.elements);
  Station* ap = stack_.stations().find(interface_, state.ap);
  if (mode && ap != nullptr) apply_operating_mode(*ap, mode->mode);
}

/// Once the BSS has told it, it stays.
uint32_t StationMlme::follow_dtim_period(std::span<const uint8_t> elements) {
  uint8_t& used = interface_.link().config.dtim_period;
  const auto tim = ieee80211::find_element<ieee80211::TimElement>(elements);
  if (used != 0 || !tim || tim->dtim_period == 0) return 0;
  used = tim->dtim_period;
  return kChangedBeaconInterval;
}

uint32_t StationMlme::follow_capability(uint16_t capability, std::span<const uint8_t> elements) {
  using ieee80211::ErpElement;
  LinkConfig& config = interface_.link().config;
  const auto erp = ieee80211::find_element<ErpElement>(elements);
  const bool protection = erp && (erp->bits & ErpElement::kUseProtection);
  const bool short_preamble = erp ? (erp->bits & ErpElement::kBarkerPreamble) == 0
                                  : capability & ieee80211::capability::kShortPreamble;
  const bool short_slot =
      knows_short_slots_only(interface_) || (capability & ieee80211::capability::kShortSlotTime);
  const std::tuple shown{protection, short_preamble, short_slot};
  auto used = std::tie(config.cts_protection, config.short_preamble, config.short_slot);
  if (used == shown) return 0;
  used = shown;
  return kChangedProtection;
}

uint32_t StationMlme::follow_ht_operation(std::span<const uint8_t> elements) {
  const auto operation = ieee80211::find_element<ieee80211::HtOperationElement>(elements);
  uint16_t& used = interface_.link().config.ht_operation_mode;
  if (!modes_.ht || !operation || operation->operation_mode() == used) return 0;
  used = operation->operation_mode();
  return kChangedHtOperation;
}

void StationMlme::on_data_from_ap(const RxFrame&) {
  if (auto* state = std::get_if<Associated>(&state_)) {
    if (!state->probing) idle_timer_.arm(kIdleTime);
  }
}

void StationMlme::arm_beacon_loss() {
  beacon_timer_.arm(tu(kBeaconLossCount * interface_.link().config.beacon_interval_tu));
}

void StationMlme::on_beacon_loss() {
  const auto* state = std::get_if<Associated>(&state_);
  const bool moving = state != nullptr && state->following && !state->following->arrived;
  if (stack_.channels().is_away() || moving) return arm_beacon_loss();
  if (Station* ap = stack_.stations().find(interface_, bssid_)) ++ap->counters.beacon_loss;
  cfg80211::cqm_beacon_loss(wdev());
  probe_ap();
}

/// Nothing from the AP for long; or it has not even acknowledged a probe in time.
void StationMlme::on_idle_timer() {
  const auto* state = std::get_if<Associated>(&state_);
  if (state == nullptr) return;
  if (stack_.channels().is_away()) return idle_timer_.arm(kProbeWait);
  if (!state->probing) return probe_ap();
  on_connection_lost();
}

bool StationMlme::is_probing() const {
  const auto* state = std::get_if<Associated>(&state_);
  return state != nullptr && state->probing;
}

/// Asks the AP for an ACK, awake; twice without one and it is gone.
void StationMlme::probe_ap() {
  auto* state = std::get_if<Associated>(&state_);
  if (state == nullptr || state->probing) return;
  state->probing = true;
  state->probes = 0;
  interface_.power_save().on_transmit();
  interface_.power_save().update();
  send_ap_probe();
}

void StationMlme::send_ap_probe() {
  auto& state = std::get<Associated>(state_);
  ++state.probes;
  idle_timer_.arm(kProbeWait);
  const Station* ap = stack_.stations().find(interface_, state.ap);
  stack_.management_tx_path().send_null(interface_, state.ap, {.qos = ap != nullptr && ap->wme},
                                        [this](const TxStatus& status) {
                                          const auto* associated = std::get_if<Associated>(&state_);
                                          if (associated == nullptr || !associated->probing) return;
                                          if (status.acked) return stop_probing();
                                          if (associated->probes < kProbesMax)
                                            return send_ap_probe();
                                          on_connection_lost();
                                        });
}

void StationMlme::stop_probing() {
  auto& state = std::get<Associated>(state_);
  state.probing = false;
  interface_.power_save().update();
  arm_beacon_loss();
  idle_timer_.arm(kIdleTime);
}

void StationMlme::on_connection_lost() {
  constexpr uint16_t kDisassociatedForInactivity = 4;
  const auto& state = std::get<Associated>(state_);
  interface_.log().info("connection to {} lost", bssid_.to_string());
  wdev().wiphy().bss_table().unlink(state.bss);
  const auto farewell = leave_frame(ieee80211::Subtype::kDeauthentication, bssid_,
                                    {.bssid = bssid_, .reason = kDisassociatedForInactivity});
  // A channel switch that we cannot follow may forbid to say goodbye; then it looks as if the AP
  // had sent us away.
  if (state.following && state.following->quiet) {
    end_association({});
    return cfg80211::rx_mlme_frame(wdev(), farewell);
  }
  end_association(farewell);
  cfg80211::tx_mlme_frame(wdev(), farewell, false);
}

}  // namespace airloom::mac80211
