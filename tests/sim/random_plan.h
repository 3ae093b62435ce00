// What happens to a random world, as a list of steps that a seed determines: each stands by itself,
// with dice of its own, so that a plan without some of its steps means the same for the rest.
// shrink() leaves out what a failure does not need.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/time.h"

namespace airloom::lab {

enum class StepKind : uint8_t {
  kStart,    // the host's access point or station
  kStop,     // with a goodbye
  kKill,     // the program: its sockets close
  kDown,     // `ip link set down`
  kMove,     // a station: to one access point, between the two, or out of reach of both
  kSleep,    // a station may doze between beacons
  kWake,     // it may not
  kRekey,    // an access point's group keys
  kExpel,    // an access point sends a station away
  kTraffic,  // a burst from one host to another
  kAir,      // how bad the air is from now on
};
constexpr size_t kStepKinds = 11;

struct Step {
  Duration at{};
  StepKind kind{};
  uint64_t dice = 0;  ///< the seed of whatever else the step draws

  std::string text() const {
    static constexpr std::array<const char*, kStepKinds> kNames = {
        "start", "stop",  "kill",  "down",    "move", "sleep",
        "wake",  "rekey", "expel", "traffic", "air"};
    return fmt::format("{:9.6f} s {} (dice {})", std::chrono::duration<double>(at).count(),
                       kNames.at(static_cast<size_t>(kind)), dice);
  }
};
using Plan = std::vector<Step>;

/// @param length  of the story.
inline Plan make_plan(uint64_t seed, size_t steps, Duration length) {
  // How often each kind comes, in the order of StepKind.
  static constexpr std::array<unsigned, kStepKinds> kWeights = {12, 4, 4, 3, 9, 8, 4, 5, 4, 40, 7};
  SeededRng dice(seed);
  unsigned sum = 0;
  for (const unsigned weight : kWeights) sum += weight;
  Plan plan;
  for (size_t i = 0; i < steps; ++i) {
    uint64_t drawn = dice.below(sum);
    size_t kind = 0;
    for (; drawn >= kWeights.at(kind); ++kind) drawn -= kWeights.at(kind);
    plan.push_back(
        {.at = Duration(static_cast<int64_t>(dice.below(static_cast<uint64_t>(length.count())))),
         .kind = static_cast<StepKind>(kind),
         .dice = dice.below(UINT64_MAX)});
  }
  std::ranges::stable_sort(plan, {}, &Step::at);
  return plan;
}

inline std::string to_text(const Plan& plan) {
  std::string text;
  for (const Step& step : plan) text += step.text() + "\n";
  return text;
}

/// The least part of a failing plan that still fails, in the sense that no single step can go.
/// [Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing Input, 2002]
inline Plan shrink(Plan plan, const std::function<bool(const Plan&)>& fails) {
  for (size_t chunk = std::max<size_t>(1, plan.size() / 2);;) {
    bool smaller = false;
    for (size_t at = 0; at < plan.size();) {
      Plan without = plan;
      const auto first = without.begin() + static_cast<std::ptrdiff_t>(at);
      without.erase(first, first + static_cast<std::ptrdiff_t>(std::min(chunk, plan.size() - at)));
      if (fails(without)) {
        plan = std::move(without);
        smaller = true;
      } else {
        at += chunk;
      }
    }
    if (chunk == 1 && !smaller) return plan;
    if (chunk > 1) chunk /= 2;
  }
}

}  // namespace airloom::lab
