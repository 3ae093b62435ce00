// What the driver tells and asks (Hw).
#include "cfg80211/driver_events.h"
#include "ieee80211/mac_header.h"
#include "mac80211/access_point.h"
#include "mac80211/radio_stack.h"
#include "mac80211/scan.h"

namespace airloom::mac80211 {

void RadioStack::receive(std::span<const ReceivedFrame> burst) {
  if (driver_.is_started()) rx_.receive(burst);
}

namespace {

/// Tells of a peer that many frames in a row, for some time, did not reach.
void note_lost_packet(Station& station, TimePoint now) {
  constexpr uint32_t kMany = 50;
  constexpr auto kSomeTime = std::chrono::seconds(1);
  StationCounters& counters = station.counters;
  if (++counters.lost_packets < kMany || now <= counters.last_ack + kSomeTime) return;
  const uint32_t lost = std::exchange(counters.lost_packets, 0);
  cfg80211::cqm_packet_loss(station.interface().wdev(), station.address(), lost);
}

bool carries_msdu(const TxStatus& status) {
  if (status.tid != kNoTid) return true;
  const auto view = ieee80211::FrameView::of(status.mpdu.octets());
  return view && view->fc().is_data() && view->fc().has_data();
}

void count_status(Station& station, const TxStatus& status, TimePoint now) {
  StationCounters& counters = station.counters;
  uint32_t tries = 0;
  for (const RateAttempt& attempt : status.tried) tries += attempt.tries;
  if (tries > 1) counters.tx_retries += tries - 1;
  if (status.acked) {
    counters.last_ack = now;
    if (status.ack_signal_dbm) {
      counters.last_ack_signal_dbm = status.ack_signal_dbm;
      counters.ack_signal.add(*status.ack_signal_dbm);
    }
    counters.lost_packets = 0;
  } else if (!status.no_ack) {
    ++counters.tx_failed;
    if (station.sleeping) return;  // which says enough of why
    note_lost_packet(station, now);
  }
  if (carries_msdu(status)) {
    auto& tid = counters.tids[status.tid];
    if (!status.acked && !status.no_ack) ++tid.tx_msdu_failed;
    if (tries > 1) tid.tx_msdu_retries += tries - 1;
  }
  station.rate_control().on_status(status, now);
}

void tell_block_ack(BlockAck& block_ack, Station& station, const TxStatus& status) {
  if (status.tid >= kTidCount) return;
  if (status.lost_in_aggregate) block_ack.on_lost(station, status.tid, status.sequence);
  if (status.acked) block_ack.on_delivered(station, status.tid);
}

}  // namespace

void RadioStack::tx_status(const TxStatus& status) {
  Station* station = stations_.find(status.station);
  AccessPoint* ap = station != nullptr ? station->interface().access_point() : nullptr;
  if (station != nullptr) count_status(*station, status, now());
  if (ap != nullptr && ap->keep_unheard(*station, status)) return tx_.account(station, status);
  deliver_sent_to_monitors(status);
  if (station != nullptr) {
    tell_block_ack(block_ack_, *station, status);
    if (status.end_of_service_period && ap != nullptr) ap->on_service_period_end(*station);
  }
  tx_.account(station, status);
  if (status.token != kStatisticsToken) management_tx_.on_tx_status(status);
}

void RadioStack::dequeue(uint32_t vif, uint32_t station, uint8_t tid, size_t max,
                         std::vector<TxFrame>& out) {
  if (Interface* interface = find(vif)) tx_.dequeue(*interface, station, tid, max, out);
}

std::optional<TxFrame> RadioStack::beacon(uint32_t vif, LinkId) {
  Interface* interface = find(vif);
  if (interface == nullptr || interface->access_point() == nullptr || channels_.is_away())
    return std::nullopt;
  return interface->access_point()->next_beacon();
}

void RadioStack::ampdu_tx_started(uint32_t, uint32_t station, uint8_t tid) {
  block_ack_.on_driver_started(station, tid);
}

void RadioStack::ampdu_tx_stopped(uint32_t, uint32_t station, uint8_t tid) {
  block_ack_.on_driver_stopped(station, tid);
}

void RadioStack::sched_scan_results() {
  scan_->on_scheduled_results();
}

void RadioStack::sched_scan_stopped() {
  scan_->on_scheduled_stopped();
}

Octets RadioStack::probe_request(uint32_t vif, const cfg80211::ScanRequest& scan,
                                 const cfg80211::ScanRequest::Channel& channel,
                                 std::span<const uint8_t> ssid) {
  const Interface* interface = find(vif);
  if (interface == nullptr) return {};
  return scan_->probe_request(*interface, scan, channel, ssid,
                              scan_->source_address(*interface, scan));
}

std::optional<TxFrame> RadioStack::next_after_dtim(uint32_t vif, LinkId) {
  Interface* interface = find(vif);
  if (interface == nullptr || interface->transmit_blocked || channels_.is_away())
    return std::nullopt;
  return tx_.next_after_dtim(*interface);
}

}  // namespace airloom::mac80211
