// Stages that judge a frame: duplicates, frame classes, power save, protection.
#include <utility>

#include "cfg80211/driver_events.h"
#include "ieee80211/reason_code.h"
#include "mac80211/access_point.h"
#include "mac80211/cipher_suites.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rx_stages.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

using ieee80211::FrameView;
using ieee80211::Subtype;

// [802.11-2020 10.3.2.14.3]
Verdict check_duplicate(RadioStack&, RxFrame& frame) {
  const FrameView& view = frame.view;
  if (frame.station == nullptr || view.fc().is_control() || view.fc().is_null() ||
      view.is_group_addressed())
    return Verdict::kContinue;
  const uint16_t control = view.sequence().bits;
  // Only a retry can be a duplicate, so the sentinel is safe although 0xffff is a valid field.
  auto& last = frame.station->last_sequence[frame.tid_index];
  if (view.fc().retry() && last == control) {
    ++frame.station->counters.rx_duplicates;
    return Verdict::kDrop;
  }
  last = control;
  return Verdict::kContinue;
}

// [802.11-2020 11.3.3]
Verdict check_class(RadioStack&, RxFrame& frame) {
  const FrameView& view = frame.view;
  const bool class3 = view.fc().is_data() || view.fc().is(Subtype::kPsPoll);
  if (!class3 || (frame.station != nullptr && frame.station->is_associated()))
    return Verdict::kContinue;
  // Our AP may send EAPOL before we have read its Association Response.
  if (frame.station != nullptr && cfg80211::is_station(frame.interface.type()) &&
      view.fc().has_data() && view.body().size() >= 8) {
    const auto type = static_cast<uint16_t>(view.body()[6] << 8 | view.body()[7]);
    if (type == frame.interface.control_port.ethertype) return Verdict::kContinue;
  }
  if (cfg80211::is_ap(frame.interface.type()))
    cfg80211::rx_spurious_frame(frame.interface.wdev(), view.address2());
  return Verdict::kDrop;
}

// The PM bit means something in data and management frames to an AP, when they arrive and not when
// a reorder buffer lets them go. [802.11-2020 9.2.4.1.7, 11.2.3.2]
Verdict follow_power_save(RadioStack&, RxFrame& frame) {
  AccessPoint* ap = frame.interface.access_point();
  const auto fc = frame.view.fc();
  if (ap == nullptr || frame.station == nullptr || fc.is_control() || fc.more_fragments() ||
      frame.view.is_group_addressed())
    return Verdict::kContinue;
  Station& station = *frame.station;
  if (fc.power_management() && station.sleeping && fc.is_qos_data())
    ap->on_trigger(station, frame.view.tid());
  else if (fc.power_management())
    ap->on_station_sleep(station);
  else
    ap->on_station_wake(station);
  return Verdict::kContinue;
}

Verdict reorder(RadioStack& stack, RxFrame& frame) {
  const FrameView& view = frame.view;
  if (frame.station == nullptr || !view.fc().is_qos_data() || view.is_group_addressed())
    return Verdict::kContinue;
  Station& station = *frame.station;
  const uint8_t tid = view.tid();
  const ieee80211::AckPolicy policy = view.qos().ack_policy();
  RxBlockAck* session = station.block_ack.recipient(tid);
  if (session == nullptr) {
    if (policy == ieee80211::AckPolicy::kBlockAck) stack.block_ack().on_unexpected(station, tid);
    return Verdict::kContinue;
  }
  if (view.fc().is_null() || policy == ieee80211::AckPolicy::kNoAck) return Verdict::kContinue;
  if (session->timeout_tu != 0) session->last_rx = stack.now();
  if (view.sequence().fragment() != 0) {
    // No fragments under an agreement: whoever sends them does not know of it.
    constexpr auto kReason = static_cast<uint16_t>(ieee80211::ReasonCode::kUnknownBa);
    stack.block_ack().stop_rx(station, tid, kReason, /*tell=*/true);
    return Verdict::kDrop;
  }
  std::vector<HeldMpdu> released;
  switch (session->buffer.accept(view.sequence().number(), frame.buffer, frame.status, stack.now(),
                                 released)) {
    case ReorderBuffer::Outcome::kPass:
      return Verdict::kContinue;
    case ReorderBuffer::Outcome::kHeld:
      stack.block_ack().after_reception(*session);
      stack.rx().resume(station.id(), released);
      return Verdict::kTaken;
    case ReorderBuffer::Outcome::kOld:
    case ReorderBuffer::Outcome::kDuplicate:
      ++station.counters.rx_duplicates;
      return Verdict::kDrop;
  }
  return Verdict::kDrop;
}

Verdict handle_control(RadioStack& stack, RxFrame& frame) {
  if (!frame.view.fc().is_control()) return Verdict::kContinue;
  if (frame.station == nullptr) return Verdict::kDrop;
  if (frame.view.fc().is(Subtype::kBlockAckRequest)) {
    const bool used = stack.block_ack().on_request(*frame.station, frame.view.body());
    return used ? Verdict::kTaken : Verdict::kDrop;
  }
  AccessPoint* ap = frame.interface.access_point();
  if (!frame.view.fc().is(Subtype::kPsPoll) || ap == nullptr) return Verdict::kDrop;
  ap->on_ps_poll(*frame.station);
  return Verdict::kTaken;
}

