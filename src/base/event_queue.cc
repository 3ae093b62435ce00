#include "base/event_queue.h"

#include <algorithm>

#include "base/assert.h"

namespace airloom {

EventId EventQueue::id_of(uint32_t slot) const {
  return EventId{slots_[slot].generation} << 32 | slot;
}

uint32_t EventQueue::take_slot() {
  if (free_slots_.empty()) {
    WLAN_ASSERT(slots_.size() < UINT32_MAX);
    slots_.emplace_back();
    return static_cast<uint32_t>(slots_.size() - 1);
  }
  const uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

EventId EventQueue::schedule_at(TimePoint deadline, std::function<void()> action) {
  const uint32_t slot = take_slot();
  slots_[slot].action = std::move(action);
  return insert(deadline, take_turn(), slot);
}

EventId EventQueue::schedule_call(TimePoint deadline, uint64_t turn, Call call, void* context) {
  const uint32_t slot = take_slot();
  slots_[slot].call = call;
  slots_[slot].context = context;
  return insert(deadline, turn, slot);
}

EventId EventQueue::insert(TimePoint deadline, uint64_t turn, uint32_t slot) {
  heap_.emplace_back();
  sift_up(heap_.size() - 1, {std::max(deadline, now_), turn, slot});
  return id_of(slot);
}

void EventQueue::cancel(EventId id) {
  const auto slot = static_cast<uint32_t>(id);
  if (slot >= slots_.size() || id_of(slot) != id) return;
  const size_t index = slots_[slot].heap_index;
  if (index == kNowhere) return;
  const auto action = std::exchange(slots_[slot].action, nullptr);  // its end may cancel others
  remove(heap_[index]);
}

/// Takes an event out and frees its slot.
void EventQueue::remove(const Entry& removed) {
  const Entry entry = removed;  // it may be in the heap
  Slot& slot = slots_[entry.slot];
  const size_t index = std::exchange(slot.heap_index, kNowhere);
  slot.call = nullptr;
  if (++slot.generation == 0) slot.generation = 1;  // so that no id is 0
  free_slots_.push_back(entry.slot);

  const Entry last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  if (last < entry)
    sift_up(index, last);
  else
    sift_down(index, last);
}

void EventQueue::put(size_t index, const Entry& entry) {
  heap_[index] = entry;
  slots_[entry.slot].heap_index = index;
}

/// Moves the free place at `index` towards the front until `entry` may have it.
void EventQueue::sift_up(size_t index, const Entry& entry) {
  while (index > 0) {
    const size_t parent = (index - 1) / 2;
    if (!(entry < heap_[parent])) break;
    put(index, heap_[parent]);
    index = parent;
  }
  put(index, entry);
}

/// Likewise towards the end.
void EventQueue::sift_down(size_t index, const Entry& entry) {
  while (true) {
    size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1] < heap_[child]) ++child;
    if (!(heap_[child] < entry)) break;
    put(index, heap_[child]);
    index = child;
  }
  put(index, entry);
}

std::optional<TimePoint> EventQueue::next_deadline() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().deadline;
}

bool EventQueue::run_next() {
  if (heap_.empty()) return false;
  const Entry next = heap_.front();
  now_ = std::max(now_, next.deadline);
  Slot& slot = slots_[next.slot];
  if (const Call call = slot.call) {
    void* const context = slot.context;
    remove(next);
    call(context);
    return true;
  }
  const auto action = std::exchange(slot.action, nullptr);
  remove(next);
  action();
  return true;
}

void EventQueue::run_until(TimePoint until) {
  while (!heap_.empty() && heap_.front().deadline <= until) run_next();
  now_ = std::max(now_, until);
}

bool EventQueue::run_until(const std::function<bool()>& done, Duration limit) {
  const TimePoint end = now_ + limit;
  while (!done()) {
    if (heap_.empty() || heap_.front().deadline > end) {
      now_ = std::max(now_, end);
      return done();
    }
    run_next();
  }
  return true;
}

}  // namespace airloom
