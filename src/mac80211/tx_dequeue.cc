// Out of the transmit queues: what the driver pulls, what a sleeping station asks for, and what
// goes with a station or an interface.
#include "mac80211/access_point.h"
#include "mac80211/airtime.h"
#include "mac80211/amsdu.h"
#include "mac80211/classify.h"
#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

using ieee80211::FrameControl;

namespace {

/// A station that a frame takes long to is given longer queues, lest it lose all speed.
CodelParameters codel_for(RadioStack& stack, const TxQueue& queue) {
  constexpr uint32_t kSlowKbps = 6000;  // if it had its share of the time
  if (queue.station() == nullptr || queue.size() < 2) return {};
  const uint32_t kbps = queue.station()->rate_control().expected_throughput_kbps();
  return kbps != 0 && kbps < kSlowKbps * stack.stations().size() ? kSlowCodel : CodelParameters{};
}

}  // namespace

TxQueue* TxPath::find_queue(Interface& interface, uint32_t station_id, uint8_t tid) {
  if (station_id == 0) return &interface.group_queue;
  Station* station = stack_.stations().find(station_id);
  return station != nullptr && tid < kTidCount ? &station->queues[tid] : nullptr;
}

bool TxPath::has_frames(const TxQueue& queue) {
  return !queue.empty() || (queue.station() != nullptr && !queue.station()->tx_fragments.empty());
}

bool TxPath::is_held_back(const TxQueue& queue) {
  const Interface& interface = queue.interface();
  if (!interface.is_up() || interface.transmit_blocked || stack_.channels().is_away()) return true;
  const Station* station = queue.station();
  if (station == nullptr) return interface.access_point() == nullptr;
  return station->sleeping ||
         (station->tx_fragments.empty() && station->block_ack.holds(queue.tid()));
}

void TxPath::dequeue(Interface& interface, uint32_t station, uint8_t tid, size_t max,
                     std::vector<TxFrame>& out) {
  TxQueue* queue = find_queue(interface, station, tid);
  if (queue == nullptr) return;
  if (!is_held_back(*queue)) pull(*queue, max, out);
  if (!has_frames(*queue)) scheduler_.remove(*queue);
}

bool TxPath::dequeue_next(uint8_t access_category, size_t max, std::vector<TxFrame>& out) {
  const size_t before = out.size();
  const TimePoint now = stack_.now();
  const bool fair = stack_.driver().capabilities().airtime_fairness;
  while (out.size() == before) {
    TxQueue* queue = scheduler_.take(access_category);
    if (queue == nullptr) return false;
    if (is_held_back(*queue)) continue;  // whoever lets it go wakes it
    pull(*queue, max, out);
    if (has_frames(*queue) && !is_held_back(*queue))
      scheduler_.add(*queue, fair, now);
    else
      scheduler_.keep_if_in_debt(*queue, now);
  }
  return !scheduler_.is_empty(access_category);
}

void TxPath::pull(TxQueue& queue, size_t max, std::vector<TxFrame>& out) {
  const DriverCapabilities can = stack_.driver().capabilities();
  const CodelParameters codel = codel_for(stack_, queue);
  const TimePoint now = stack_.now();
  const uint8_t access_category = access_category_of(queue.tid());
  for (size_t count = 0; count < max; ++count) {
    if (can.airtime_limit && !scheduler_.may_hand_over(queue, access_category)) break;
    auto frame = next_frame(queue, codel, now, can.tx_amsdu);
    if (!frame) break;
    if (can.airtime_limit) {
      const RateAttempt& first = frame->rates[0];
      frame->expected_airtime =
          frame_airtime(frame->mpdu.size() + kFcsOctets, first.rate, first.short_preamble);
      scheduler_.on_handed_over(queue.station(), frame->access_category, frame->expected_airtime);
    }
    out.push_back(*std::move(frame));
    if (can.airtime_fairness && AirtimeScheduler::is_in_debt(queue, access_category)) break;
  }
  sealing_.finish();
}

std::optional<TxFrame> TxPath::next_frame(TxQueue& queue, const CodelParameters& codel,
                                          TimePoint now, bool gather) {
  Station* station = queue.station();
  if (station != nullptr) {
    if (!station->tx_fragments.empty()) return station->tx_fragments.pop_front();
    if (station->block_ack.holds(queue.tid())) return std::nullopt;
  }
  while (auto frame = flows_.pop(queue, now, &codel)) {
    if (gather && station != nullptr)
      frame = gather_amsdu(stack_.pool(), flows_, queue, *std::move(frame));
    if (auto made = make_frame(queue.interface(), station, *std::move(frame), &sealing_))
      return made;
  }
  return std::nullopt;
}

