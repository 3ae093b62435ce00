// What the driver tells and asks (Hw).
#include "mac80211/access_point.h"
#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

void RadioStack::receive(FrameBuffer mpdu, const RxStatus& status) {
  if (driver_.is_started()) rx_.receive(std::move(mpdu), status);
}

namespace {

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
  } else if (!status.no_ack) {
    ++counters.tx_failed;
  }
  station.rate_control().on_status(status, now);
}

}  // namespace

void RadioStack::tx_status(const TxStatus& status) {
  if (Station* station = stations_.find(status.station)) count_status(*station, status, now());
  if (status.token != ManagementTx::kStatisticsToken) management_tx_.on_tx_status(status);
}

std::optional<TxFrame> RadioStack::dequeue(uint32_t vif, uint32_t station, uint8_t tid) {
  Interface* interface = find(vif);
  if (interface == nullptr) return std::nullopt;
  return tx_.dequeue(*interface, station, tid);
}

std::optional<TxFrame> RadioStack::beacon(uint32_t vif, LinkId) {
  Interface* interface = find(vif);
  if (interface == nullptr || interface->access_point() == nullptr || channels_.is_away())
    return std::nullopt;
  return interface->access_point()->next_beacon();
}

std::optional<TxFrame> RadioStack::next_after_dtim(uint32_t vif, LinkId) {
  Interface* interface = find(vif);
  if (interface == nullptr || channels_.is_away()) return std::nullopt;
  return tx_.next_after_dtim(*interface);
}

}  // namespace airloom::mac80211
