// The recipient's window, frame by frame, and against random arrivals.
#include "mac80211/reorder_buffer.h"

#include <gmock/gmock.h>

#include "base/rng.h"

namespace airloom::mac80211 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Outcome = ReorderBuffer::Outcome;

class ReorderBufferTest : public testing::Test {
 protected:
  /// The sequence numbers that an arrival lets go.
  std::vector<int> arrive(ReorderBuffer& buffer, uint16_t sequence,
                          std::optional<Outcome> expected = {}) {
    std::vector<HeldMpdu> out;
    const Outcome outcome = buffer.accept(sequence, frame(sequence), {}, now, out);
    EXPECT_EQ(outcome, expected.value_or(outcome)) << sequence;
    if (outcome == Outcome::kPass) return {sequence};
    EXPECT_TRUE(outcome == Outcome::kHeld || out.empty());
    return numbers(out);
  }
  FrameBuffer frame(uint16_t sequence) {
    const std::array<uint8_t, 2> octets{static_cast<uint8_t>(sequence >> 8),
                                        static_cast<uint8_t>(sequence)};
    return pool.from(octets);
  }
  static std::vector<int> numbers(const std::vector<HeldMpdu>& out) {
    std::vector<int> result;
    for (const HeldMpdu& held : out)
      result.push_back(held.mpdu.octets()[0] << 8 | held.mpdu.octets()[1]);
    return result;
  }

  FramePool pool;
  TimePoint now{std::chrono::seconds(1)};
};

TEST_F(ReorderBufferTest, PassesWhatComesInOrder) {
  ReorderBuffer buffer(4094, 64);
  for (const uint16_t sequence : {4094, 4095, 0, 1}) arrive(buffer, sequence, Outcome::kPass);
  EXPECT_EQ(buffer.head(), 2);
}

TEST_F(ReorderBufferTest, FillsTheGapThenLetsGoInOrder) {
  ReorderBuffer buffer(4095, 64);
  EXPECT_THAT(arrive(buffer, 1, Outcome::kHeld), IsEmpty());
  EXPECT_THAT(arrive(buffer, 0, Outcome::kHeld), IsEmpty());
  EXPECT_THAT(arrive(buffer, 1, Outcome::kDuplicate), IsEmpty());
  EXPECT_THAT(arrive(buffer, 3, Outcome::kHeld), IsEmpty());
  EXPECT_THAT(arrive(buffer, 4095, Outcome::kHeld), ElementsAre(4095, 0, 1));
  EXPECT_THAT(arrive(buffer, 0, Outcome::kOld), IsEmpty());
  EXPECT_THAT(arrive(buffer, 2, Outcome::kHeld), ElementsAre(2, 3));
  EXPECT_EQ(buffer.stored(), 0u);
}

TEST_F(ReorderBufferTest, OldFramesOfBeforeTheAgreementPassUntilItStarts) {
  ReorderBuffer buffer(10, 64);
  arrive(buffer, 9, Outcome::kPass);
  arrive(buffer, 8, Outcome::kPass);
  arrive(buffer, 10, Outcome::kPass);
  arrive(buffer, 9, Outcome::kOld);
}

TEST_F(ReorderBufferTest, AFrameBeyondTheWindowMovesIt) {
  ReorderBuffer buffer(0, 8);
  EXPECT_THAT(arrive(buffer, 1), IsEmpty());
  EXPECT_THAT(arrive(buffer, 3), IsEmpty());
  EXPECT_THAT(arrive(buffer, 9), ElementsAre(1));  // the window is 2 to 9
  EXPECT_EQ(buffer.head(), 2);
  EXPECT_THAT(arrive(buffer, 500), ElementsAre(3, 9));
  EXPECT_EQ(buffer.head(), 493);
}

TEST_F(ReorderBufferTest, ABlockAckRequestMovesItToo) {
  ReorderBuffer buffer(0, 64);
  for (const uint16_t sequence : {2, 3, 6, 7}) arrive(buffer, sequence);
  std::vector<HeldMpdu> out;
  buffer.advance(5, out);
  EXPECT_THAT(numbers(out), ElementsAre(2, 3));
  EXPECT_EQ(buffer.head(), 5);
  out.clear();
  buffer.advance(6, out);
  EXPECT_THAT(numbers(out), ElementsAre(6, 7));
  buffer.advance(1, out);  // backwards: nothing
  EXPECT_EQ(buffer.head(), 8);
}

TEST_F(ReorderBufferTest, PatienceEnds) {
  ReorderBuffer buffer(0, 64);
  arrive(buffer, 1);
  const TimePoint first = now;
  now = now + std::chrono::milliseconds(40);
  arrive(buffer, 3);
  EXPECT_EQ(buffer.deadline(), first + ReorderBuffer::kPatience);
  std::vector<HeldMpdu> out;
  buffer.release_due(now, out);
  EXPECT_THAT(out, IsEmpty());
  buffer.release_due(first + ReorderBuffer::kPatience, out);
  EXPECT_THAT(numbers(out), ElementsAre(1));
  EXPECT_EQ(buffer.deadline(), now + ReorderBuffer::kPatience);
  arrive(buffer, 0, Outcome::kOld);
  buffer.release_due(now + ReorderBuffer::kPatience, out);
  EXPECT_THAT(numbers(out), ElementsAre(1, 3));
  EXPECT_FALSE(buffer.deadline());
}

TEST_F(ReorderBufferTest, WhateverComesLeavesOnceAndInOrder) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SeededRng rng(seed);
    const auto size = static_cast<uint16_t>(1 + rng.below(64));
    const auto start = static_cast<uint16_t>(rng.below(4096));
    ReorderBuffer buffer(start, size);
    std::vector<int> left;
    auto note = [&](const std::vector<int>& some) {
      left.insert(left.end(), some.begin(), some.end());
    };
    uint32_t next = 0;
    for (int i = 0; i < 500; ++i) {
      now = now + std::chrono::milliseconds(rng.below(30));
      const uint64_t back = rng.below(std::min<uint32_t>(size, 20));
      const uint32_t number = next >= back ? next - static_cast<uint32_t>(back) : next;
      if (rng.below(10) != 0) note(arrive(buffer, static_cast<uint16_t>((start + number) & 0xfff)));
      if (rng.below(3) != 0) ++next;
      std::vector<HeldMpdu> out;
      buffer.release_due(now, out);
      note(numbers(out));
    }
    for (size_t i = 1; i < left.size(); ++i) {
      const int step = (left[i] - left[i - 1]) & 0xfff;
      ASSERT_TRUE(step > 0 && step < 2048) << "seed " << seed << " at " << i;
    }
  }
}

}  // namespace
}  // namespace airloom::mac80211
