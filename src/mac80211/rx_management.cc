// Management frames: PMF's rules, then whoever registered for them, then the station's MLME.
// [802.11-2020 11.13, 12.2.8]
#include "cfg80211/driver_events.h"
#include "ieee80211/action.h"
#include "mac80211/cipher_suites.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rx_stages.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

using ieee80211::FrameView;
using ieee80211::Subtype;

namespace {

bool is_leave(const FrameView& view) {
  return view.fc().is(Subtype::kDeauthentication) || view.fc().is(Subtype::kDisassociation);
}

/// Whether PMF forbids a frame that came without protection.
bool is_forbidden_in_clear(const RxFrame& frame) {
  const FrameView& view = frame.view;
  const bool robust = view.is_robust_management();
  if (robust && !view.is_group_addressed() && frame.key != nullptr) return true;
  if (robust && view.is_group_addressed()) return !management_mic_key_id(view).has_value();
  if (view.fc().is_beacon()) return frame.key != nullptr;
  return robust && view.fc().is_action() && frame.key == nullptr;
}

/// Whether another transmitter's beacon says that it is of our AP, which protects its own. Its MIC
/// could not hold, as that covers the transmitter.
bool is_in_our_aps_name(const RxFrame& frame) {
  const StationMlme* mlme = frame.interface.station_mlme();
  return frame.station == nullptr && mlme != nullptr && mlme->protects_beacons() &&
         frame.view.bssid() == mlme->bssid();
}

void note_unprotected(RxFrame& frame) {
  if (is_leave(frame.view) || frame.view.fc().is_beacon())
    cfg80211::rx_unprotected_mlme_frame(frame.interface.wdev(), frame.view.octets());
}

}  // namespace

Verdict check_management(RadioStack&, RxFrame& frame) {
  const FrameView& view = frame.view;
  if (!view.fc().is_management()) return Verdict::kDrop;
  if (view.fc().is_beacon()) {
    if (!view.address1().is_broadcast()) return Verdict::kDrop;
    if (cfg80211::is_ap(frame.interface.type()))
      cfg80211::rx_beacon_report(frame.interface.wdev().wiphy(), view.octets(), frame.status.mhz,
                                 frame.status.signal_dbm);
    if (is_in_our_aps_name(frame)) return drop_for(frame, Drop::kRxSpoofed);
  }
  // Of those that it knows nothing of, a station takes no robust frame. [802.11-2020 11.3.3]
  if (cfg80211::is_station(frame.interface.type()) && frame.station == nullptr &&
      view.is_robust_management())
    return Verdict::kDrop;
  if (frame.decrypted || frame.station == nullptr || !frame.station->mfp) return Verdict::kContinue;
  if (!is_forbidden_in_clear(frame)) return Verdict::kContinue;
  note_unprotected(frame);
  return drop_for(frame, view.fc().is_beacon() ? Drop::kRxClearBeacon : Drop::kRxClearManagement);
}

Verdict handle_block_ack(RadioStack& stack, RxFrame& frame) {
  const FrameView& view = frame.view;
  if (!view.fc().is(Subtype::kAction) || view.body().empty() || view.is_group_addressed() ||
      view.body()[0] != static_cast<uint8_t>(ieee80211::ActionCategory::kBlockAck))
    return Verdict::kContinue;
  if (frame.station == nullptr || !frame.station->is_associated()) return Verdict::kDrop;
  ++frame.station->counters.rx_packets;
  stack.block_ack().on_action(*frame.station, view.body());
  return Verdict::kTaken;
}

Verdict offer_to_userspace(RadioStack& stack, RxFrame& frame) {
  const uint32_t station = frame.station != nullptr ? frame.station->id() : 0;
  const bool taken = cfg80211::rx_management(frame.interface.wdev(), frame.view.octets(),
                                             frame.status.mhz, frame.status.signal_dbm);
  // Who was offered the frame may have sent the station away.
  frame.station = station != 0 ? stack.stations().find(station) : nullptr;
  if (!taken) return Verdict::kContinue;
  if (frame.station != nullptr) ++frame.station->counters.rx_packets;
  return Verdict::kTaken;
}

