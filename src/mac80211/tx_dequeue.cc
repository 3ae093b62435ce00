// Out of the transmit queues: what the driver pulls, what a sleeping station asks for, and what
// goes with a station or an interface.
#include "mac80211/access_point.h"
#include "mac80211/amsdu.h"
#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

using ieee80211::FrameControl;

void TxPath::dequeue(Interface& interface, uint32_t station, uint8_t tid, size_t max,
                     std::vector<TxFrame>& out) {
  for (size_t count = 0; count < max; ++count) {
    auto frame = dequeue_one(interface, station, tid, sealing_);
    if (!frame) break;
    out.push_back(*std::move(frame));
  }
  sealing_.finish();
}

std::optional<TxFrame> TxPath::dequeue_one(Interface& interface, uint32_t station_id, uint8_t tid,
                                           Sealing& sealing) {
  if (!interface.is_up() || interface.transmit_blocked || stack_.channels().is_away())
    return std::nullopt;
  if (station_id == 0) {
    AccessPoint* ap = interface.access_point();
    while (ap != nullptr && !ap->group_queue.empty()) {
      QueuedFrame frame = ap->group_queue.pop_front();
      count_queued(interface, -1);
      if (auto made = make_frame(interface, nullptr, std::move(frame), &sealing)) return made;
    }
    return std::nullopt;
  }
  Station* station = stack_.stations().find(station_id);
  if (station == nullptr || station->sleeping || tid >= kTidCount) return std::nullopt;
  if (!station->tx_fragments.empty()) return station->tx_fragments.pop_front();
  if (station->block_ack.holds(tid)) return std::nullopt;
  auto& queue = station->queues[tid];
  while (!queue.empty()) {
    QueuedFrame frame = queue.pop_front();
    count_queued(interface, -1);
    const TimePoint now = stack_.now();
    if (station->codel[tid].should_drop(now - frame.since, queue.size(), now) &&
        !frame.control_port) {
      discard(frame, Drop::kTxDelay);
      continue;
    }
    if (!queue.empty() && stack_.driver().capabilities().tx_amsdu) {
      const size_t before = queue.size();
      frame = gather_amsdu(stack_.pool(), *station, std::move(frame), queue);
      count_queued(interface, -static_cast<std::ptrdiff_t>(before - queue.size()));
    }
    if (auto made = make_frame(interface, station, std::move(frame), &sealing)) return made;
  }
  return std::nullopt;
}

std::optional<TxFrame> TxPath::take_one(Station& station, uint8_t tid) {
  if (!station.tx_fragments.empty()) return station.tx_fragments.pop_front();
  auto& queue = station.queues[tid];
  while (!queue.empty() && !station.block_ack.holds(tid))
    if (auto made = make_frame(station.interface(), &station, queue.pop_front())) return made;
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
  if (token > ManagementTx::kStatisticsToken)
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
  if (!station.queues[tid].empty() || !station.tx_fragments.empty())
    stack_.driver().wake_queue(station.interface().vif(), station.id(), tid);
}

void TxPath::wake_all() {
  for (const auto& [id, interface] : stack_.interfaces()) {
    if (!interface->is_up()) continue;
    AccessPoint* ap = interface->access_point();
    if (ap != nullptr && !ap->group_queue.empty()) wake(*interface, {0, 0});
    for (Station* station : stack_.stations().of(*interface)) wake(*station);
  }
}

void TxPath::drop(Station& station) {
  if (!station.sleeping)
    count_queued(station.interface(), -static_cast<std::ptrdiff_t>(station.queued()));
  stack_.drops().note(Drop::kTxPurged, station.queued() + station.tx_fragments.size());
  for (auto& queue : station.queues) queue.clear();
  station.tx_fragments.clear();
}

void TxPath::drop(Interface& interface) {
  for (Station* station : stack_.stations().of(interface)) drop(*station);
  if (AccessPoint* ap = interface.access_point()) {
    count_queued(interface, -static_cast<std::ptrdiff_t>(ap->group_queue.size()));
    stack_.drops().note(Drop::kTxPurged, ap->group_queue.size() + ap->held_group_queue.size());
    ap->group_queue.clear();
    ap->held_group_queue.clear();
  }
}

}  // namespace airloom::mac80211
