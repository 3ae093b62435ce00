#include "medium/faults.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/event_queue.h"
#include "medium/medium.h"

namespace airloom::medium {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const Channel kOne = Channel::of(2'412'000);

class FaultsTest : public testing::Test, private Receiver {
 protected:
  FaultsTest() {
    medium.tune(id, {&kOne, 1});
    medium.set_filter(id, {.promiscuous = true});
  }
  void send(size_t count = 1) {
    for (size_t i = 0; i < count; ++i)
      medium.transmit(sender, {.frame = pool.allocate(24), .channel = kOne});
  }

  FramePool pool;
  EventQueue queue;
  SeededRng rng{1};
  FaultyPropagation air{rng, {}};
  Medium medium{queue, air};
  const ReceiverId id = medium.attach(*this);
  const ReceiverId sender = medium.attach(*this);
  std::vector<std::string> heard;

 private:
  void on_receive(const Reception& reception) override {
    heard.push_back(std::string(reception.answer ? "answer" : "") +
                    (reception.hand_up ? " hand up" : ""));
  }
  void on_sent(const Transmission&) override {}
};

TEST_F(FaultsTest, WithoutFaultsAllIsHeardOnce) {
  send(3);
  queue.run_for(1s);
  EXPECT_THAT(heard, ElementsAre("answer hand up", "answer hand up", "answer hand up"));
}

TEST_F(FaultsTest, LosesAsManyAsAsked) {
  air.faults.loss = 1000;
  send(10);
  queue.run_for(1s);
  EXPECT_THAT(heard, IsEmpty());
  air.faults.loss = 100;
  send(10'000);
  queue.run_for(10s);
  EXPECT_NEAR(static_cast<double>(heard.size()), 9000, 200);
}

TEST_F(FaultsTest, DoublesDelaysAndReplays) {
  air.faults = {.duplication = 1000};
  send();
  queue.run_for(1s);
  EXPECT_THAT(heard, ElementsAre("answer hand up", "answer hand up"));
  heard.clear();
  air.faults = {.delay = 1000, .delay_max = 5ms};
  send();
  queue.run_for(1s);
  EXPECT_THAT(heard, ElementsAre("answer", " hand up"));
  heard.clear();
  air.faults = {.replay = 1000, .replay_max = 500ms};
  send();
  queue.run_for(1s);
  EXPECT_THAT(heard, ElementsAre("answer hand up", "answer hand up"));
}

TEST_F(FaultsTest, WhoeverHasLeftTheChannelHearsNothingLate) {
  air.faults = {.replay = 1000, .replay_max = 500ms};
  send();
  queue.run_for(1ms);
  medium.tune(id, {});
  queue.run_for(1s);
  EXPECT_THAT(heard, ElementsAre("answer hand up"));
}

TEST_F(FaultsTest, EqualSeedsHaveEqualFaults) {
  const Faults faults{.loss = 200, .duplication = 200, .delay = 200, .replay = 200};
  auto story = [&](uint64_t seed) {
    rng = SeededRng(seed);
    air.faults = faults;
    heard.clear();
    send(200);
    queue.run_for(2s);
    return heard;
  };
  const auto first = story(5);
  EXPECT_EQ(first, story(5));
  EXPECT_NE(first, story(6));
}

}  // namespace
}  // namespace airloom::medium
