#include "base/event_queue.h"

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <vector>

#include "base/rng.h"

namespace airloom {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

TEST(EventQueue, RunsByDeadlineAndTiesByArming) {
  EventQueue queue;
  std::vector<int> order;
  const TimePoint start = queue.now();
  queue.schedule_at(start + milliseconds(2), [&] { order.push_back(3); });
  queue.schedule_at(start + milliseconds(1), [&] { order.push_back(1); });
  queue.schedule_at(start + milliseconds(1), [&] { order.push_back(2); });
  queue.run_for(milliseconds(5));
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
  EXPECT_EQ(queue.now(), start + milliseconds(5));
  EXPECT_EQ(queue.pending(), 0u);
}

TEST(EventQueue, APastDeadlineRunsNowButNotFromWithinTheCall) {
  EventQueue queue;
  bool ran = false;
  const TimePoint start = queue.now();
  queue.schedule_at(TimePoint{}, [&] { ran = true; });
  EXPECT_FALSE(ran);
  EXPECT_EQ(queue.next_deadline(), start);
  queue.run_until(start);
  EXPECT_TRUE(ran);
  EXPECT_EQ(queue.now(), start);
}

TEST(EventQueue, EventsPostedByAnEventRunAfterThoseThatWaited) {
  EventQueue queue;
  std::vector<int> order;
  queue.post([&] {
    order.push_back(1);
    queue.post([&] { order.push_back(3); });
  });
  queue.post([&] { order.push_back(2); });
  queue.run_until(queue.now());
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(EventQueue, ACallbackCancelsAnotherOrItself) {
  EventQueue queue;
  int ran = 0;
  EventId second = 0;
  EventId first = queue.post([&] {
    ++ran;
    queue.cancel(first);  // it has fired already
    queue.cancel(second);
  });
  second = queue.post([&] { ran += 10; });
  queue.run_for(milliseconds(1));
  EXPECT_EQ(ran, 1);
  queue.cancel(12345);
  queue.cancel(0);
}

TEST(EventQueue, RunUntilAConditionStopsAtItOrAtTheLimit) {
  EventQueue queue;
  int ran = 0;
  for (int i = 1; i <= 3; ++i) queue.schedule_at(queue.now() + milliseconds(i), [&] { ++ran; });
  const TimePoint start = queue.now();
  EXPECT_TRUE(queue.run_until([&] { return ran == 2; }, milliseconds(10)));
  EXPECT_EQ(queue.now(), start + milliseconds(2));
  EXPECT_FALSE(queue.run_until([&] { return ran == 9; }, milliseconds(10)));
  EXPECT_EQ(queue.now(), start + milliseconds(12));
  EXPECT_FALSE(queue.run_next());
}

TEST(EventQueue, KeepsItsOrderWhateverIsCancelled) {
  EventQueue queue;
  SeededRng rng(7);
  std::map<std::pair<TimePoint, int>, EventId> expected;  // by deadline, then arming
  std::vector<int> order;
  const TimePoint start = queue.now();
  for (int i = 0; i < 2000; ++i) {
    const TimePoint deadline = start + milliseconds(rng.below(50));
    expected[{deadline, i}] = queue.schedule_at(deadline, [&order, i] { order.push_back(i); });
    if (rng.below(3) != 0) continue;
    const auto victim = std::next(expected.begin(), static_cast<int>(rng.below(expected.size())));
    queue.cancel(victim->second);
    queue.cancel(victim->second);  // its slot is free: nothing more to cancel
    expected.erase(victim);
  }
  EXPECT_EQ(queue.pending(), expected.size());
  queue.run_for(milliseconds(50));
  std::vector<int> expected_order;
  for (const auto& [key, id] : expected) expected_order.push_back(key.second);
  EXPECT_EQ(order, expected_order);
}

TEST(EventQueue, AnOldIdDoesNotCancelTheEventThatHasItsSlot) {
  EventQueue queue;
  const EventId old = queue.post([] {});
  queue.run_next();
  bool ran = false;
  queue.post([&] { ran = true; });
  queue.cancel(old);
  queue.run_next();
  EXPECT_TRUE(ran);
}

TEST(Timer, ArmingAgainReplaces) {
  EventQueue queue;
  int fired = 0;
  Timer timer(queue, [&] { ++fired; });
  timer.arm(milliseconds(1));
  timer.arm(milliseconds(3));
  queue.run_for(milliseconds(2));
  EXPECT_EQ(fired, 0);
  EXPECT_TRUE(timer.is_armed());
  queue.run_for(milliseconds(2));
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(timer.is_armed());
}

TEST(Timer, PutOffItStillFiresInTheOrderOfArming) {
  EventQueue queue;
  std::vector<int> order;
  Timer first(queue, [&] { order.push_back(1); });
  Timer second(queue, [&] { order.push_back(2); });
  Timer third(queue, [&] { order.push_back(3); });
  first.arm(milliseconds(1));
  first.arm(milliseconds(5));  // its event comes earlier
  second.arm(milliseconds(5));
  third.arm(milliseconds(5));
  third.arm(milliseconds(5));
  queue.run_for(milliseconds(2));
  EXPECT_EQ(first.deadline(), queue.now() + milliseconds(3));
  second.arm(milliseconds(3));  // the same deadline, but armed later than the third
  queue.run_for(milliseconds(3));
  EXPECT_THAT(order, ElementsAre(1, 3, 2));
  EXPECT_EQ(queue.pending(), 0u);
}

/// Whatever is armed, put off, brought forward and cancelled: as if each arming were a new event.
TEST(Timer, IsAsExactAsAnEventOfItsOwn) {
  EventQueue queue;
  SeededRng rng(11);
  using Fired = std::vector<std::pair<TimePoint, size_t>>;
  Fired fired, expected;
  struct Pair {
    std::unique_ptr<Timer> timer;
    EventId event = 0;
  };
  std::vector<Pair> pairs(20);
  for (size_t i = 0; i < pairs.size(); ++i)
    pairs[i].timer = std::make_unique<Timer>(queue, [&, i] { fired.emplace_back(queue.now(), i); });
  for (int step = 0; step < 5000; ++step) {
    const size_t i = rng.below(pairs.size());
    queue.cancel(pairs[i].event);
    if (rng.below(5) == 0) {
      pairs[i].timer->cancel();
    } else {
      const TimePoint deadline = queue.now() + milliseconds(rng.below(20));
      pairs[i].timer->arm_at(deadline);
      pairs[i].event =
          queue.schedule_at(deadline, [&, i] { expected.emplace_back(queue.now(), i); });
    }
    if (rng.below(3) == 0) queue.run_for(milliseconds(rng.below(4)));
  }
  queue.run_for(milliseconds(50));
  EXPECT_EQ(fired, expected);
  EXPECT_GT(fired.size(), 500u);
}

TEST(Timer, DestroyedMeansCancelled) {
  EventQueue queue;
  {
    Timer timer(queue, [] { FAIL(); });
    timer.arm(milliseconds(1));
  }
  queue.run_for(milliseconds(2));
  EXPECT_EQ(queue.pending(), 0u);
}

TEST(Timer, MayBeDestroyedByItsOwnCallback) {
  EventQueue queue;
  int fired = 0;
  auto captured = std::make_shared<int>(7);  // must outlive the timer that holds the callback
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(queue, [&, captured] {
    timer.reset();
    fired += *captured;
  });
  timer->arm(milliseconds(1));
  queue.run_for(milliseconds(2));
  EXPECT_EQ(fired, 7);
  EXPECT_EQ(captured.use_count(), 1);
}

TEST(Timer, MayArmItselfAgainFromItsCallback) {
  EventQueue queue;
  std::vector<TimePoint> fired;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(queue, [&] {
    fired.push_back(queue.now());
    if (fired.size() < 3) timer->arm(milliseconds(10));
  });
  const TimePoint start = queue.now();
  timer->arm(milliseconds(10));
  queue.run_for(milliseconds(100));
  EXPECT_THAT(fired, ElementsAre(start + milliseconds(10), start + milliseconds(20),
                                 start + milliseconds(30)));
}

}  // namespace
}  // namespace airloom
