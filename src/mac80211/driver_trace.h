// The one road from mac80211 to a driver: checks what a driver may rely on, then calls, and notes
// each call in the log at debug level, in the kernel's names (drv_*), so that a run can be laid
// beside a kernel's trace.
#pragma once

#include "base/log.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

class DriverTrace {
 public:
  DriverTrace(Driver& driver, Log log) : driver_(driver), log_(std::move(log)) {}

  Result<void> start();
  void stop();
  bool is_started() const { return started_; }
  Result<void> add_vif(const Vif& vif);
  void change_vif(const Vif& vif);
  void remove_vif(const Vif& vif);
  Result<void> tune(const ChannelDefinition& channel);
  size_t channel_contexts_max() const { return driver_.channel_contexts_max(); }
  Result<void> use_channels(std::span<const ChannelDefinition> channels);
  void set_idle(bool idle);
  void configure_filter(const ReceiveFilter& filter);
  void link_changed(const Vif& vif, LinkId link, const LinkConfig& config, uint32_t changes);
  void set_edca(const Vif& vif, LinkId link, uint8_t access_category, uint16_t txop,
                uint16_t cw_min, uint16_t cw_max, uint8_t aifs);
  void add_station(const StationEntry& station);
  void station_state(const StationEntry& station, StationState state);
  void remove_station(const StationEntry& station);
  void station_sleeps(const Vif& vif, const StationEntry& station, bool sleeping);
  void set_power_save(const Vif& vif, bool on);
  DriverCapabilities capabilities() const { return driver_.capabilities(); }
  Duration latency() const { return driver_.latency(); }
  Result<AmpduReply> ampdu_action(const Vif& vif, const AmpduParams& params);
  void wake_queue(const Vif& vif, uint32_t station, uint8_t tid);
  void transmit(TxFrame frame);
  void flush(uint32_t vif, bool drop);
  uint64_t tsf_us(const Vif& vif);
  void set_tsf_us(const Vif& vif, uint64_t tsf);
  void tim_changed(const Vif& vif, LinkId link);
  std::optional<cfg80211::SurveyInfo> survey(uint32_t mhz, uint16_t offset_khz);
  Result<void> set_rts_threshold(uint32_t octets);
  Result<void> start_sched_scan(const Vif& vif, const cfg80211::SchedScanRequest& request);
  Result<void> stop_sched_scan(const Vif& vif);

 private:
  Driver& driver_;
  Log log_;
  bool started_ = false;
};

}  // namespace airloom::mac80211
