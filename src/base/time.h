// Time as the core sees it: a monotonic count of nanoseconds since the world began, handed in by
// a Scheduler. Nothing below `platform` reads a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace airloom {

using Duration = std::chrono::nanoseconds;

/// Time since the world's beginning. A world starts at 1 s, so that 0 can mean "never".
struct TimePoint {
  Duration since_epoch{0};

  friend auto operator<=>(const TimePoint&, const TimePoint&) = default;
  TimePoint operator+(Duration d) const { return {since_epoch + d}; }
  TimePoint operator-(Duration d) const { return {since_epoch - d}; }
  Duration operator-(TimePoint other) const { return since_epoch - other.since_epoch; }

  uint64_t us() const { return static_cast<uint64_t>(since_epoch.count()) / 1000; }
  uint64_t ms() const { return static_cast<uint64_t>(since_epoch.count()) / 1'000'000; }
};

/// One 802.11 time unit, 1,024 us. [802.11-2020 3.1]
constexpr Duration tu(int64_t count) {
  return std::chrono::microseconds(1024 * count);
}

}  // namespace airloom
