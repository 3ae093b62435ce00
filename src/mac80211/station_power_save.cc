#include "mac80211/station_power_save.h"

#include "mac80211/radio_stack.h"
#include "mac80211/scan.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

namespace {
constexpr Duration kRetry = std::chrono::milliseconds(10);  // after a Null frame without ACK
}  // namespace

StationPowerSave::StationPowerSave(RadioStack& stack, Interface& interface)
    : stack_(stack), interface_(interface), timer_(stack.scheduler(), [this] { on_timer(); }) {}

void StationPowerSave::configure(bool on, int timeout_ms) {
  wanted_ = on;
  timeout_ = timeout_ms < 0 ? kDefaultTimeout : std::chrono::milliseconds(timeout_ms);
  update();
}

/// The only station of its radio, which is no AP, with its port open and a beacon heard; not while
/// it asks whether its AP is still there.
bool StationPowerSave::is_allowed() const {
  const StationMlme* mlme = interface_.station_mlme();
  if (!wanted_ || mlme == nullptr || !mlme->is_associated() || !heard_beacon_) return false;
  if (mlme->is_probing()) return false;
  for (const auto& [id, other] : stack_.interfaces()) {
    if (!other->is_up() || other.get() == &interface_) continue;
    if (cfg80211::is_ap(other->type()) || cfg80211::is_station(other->type())) return false;
  }
  const Station* ap = stack_.stations().find(interface_, mlme->bssid());
  return ap != nullptr && ap->is_authorized();
}

void StationPowerSave::update() {
  const StationMlme* mlme = interface_.station_mlme();
  if (mlme == nullptr || !mlme->is_associated()) heard_beacon_ = ap_believes_ = false;
  const bool active = is_allowed();
  if (active == active_) return;
  active_ = active;
  if (active_) return note_traffic();
  timer_.cancel();
  set_dozing(false);
}

void StationPowerSave::on_beacon(bool buffered) {
  if (!heard_beacon_) {
    heard_beacon_ = true;
    update();
  }
  if (!buffered || !ap_believes_) return;
  set_dozing(false);
  announce(false);
  if (active_) note_traffic();
}

void StationPowerSave::note_traffic() {
  last_traffic_ = stack_.now();
  if (!timer_.is_armed() && !dozing_) timer_.arm(timeout_);
}

void StationPowerSave::wake_and_note() {
  set_dozing(false);
  ap_believes_ = false;  // the frame itself tells it
  note_traffic();
}

void StationPowerSave::on_timer() {
  if (!active_ || dozing_) return;
  const TimePoint due = last_traffic_ + timeout_;
  if (due > stack_.now()) return timer_.arm_at(due);
  const StationMlme* mlme = interface_.station_mlme();
  const Station* ap = mlme != nullptr ? stack_.stations().find(interface_, mlme->bssid()) : nullptr;
  if (stack_.scan_work().is_running() || stack_.channels().is_away() ||
      (ap != nullptr && ap->queued() > 0))
    return timer_.arm(timeout_);
  announce(true);
}

void StationPowerSave::announce(bool sleeping) {
  const StationMlme* mlme = interface_.station_mlme();
  if (mlme == nullptr || !mlme->is_associated()) return;
  const Station* ap = stack_.stations().find(interface_, mlme->bssid());
  std::function<void(const TxStatus&)> on_status;
  if (sleeping) on_status = [this](const TxStatus& status) { on_null_status(status.acked); };
  ap_believes_ = sleeping;
  stack_.management_tx_path().send_null(
      interface_, mlme->bssid(), {.qos = ap != nullptr && ap->wme, .power_management = sleeping},
      std::move(on_status));
}

void StationPowerSave::on_null_status(bool acked) {
  if (!active_ || !ap_believes_) return;  // woken, or gone, meanwhile
  if (acked) return set_dozing(true);
  timer_.arm(kRetry);
}

void StationPowerSave::set_dozing(bool on) {
  if (dozing_ == on) return;
  dozing_ = on;
  if (stack_.driver().is_started()) stack_.driver().set_power_save(interface_.vif(), on);
}

}  // namespace airloom::mac80211
