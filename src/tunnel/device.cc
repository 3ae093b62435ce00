#include "tunnel/device.h"

#include <algorithm>

#include "base/assert.h"
#include "ieee80211/mac_header.h"
#include "mac80211/airtime_scheduler.h"
#include "mac80211/classify.h"

namespace airloom::tunnel {

using mac80211::TxStatus;

namespace {

constexpr size_t kPullQuantum = 32;  // frames from one access category before the next has its turn
// Management frames do not wait for room, so slots are many more than kInFlightMax.
constexpr size_t kSlots = 4096;
constexpr size_t kTimestampOffset = 24;  // in beacons and probe responses
constexpr size_t kTimestampOctets = 8;

TxStatus status_of(const mac80211::TxFrame& frame) {
  return {.token = frame.token,
          .vif = frame.vif,
          .station = frame.station,
          .no_ack = frame.no_ack,
          .end_of_service_period = frame.end_of_service_period,
          .tid = frame.tid,
          .sequence = frame.sequence,
          .access_category = frame.access_category,
          .expected_airtime = frame.expected_airtime,
          .tried = frame.rates};
}

uint8_t tries_of(const mac80211::RateChain& chain) {
  unsigned tries = 0;
  for (const auto& attempt : chain) tries += attempt.tries;
  return static_cast<uint8_t>(std::clamp(tries, 1u, 255u));
}

}  // namespace

Device::Device(const AcPorts& ports, uint64_t tsf_at_zero_us)
    : ports_(ports),
      ac_(ports, *this),
      beacons_(
          *ports.scheduler, [this] { return tsf_us(); },
          [this](uint32_t vif, mac80211::LinkId link) { send_beacon(vif, link); }),
      in_flight_(kSlots),
      finished_timer_(*ports.scheduler,
                      [this] {
                        for (const TxStatus& status : std::exchange(finished_, {}))
                          if (started_) hw_->tx_status(status);
                      }),
      expiry_(*ports.scheduler, [this] { on_expiry(); }),
      tsf_offset_us_(static_cast<int64_t>(tsf_at_zero_us)) {}

Result<void> Device::start() {
  WLAN_ASSERT(hw_ != nullptr);
  started_ = true;
  idle_ = true;
  apply_rules();
  expiry_.arm(kReportTime);
  return {};
}

void Device::stop() {
  started_ = false;
  apply_rules();
  beacons_.stop_all();
  ready_ = 0;
  finished_.clear();
  in_flight_.assign(kSlots, {});
  in_flight_count_ = 0;
  expiry_.cancel();
}

Result<void> Device::add_vif(const mac80211::Vif& vif) {
  vifs_[vif.id] = vif.address;
  apply_rules();
  return {};
}

void Device::change_vif(const mac80211::Vif& vif) {
  vifs_[vif.id] = vif.address;
  apply_rules();
}

void Device::remove_vif(const mac80211::Vif& vif) {
  beacons_.stop(vif.id);
  vifs_.erase(vif.id);
  apply_rules();
}

Result<void> Device::tune(const mac80211::ChannelDefinition& channel) {
  channel_ = channel;
  ac_.set_channel(channel);
  return {};
}

void Device::set_idle(bool idle) {
  idle_ = idle;
  apply_rules();
}

void Device::configure_filter(const mac80211::ReceiveFilter& filter) {
  filter_ = filter;
  apply_rules();
}

void Device::apply_rules() {
  ReceiveRules rules{.on = started_ && !idle_, .filter = filter_, .addresses = {}};
  for (const auto& [id, address] : vifs_)
    if (std::ranges::find(rules.addresses, address) == rules.addresses.end())
      rules.addresses.push_back(address);
  if (filter_.scan_address) rules.addresses.push_back(*filter_.scan_address);
  constexpr size_t kAddressesMax = 255;
  if (rules.addresses.size() > kAddressesMax) rules.addresses.resize(kAddressesMax);
  ac_.set_rules(std::move(rules));
}

void Device::link_changed(const mac80211::Vif& vif, mac80211::LinkId link,
                          const mac80211::LinkConfig& config, uint32_t) {
  if (started_) beacons_.follow(vif.id, link, config);
}

void Device::send_beacon(uint32_t vif, mac80211::LinkId link) {
  if (auto beacon = hw_->beacon(vif, link)) {
    transmit(*std::move(beacon));
    while (auto frame = hw_->next_after_dtim(vif, link)) transmit(*std::move(frame));
  }
}

uint64_t Device::tsf_us() const {
  return ports_.scheduler->now().us() + static_cast<uint64_t>(tsf_offset_us_);
}

void Device::on_tsf(uint64_t tsf_us) {
  tsf_offset_us_ = static_cast<int64_t>(tsf_us - ports_.scheduler->now().us());
}

void Device::wake_queue(const mac80211::Vif&, uint32_t, uint8_t tid) {
  ready_ |= static_cast<uint8_t>(1u << mac80211::access_category_of(tid));
  pull();
}

void Device::pull() {
  while (started_ && ready_ != 0 && has_room()) {
    for (uint8_t ac = 0; ac < mac80211::kAccessCategories && has_room(); ++ac)
      if ((ready_ >> ac & 1) != 0) pull_from(ac);
  }
}

void Device::pull_from(uint8_t access_category) {
  const auto bit = static_cast<uint8_t>(1u << access_category);
  ready_ &= static_cast<uint8_t>(~bit);
  std::vector<mac80211::TxFrame> frames;
  const size_t max = std::min(kPullQuantum, room());
  if (hw_->dequeue_next(access_category, max, frames)) ready_ |= bit;
  for (mac80211::TxFrame& frame : frames) transmit(std::move(frame));
}

void Device::transmit(mac80211::TxFrame frame) {
  if (!started_) return;
  TxStatus status = status_of(frame);
  if (!ac_.is_joined()) return finish_later(status);
  if (!frame.as_written) stamp(frame.mpdu);
  const mac80211::RateAttempt& first = frame.rates.front();
  const bool wants_report = frame.token != 0 && !frame.no_ack;
  const FrameNumber number = ac_.send({.mhz = static_cast<uint16_t>(frame.channel.primary_mhz),
                                       .rate = first.rate,
                                       .tries = tries_of(frame.rates),
                                       .short_preamble = first.short_preamble,
                                       .no_ack = frame.no_ack,
                                       .wants_report = wants_report},
                                      frame.mpdu.octets());
  if (!wants_report) {
    status.tried[0].tries = 1;
    return finish_later(status);
  }
  InFlight& slot = in_flight_[number % kSlots];
  if (slot.number != 0) finish(slot, false, 0);
  slot = {.number = number, .since = ports_.scheduler->now(), .status = status};
  ++in_flight_count_;
}

/// Writes our idea of the radio's TSF into a beacon or probe response: injected, it goes out as it
/// is. [802.11-2020 11.1.3.1]
void Device::stamp(FrameBuffer& frame) const {
  if (frame.size() < kTimestampOffset + kTimestampOctets) return;
  const ieee80211::FrameControl fc(frame.octets()[0]);
  if (!fc.is_beacon() && !fc.is(ieee80211::Subtype::kProbeResponse)) return;
  if (!frame.is_unique()) frame = frame.copy();
  const uint64_t tsf = tsf_us();
  for (size_t i = 0; i < kTimestampOctets; ++i)
    frame.writable()[kTimestampOffset + i] = static_cast<uint8_t>(tsf >> (8 * i));
}

void Device::finish_later(const TxStatus& status) {
  if (status.token == 0) return;
  finished_.push_back(status);
  if (!finished_timer_.is_armed()) finished_timer_.arm(Duration{0});
}

/// Frees a slot before it tells, since mac80211 may send from within.
void Device::finish(InFlight& slot, bool acked, uint8_t tries) {
  slot.number = 0;
  --in_flight_count_;
  TxStatus status = slot.status;
  status.acked = acked;
  for (auto& attempt : status.tried) {
    attempt.tries = std::min(attempt.tries, tries);
    tries = static_cast<uint8_t>(tries - attempt.tries);
  }
  hw_->tx_status(status);
}

void Device::on_reports(std::span<const TxReport> reports) {
  for (const TxReport& report : reports) {
    InFlight& slot = in_flight_[report.number % kSlots];
    if (!started_ || slot.number != report.number || report.number == 0) continue;
    finish(slot, report.acked, report.tries);
  }
  pull();
}

/// Frames that are older count as lost.
void Device::give_up(Duration age) {
  const TimePoint now = ports_.scheduler->now();
  for (InFlight& slot : in_flight_) {
    if (slot.number == 0 || slot.since + age > now) continue;
    ac_.counters().add(Count::kTxUnreported);
    finish(slot, false, 1);
  }
}

void Device::on_expiry() {
  expiry_.arm(kReportTime / 4);
  if (in_flight_count_ == 0) return;
  give_up(kReportTime);
  pull();
}

void Device::on_joined(const RadioDescription& radio) {
  radio_ = radio;
  if (on_session) on_session(true);
}

void Device::on_lost() {
  if (started_) give_up(Duration{0});
  if (on_session) on_session(false);
}

void Device::on_frame(const RxInfo& info, FrameBuffer frame) {
  if (!started_ || idle_) return;
  hw_->receive(std::move(frame), {.mhz = info.mhz,
                                  .signal_dbm = info.signal_dbm,
                                  .rate = info.rate,
                                  .short_preamble = info.short_preamble,
                                  .mactime_us = info.tsf_us,
                                  .boottime = ports_.scheduler->now().since_epoch});
}

}  // namespace airloom::tunnel
