#include "bytes/frame_buffer.h"

#include <gmock/gmock.h>

#include <deque>
#include <numeric>

namespace airloom {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

std::vector<uint8_t> counting(size_t size) {
  std::vector<uint8_t> octets(size);
  std::iota(octets.begin(), octets.end(), uint8_t{0});
  return octets;
}

TEST(FrameBuffer, CopiesShareAndOnlyTheLastMayWrite) {
  FramePool pool;
  FrameBuffer first = pool.from(counting(10));
  EXPECT_TRUE(first.is_unique());
  FrameBuffer second = first;
  EXPECT_FALSE(first.is_unique());
  EXPECT_EQ(first.octets().data(), second.octets().data());
  EXPECT_EQ(pool.blocks_in_use(), 1u);
  first = FrameBuffer();
  EXPECT_TRUE(second.is_unique());
  second.writable()[0] = 9;
  EXPECT_EQ(second.octets()[0], 9);
  EXPECT_DEATH(
      {
        FrameBuffer third = second;
        third.writable();
      },
      "is_unique");
}

TEST(FrameBuffer, TrimmingIsPerHandle) {
  FramePool pool;
  const FrameBuffer whole = pool.from(counting(6));
  FrameBuffer part = whole;
  part.trim_front(2);
  part.trim_back(1);
  EXPECT_THAT(part.octets(), ElementsAre(2, 3, 4));
  EXPECT_THAT(whole.octets(), ElementsAreArray(counting(6)));
}

TEST(FrameBuffer, ANoteIsForTheSameOctetsUntilTheyAreWritten) {
  FramePool pool;
  const char ours = 0, theirs = 0;
  FrameBuffer first = pool.from(counting(6));
  EXPECT_EQ(first.find_note(&ours), nullptr);
  {
    const FrameBuffer second = first;
    second.leave_note(&ours, {1, 2, 3});
    FrameBuffer part = first;
    part.trim_front(1);
    EXPECT_EQ(part.find_note(&ours), nullptr);
  }
  ASSERT_NE(first.find_note(&ours), nullptr);
  EXPECT_THAT(*first.find_note(&ours), ElementsAre(1, 2, 3));
  EXPECT_EQ(first.find_note(&theirs), nullptr);
  EXPECT_EQ(first.copy().find_note(&ours), nullptr);
  first.writable();
  EXPECT_EQ(first.find_note(&ours), nullptr);
  first.leave_note(&ours, {});
  first = FrameBuffer();
  first = pool.from(counting(6));  // the same block
  EXPECT_EQ(first.find_note(&ours), nullptr);
  EXPECT_EQ(pool.blocks_created(), 2u);
}

TEST(FrameBuffer, GrowsAtBothEndsWithinItsRoom) {
  FramePool pool;
  FrameBuffer buffer = pool.from(counting(2), 8, 4);
  EXPECT_EQ(buffer.headroom(), 8u);
  EXPECT_GE(buffer.tailroom(), 4u);
  buffer.push_front(2)[0] = 0xaa;
  buffer.writable()[1] = 0xbb;
  buffer.push_back(1)[0] = 0xcc;
  EXPECT_THAT(buffer.octets(), ElementsAre(0xaa, 0xbb, 0, 1, 0xcc));
  EXPECT_EQ(buffer.headroom(), 6u);
  EXPECT_DEATH(buffer.push_front(7), "");
}

TEST(FrameBuffer, ACopyIsPrivate) {
  FramePool pool;
  const FrameBuffer original = pool.from(counting(100));
  FrameBuffer copy = original.copy(16, 8);
  EXPECT_TRUE(copy.is_unique());
  copy.writable()[0] = 77;
  EXPECT_EQ(original.octets()[0], 0);
  EXPECT_EQ(copy.size(), 100u);
  EXPECT_EQ(copy.headroom(), 16u);
}

TEST(FrameBuffer, MovedFromAndEmptyHandlesAreHarmless) {
  FramePool pool;
  FrameBuffer first = pool.from(counting(3));
  const FrameBuffer second = std::move(first);
  first = FrameBuffer();
  EXPECT_FALSE(first);
  EXPECT_TRUE(first.empty());
  EXPECT_TRUE(first.octets().empty());
  EXPECT_EQ(first.tailroom(), 0u);
  EXPECT_EQ(second.size(), 3u);
  FrameBuffer none = pool.from({});
  EXPECT_TRUE(none);
  EXPECT_TRUE(none.empty());
  FrameBuffer& self = none;
  none = self;
  EXPECT_TRUE(none.is_unique());
}

TEST(FramePool, TheSteadyStateTakesNothingFromTheSystem) {
  FramePool pool;
  std::deque<FrameBuffer> in_flight;
  const auto run = [&](int frames) {
    for (int i = 0; i < frames; ++i) {
      in_flight.push_back(pool.allocate(i % 3 == 0 ? 64 : 1500));
      in_flight.push_back(in_flight.back());
      while (in_flight.size() > 50) in_flight.pop_front();
    }
  };
  run(200);
  const uint64_t created = pool.blocks_created();
  run(10000);
  EXPECT_LE(pool.blocks_created(), created + 2);
  in_flight.clear();
  EXPECT_EQ(pool.blocks_in_use(), 0u);
}

TEST(FramePool, JumboFramesComeAndGo) {
  FramePool pool;
  FrameBuffer jumbo = pool.from(counting(60000));
  EXPECT_EQ(jumbo.size(), 60000u);
  EXPECT_EQ(jumbo.copy().octets()[59999], jumbo.octets()[59999]);
  jumbo = FrameBuffer();
  EXPECT_EQ(pool.blocks_in_use(), 0u);
}

}  // namespace
}  // namespace airloom