namespace {

void count_reception(RadioStack& stack, const RxFrame& frame) {
  StationCounters& counters = frame.station->counters;
  if (!frame.view.is_group_addressed()) {
    counters.last_rx = stack.now();
    if (frame.view.fc().is_data()) {
      counters.last_rx_rate = frame.status.rate;
      stack.tx().account_received(*frame.station, static_cast<uint8_t>(frame.tid_index),
                                  frame.view.octets().size(), frame.status);
    }
  }
  counters.rx_bytes += frame.view.octets().size();
  counters.last_signal_dbm = frame.status.signal_dbm;
  counters.signal.add(frame.status.signal_dbm);
}

}  // namespace

void report_four_address(RxFrame& frame) {
  if (std::exchange(frame.station->told_of_4addr, true)) return;
  cfg80211::rx_unexpected_4addr_frame(frame.port().wdev(), frame.station->address());
}

Verdict note_station(RadioStack& stack, RxFrame& frame) {
  if (frame.station == nullptr) return Verdict::kContinue;
  count_reception(stack, frame);
  if (!frame.view.fc().is_data() || !frame.view.fc().is_null()) return Verdict::kContinue;
  if (frame.view.fc().has_address4() && cfg80211::is_ap(frame.interface.type()) &&
      !frame.port().is_four_address()) {
    report_four_address(frame);
    return Verdict::kDrop;
  }
  ++frame.station->counters.rx_packets;
  return Verdict::kTaken;
}

namespace {

/// The key that an unprotected frame should have been protected with, if there is one.
Key* expected_key(RxFrame& frame) {
  KeyRing& group = frame.port().link().keys;
  const auto& fc = frame.view.fc();
  if (fc.is_beacon()) {
    Key* six = group.find(6);
    return six != nullptr ? six : group.find(7);
  }
  if (frame.station != nullptr && !frame.view.is_group_addressed())
    if (Key* pairwise = frame.station->keys.tx_key(frame.station->keys.unicast)) return pairwise;
  if (fc.is_management() && frame.view.is_group_addressed()) return group.tx_key(group.management);
  for (uint8_t index = 0; index < 4; ++index)
    if (Key* key = group.find(index)) return key;
  return nullptr;
}

/// The key a protected frame names.
Key* named_key(RxFrame& frame, uint8_t id) {
  if (!frame.view.is_group_addressed()) {
    // A unicast frame under a group key is no RSNA frame. [802.11-2020 12.6.1.1]
    if (frame.station != nullptr) {
      KeyRing& pairwise = frame.station->keys;
      // As the kernel: whatever id it claims, there is one key that it can be under.
      Key* named = pairwise.find(id);
      if (named == nullptr) named = pairwise.tx_key(pairwise.unicast);
      if (named != nullptr) return named;
    } else if (!frame.view.fc().is(Subtype::kAuthentication)) {
      return nullptr;
    }
    // WEP has no other, and who authenticates by it is no station yet.
    Key* shared = frame.interface.link().keys.find(id);
    return shared != nullptr && shared->is_wep() ? shared : nullptr;
  }
  // DEVIATES: the kernel opens group frames to an AP under its own group key. Who sends them knows
  // that key and wants to pass for another station.
  if (cfg80211::is_ap(frame.interface.type())) return nullptr;
  return frame.port().link().keys.find(id);
}

Drop reason_of(Opened failure) {
  switch (failure) {
    case Opened::kNoSuchKey:
      return Drop::kRxNoKey;
    case Opened::kReplay:
      return Drop::kRxReplay;
    case Opened::kBadMic:
      return Drop::kRxBadMic;
    case Opened::kOk:
    case Opened::kMalformed:
      break;
  }
  return Drop::kRxProtection;
}

/// Protection by a Management MIC element: group-addressed robust frames and beacons.
Verdict check_bip(RxFrame& frame, uint16_t key_index) {
  const bool beacon = frame.view.fc().is_beacon();
  // Before the BSS uses beacon protection, a MIC element in a beacon is just an element.
  if (beacon && frame.key == nullptr) return Verdict::kContinue;
  // Nor is it ours to judge where another BSS sent it, or where we are the access point ourselves.
  if (beacon && (frame.station == nullptr || !cfg80211::is_station(frame.interface.type())))
    return Verdict::kContinue;
  const bool in_range =
      beacon ? key_index == 6 || key_index == 7 : key_index == 4 || key_index == 5;
  Key* key = in_range ? frame.interface.link().keys.find(static_cast<uint8_t>(key_index)) : nullptr;
  const Opened opened =
      key != nullptr ? check_management_mic(*key, frame.view) : Opened::kNoSuchKey;
  if (opened == Opened::kOk) {
    frame.key = key;
    frame.decrypted = true;
    return Verdict::kContinue;
  }
  if (beacon) cfg80211::rx_unprotected_mlme_frame(frame.interface.wdev(), frame.view.octets());
  return drop_for(frame, reason_of(opened));
}

/// Whether a beacon is of our AP, and should have a MIC.
bool protects_beacons(const RxFrame& frame) {
  const StationMlme* mlme = frame.interface.station_mlme();
  return mlme != nullptr && frame.station != nullptr && mlme->protects_beacons();
}

}  // namespace

