// The one queue of a world, ordered by (deadline, insertion). The daemon advances it to the real
// time, a simulation jumps it from event to event: the same code runs in both. A heap over slots
// that are used again, so the steady state allocates nothing.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/scheduler.h"

namespace airloom {

class EventQueue final : public Scheduler {
 public:
  TimePoint now() const override { return now_; }
  EventId schedule_at(TimePoint deadline, std::function<void()> action) override;
  EventId schedule_call(TimePoint deadline, uint64_t turn, Call call, void* context) override;
  uint64_t take_turn() override { return ++last_turn_; }
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
  size_t pending() const { return heap_.size(); }

 private:
  static constexpr size_t kNowhere = SIZE_MAX;

  /// Holds one event after another. An id is the slot and its generation, so an old id finds
  /// nothing.
  struct Slot {
    std::function<void()> action;
    Call call = nullptr;  // instead of an action
    void* context = nullptr;
    size_t heap_index = kNowhere;
    uint32_t generation = 1;
  };
  struct Entry {
    TimePoint deadline;
    uint64_t turn = 0;  // counts up, so ties keep insertion order
    uint32_t slot = 0;
    bool operator<(const Entry& other) const {
      return std::pair(deadline, turn) < std::pair(other.deadline, other.turn);
    }
  };

  EventId id_of(uint32_t slot) const;
  uint32_t take_slot();
  EventId insert(TimePoint deadline, uint64_t turn, uint32_t slot);
  void remove(const Entry& entry);
  void put(size_t index, const Entry& entry);
  void sift_up(size_t index, const Entry& entry);
  void sift_down(size_t index, const Entry& entry);

  TimePoint now_{std::chrono::seconds(1)};
  uint64_t last_turn_ = 0;
  std::vector<Entry> heap_;  // the children of i are at 2i + 1 and 2i + 2
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_slots_;
};

}  // namespace airloom
