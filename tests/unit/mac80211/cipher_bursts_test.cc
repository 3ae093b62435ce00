// Frames protected and opened as a burst are what they are one by one; what one of them is does not
// touch the others.
#include <gtest/gtest.h>

#include <vector>

#include "mac80211/cipher_suites.h"
#include "mac80211/keys.h"

namespace airloom::mac80211 {
namespace {

constexpr size_t kFrames = 40;  // more than one burst of the cipher
constexpr uint32_t kCcmp = 0x000fac04;

std::unique_ptr<Key> make_key(uint8_t fill) {
  return *Key::create(0, true, {.key = Octets(16, fill), .cipher = kCcmp});
}

class CipherBursts : public ::testing::Test {
 protected:
  /// QoS data from 02:..:01 to 02:..:02, each of another length.
  FrameBuffer plain(size_t index) {
    Octets octets(26 + 10 + index * 3, static_cast<uint8_t>(index));
    const Octets header = {0x88, 1, 0, 0, 2, 0, 0, 0, 0, 2, 2, 0, 0,
                           0,    0, 1, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0};
    std::copy(header.begin(), header.end(), octets.begin());
    return pool.from(octets);
  }
  /// What `protect` makes of each frame with a key of its own.
  std::vector<FrameBuffer> sealed() {
    auto key = make_key(7);
    std::vector<FrameBuffer> frames;
    for (size_t i = 0; i < kFrames; ++i) {
      frames.push_back(plain(i));
      EXPECT_TRUE(protect(*key, frames.back()));
    }
    return frames;
  }
  static bool equal(const FrameBuffer& a, const FrameBuffer& b) {
    return std::ranges::equal(a.octets(), b.octets());
  }

  FramePool pool;
};

TEST_F(CipherBursts, AreProtectedAsOneByOne) {
  auto key = make_key(7);
  auto other = make_key(8);
  Sealing sealing;
  std::vector<FrameBuffer> frames;
  for (size_t i = 0; i < kFrames; ++i) {
    frames.push_back(plain(i));
    ASSERT_TRUE(sealing.add(*key, frames.back()));
    if (i == 20) {
      FrameBuffer between = plain(i);
      ASSERT_TRUE(sealing.add(*other, between));
      frames.push_back(between);
    }
  }
  sealing.finish();
  const auto expected = sealed();
  for (size_t i = 0; i < kFrames; ++i)
    EXPECT_TRUE(equal(frames[i + (i > 20 ? 1 : 0)], expected[i])) << i;
  EXPECT_EQ(unprotect(*make_key(8), frames[21], 0), Opened::kOk);
}

TEST_F(CipherBursts, AreOpenedAsOneByOne) {
  std::vector<FrameBuffer> frames = sealed();
  frames[3].writable().back() ^= 1;              // forged
  frames[10] = frames[9];                        // sent again by somebody
  frames[12].trim_back(frames[12].size() - 30);  // cut short
  auto key = make_key(7);
  auto alone = make_key(7);
  Opening opening;
  for (size_t i = 0; i < kFrames; ++i) opening.add(i == 30 ? nullptr : key.get(), frames[i]);
  opening.finish();
  for (size_t i = 0; i < kFrames; ++i) {
    FrameBuffer ahead = frames[i], now = frames[i];
    const Opened expected = unprotect(*alone, now, 0);
    EXPECT_EQ(opening.unprotect(i, *key, ahead, 0), expected) << i;
    if (expected == Opened::kOk) {
      EXPECT_TRUE(equal(ahead, now)) << i;
    }
  }
  EXPECT_EQ(key->replays, alone->replays);
  EXPECT_EQ(key->icv_errors, alone->icv_errors);
  EXPECT_EQ(key->icv_errors, 1u);
  EXPECT_EQ(key->replays, 1u);
}

TEST_F(CipherBursts, AKeyThatCameMeanwhileJudgesForItself) {
  const std::vector<FrameBuffer> frames = sealed();
  auto key = make_key(7);
  auto wrong = make_key(9);
  Opening opening;
  for (const FrameBuffer& frame : frames) opening.add(wrong.get(), frame);
  opening.finish();
  FrameBuffer frame = frames[0];
  EXPECT_EQ(opening.unprotect(0, *key, frame, 0), Opened::kOk);
  frame = frames[1];
  EXPECT_EQ(opening.unprotect(1, *wrong, frame, 0), Opened::kBadMic);
  frame = frames[2];
  EXPECT_EQ(opening.unprotect(kFrames, *key, frame, 0), Opened::kOk) << "an index nobody knows";
}

}  // namespace
}  // namespace airloom::mac80211
