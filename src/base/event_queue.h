// The one queue of a world, ordered by (deadline, insertion). The daemon advances it to the real
// time, a simulation jumps it from event to event: the same code runs in both.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/scheduler.h"

namespace airloom {

class EventQueue final : public Scheduler {
 public:
  TimePoint now() const override { return now_; }
  EventId schedule_at(TimePoint deadline, std::function<void()> action) override;
  void cancel(EventId id) override;

  /// The deadline of the next event, if there is any.
  std::optional<TimePoint> next_deadline() const;
  /// Runs every event due at or before `until`, each at its own time, and ends at `until`.
  void run_until(TimePoint until);
  void run_for(Duration duration) { run_until(now_ + duration); }
  /// Runs events until `done` holds or `limit` has passed; true if `done` held.
  bool run_until(const std::function<bool()>& done, Duration limit);
  /// Runs the next event alone; false if there is none.
  bool run_next();
  size_t pending() const { return events_.size(); }

 private:
  using Key = std::pair<TimePoint, EventId>;  // ids count up, so ties keep insertion order

  TimePoint now_{std::chrono::seconds(1)};
  EventId last_id_ = 0;
  std::map<Key, std::function<void()>> events_;
  std::unordered_map<EventId, TimePoint> deadlines_;  // looked up by id, never walked
};

}  // namespace airloom
