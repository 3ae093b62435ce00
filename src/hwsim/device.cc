#include "hwsim/device.h"

#include <algorithm>

#include "hwsim/rate_map.h"
#include "ieee80211/frame_control.h"
#include "mac80211/airtime_scheduler.h"
#include "mac80211/classify.h"

namespace airloom::hwsim {

namespace {

constexpr size_t kPullQuantum = 32;  // frames from one access category before the next has its turn
// Of an A-MPDU: what every receiver here takes, and what is added to each MPDU.
constexpr size_t kAmpduMax = 65'535;
constexpr size_t kDelimiterOctets = 4;
constexpr size_t kFcsOctets = 4;
constexpr int kMonitorDbm = 0;  // what a monitor sends has no power of its own, as in the kernel

}  // namespace

Device::Device(Scheduler& scheduler, FramePool& pool, medium::Medium& medium,
               uint64_t tsf_at_zero_us)
    : scheduler_(scheduler),
      ideal_medium_(medium.model().is_ideal()),
      pool_(pool),
      medium_(medium),
      lost_timer_(scheduler,
                  [this] {
                    for (const Outside& lost : std::exchange(lost_, {})) report_lost(lost);
                  }),
      radio_(scheduler, pool, medium, *this, {.tsf_at_zero_us = tsf_at_zero_us}),
      beacons_(
          scheduler, [this] { return radio_.tsf_us(); },
          [this](uint32_t vif, LinkId link) { send_beacon(vif, link); }) {}

Result<void> Device::start() {
  WLAN_ASSERT(hw_ != nullptr);
  started_ = true;
  idle_ = true;
  apply_tuning();
  return {};
}

void Device::stop() {
  started_ = false;
  apply_tuning();
  radio_.drop_all();
  beacons_.stop_all();
  ready_ = 0;
  in_flight_.clear();
  free_cookies_.clear();
  ampdu_max_.clear();
  outside_frames_.clear();
  lost_.clear();
  received_.clear();
}

Result<void> Device::add_vif(const mac80211::Vif& vif) {
  vifs_[vif.id] = {.address = vif.address,
                   .is_monitor = vif.type == mac80211::InterfaceType::kMonitor};
  apply_addresses();
  if (!vifs_[vif.id].is_monitor) tell_address(vif.address, true);
  return {};
}

void Device::change_vif(const mac80211::Vif& vif) {
  VifState& state = vifs_[vif.id];
  const MacAddress before = std::exchange(state.address, vif.address);
  apply_addresses();
  if (state.is_monitor || before == vif.address) return;
  tell_address(before, false);
  tell_address(vif.address, true);
}

void Device::remove_vif(const mac80211::Vif& vif) {
  beacons_.stop(vif.id);
  if (const auto found = vifs_.find(vif.id); found != vifs_.end()) {
    if (!found->second.is_monitor) tell_address(found->second.address, false);
    vifs_.erase(found);
  }
  apply_addresses();
}

void Device::apply_addresses() {
  std::vector<MacAddress> addresses;
  for (const auto& [id, vif] : vifs_) addresses.push_back(vif.address);
  if (filter_.scan_address) addresses.push_back(*filter_.scan_address);
  radio_.set_addresses(std::move(addresses));
}

Result<void> Device::tune(const ChannelDefinition& channel) {
  const TimePoint now = scheduler_.now();
  if (is_scanning() && !channels_.empty())
    surveyed_[channels_[0].primary_mhz * 1000 + channels_[0].primary_offset_khz] = now - tuned_at_;
  channels_ = {channel};
  tuned_at_ = now;
  apply_tuning();
  return {};
}

Result<void> Device::use_channels(std::span<const ChannelDefinition> channels) {
  channels_.assign(channels.begin(), channels.end());
  apply_tuning();
  return {};
}

void Device::set_idle(bool idle) {
  idle_ = idle;
  apply_tuning();
}

void Device::apply_tuning() {
  std::vector<medium::Channel> tuned;
  if (started_ && !idle_)
    for (const ChannelDefinition& channel : channels_) tuned.push_back(to_medium(channel));
  radio_.tune(tuned);
}

void Device::configure_filter(const mac80211::ReceiveFilter& filter) {
  radio_.set_promiscuous(filter.all || filter.other_bss || filter.fcs_failed);
  radio_.set_hears_damaged(filter.fcs_failed);
  const auto scanned_from = filter_.scan_address;
  filter_ = filter;
  if (filter.scan_address == scanned_from) return;
  apply_addresses();
  // A scan's address is told for as long as it lasts.
  if (scanned_from) tell_address(*scanned_from, false);
  if (!filter.scan_address) return;
  surveyed_.clear();
  tell_address(*filter.scan_address, true);
}

std::optional<cfg80211::SurveyInfo> Device::survey(uint32_t mhz, uint16_t offset_khz) {
  const auto found = surveyed_.find(mhz * 1000 + offset_khz);
  if (found == surveyed_.end()) return std::nullopt;
  const auto ms = static_cast<uint64_t>(found->second / std::chrono::milliseconds(1));
  // The busy share is mac80211_hwsim's invention too: nobody measures an ideal medium.
  return cfg80211::SurveyInfo{.mhz = mhz,
                              .offset_khz = offset_khz,
                              .noise_dbm = kNoiseDbm,
                              .time_ms = ms,
                              .time_busy_ms = ms / 8};
}

void Device::link_changed(const mac80211::Vif& vif, LinkId link, const mac80211::LinkConfig& config,
                          uint32_t) {
  const auto state = vifs_.find(vif.id);
  if (state != vifs_.end()) {
    state->second.tx_power_dbm = config.tx_power_dbm;
    state->second.associated = config.associated;
    state->second.bssid = config.bssid;
    state->second.aid = config.aid;
  }

  if (started_) beacons_.follow(vif.id, link, config);
}

void Device::send_beacon(uint32_t vif, mac80211::LinkId link) {
  if (auto beacon = hw_->beacon(vif, link)) {
    transmit(*std::move(beacon));
    while (auto frame = hw_->next_after_dtim(vif, link)) transmit(*std::move(frame));
  }
}

uint64_t Device::tsf_us(const mac80211::Vif&) {
  return radio_.tsf_us();
}

void Device::set_tsf_us(const mac80211::Vif&, uint64_t tsf) {
  radio_.set_tsf_us(tsf);
  beacons_.rearm();
}

/// Nothing needs preparing.
Result<mac80211::AmpduReply> Device::ampdu_action(const mac80211::Vif& vif,
                                                  const mac80211::AmpduParams& params) {
  using mac80211::AmpduAction;
  switch (params.action) {
    case AmpduAction::kTxStopContinue:
    case AmpduAction::kTxStopFlush:
    case AmpduAction::kTxStopFlushContinue:
      ampdu_max_.erase({params.station.id, params.tid});
      hw_->ampdu_tx_stopped(vif.id, params.station.id, params.tid);
      break;
    case AmpduAction::kTxOperational:
      ampdu_max_[{params.station.id, params.tid}] = params.buffer_size;
      break;
    case AmpduAction::kRxStart:
    case AmpduAction::kRxStop:
    case AmpduAction::kTxStart:
      break;
  }
  return mac80211::AmpduReply::kReady;
}

void Device::wake_queue(const mac80211::Vif&, uint32_t, uint8_t tid) {
  ready_ |= static_cast<uint8_t>(1u << mac80211::access_category_of(tid));
  pull();
}

void Device::pull() {
  while (started_ && ready_ != 0 && radio_.has_room()) {
    for (uint8_t ac = 0; ac < mac80211::kAccessCategories && radio_.has_room(); ++ac)
      if ((ready_ >> ac & 1) != 0) pull_from(ac);
  }
}

void Device::pull_from(uint8_t access_category) {
  const auto bit = static_cast<uint8_t>(1u << access_category);
  ready_ &= static_cast<uint8_t>(~bit);
  const size_t max = std::min(kPullQuantum, radio_.room());
  auto frames = std::exchange(pulled_, {});  // a pull from within finds it empty
  if (hw_->dequeue_next(access_category, max, frames)) ready_ |= bit;
  for (std::span<mac80211::TxFrame> rest = frames; !rest.empty();) {
    const size_t size = ampdu_size(rest);
    const uint32_t reference = size > 1 ? medium_.new_ampdu_reference() : 0;
    for (size_t i = 0; i < size; ++i)
      send(std::move(rest[i]), {.reference = reference, .last = size > 1 && i == size - 1});
    rest = rest.subspan(size);
  }
  frames.clear();
  pulled_ = std::move(frames);
}

/// How many frames, from the first on, go in one A-MPDU; 1: the first goes alone. Where frames take
/// time or may be lost, each goes alone, with an ACK of its own. [802.11-2020 9.7.1, 10.12]
/// DEVIATES: mac80211_hwsim has agreements, but no A-MPDUs. Nobody but monitors sees these: each
/// MPDU is acknowledged as there.
size_t Device::ampdu_size(std::span<const mac80211::TxFrame> frames) const {
  const mac80211::TxFrame& first = frames.front();
  const cfg80211::RateInfo& rate = first.rates.front().rate;
  if (!first.aggregate || !ideal_medium_ || rate.kind == cfg80211::RateInfo::Kind::kLegacy)
    return 1;
  const auto agreed = ampdu_max_.find({first.station, first.tid});
  if (agreed == ampdu_max_.end()) return 1;
  const auto padded = [](const mac80211::TxFrame& frame) {
    return kDelimiterOctets + (frame.mpdu.size() + kFcsOctets + 3) / 4 * 4;
  };
  const size_t count_max = std::min<size_t>(frames.size(), agreed->second);
  size_t count = 1, octets = padded(first);
  for (; count < count_max; ++count) {
    const mac80211::TxFrame& next = frames[count];
    octets += padded(next);
    if (!next.aggregate || next.station != first.station || next.tid != first.tid ||
        next.rates.front().rate != rate || octets > kAmpduMax)
      break;
  }
  return count;
}

void Device::transmit(mac80211::TxFrame frame) {
  send(std::move(frame), {});
}

void Device::send(mac80211::TxFrame frame, medium::Ampdu ampdu) {
  if (!started_) return;
  if (!frame.as_written) mark_power_save(frame.mpdu);
  if (is_outside()) return transmit_outside(std::move(frame));
  const auto vif = vifs_.find(frame.vif);
  radio::TxRequest request{
      .channel = to_medium(frame.channel),
      .rates = {},
      .rate_count = 0,
      .power_dbm = (vif == vifs_.end() ? kMonitorDbm : vif->second.tx_power_dbm) + rx_rssi_dbm_ +
                   medium::IdealPropagation::kPathLossDb,
      .no_ack = frame.no_ack,
      .as_written = frame.as_written,
      .ampdu = ampdu,
      .cookie = remember(frame)};
  for (const mac80211::RateAttempt& attempt : frame.rates) {
    if (attempt.tries == 0 && request.rate_count > 0) break;
    if (ideal_medium_ && request.rate_count > 0) break;  // nothing is sent twice
    request.rates[request.rate_count++] = {
        to_medium(attempt.rate, attempt.short_preamble, frame.channel.primary_mhz),
        std::max<uint8_t>(attempt.tries, 1), attempt.rts};
  }
  request.frame = std::move(frame.mpdu);
  radio_.transmit(std::move(request));
}

/// The radio's cookie for a frame whose status is wanted, else 0.
uint64_t Device::remember(const mac80211::TxFrame& frame) {
  if (frame.token == 0) return 0;
  if (free_cookies_.empty()) {
    in_flight_.emplace_back();
    free_cookies_.push_back(in_flight_.size());
  }
  const uint64_t cookie = free_cookies_.back();
  free_cookies_.pop_back();
  in_flight_[cookie - 1] = in_flight(frame);
  return cookie;
}

Device::InFlight Device::in_flight(const mac80211::TxFrame& frame) {
  return {.token = frame.token,
          .vif = frame.vif,
          .station = frame.station,
          .rates = frame.rates,
          .no_ack = frame.no_ack,
          .aggregate = frame.aggregate,
          .end_of_service_period = frame.end_of_service_period,
          .tid = frame.tid,
          .sequence = frame.sequence,
          .access_category = frame.access_category,
          .expected_airtime = frame.expected_airtime};
}

mac80211::TxStatus Device::report_on(const InFlight& sent, bool acked) {
  return {.token = sent.token,
          .vif = sent.vif,
          .station = sent.station,
          .acked = acked,
          .no_ack = sent.no_ack,
          .end_of_service_period = sent.end_of_service_period,
          .tid = sent.tid,
          .sequence = sent.sequence,
          .access_category = sent.access_category,
          .expected_airtime = sent.expected_airtime,
          .tried = sent.rates};
}

void Device::on_tx_status(radio::TxStatus status) {
  if (status.cookie == 0) return;
  const InFlight& sent = in_flight_[status.cookie - 1];
  mac80211::TxStatus report = report_on(sent, status.acked);
  report.mpdu = std::move(status.frame);
  // DEVIATES: mac80211_hwsim never says so, and the peer then waits 100 ms for each frame that its
  // medium lost. On the ideal medium nobody is there who could wait.
  report.lost_in_aggregate = sent.aggregate && !status.acked && !ideal_medium_;
  for (size_t i = 0; i < report.tried.size(); ++i) report.tried[i].tries = status.tries[i];
  if (status.ack_signal_dbm)
    report.ack_signal_dbm = static_cast<int8_t>(std::clamp(*status.ack_signal_dbm, -128, 127));
  free_cookies_.push_back(status.cookie);
  hw_->tx_status(report);
}

/// The radio may hear more than was asked for: for a scan, or for the sake of damaged frames.
bool Device::wants(const FrameBuffer& frame) const {
  const ieee80211::FrameControl fc(frame.octets()[0]);
  const auto receiver = MacAddress::from(frame.octets().subspan(4, 6));
  if (!fc.is_control() || filter_.control) return wants(receiver);
  return !fc.is(ieee80211::Subtype::kAck) && is_for_us(receiver);
}

void Device::on_receive(const FrameBuffer& frame, const radio::RxInfo& info) {
  if (!info.fcs_failed && !wants(frame)) return;
  received_.push_back({frame,
                       {.mhz = info.channel.primary_khz / 1000,
                        .offset_khz = static_cast<uint16_t>(info.channel.primary_khz % 1000),
                        .signal_dbm = static_cast<int8_t>(std::clamp(info.signal_dbm, -128, 127)),
                        .noise_dbm = kNoiseDbm,
                        .rate = from_medium(info.rate),
                        .short_preamble = info.rate.short_preamble,
                        .mactime_us = info.mactime_us,
                        .boottime = info.begin.since_epoch,
                        .ampdu_reference = info.ampdu.reference,
                        .ampdu_last = info.ampdu.last,
                        .fcs_failed = info.fcs_failed,
                        .frame_id = info.transmission}});
}

void Device::on_received_all() {
  if (received_.empty()) return;  // nothing but what the filter holds back
  auto burst = std::exchange(received_, {});
  hw_->receive(burst);
  burst.clear();
  received_ = std::move(burst);
}

}  // namespace airloom::hwsim
