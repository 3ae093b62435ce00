#include "base/event_queue.h"

#include <algorithm>

namespace airloom {

EventId EventQueue::schedule_at(TimePoint deadline, std::function<void()> action) {
  deadline = std::max(deadline, now_);
  const EventId id = ++last_id_;
  events_.emplace(Key{deadline, id}, std::move(action));
  deadlines_.emplace(id, deadline);
  return id;
}

void EventQueue::cancel(EventId id) {
  auto found = deadlines_.find(id);
  if (found == deadlines_.end()) return;
  events_.erase(Key{found->second, id});
  deadlines_.erase(found);
}

std::optional<TimePoint> EventQueue::next_deadline() const {
  if (events_.empty()) return std::nullopt;
  return events_.begin()->first.first;
}

bool EventQueue::run_next() {
  if (events_.empty()) return false;
  auto node = events_.extract(events_.begin());
  now_ = std::max(now_, node.key().first);
  deadlines_.erase(node.key().second);
  node.mapped()();
  return true;
}

void EventQueue::run_until(TimePoint until) {
  while (!events_.empty() && events_.begin()->first.first <= until) run_next();
  now_ = std::max(now_, until);
}

bool EventQueue::run_until(const std::function<bool()>& done, Duration limit) {
  const TimePoint end = now_ + limit;
  while (!done()) {
    if (events_.empty() || events_.begin()->first.first > end) {
      now_ = std::max(now_, end);
      return done();
    }
    run_next();
  }
  return true;
}

}  // namespace airloom
