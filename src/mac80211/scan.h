// The software scan of a radio: tunes through the request's channels by ChannelArbiter::tune_away,
// probes or listens, and reports what it hears to cfg80211 (inform_bss), then scan_done. While a
// station on this radio is associated, it goes home between channels, and tells its AP that it
// sleeps while away. Scheduled scans are the driver's own work. [802.11-2020 11.1.4]
#pragma once

#include <optional>

#include "base/result.h"
#include "base/scheduler.h"
#include "cfg80211/requests.h"
#include "ieee80211/mac_header.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

class Interface;
class RadioStack;

class Scan {
 public:
  explicit Scan(RadioStack& stack);
  ~Scan();

  /// @error kBusy  off-channel work or another scan runs.
  Result<void> start(Interface& interface, const cfg80211::ScanRequest& request);
  void abort();
  /// Beacons and Probe Responses, first of all readers, whether or not a scan runs.
  void on_frame(const ieee80211::FrameView& view, const RxStatus& status);
  /// Aborts a scan that this interface asked for.
  void on_interface_stopped(Interface& interface);
  bool is_running() const { return running_.has_value(); }
  bool is_running_for(const Interface& interface) const;
  /// Whom the probe requests are from, while a scan runs.
  std::optional<MacAddress> source() const;

  /// The driver scans by itself from now on. @error kBusy, or the driver's
  Result<void> start_scheduled(Interface& interface, const cfg80211::SchedScanRequest& request);
  /// @error kNotFound  none runs, or the driver's
  Result<void> stop_scheduled();
  void on_scheduled_results();
  void on_scheduled_stopped();

  /// Where a scan's Probe Requests come from: the interface, or a random address.
  MacAddress source_address(const Interface& interface, const cfg80211::ScanRequest& request);
  Octets probe_request(const Interface& interface, const cfg80211::ScanRequest& request,
                       const cfg80211::ScanRequest::Channel& where, std::span<const uint8_t> ssid,
                       const MacAddress& source) const;

 private:
  enum class Step : uint8_t { kDecide, kNextChannel, kTune, kProbe, kHome };
  struct Running {
    uint32_t vif = 0;
    cfg80211::ScanRequest request;
    MacAddress source;   ///< of probe requests: ours, or a random one
    size_t channel = 0;  ///< index of the one in hand, or next
    Step next = Step::kDecide;
    /// On a channel where we may not be the first to send: somebody's beacon makes us probe.
    bool waits_for_beacon = false;
  };

  void on_timer();
  void decide();
  bool must_yield() const;
  void visit_channel();
  void tune();
  void send_probes();
  bool accepts(const ieee80211::FrameView& view) const;
  void leave_channel();
  void go_home();
  void finish(bool aborted);
  const cfg80211::ScanRequest::Channel& channel() const;

  RadioStack& stack_;
  Timer timer_;
  std::optional<Running> running_;
  uint32_t scheduled_vif_ = 0;  // whose scheduled scan runs; 0: none
  uint32_t scheduled_flags_ = 0;
};

}  // namespace airloom::mac80211
