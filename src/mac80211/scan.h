// The software scan of a radio: tunes through the request's channels by ChannelArbiter::tune_away,
// probes or listens, and reports what it hears to cfg80211 (inform_bss), then scan_done.
// [802.11-2020 11.1.4]
#pragma once

#include "base/result.h"
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
  bool is_running() const;

 private:
  RadioStack& stack_;
};

}  // namespace airloom::mac80211
