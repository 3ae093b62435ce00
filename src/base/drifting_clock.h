// A host's own clock, which runs fast or slow against the world's: real oscillators are off by up
// to 20 ppm, and two hosts' beacons drift through each other. [802.11-2020 11.1.3.9]
#pragma once

#include <utility>

#include "base/scheduler.h"

namespace airloom {

class DriftingClock final : public Scheduler {
 public:
  /// @param ppm  how much faster than the world's clock this one is, in millionths; above -500,000.
  ///             At the world's time 0 both agree.
  DriftingClock(Scheduler& world, int ppm) : world_(world), ppm_(ppm) {}

  TimePoint now() const override { return local(world_.now()); }
  EventId schedule_at(TimePoint deadline, std::function<void()> action) override {
    return world_.schedule_at(first_moment_of(deadline), std::move(action));
  }
  EventId schedule_call(TimePoint deadline, uint64_t turn, Call call, void* context) override {
    return world_.schedule_call(first_moment_of(deadline), turn, call, context);
  }
  uint64_t take_turn() override { return world_.take_turn(); }
  void cancel(EventId id) override { world_.cancel(id); }

 private:
  static constexpr int64_t kMillion = 1'000'000;

  /// Split, so that nothing overflows within a century.
  static int64_t parts(int64_t ns, int64_t numerator, int64_t denominator) {
    return ns / denominator * numerator + ns % denominator * numerator / denominator;
  }
  TimePoint local(TimePoint world) const {
    const int64_t ns = world.since_epoch.count();
    return {Duration(ns + parts(ns, ppm_, kMillion))};
  }
  /// The first moment of the world's at which this clock shows `deadline` or more.
  TimePoint first_moment_of(TimePoint deadline) const {
    const int64_t ns = deadline.since_epoch.count();
    TimePoint moment{Duration(ns - parts(ns, ppm_, kMillion + ppm_))};
    while (local(moment) >= deadline) moment = moment - Duration(1);
    while (local(moment) < deadline) moment = moment + Duration(1);
    return moment;
  }

  Scheduler& world_;
  int64_t ppm_;
};

}  // namespace airloom
