#include "mac80211/scan.h"

#include <linux/nl80211.h>

#include <algorithm>
#include <utility>

#include "cfg80211/driver_events.h"
#include "ieee80211/element.h"
#include "mac80211/bss_observation.h"
#include "mac80211/offchannel.h"
#include "mac80211/radio_stack.h"
#include "mac80211/sleep_announcement.h"
#include "mac80211/station_elements.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {
namespace {

// The kernel's times: how long the medium is left alone before a probe request, how long for
// answers, how long to listen where nothing may be sent, and how long to be home in between.
constexpr auto kProbeDelay = std::chrono::milliseconds(30);
constexpr auto kAnswerTime = std::chrono::milliseconds(30);
constexpr auto kPassiveTime = std::chrono::milliseconds(111);
constexpr auto kHomeTime = std::chrono::milliseconds(200);

constexpr size_t kSequenceControlOffset = 22;

/// Our TSF when the frame's own Timestamp began, which follows a header of 24 octets.
uint64_t tsf_at_timestamp_us(const RxStatus& status) {
  constexpr uint64_t kHeaderBits = 24 * 8;
  const uint32_t bitrate = bitrate_100kbps(status.rate);
  return bitrate == 0 ? 0 : status.mactime_us + kHeaderBits * 10 / bitrate;
}

}  // namespace

Scan::Scan(RadioStack& stack) : stack_(stack), timer_(stack.scheduler(), [this] { on_timer(); }) {}

Scan::~Scan() = default;

Result<void> Scan::start(Interface& interface, const cfg80211::ScanRequest& request) {
  if (running_ || stack_.offchannel().is_busy()) return fail(Errc::kBusy);
  running_ = Running{
      .vif = interface.id(), .request = request, .source = source_address(interface, request)};
  stack_.update_filter();
  timer_.arm(Duration{0});
  return {};
}

MacAddress Scan::source_address(const Interface& interface, const cfg80211::ScanRequest& request) {
  if (!(request.flags & NL80211_SCAN_FLAG_RANDOM_ADDR)) return interface.address();
  MacAddress address;
  stack_.rng().fill(address.octets);
  for (size_t i = 0; i < 6; ++i) {
    const uint8_t fixed = request.mac_mask.octets[i];
    address.octets[i] =
        static_cast<uint8_t>((address.octets[i] & ~fixed) | (request.mac.octets[i] & fixed));
  }
  return address;
}

const cfg80211::ScanRequest::Channel& Scan::channel() const {
  return running_->request.channels[running_->channel];
}

void Scan::on_timer() {
  switch (running_->next) {
    case Step::kDecide:
      return decide();
    case Step::kNextChannel:
      return visit_channel();
    case Step::kTune:
      return tune();
    case Step::kProbe:
      return send_probes();
    case Step::kHome:
      return leave_channel();
  }
}

std::optional<MacAddress> Scan::source() const {
  if (!running_) return std::nullopt;
  return running_->source;
}

/// Before each channel: on to it, home for a while, or give up.
void Scan::decide() {
  if (running_->channel >= running_->request.channels.size()) return finish(false);
  if (must_yield()) return finish(true);
  const auto& channels = stack_.channels();
  if (!channels.is_visiting() || !channels.is_in_use() || !channels.visits_leave_home())
    return visit_channel();
  go_home();
  running_->next = Step::kNextChannel;
  timer_.arm(kHomeTime);
}

/// A scan of low priority ends where an associated station has something to send.
bool Scan::must_yield() const {
  if (!(running_->request.flags & NL80211_SCAN_FLAG_LOW_PRIORITY)) return false;
  return std::ranges::any_of(stack_.interfaces(), [&](const auto& entry) {
    const StationMlme* mlme = entry.second->station_mlme();
    if (mlme == nullptr || !mlme->is_associated()) return false;
    const Station* ap = stack_.stations().find(*entry.second, mlme->bssid());
    return ap != nullptr && ap->queued() > 0;
  });
}

void Scan::visit_channel() {
  if (stack_.channels().is_visiting() || !announce_sleep(stack_, true)) return tune();
  running_->next = Step::kTune;
  timer_.arm(kSleepFlushTime);
}

void Scan::tune() {
  ChannelDefinition where{.primary_mhz = channel().mhz,
                          .primary_offset_khz = channel().offset_khz,
                          .center1_mhz = channel().mhz,
                          .center1_offset_khz = channel().offset_khz};
  if (channel().band == cfg80211::Band::kS1GHz) where.width = cfg80211::ChannelWidth::k1;
  stack_.channels().tune_away(where);
  running_->waits_for_beacon = channel().passive && !running_->request.ssids.empty();
  if (channel().passive || running_->request.ssids.empty()) {
    running_->next = Step::kHome;
    const auto asked = tu(running_->request.duration_tu);
    timer_.arm(std::max<Duration>(asked, kPassiveTime) + stack_.driver().latency());
    return;
  }
  running_->next = Step::kProbe;
  timer_.arm(kProbeDelay);
}

