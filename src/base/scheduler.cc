#include "base/scheduler.h"

namespace airloom {

void Timer::arm_at(TimePoint deadline) {
  cancel();
  deadline_ = deadline;
  id_ = scheduler_.schedule_at(deadline, [this] {
    id_ = 0;
    auto on_fire = on_fire_;  // the callback may destroy this timer
    on_fire();
  });
}

void Timer::cancel() {
  if (id_ == 0) return;
  scheduler_.cancel(id_);
  id_ = 0;
}

}  // namespace airloom