Verdict decrypt(RadioStack& stack, RxFrame& frame) {
  const auto& fc = frame.view.fc();
  if (!fc.is_protected()) {
    frame.key = expected_key(frame);
    if (!fc.is_management() || !frame.view.is_group_addressed()) return Verdict::kContinue;
    const bool has_mfp = frame.station != nullptr && frame.station->mfp;
    if (!fc.is_beacon() && (!has_mfp || !frame.view.is_robust_management()))
      return Verdict::kContinue;
    const auto index = management_mic_key_id(frame.view);
    return index ? check_bip(frame, *index) : Verdict::kContinue;
  }
  // To a group only MIC elements protect; whoever encrypts has the group key and no right to.
  // DEVIATES: the kernel opens such frames, and takes beacons that claim to be encrypted unopened.
  if (fc.is_management() && frame.view.is_group_addressed()) {
    if (fc.is_beacon() && protects_beacons(frame))
      cfg80211::rx_unprotected_mlme_frame(frame.interface.wdev(), frame.view.octets());
    return Verdict::kDrop;
  }
  const auto id = key_id(frame.view);
  if (!id) return Verdict::kDrop;
  frame.key = named_key(frame, *id);
  if (frame.key == nullptr || !frame.key->protects_data()) return drop_for(frame, Drop::kRxNoKey);
  const size_t counter = fc.is_management() ? kManagementReplayCounter : frame.view.tid();
  if (frame.key->is_tkip()) frame.packet_number = packet_number(*frame.key, frame.view).value_or(0);
  const Opened opened = stack.rx().unprotect(frame, counter);
  if (opened != Opened::kOk) return drop_for(frame, reason_of(opened));
  const auto view = FrameView::of(frame.buffer.octets());
  if (!view) return Verdict::kDrop;
  frame.view = *view;
  frame.decrypted = true;
  return Verdict::kContinue;
}

namespace {

/// Joins a fragment to those before it; goes on once the frame is whole.
Verdict join_fragment(RadioStack& stack, RxFrame& frame) {
  if (frame.view.is_group_addressed()) return Verdict::kDrop;
  FragmentCache::Protection protection;
  if (frame.decrypted) {
    const size_t counter =
        frame.view.fc().is_management() ? kManagementReplayCounter : frame.view.tid();
    // WEP has no packet numbers, and of TKIP's Michael proves that they belong together.
    protection = {frame.key->serial(), frame.key->is_aead() ? frame.key->last_rx_pn(counter)
                                                            : frame.view.sequence().fragment()};
  }
  FragmentCache& cache =
      frame.station != nullptr ? frame.station->fragments : frame.interface.fragments;
  switch (cache.add(frame.buffer, frame.tid_index, protection, stack.now())) {
    case FragmentCache::Outcome::kWaiting:
      return Verdict::kTaken;
    case FragmentCache::Outcome::kNoBeginning:
      return Verdict::kDrop;
    case FragmentCache::Outcome::kMixed:
      return drop_for(frame, Drop::kRxMixedFragments);
    case FragmentCache::Outcome::kWhole:
      break;
  }
  const auto view = FrameView::of(frame.buffer.octets());
  if (!view) return Verdict::kDrop;
  frame.view = *view;
  return Verdict::kContinue;
}

}  // namespace

Verdict reassemble(RadioStack& stack, RxFrame& frame) {
  const bool fragment = frame.view.fc().more_fragments() || frame.view.sequence().fragment() != 0;
  if (fragment) {
    const Verdict verdict = join_fragment(stack, frame);
    if (verdict != Verdict::kContinue) return verdict;
  }
  if (frame.station != nullptr) ++frame.station->counters.rx_packets;
  return Verdict::kContinue;
}

// Countermeasures are the business of whoever hears the event. [802.11-2020 12.5.2.4]
Verdict verify_michael(RadioStack&, RxFrame& frame) {
  if (!frame.decrypted || frame.key == nullptr || !frame.key->is_tkip() ||
      !frame.view.fc().has_data())
    return Verdict::kContinue;
  Key& key = *frame.key;
  switch (check_michael(key, frame.buffer)) {
    case Opened::kOk:
      break;
    case Opened::kBadMic:
      ++key.icv_errors;
      cfg80211::michael_mic_failure(frame.interface.wdev(), frame.view.address2(),
                                    !frame.view.is_group_addressed(), key.index());
      return Verdict::kDrop;
    case Opened::kMalformed:
    case Opened::kNoSuchKey:
    case Opened::kReplay:
      return drop_for(frame, Drop::kRxProtection);
  }
  key.set_last_rx_pn(frame.view.tid(), frame.packet_number);
  const auto view = FrameView::of(frame.buffer.octets());
  if (!view) return Verdict::kDrop;
  frame.view = *view;
  return Verdict::kContinue;
}

}  // namespace airloom::mac80211
