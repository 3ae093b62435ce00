#include "mac80211/station_mlme.h"

#include "cfg80211/driver_events.h"
#include "mac80211/radio_stack.h"
#include "mac80211/scan.h"

namespace airloom::mac80211 {

StationMlme::StationMlme(RadioStack& stack, Interface& interface)
    : stack_(stack),
      interface_(interface),
      timer_(stack.scheduler(), [this] { on_timer(); }),
      beacon_timer_(stack.scheduler(), [this] { on_beacon_loss(); }),
      idle_timer_(stack.scheduler(), [this] { on_idle_timer(); }),
      switch_timer_(stack.scheduler(), [this] { on_switch_timer(); }) {}

StationMlme::~StationMlme() = default;

cfg80211::Wdev& StationMlme::wdev() const {
  return interface_.wdev();
}

const cfg80211::Bss* StationMlme::find_bss(cfg80211::BssId id) const {
  return wdev().wiphy().bss_table().find(id);
}

void StationMlme::on_timer() {
  if (auto* authenticating = std::get_if<Authenticating>(&state_)) {
    if (!authenticating->done && !authenticating->answered) return send_authentication();
    // Authenticated, and nobody went on to associate.
    state_ = Idle{};
    return forget_peer();
  }
  if (std::holds_alternative<Associating>(state_)) send_association();
}

MacAddress StationMlme::peer() const {
  if (const auto* state = std::get_if<Authenticating>(&state_)) return state->ap;
  if (const auto* state = std::get_if<Associating>(&state_)) return state->ap;
  if (const auto* state = std::get_if<Associated>(&state_)) return state->ap;
  return {};
}

Result<Station*> StationMlme::prepare(const MacAddress& ap, const cfg80211::Bss& bss,
                                      PhyModes wanted) {
  const BssChannel where = bss_channel(wdev().wiphy(), bss.mhz, bss.elements(), wanted);
  auto& config = interface_.link().config;
  Station* known = stack_.stations().find(interface_, ap);
  modes_ = where.modes;
  if (known != nullptr && config.channel == where.channel) return known;
  TRY(stack_.channels().bind(interface_, 0, where.channel));
  if (known != nullptr) return known;
  config.bssid = ap;
  config.beacon_interval_tu = bss.beacon_interval_tu;
  learn_basic_rates(shared_rates(bss, bss.elements()));
  interface_.notify_link_changed(kChangedBssid | kChangedBeaconInterval | kChangedBasicRates);
  auto station = stack_.stations().add(interface_, ap);
  if (!station) {
    forget_peer();
    return station;
  }
  learn_rates(**station, bss, {}, {});
  stack_.stations().announce(**station);
  return station;
}

void StationMlme::remove_station() {
  if (Station* station = stack_.stations().find(interface_, interface_.link().config.bssid))
    stack_.stations().remove(*station);
}

/// Undoes prepare(): the station goes (DEL_STATION), the channel is free.
void StationMlme::forget_peer() {
  timer_.cancel();
  remove_station();
  auto& config = interface_.link().config;
  if (!config.bssid.is_zero()) {
    config.bssid = {};
    interface_.notify_link_changed(kChangedBssid);
  }
  modes_ = {};
  stack_.channels().release(interface_);
}

void StationMlme::on_frame(const RxFrame& frame) {
  using ieee80211::Subtype;
  switch (frame.view.fc().subtype()) {
    case Subtype::kBeacon:
      return on_beacon(frame);
    case Subtype::kProbeResponse:
      if (!stack_.scan_work().is_running()) refresh_bss(frame);  // else the scan reports it
      return;
    case Subtype::kAuthentication:
      return on_authentication(frame);
    case Subtype::kAssociationResponse:
    case Subtype::kReassociationResponse:
      return on_association_response(frame);
    case Subtype::kDeauthentication:
      return on_deauthentication(frame);
    case Subtype::kDisassociation:
      return on_disassociation(frame);
    default:
      return;
  }
}

void StationMlme::stop() {
  if (const auto* state = std::get_if<Associating>(&state_))
    cfg80211::association_abandoned(wdev(), state->bss);
  if (!std::holds_alternative<Idle>(state_)) end_association({});
}

}  // namespace airloom::mac80211
