#include "mac80211/driver_trace.h"

#include "base/assert.h"

namespace airloom::mac80211 {

Result<void> DriverTrace::start() {
  WLAN_ASSERT(!started_);
  auto result = driver_.start();
  started_ = result.has_value();
  log_.debug("drv_start: {}", started_ ? "ok" : to_string(result.error().code));
  return result;
}

void DriverTrace::stop() {
  WLAN_ASSERT(started_);
  started_ = false;
  log_.debug("drv_stop");
  driver_.stop();
}

Result<void> DriverTrace::add_vif(const Vif& vif) {
  WLAN_ASSERT(started_ && vif.id != 0);
  auto result = driver_.add_vif(vif);
  log_.debug("drv_add_interface: vif {} type {} addr {}: {}", vif.id, static_cast<int>(vif.type),
             vif.address.to_string(), result ? "ok" : to_string(result.error().code));
  return result;
}

void DriverTrace::change_vif(const Vif& vif) {
  log_.debug("drv_change_interface: vif {} type {}", vif.id, static_cast<int>(vif.type));
  driver_.change_vif(vif);
}

void DriverTrace::remove_vif(const Vif& vif) {
  log_.debug("drv_remove_interface: vif {}", vif.id);
  driver_.remove_vif(vif);
}

Result<void> DriverTrace::tune(const ChannelDefinition& channel) {
  WLAN_ASSERT(started_);
  auto result = driver_.tune(channel);
  log_.debug("drv_config: {}{}", channel.to_string(), result ? "" : " failed");
  return result;
}

Result<void> DriverTrace::use_channels(std::span<const ChannelDefinition> channels) {
  WLAN_ASSERT(started_);
  WLAN_ASSERT(channels.size() <= driver_.channel_contexts_max() + 1);
  auto result = driver_.use_channels(channels);
  for (const auto& channel : channels)
    log_.debug("channel context: {}{}", channel.to_string(), result ? "" : " failed");
  return result;
}

void DriverTrace::set_idle(bool idle) {
  log_.debug("drv_config: idle {}", idle);
  driver_.set_idle(idle);
}

void DriverTrace::configure_filter(const ReceiveFilter& filter) {
  log_.debug("drv_configure_filter: other_bss {} probe_requests {} control {} all {}{}",
             filter.other_bss, filter.probe_requests, filter.control, filter.all,
             filter.scan_address ? " scan from " + filter.scan_address->to_string() : "");
  driver_.configure_filter(filter);
}

void DriverTrace::link_changed(const Vif& vif, LinkId link, const LinkConfig& config,
                               uint32_t changes) {
  log_.debug("drv_link_info_changed: vif {} link {} changed {:#x}", vif.id, link, changes);
  driver_.link_changed(vif, link, config, changes);
}

void DriverTrace::set_edca(const Vif& vif, LinkId link, uint8_t access_category, uint16_t txop,
                           uint16_t cw_min, uint16_t cw_max, uint8_t aifs) {
  WLAN_ASSERT(access_category < 4);
  log_.debug("drv_conf_tx: vif {} link {} AC {} txop {} cw {} to {} aifs {}", vif.id, link,
             access_category, txop, cw_min, cw_max, aifs);
  driver_.set_edca(vif, link, access_category, txop, cw_min, cw_max, aifs);
}

void DriverTrace::add_station(const StationEntry& station) {
  WLAN_ASSERT(station.id != 0);
  log_.debug("drv_sta_state: {} not there -> none", station.address.to_string());
  driver_.add_station(station);
}

void DriverTrace::station_state(const StationEntry& station, StationState state) {
  log_.debug("drv_sta_state: {} -> {}", station.address.to_string(), static_cast<int>(state));
  driver_.station_state(station, state);
}

void DriverTrace::remove_station(const StationEntry& station) {
  log_.debug("drv_sta_state: {} none -> not there", station.address.to_string());
  driver_.remove_station(station);
}

void DriverTrace::station_sleeps(const Vif& vif, const StationEntry& station, bool sleeping) {
  log_.debug("drv_sta_notify: vif {} sta {} {}", vif.id, station.address.to_string(),
             sleeping ? "sleep" : "awake");
  driver_.station_sleeps(vif, station, sleeping);
}

void DriverTrace::set_power_save(const Vif& vif, bool on) {
  WLAN_ASSERT(started_);
  log_.debug("drv_config: vif {} power save {}", vif.id, on);
  driver_.set_power_save(vif, on);
}

Result<AmpduReply> DriverTrace::ampdu_action(const Vif& vif, const AmpduParams& params) {
  WLAN_ASSERT(params.station.id != 0 && params.tid < 16);
  auto reply = driver_.ampdu_action(vif, params);
  log_.debug(
      "drv_ampdu_action: vif {} sta {} tid {}, ssn {}, buf_size {}, amsdu {}, timeout {} action "
      "{}: {}",
      vif.id, params.station.address.to_string(), params.tid, params.start, params.buffer_size,
      static_cast<int>(params.amsdu), params.timeout_tu, static_cast<int>(params.action),
      reply ? "ok" : to_string(reply.error().code));
  return reply;
}

// Per frame: no log lines.
void DriverTrace::wake_queue(const Vif& vif, uint32_t station, uint8_t tid) {
  driver_.wake_queue(vif, station, tid);
}

void DriverTrace::transmit(TxFrame frame) {
  WLAN_ASSERT(frame.mpdu.size() >= 10);
  if (started_) driver_.transmit(std::move(frame));
}

void DriverTrace::flush(uint32_t vif, bool drop) {
  log_.debug("drv_flush: vif {} drop {}", vif, drop);
  driver_.flush(vif, drop);
}

uint64_t DriverTrace::tsf_us(const Vif& vif) {
  return driver_.tsf_us(vif);
}

void DriverTrace::set_tsf_us(const Vif& vif, uint64_t tsf) {
  log_.debug("drv_set_tsf: vif {} tsf {}", vif.id, tsf);
  driver_.set_tsf_us(vif, tsf);
}

void DriverTrace::tim_changed(const Vif& vif, LinkId link) {
  driver_.tim_changed(vif, link);
}

std::optional<cfg80211::SurveyInfo> DriverTrace::survey(uint32_t mhz, uint16_t offset_khz) {
  return driver_.survey(mhz, offset_khz);
}

Result<void> DriverTrace::set_rts_threshold(uint32_t octets) {
  return driver_.set_rts_threshold(octets);
}

Result<void> DriverTrace::start_sched_scan(const Vif& vif,
                                           const cfg80211::SchedScanRequest& request) {
  WLAN_ASSERT(started_ && !request.scan.channels.empty() && !request.plans.empty());
  log_.debug("drv_sched_scan_start: vif {}", vif.id);
  return driver_.start_sched_scan(vif, request);
}

Result<void> DriverTrace::stop_sched_scan(const Vif& vif) {
  log_.debug("drv_sched_scan_stop: vif {}", vif.id);
  return driver_.stop_sched_scan(vif);
}

}  // namespace airloom::mac80211