namespace {

/// Our answer to an SA Query that no program wanted. [802.11-2020 11.13]
bool answer_sa_query(RadioStack& stack, RxFrame& frame) {
  const auto query = ieee80211::SaQuery::parse(Reader(frame.view.body()));
  if (!query || query->action != ieee80211::SaQueryAction::kRequest) return false;
  const StationMlme* mlme = frame.interface.station_mlme();
  if (mlme == nullptr) return false;
  if (frame.view.address2() != mlme->bssid() || frame.view.bssid() != mlme->bssid())
    return true;  // not of our AP: it gets nothing, not even its own back
  ieee80211::MacHeader header;
  header.fc = ieee80211::FrameControl(Subtype::kAction);
  header.address1 = frame.view.address2();
  header.address2 = frame.interface.address();
  header.address3 = frame.view.address3();
  Octets answer;
  Writer writer(answer);
  header.emit(writer);
  ieee80211::SaQuery{ieee80211::SaQueryAction::kResponse, query->transaction}.emit(writer);
  stack.management_tx_path().send(frame.interface, answer);
  return true;
}

/// An Action frame that nobody understands goes back with the error bit set.
/// [802.11-2020 10.29.4]
void return_action(RadioStack& stack, RxFrame& frame) {
  Octets answer(frame.view.octets().begin(), frame.view.octets().end());
  const MacAddress sender = frame.view.address2();
  const size_t body = frame.view.header_length();
  std::copy(sender.octets.begin(), sender.octets.end(), answer.begin() + 4);
  const MacAddress& own = frame.interface.address();
  std::copy(own.octets.begin(), own.octets.end(), answer.begin() + 10);
  answer[1] = 0;  // none of the sender's flags
  answer[body] |= ieee80211::kActionCategoryError;
  stack.management_tx_path().send(frame.interface, answer);
}

}  // namespace

Verdict answer_action(RadioStack& stack, RxFrame& frame) {
  const FrameView& view = frame.view;
  if (!view.fc().is_action()) return Verdict::kContinue;
  if (view.body().empty()) return Verdict::kDrop;
  // hostapd answers for an AP; what it left is dropped.
  if (cfg80211::is_ap(frame.interface.type())) return Verdict::kDrop;
  if (StationMlme* mlme = frame.interface.station_mlme(); mlme != nullptr && frame.station)
    mlme->on_frame(frame);
  if (view.is_group_addressed() || view.fc().is(Subtype::kActionNoAck)) return Verdict::kTaken;
  const uint8_t category = view.body()[0];
  const auto wanted = static_cast<ieee80211::ActionCategory>(category);
  if (wanted == ieee80211::ActionCategory::kSaQuery && answer_sa_query(stack, frame))
    return Verdict::kTaken;
  if ((category & ieee80211::kActionCategoryError) == 0) return_action(stack, frame);
  return Verdict::kTaken;
}

namespace {

bool is_mlme_frame(const FrameView& view) {
  switch (view.fc().subtype()) {
    case Subtype::kAuthentication:
    case Subtype::kBeacon:
    case Subtype::kProbeResponse:
      return true;
    case Subtype::kDeauthentication:
    case Subtype::kDisassociation:
    case Subtype::kAssociationResponse:
    case Subtype::kReassociationResponse:
      return !view.is_group_addressed() || view.address1().is_broadcast();
    default:  // the other subtypes are userspace's or nobody's
      return false;
  }
}

/// Tells when the AP's signal crosses SET_CQM's threshold, the kernel's way.
void watch_signal(Interface& interface, const Station& ap) {
  constexpr uint64_t kAverageOf = 4;  // beacons before the average means something
  auto& monitor = interface.signal_monitor;
  const auto signal = ap.counters.beacon_signal.dbm();
  const bool off = monitor.threshold_dbm == 0 && !monitor.range_dbm;
  if (off || !signal || ap.counters.rx_beacons < kAverageOf) return;
  const auto hysteresis = static_cast<int32_t>(monitor.hysteresis_db);
  const int32_t last = monitor.last_event_dbm;
  bool low = *signal < monitor.threshold_dbm && (last == 0 || *signal < last - hysteresis);
  bool high = *signal > monitor.threshold_dbm && (last == 0 || *signal > last + hysteresis);
  if (monitor.range_dbm) {
    const auto [lowest, highest] = *monitor.range_dbm;
    low = *signal < lowest && (last == 0 || last >= lowest);
    high = *signal > highest && (last == 0 || last <= highest);
  }
  if (!low && !high) return;
  monitor.last_event_dbm = *signal;
  cfg80211::cqm_rssi(interface.wdev(), low, *signal);
}

}  // namespace

Verdict hand_to_mlme(RadioStack& stack, RxFrame& frame) {
  StationMlme* mlme = frame.interface.station_mlme();
  if (mlme == nullptr || !is_mlme_frame(frame.view)) return Verdict::kDrop;
  if (frame.station != nullptr) ++frame.station->counters.rx_packets;
  const bool beacon = frame.view.fc().is_beacon() && frame.station != nullptr;
  mlme->on_frame(frame);
  if (!beacon || !mlme->is_associated()) return Verdict::kTaken;
  if (const Station* ap = stack.stations().find(frame.interface, mlme->bssid()))
    watch_signal(frame.interface, *ap);
  return Verdict::kTaken;
}

}  // namespace airloom::mac80211
