#include "base/drifting_clock.h"

#include <gtest/gtest.h>

#include "base/event_queue.h"
#include "base/rng.h"

namespace airloom {
namespace {

using namespace std::chrono_literals;

TEST(DriftingClock, GainsAndLosesAgainstTheWorld) {
  EventQueue world;
  DriftingClock fast(world, 20), slow(world, -20);
  const TimePoint began = world.now(), fast_began = fast.now(), slow_began = slow.now();
  world.run_for(100s);
  EXPECT_EQ(world.now() - began, 100s);
  EXPECT_EQ(fast.now() - fast_began, 100s + 2ms);
  EXPECT_EQ(slow.now() - slow_began, 100s - 2ms);
}

/// A timer that woke before its own clock shows the deadline would spin or skip.
TEST(DriftingClock, NothingFiresBeforeItsDeadlineNorLate) {
  SeededRng dice(1);
  for (const int ppm : {-100'000, -20, 0, 20, 333, 100'000}) {
    EventQueue world;
    DriftingClock clock(world, ppm);
    for (int i = 0; i < 200; ++i) {
      const TimePoint deadline =
          clock.now() + Duration(static_cast<int64_t>(dice.below(3'000'000'000)));
      bool fired = false;
      clock.schedule_at(deadline, [&] {
        fired = true;
        EXPECT_GE(clock.now(), deadline) << ppm;
        EXPECT_LE(clock.now() - deadline, 1ns) << ppm;
      });
      world.run_for(4s);
      EXPECT_TRUE(fired);
    }
  }
}

TEST(DriftingClock, CancelsWhatItScheduled) {
  EventQueue world;
  DriftingClock clock(world, 50);
  bool fired = false;
  clock.cancel(clock.schedule_at(clock.now() + 1s, [&] { fired = true; }));
  world.run_for(2s);
  EXPECT_FALSE(fired);
}

}  // namespace
}  // namespace airloom
