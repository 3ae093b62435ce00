// Random worlds in virtual time: 200 seeds; 2,000 with AIRLOOM_LONG=1. A seed that fails is shrunk
// to the steps that it needs, and the failure says how to replay it alone, with or without the
// rest:
//   AIRLOOM_SEED=17 AIRLOOM_STEPS=3,20 build/dev/tests/sim/sim --gtest_filter=RandomWorlds.Replay
#include <cstdlib>
#include <ranges>

#include "sim/outsider.h"
#include "sim/random_world.h"
#include "sim/seeds.h"

namespace airloom::lab {
namespace {

using namespace std::chrono_literals;

const uint64_t kSeeds = seed_count(2000);

Plan plan_of(uint64_t seed) {
  return make_plan(seed, 60, 30s);
}

std::string faults_of(uint64_t seed, const Plan& plan) {
  RandomWorld world(seed);
  world.run(plan);
  return world.faults();
}

/// The steps of a plan by their numbers, "3,20".
Plan chosen(const Plan& plan, std::string_view numbers) {
  Plan steps;
  for (const auto number : std::views::split(numbers, ',')) {
    const size_t index =
        std::strtoull(std::string(number.begin(), number.end()).c_str(), nullptr, 10);
    if (index < plan.size()) steps.push_back(plan[index]);
  }
  return steps;
}

/// What somebody who sees a seed fail wants to know.
std::string report(uint64_t seed, const std::string& faults, const Plan& least) {
  const Plan whole = plan_of(seed);
  std::string numbers;
  for (const Step& step : least) {
    const auto at = std::ranges::find(whole, step.dice, &Step::dice) - whole.begin();
    numbers += (numbers.empty() ? "" : ",") + std::to_string(at);
  }
  return fmt::format(
      "seed {}:\n{}the steps that it needs:\n{}to replay them:\n"
      "AIRLOOM_SEED={} AIRLOOM_STEPS={} sim --gtest_filter=RandomWorlds.Replay\n",
      seed, faults, to_text(least), seed, numbers);
}

std::string shrunk_report(uint64_t seed, const std::string& faults) {
  return report(seed, faults, shrink(plan_of(seed), [&](const Plan& plan) {
                  return !faults_of(seed, plan).empty();
                }));
}

TEST(RandomWorlds, TheCheckersHold) {
  RandomWorld::Judged all;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    RandomWorld world(seed);
    world.run(plan_of(seed));
    const std::string faults = world.faults();
    ASSERT_EQ(faults, "") << shrunk_report(seed, faults);
    const auto judged = world.judged();
    all.protected_frames += judged.protected_frames;
    all.port += judged.port;
    all.tim += judged.tim;
    all.events += judged.events;
    all.delivered += judged.delivered;
    all.to_group += judged.to_group;
    all.beacons += judged.beacons;
  }
  // Each had its work.
  EXPECT_GE(all.protected_frames, kSeeds * 50);
  EXPECT_GE(all.port, kSeeds * 20);
  EXPECT_GE(all.tim, kSeeds / 2);
  EXPECT_GE(all.events, kSeeds * 50);
  EXPECT_GE(all.delivered, kSeeds * 10);
  EXPECT_GE(all.to_group, kSeeds * 10);
  EXPECT_GE(all.beacons, kSeeds * 20);
  RecordProperty("tim", std::to_string(all.tim));
}

TEST(RandomWorlds, EqualSeedsGiveEqualLogs) {
  const auto log_of = [](uint64_t seed, uint64_t plan) {
    RandomWorld world(seed);
    world.run(plan_of(plan));
    return world.log();
  };
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    const std::string log = log_of(seed, seed);
    EXPECT_EQ(log, log_of(seed, seed)) << "seed " << seed;
    EXPECT_NE(log, log_of(seed, seed + 1000)) << "seed " << seed;
  }
}

/// One seed alone, with its log, when somebody names it.
TEST(RandomWorlds, Replay) {
  const char* named = std::getenv("AIRLOOM_SEED");
  const char* steps = std::getenv("AIRLOOM_STEPS");
  const uint64_t seed = named == nullptr ? 1 : std::strtoull(named, nullptr, 0);
  const Plan plan = steps == nullptr ? plan_of(seed) : chosen(plan_of(seed), steps);
  RandomWorld world(seed);
  world.run(plan);
  if (named != nullptr) fmt::print("{}{}", to_text(plan), world.log());
  EXPECT_EQ(world.faults(), "");
}

/// A planted fault: whenever a station is told to sleep, somebody's radio says something in clear.
/// Of sixty steps the report keeps one.
TEST(RandomWorlds, AFailingSeedIsSeenAndShrinks) {
  const auto faults_of_planted = [](const Plan& plan) {
    RandomWorld world(3);
    world.run(plan, [&](const Step& step) {
      if (step.kind != StepKind::kSleep) return;
      constexpr medium::ReceiverId kSomebody = 1;
      Octets clear(60, 7);
      clear[0] = 0x08;
      clear[1] = 0x02;
      world.world().medium().transmit(kSomebody, {.frame = world.world().pool().from(clear),
                                                  .channel = medium::Channel::of(2'412'000)});
    });
    return world.faults();
  };
  const Plan plan = plan_of(3);
  ASSERT_GE(std::ranges::count(plan, StepKind::kSleep, &Step::kind), 2);
  EXPECT_NE(faults_of_planted(plan), "");
  const Plan least =
      shrink(plan, [&](const Plan& candidate) { return !faults_of_planted(candidate).empty(); });
  ASSERT_EQ(least.size(), 1u) << to_text(least);
  EXPECT_EQ(least[0].kind, StepKind::kSleep);
  const auto number = std::ranges::find(plan, least[0].dice, &Step::dice) - plan.begin();
  EXPECT_NE(report(3, "", least).find(fmt::format("AIRLOOM_SEED=3 AIRLOOM_STEPS={} ", number)),
            std::string::npos);
  EXPECT_EQ(to_text(chosen(plan, std::to_string(number))), to_text(least));
}

TEST(Shrink, KeepsWhatAFailureNeedsWhereverItIs) {
  const Plan plan = make_plan(1, 40, 10s);
  for (const auto& [first, second] : {std::pair{0, 39}, std::pair{7, 8}, std::pair{12, 30}}) {
    const uint64_t one = plan[static_cast<size_t>(first)].dice;
    const uint64_t other = plan[static_cast<size_t>(second)].dice;
    const Plan least = shrink(plan, [&](const Plan& candidate) {
      return std::ranges::count(candidate, one, &Step::dice) == 1 &&
             std::ranges::count(candidate, other, &Step::dice) == 1;
    });
    ASSERT_EQ(least.size(), 2u);
    EXPECT_EQ(least[0].dice, one);
    EXPECT_EQ(least[1].dice, other);
  }
}

}  // namespace
}  // namespace airloom::lab