Octets Scan::probe_request(const Interface& interface, const cfg80211::ScanRequest& request,
                           const cfg80211::ScanRequest::Channel& where,
                           std::span<const uint8_t> ssid, const MacAddress& source) const {
  const auto* band = interface.wdev().wiphy().capabilities().find_band(where.band);
  if (band == nullptr) return {};
  const MacAddress bssid = request.bssid.value_or(MacAddress::broadcast());
  Octets frame = management_header(ieee80211::Subtype::kProbeRequest, bssid, source, bssid);
  const auto elements = probe_request_elements(
      *band, where.mhz, interface.type(),
      {.ssid = ssid,
       .user_elements = request.elements,
       .rate_mask = request.rates[static_cast<size_t>(where.band)],
       .no_cck = request.no_cck,
       .minimal = (request.flags & NL80211_SCAN_FLAG_MIN_PREQ_CONTENT) != 0});
  frame.insert(frame.end(), elements.begin(), elements.end());
  if (request.flags & NL80211_SCAN_FLAG_RANDOM_SN) {
    stack_.rng().fill(std::span(frame).subspan(kSequenceControlOffset, 2));
    frame[kSequenceControlOffset] &= 0xf0;  // the fragment number stays 0
  }
  return frame;
}

void Scan::send_probes() {
  const auto& request = running_->request;
  Interface* interface = stack_.find(running_->vif);
  for (const auto& ssid : request.ssids) {
    const Octets frame = probe_request(*interface, request, channel(), ssid, running_->source);
    if (frame.empty()) continue;
    ManagementTxOptions options;
    options.channel = stack_.channels().current();
    options.no_cck = request.no_cck;
    options.keep_sequence = (request.flags & NL80211_SCAN_FLAG_RANDOM_SN) != 0;
    stack_.management_tx_path().send(*interface, frame, std::move(options));
  }
  running_->next = Step::kHome;
  timer_.arm(std::max<Duration>(tu(request.duration_tu), kAnswerTime) + stack_.driver().latency());
}

void Scan::leave_channel() {
  running_->waits_for_beacon = false;
  ++running_->channel;
  decide();
}

void Scan::go_home() {
  if (!stack_.channels().is_visiting()) return;
  stack_.channels().tune_home();
  announce_sleep(stack_, false);
}

void Scan::finish(bool aborted) {
  timer_.cancel();
  auto& wiphy = stack_.find(running_->vif)->wdev().wiphy();
  go_home();
  running_.reset();
  stack_.update_filter();
  cfg80211::scan_done(wiphy, aborted);
}

void Scan::abort() {
  if (running_) finish(true);
}

bool Scan::is_running_for(const Interface& interface) const {
  return running_ && running_->vif == interface.id();
}

void Scan::on_interface_stopped(Interface& interface) {
  if (is_running_for(interface)) finish(true);
  if (scheduled_vif_ == interface.id()) scheduled_vif_ = 0;  // cfg80211 has stopped it before
}

Result<void> Scan::start_scheduled(Interface& interface,
                                   const cfg80211::SchedScanRequest& request) {
  if (scheduled_vif_ != 0) return fail(Errc::kBusy);
  cfg80211::SchedScanRequest what = request;
  for (const auto& band : interface.wdev().wiphy().capabilities().bands)
    what.scan.rates[static_cast<size_t>(band.band)] = (1u << band.rates.size()) - 1;
  TRY(stack_.driver().start_sched_scan(interface.vif(), what));
  scheduled_vif_ = interface.id();
  scheduled_flags_ = request.scan.flags;
  return {};
}

Result<void> Scan::stop_scheduled() {
  const Interface* interface = stack_.find(scheduled_vif_);
  if (interface == nullptr) return fail(Errc::kNotFound);
  TRY(stack_.driver().stop_sched_scan(interface->vif()));
  scheduled_vif_ = 0;
  return {};
}

// mac80211 has one at a time, whose id is 0.
void Scan::on_scheduled_results() {
  if (const Interface* interface = stack_.find(scheduled_vif_))
    cfg80211::sched_scan_results(interface->wdev().wiphy(), 0);
}

void Scan::on_scheduled_stopped() {
  const Interface* interface = stack_.find(std::exchange(scheduled_vif_, 0u));
  if (interface != nullptr) cfg80211::sched_scan_stopped(interface->wdev().wiphy(), 0);
}

/// Answers to others are not ours to read, but for a scan from a random address.
bool Scan::accepts(const ieee80211::FrameView& view) const {
  if (view.fc().is_beacon()) return true;
  const auto is_for = [&](uint32_t vif, uint32_t flags) {
    const Interface* interface = stack_.find(vif);
    return interface != nullptr && (view.address1() == interface->address() ||
                                    (flags & NL80211_SCAN_FLAG_RANDOM_ADDR) != 0 ||
                                    ((flags & NL80211_SCAN_FLAG_ACCEPT_BCAST_PROBE_RESP) != 0 &&
                                     view.address1().is_broadcast()));
  };
  return (running_ && is_for(running_->vif, running_->request.flags)) ||
         is_for(scheduled_vif_, scheduled_flags_);
}

void Scan::on_frame(const ieee80211::FrameView& view, const RxStatus& status) {
  if (!running_ && scheduled_vif_ == 0) return;
  Interface* interface = stack_.find(running_ ? running_->vif : scheduled_vif_);
  if (interface == nullptr) return;
  if (running_ && std::exchange(running_->waits_for_beacon, false)) {
    running_->next = Step::kProbe;
    timer_.arm(Duration{0});
  }
  if (!accepts(view)) return;
  auto observation = observation_of(view, status);
  StationMlme* mlme = interface->station_mlme();
  if (running_ && mlme != nullptr && mlme->is_associated()) {
    observation.parent_bssid = mlme->bssid();
    observation.parent_tsf_us = tsf_at_timestamp_us(status);
  }
  cfg80211::inform_bss(interface->wdev().wiphy(), observation);
}

}  // namespace airloom::mac80211
