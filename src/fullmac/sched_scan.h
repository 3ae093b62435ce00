// The scheduled scans that the firmware makes for the host: rounds of an ordinary scan by its
// stack, as the plans say. The host hears of a round that has found what is looked for. Whatever
// else the radio is asked for goes first: a round that meets that is made again a little later.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/scheduler.h"
#include "cfg80211/bss_table.h"
#include "cfg80211/requests.h"
#include "cfg80211/wdev.h"

namespace airloom::fullmac {

/// How many at once.
constexpr size_t kSchedScansMax = 2;

class SchedScanOwner {
 public:
  virtual ~SchedScanOwner() = default;
  /// A round has found these.
  virtual void sched_scan_found(uint16_t interface, uint64_t id,
                                const std::vector<const cfg80211::Bss*>& found) = 0;
};

class SchedScans {
 public:
  SchedScans(Scheduler& scheduler, SchedScanOwner& owner) : scheduler_(scheduler), owner_(owner) {}

  /// @error kInvalid  no plan, or one without a pause;  kExists, kNoSpace  beside the others
  Result<void> start(uint16_t interface, cfg80211::Wdev& wdev,
                     const cfg80211::SchedScanRequest& request);
  /// @error kNotFound  the interface has none with that id
  Result<void> stop(uint16_t interface, uint64_t id);
  void stop_all(uint16_t interface);
  /// The radio is wanted for something else.
  void yield();
  /// A scan of the stack has ended; false: it was none of ours.
  bool on_scan_done(bool aborted);

 private:
  struct Entry {
    uint16_t interface;
    cfg80211::Wdev& wdev;
    cfg80211::SchedScanRequest request;
    Timer timer;
    TimePoint round_since;
    size_t plan = 0;
    uint32_t rounds = 0;  ///< of that plan
    Entry(SchedScans& scans, uint16_t number, cfg80211::Wdev& on,
          const cfg80211::SchedScanRequest& what)
        : interface(number),
          wdev(on),
          request(what),
          timer(scans.scheduler_, [this, &scans] { scans.begin_round(*this); }) {}
  };

  void begin_round(Entry& entry);
  void end_round(Entry& entry);
  void erase(std::map<uint64_t, Entry>::iterator at);

  Scheduler& scheduler_;
  SchedScanOwner& owner_;
  std::map<uint64_t, Entry> entries_;   // by the host's id
  cfg80211::Wdev* scanning_ = nullptr;  // on which a round runs
  std::optional<uint64_t> running_;     // whose; none: it has been stopped meanwhile
};

}  // namespace airloom::fullmac
