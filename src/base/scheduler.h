// The port through which the core asks for time, and the Timer that every state machine owns.
// Equal deadlines fire in arming order. Callbacks run from the scheduler's loop, never from
// within arm() or cancel(); a callback may arm, cancel or destroy any timer, its own included.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "base/time.h"

namespace airloom {

using EventId = uint64_t;  // 0: none

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  virtual TimePoint now() const = 0;
  /// Runs `action` once at `deadline` (at once, but not before returning, if that is past).
  virtual EventId schedule_at(TimePoint deadline, std::function<void()> action) = 0;
  /// Forgets an event; an id that has fired or is unknown does nothing.
  virtual void cancel(EventId id) = 0;

  /// As schedule_at(), for what re-arms often: `call` gets `context`, and nothing is copied.
  /// @param turn  from take_turn(): among equal deadlines the lower one runs first
  using Call = void (*)(void* context);
  virtual EventId schedule_call(TimePoint deadline, uint64_t turn, Call call, void* context) = 0;
  /// A place behind everything scheduled so far.
  virtual uint64_t take_turn() = 0;

  /// Runs `action` after the event that is being handled now.
  EventId post(std::function<void()> action) { return schedule_at(now(), std::move(action)); }
};

/// A one-shot alarm that belongs to its owner: destroyed means cancelled. Putting one off costs
/// next to nothing, as a watchdog is put off by every frame: its event stays, and looks for the
/// deadline when it comes.
class Timer {
 public:
  Timer(Scheduler& scheduler, std::function<void()> on_fire)
      : scheduler_(scheduler), on_fire_(std::move(on_fire)) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Fires `delay` from now; an earlier arming is replaced.
  void arm(Duration delay) { arm_at(scheduler_.now() + delay); }
  void arm_at(TimePoint deadline);
  void cancel();
  bool is_armed() const { return id_ != 0; }
  TimePoint deadline() const { return deadline_; }

 private:
  static void on_event(void* timer);
  void schedule();

  Scheduler& scheduler_;
  EventId id_ = 0;
  TimePoint deadline_;
  TimePoint event_at_;  // never after the deadline, if armed
  uint64_t turn_ = 0;   // taken when it was armed
  std::function<void()> on_fire_;
};

}  // namespace airloom
