#include "platform/event_loop.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace airloom::platform {
namespace {

using std::chrono::milliseconds;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe(ends.data()), 0);
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
  UniqueFd read;
  UniqueFd write;
};

struct EventLoopTest : testing::Test {
  EventQueue queue;
  std::unique_ptr<EventLoop> loop = *EventLoop::create(queue);
};

TEST_F(EventLoopTest, TimersFireInRealTimeAndInArmingOrder) {
  std::string order;
  const TimePoint start = queue.now();
  queue.schedule_at(start + milliseconds(20), [&] {
    order += 'c';
    loop->stop();
  });
  queue.schedule_at(start + milliseconds(10), [&] { order += 'a'; });
  queue.schedule_at(start + milliseconds(10), [&] { order += 'b'; });
  loop->run();
  EXPECT_EQ(order, "abc");
  EXPECT_GE(loop->real_now() - start, milliseconds(20));
}

TEST_F(EventLoopTest, TheWorldStartsWhereItsQueueStands) {
  EXPECT_LT(loop->real_now() - queue.now(), milliseconds(500));
}

TEST_F(EventLoopTest, ReadersAndWritersRunUntilTheirWatchGoes) {
  Pipe pipe;
  int reads = 0;
  EventLoop::Watch reader = *loop->on_readable(pipe.read.get(), [&] {
    char octet;
    EXPECT_EQ(::read(pipe.read.get(), &octet, 1), 1);
    if (++reads == 3) loop->stop();
  });
  EventLoop::Watch writer = *loop->on_writable(
      pipe.write.get(), [&] { EXPECT_EQ(::write(pipe.write.get(), "x", 1), 1); });
  EXPECT_FALSE(loop->on_readable(pipe.read.get(), [] {}));
  loop->run();
  EXPECT_EQ(reads, 3);
  writer.reset();
  reader.reset();
  loop->run_ready();
  EXPECT_EQ(reads, 3);
}

TEST_F(EventLoopTest, AHandlerMayUnregisterItselfAndOthers) {
  Pipe one;
  Pipe two;
  int calls = 0;
  EventLoop::Watch first;
  EventLoop::Watch second;
  auto handler = [&] {
    ++calls;
    first.reset();
    second.reset();
  };
  first = *loop->on_readable(one.read.get(), handler);
  second = *loop->on_readable(two.read.get(), handler);
  EXPECT_EQ(::write(one.write.get(), "x", 1), 1);
  EXPECT_EQ(::write(two.write.get(), "x", 1), 1);
  loop->run_ready();
  loop->run_ready();
  EXPECT_EQ(calls, 1);
}

TEST_F(EventLoopTest, AHangupReachesTheReader) {
  Pipe pipe;
  bool told = false;
  auto watch = *loop->on_readable(pipe.read.get(), [&] { told = true; });
  pipe.write.reset();
  loop->run_ready();
  EXPECT_TRUE(told);
}

TEST_F(EventLoopTest, SignalsAreHandlersAndComeBackWhenUnwatched) {
  int interrupts = 0;
  int children = 0;
  auto interrupt = *loop->on_signal(SIGUSR1, [&] { ++interrupts; });
  auto child = *loop->on_signal(SIGUSR2, [&] {
    ++children;
    loop->stop();
  });
  kill(getpid(), SIGUSR1);
  kill(getpid(), SIGUSR2);
  loop->run();
  EXPECT_EQ(interrupts, 1);
  EXPECT_EQ(children, 1);
}

}  // namespace
}  // namespace airloom::platform
