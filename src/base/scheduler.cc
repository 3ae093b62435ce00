#include "base/scheduler.h"

namespace airloom {

void Timer::arm_at(TimePoint deadline) {
  turn_ = scheduler_.take_turn();
  deadline_ = deadline;
  if (id_ != 0 && event_at_ < deadline) return;
  cancel();
  schedule();
}

void Timer::schedule() {
  event_at_ = deadline_;
  id_ = scheduler_.schedule_call(deadline_, turn_, on_event, this);
}

void Timer::on_event(void* timer) {
  Timer& self = *static_cast<Timer*>(timer);
  if (self.deadline_ > self.scheduler_.now()) return self.schedule();  // it has been put off
  self.id_ = 0;
  const auto on_fire = self.on_fire_;  // the callback may destroy this timer
  on_fire();
}

void Timer::cancel() {
  if (id_ == 0) return;
  scheduler_.cancel(id_);
  id_ = 0;
}

}  // namespace airloom
