// Power save of a station, the kernel's dynamic kind: after a time without traffic it tells its AP
// with a Null frame that it sleeps; a frame to send wakes it, and so does a beacon whose TIM names
// it, then with another Null frame. What a dozing radio does without is the driver's business: a
// simulated one hears as well as before. [802.11-2020 11.2.3.2]
#pragma once

#include "base/scheduler.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

class Interface;
class RadioStack;

class StationPowerSave {
 public:
  StationPowerSave(RadioStack& stack, Interface& interface);

  /// SET_POWER_SAVE. @param timeout_ms  idle time before it sleeps; negative: the default
  void configure(bool on, int timeout_ms);
  /// What it depends on may have changed: the association, the port, the radio's interfaces.
  void update();
  /// The AP's beacon. @param buffered  its TIM says that frames wait for us
  void on_beacon(bool buffered);
  /// A data frame goes out, or one for us alone came in.
  void on_traffic() {
    if (active_) note_traffic();
  }
  void on_transmit() {
    if (active_) wake_and_note();
  }
  bool is_dozing() const { return dozing_; }

  static constexpr Duration kDefaultTimeout = std::chrono::milliseconds(100);

 private:
  bool is_allowed() const;
  void note_traffic();
  void wake_and_note();
  void on_timer();
  void on_null_status(bool acked);
  void set_dozing(bool on);
  void announce(bool sleeping);

  RadioStack& stack_;
  Interface& interface_;
  bool wanted_ = false;
  Duration timeout_ = kDefaultTimeout;
  bool heard_beacon_ = false;
  bool active_ = false;       // wanted and allowed
  bool dozing_ = false;       // the driver has been told
  bool ap_believes_ = false;  // that we sleep
  TimePoint last_traffic_;
  Timer timer_;
};

}  // namespace airloom::mac80211