void TxPath::account(Station* station, const TxStatus& status) {
  const DriverCapabilities can = stack_.driver().capabilities();
  const uint8_t access_category = status.access_category;
  if (can.airtime_fairness && station != nullptr)
    AirtimeScheduler::charge(*station, access_category,
                             chain_airtime(status.mpdu.size() + kFcsOctets, status.tried),
                             Duration{0}, stack_.now());
  if (status.expected_airtime == Duration{0}) return;
  if (TxQueue* queue = scheduler_.on_done(station, access_category, status.expected_airtime))
    stack_.driver().wake_queue(queue->interface().vif(),
                               queue->station() != nullptr ? queue->station()->id() : 0,
                               queue->tid());
}

void TxPath::account_received(Station& station, uint8_t tid, size_t octets,
                              const RxStatus& status) {
  if (!stack_.driver().capabilities().airtime_fairness) return;
  AirtimeScheduler::charge(station, access_category_of(tid), Duration{0},
                           frame_airtime(octets + kFcsOctets, status.rate, status.short_preamble),
                           stack_.now());
}

void TxPath::on_radio_stopped() {
  scheduler_.forget_pending();
}

std::optional<TxFrame> TxPath::take_one(Station& station, uint8_t tid) {
  if (!station.tx_fragments.empty()) return station.tx_fragments.pop_front();
  if (station.block_ack.holds(tid)) return std::nullopt;
  while (auto frame = flows_.pop(station.queues[tid], stack_.now(), nullptr))
    if (auto made = make_frame(station.interface(), &station, *std::move(frame))) return made;
  return std::nullopt;
}

void TxPath::discard(const QueuedFrame& frame, Drop reason) {
  report_lost(frame.token, 0);
  stack_.drops().note(reason, frame.msdus);
}

void TxPath::discard(const TxFrame& frame, Drop reason) {
  report_lost(frame.token, frame.vif);
  stack_.drops().note(reason);
}

/// Whoever waits for a frame's status learns that it will not come through.
void TxPath::report_lost(TxToken token, uint32_t vif) {
  if (token > kStatisticsToken)
    stack_.management_tx_path().on_tx_status({.token = token, .vif = vif});
}

std::optional<TxFrame> TxPath::next_after_dtim(Interface& interface) {
  AccessPoint* ap = interface.access_point();
  if (ap == nullptr || !ap->at_dtim() || ap->held_group_queue.empty()) return std::nullopt;
  auto made = make_frame(interface, nullptr, ap->held_group_queue.pop_front());
  if (!made) return std::nullopt;
  made->after_dtim = true;
  if (!ap->held_group_queue.empty()) made->mpdu.writable()[1] |= FrameControl::kMoreData >> 8;
  return made;
}

void TxPath::wake(Station& station) {
  for (uint8_t tid = 0; tid < kTidCount; ++tid) wake(station, tid);
}

void TxPath::wake(Station& station, uint8_t tid) {
  if (has_frames(station.queues[tid])) wake(station.queues[tid]);
}

void TxPath::wake(TxQueue& queue) {
  scheduler_.add(queue, stack_.driver().capabilities().airtime_fairness, stack_.now());
  const Station* station = queue.station();
  stack_.driver().wake_queue(queue.interface().vif(), station != nullptr ? station->id() : 0,
                             queue.tid());
}

void TxPath::wake_all() {
  for (const auto& [id, interface] : stack_.interfaces()) {
    if (!interface->is_up()) continue;
    if (has_frames(interface->group_queue)) wake(interface->group_queue);
    for (Station* station : stack_.stations().of(*interface)) wake(*station);
  }
}

void TxPath::drop_older(Station& station, TimePoint limit) {
  for (TxQueue& queue : station.queues) flows_.drop_older(queue, limit, Drop::kTxExpired);
}

void TxPath::drop(Station& station) {
  for (TxQueue& queue : station.queues) {
    scheduler_.remove(queue);
    flows_.clear(queue, Drop::kTxPurged);
  }
  while (!station.tx_fragments.empty()) discard(station.tx_fragments.pop_front(), Drop::kTxPurged);
}

void TxPath::drop(Interface& interface) {
  for (Station* station : stack_.stations().of(interface)) drop(*station);
  scheduler_.remove(interface.group_queue);
  flows_.clear(interface.group_queue, Drop::kTxPurged);
  if (AccessPoint* ap = interface.access_point()) {
    while (!ap->held_group_queue.empty())
      discard(ap->held_group_queue.pop_front(), Drop::kTxPurged);
  }
}

}  // namespace airloom::mac80211
