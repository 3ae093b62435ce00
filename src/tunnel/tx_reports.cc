#include "tunnel/tx_reports.h"

#include <algorithm>

namespace airloom::tunnel {

TxReports::TxReports(Scheduler& scheduler, std::function<void()> on_ready)
    : scheduler_(scheduler),
      on_ready_(std::move(on_ready)),
      expiry_(scheduler, [this] { expire(); }),
      gather_(scheduler, [this] { on_ready_(); }) {}

void TxReports::clear() {
  pending_.clear();
  ready_.clear();
  expiry_.cancel();
  gather_.cancel();
}

void TxReports::on_injected(FrameNumber number, const ieee80211::FrameView& frame) {
  pending_.push_back({.number = number,
                      .receiver = frame.address1(),
                      .sender = frame.has_address2() ? frame.address2() : MacAddress{},
                      .sequence = frame.fc().is_control() ? uint16_t{0} : frame.sequence().bits,
                      .subtype = static_cast<uint8_t>(frame.fc().subtype()),
                      .since = scheduler_.now()});
  if (!expiry_.is_armed()) expiry_.arm(patience());
}

void TxReports::on_not_sent(FrameNumber number) {
  report({.number = number, .acked = false, .tries = 0});
}

void TxReports::on_returned(const ieee80211::RadiotapHeader& radiotap,
                            const ieee80211::FrameView& frame) {
  source_ = Source::kReturns;
  const auto found = std::ranges::find_if(pending_, [&](const Pending& pending) {
    return pending.receiver == frame.address1() &&
           pending.subtype == static_cast<uint8_t>(frame.fc().subtype()) &&
           (!frame.has_address2() || pending.sender == frame.address2()) &&
           (frame.fc().is_control() || pending.sequence == frame.sequence().bits);
  });
  if (found == pending_.end()) return;
  const bool failed = (*radiotap.tx_flags & ieee80211::radiotap_tx::kFailed) != 0;
  const Pending pending = *found;
  pending_.erase(found);
  report(pending, !failed, static_cast<uint8_t>(1 + radiotap.data_retries.value_or(0)));
}

void TxReports::on_ack(const MacAddress& receiver) {
  if (source_ == Source::kReturns) return;
  // ACKs come in the order of the frames.
  const auto found = std::ranges::find(pending_, receiver, &Pending::sender);
  if (found == pending_.end()) return;
  source_ = Source::kAcks;
  const Pending pending = *found;
  pending_.erase(found);
  report(pending, true, 1);
}

/// Where nobody ever told, what was sent counts as received: to think the peer gone would be worse.
void TxReports::expire() {
  const TimePoint now = scheduler_.now();
  while (!pending_.empty() && pending_.front().since + patience() <= now) {
    const Pending pending = pending_.front();
    pending_.pop_front();
    report(pending, source_ == Source::kUnknown, 1);
  }
  if (!pending_.empty()) expiry_.arm_at(pending_.front().since + patience());
}

void TxReports::report(const Pending& pending, bool acked, uint8_t tries) {
  report({.number = pending.number, .acked = acked, .tries = tries});
}

void TxReports::report(TxReport report) {
  ready_.push_back(report);
  if (!gather_.is_armed()) gather_.arm(kGatherTime);
}

std::vector<TxReport> TxReports::take(size_t max) {
  const size_t count = std::min(max, ready_.size());
  std::vector<TxReport> taken(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(count));
  ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(count));
  return taken;
}

}  // namespace airloom::tunnel
