// The SA Query procedure of one end: it asks the peer whether their security association stands,
// again and again until an answer comes or time is up. What follows is the owner's business.
// [802.11-2020 11.13]
#pragma once

#include <functional>
#include <vector>

#include "base/mac_address.h"
#include "base/rng.h"
#include "base/scheduler.h"
#include "bytes/writer.h"
#include "ieee80211/action.h"

namespace airloom::sme {

class SaQueryProcedure {
 public:
  // The standard leaves both open; these are hostapd's and wpa_supplicant's, in TU.
  static constexpr uint32_t kLimitTu = 1000;
  static constexpr uint32_t kRetryTu = 201;

  /// @param ask  sends a request with that transaction identifier.
  SaQueryProcedure(Scheduler& scheduler, Rng& rng, std::function<void(uint16_t)> ask,
                   std::function<void()> on_timeout);

  /// Asks, unless it is asking already or was answered within kLimitTu of the last start: whoever
  /// forges what makes it ask gets no more than one exchange out of the two ends in that time.
  void start();
  /// Ends it, and forgets an answer.
  void stop();
  /// An answer; ends the procedure if it is one to a request of this procedure.
  bool on_response(uint16_t transaction);
  bool is_running() const { return !transactions_.empty(); }
  /// Until it gives up or, answered, would ask again, in TU; else 0.
  uint32_t remaining_tu() const;

 private:
  void ask();

  Scheduler& scheduler_;
  Rng& rng_;
  std::function<void(uint16_t)> ask_;
  std::function<void()> on_timeout_;
  std::vector<uint16_t> transactions_;  // of the requests so far
  TimePoint started_{};
  Timer retry_;
};

/// An SA Query frame, whole, with the header's sequence number left to the kernel.
Octets sa_query_frame(ieee80211::SaQuery query, const MacAddress& to, const MacAddress& from,
                      const MacAddress& bssid);

}  // namespace airloom::sme
