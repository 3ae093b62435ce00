// BIP's Management MIC element: the standard's frames, what a real kernel sent, and every cipher
// against itself.
#include <gtest/gtest.h>

#include <map>

#include "ieee80211/rsn_element.h"
#include "mac80211/cipher_suites.h"
#include "support/vector_file.h"
#include "unit/ieee80211/air_captures.h"

namespace airloom::mac80211 {
namespace {

using ieee80211::FrameView;
using test::Vector;
namespace cipher = ieee80211::cipher;

std::unique_ptr<Key> make_key(uint8_t index, uint32_t suite, const Octets& material) {
  auto key = Key::create(index, false, {.key = material, .cipher = suite});
  return key ? std::move(*key) : nullptr;
}

Opened check(Key& key, const Octets& mpdu) {
  return check_management_mic(key, *FrameView::of(mpdu));
}

uint32_t suite_of(const Vector& vector) {
  const std::map<std::string, uint32_t> suites = {{"BIP-CMAC-128", cipher::kBipCmac128},
                                                  {"BIP-CMAC-256", cipher::kBipCmac256},
                                                  {"BIP-GMAC-128", cipher::kBipGmac128},
                                                  {"BIP-GMAC-256", cipher::kBipGmac256}};
  return suites.at(vector.text("suite"));
}

TEST(ManagementMic, TheStandardsFramesAreSentAndHold) {
  const auto vectors = test::read_vectors("crypto/bip.txt");
  ASSERT_EQ(vectors.size(), 4u);
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.name());
    Octets expected = vector.octets("frame");
    const Octets element = vector.octets("element");
    expected.insert(expected.end(), element.begin(), element.end());

    const auto sender = make_key(4, suite_of(vector), vector.octets("igtk"));
    ASSERT_TRUE(sender);
    while (sender->last_tx_pn() < 3) sender->next_tx_pn();
    Octets mpdu = vector.octets("frame");
    add_management_mic(*sender, mpdu);
    EXPECT_EQ(mpdu, expected);

    const auto receiver = make_key(4, suite_of(vector), vector.octets("igtk"));
    EXPECT_EQ(management_mic_key_id(*FrameView::of(expected)), 4);
    EXPECT_EQ(check(*receiver, expected), Opened::kOk);
    EXPECT_EQ(receiver->last_rx_pn(0), 4u);
    expected.back() ^= 1;
    const auto fresh = make_key(4, suite_of(vector), vector.octets("igtk"));
    EXPECT_EQ(check(*fresh, expected), Opened::kBadMic);
  }
}

TEST(ManagementMic, TheKernelsFramesHoldAndItsReplaysDoNot) {
  const auto vectors = test::read_vectors("linux-6.1/sae/management_mic.txt");
  ASSERT_GE(vectors.size(), 3u);
  for (const Vector& vector : vectors) {
    const Octets mpdu = vector.octets("mpdu");
    const auto index = static_cast<uint8_t>(std::stoul(vector.text("key_id")));
    EXPECT_EQ(management_mic_key_id(*FrameView::of(mpdu)), index) << vector.name();
    const auto key = make_key(index, cipher::kBipCmac128, vector.octets("key"));
    ASSERT_TRUE(key);
    EXPECT_EQ(check(*key, mpdu), Opened::kOk) << vector.name();
    EXPECT_EQ(check(*key, mpdu), Opened::kReplay) << vector.name();
  }
}

TEST(ManagementMic, EveryBeaconOfTheKernelsCaptureHolds) {
  const auto vectors = test::read_vectors("linux-6.1/sae/management_mic.txt");
  std::map<uint16_t, std::unique_ptr<Key>> keys;  // before and after a rekey
  for (const Vector& vector : vectors) {
    const auto index = static_cast<uint8_t>(std::stoul(vector.text("key_id")));
    keys[index] = make_key(index, cipher::kBipCmac128, vector.octets("key"));
  }
  std::map<uint16_t, size_t> count;
  for (const Octets& packet : read_air("sae_beacons.pcap")) {
    const size_t radiotap = packet[2] | packet[3] << 8;
    const auto view = FrameView::of(std::span(packet).subspan(radiotap));
    ASSERT_TRUE(view && view->fc().is_beacon());
    const uint16_t id = management_mic_key_id(*view).value_or(0);
    ASSERT_TRUE(keys[id]);
    EXPECT_EQ(check_management_mic(*keys[id], *view), Opened::kOk) << "beacon " << count[id];
    ++count[id];
  }
  EXPECT_EQ(count, (std::map<uint16_t, size_t>{{6, 243}, {7, 19}}));
}

/// Whether the MIC covers an octet of a frame that ends in a CMAC-128 element, or the element tells
/// of it: all but Duration, Sequence Control and a beacon's Timestamp. [802.11-2020 12.5.4.3]
bool is_covered(const Octets& mpdu, size_t at) {
  const bool timestamp = mpdu[0] == 0x80 && at >= 24 && at < 32;
  return at != 2 && at != 3 && at != 22 && at != 23 && !timestamp;
}

TEST(ManagementMic, OneBitChangedInTheKernelsFramesAndTheyDoNotHold) {
  constexpr uint8_t kMaskedFlags = 0x38;  // Retry, Power Management, More Data
  for (const Vector& vector : test::read_vectors("linux-6.1/sae/management_mic.txt")) {
    const Octets mpdu = vector.octets("mpdu");
    const auto index = static_cast<uint8_t>(std::stoul(vector.text("key_id")));
    const auto key = make_key(index, cipher::kBipCmac128, vector.octets("key"));
    for (size_t at = 0; at < mpdu.size(); ++at)
      for (unsigned bit = 1; bit < 0x100; bit <<= 1) {
        Octets changed = mpdu;
        changed[at] ^= static_cast<uint8_t>(bit);
        if (!is_covered(mpdu, at) || (at == 1 && (bit & kMaskedFlags) != 0)) continue;
        const auto view = FrameView::of(changed);
        if (!view || management_mic_key_id(*view) != index) continue;  // another frame or key
        EXPECT_NE(check_management_mic(*key, *view), Opened::kOk)
            << vector.name() << ", octet " << at << ", bit " << bit;
      }
    EXPECT_EQ(check(*key, mpdu), Opened::kOk) << vector.name();
  }
}

struct Suite {
  const char* name;
  uint32_t cipher;
  size_t key_size, mic_size;
};
void PrintTo(const Suite& suite, std::ostream* out) {
  *out << suite.name;
}

class BipCipher : public testing::TestWithParam<Suite> {
 protected:
  const Octets material_ = Octets(GetParam().key_size, 0x5a);
  std::unique_ptr<Key> sender_ = make_key(4, GetParam().cipher, material_);
  std::unique_ptr<Key> receiver_ = make_key(4, GetParam().cipher, material_);

  Octets protected_frame(uint8_t subtype) {
    Octets mpdu(24 + 14);
    mpdu[0] = subtype;
    std::fill_n(mpdu.begin() + 4, 6, uint8_t{0xff});
    std::fill_n(mpdu.begin() + 10, 12, uint8_t{2});
    add_management_mic(*sender_, mpdu);
    return mpdu;
  }
  static constexpr uint8_t kDeauthentication = 0xc0, kBeacon = 0x80;
};

TEST_P(BipCipher, WhatOneEndSendsTheOtherAccepts) {
  ASSERT_TRUE(sender_ && receiver_);
  for (int i = 0; i < 3; ++i) {
    const Octets mpdu = protected_frame(kDeauthentication);
    EXPECT_EQ(mpdu.size(), 24 + 14 + 10 + GetParam().mic_size);
    EXPECT_EQ(check(*receiver_, mpdu), Opened::kOk);
    EXPECT_EQ(check(*receiver_, mpdu), Opened::kReplay);
  }
  EXPECT_EQ(receiver_->replays, 3u);
}

TEST_P(BipCipher, EveryOctetThatCountsIsProtected) {
  const Octets mpdu = protected_frame(kDeauthentication);
  for (size_t at = 0; at < mpdu.size(); ++at) {
    const bool duration = at == 2 || at == 3, sequence = at == 22 || at == 23;
    const bool element = at == 24 + 14 || at == 24 + 15;  // then it is no such element
    if (duration || sequence || element) continue;
    Octets changed = mpdu;
    changed[at] ^= 0x40;
    const auto key = make_key(4, GetParam().cipher, material_);
    EXPECT_EQ(check(*key, changed), Opened::kBadMic) << "octet " << at;
    EXPECT_EQ(check(*key, mpdu), Opened::kOk) << "a forged frame moved the counter";
  }
}

TEST_P(BipCipher, RetryAndATimestampMayChangeOnTheWay) {
  Octets mpdu = protected_frame(kBeacon);
  mpdu[1] |= 0x08;       // Retry
  mpdu[24 + 3] ^= 0xff;  // the radio fills in the timestamp
  EXPECT_EQ(check(*receiver_, mpdu), Opened::kOk);
}

TEST_P(BipCipher, AnotherKeyOrAnotherLengthDoesNotHold) {
  const Octets mpdu = protected_frame(kDeauthentication);
  const auto other = make_key(4, GetParam().cipher, Octets(GetParam().key_size, 0x5b));
  EXPECT_EQ(check(*other, mpdu), Opened::kBadMic);
  EXPECT_EQ(check(*receiver_, Octets(mpdu.begin(), mpdu.end() - 1)), Opened::kMalformed);
  EXPECT_EQ(check(*receiver_, Octets(mpdu.begin(), mpdu.begin() + 26)), Opened::kMalformed);
  EXPECT_FALSE(make_key(4, GetParam().cipher, Octets(GetParam().key_size - 1)));
}

INSTANTIATE_TEST_SUITE_P(Ciphers, BipCipher,
                         testing::Values(Suite{"CMAC-128", cipher::kBipCmac128, 16, 8},
                                         Suite{"CMAC-256", cipher::kBipCmac256, 32, 16},
                                         Suite{"GMAC-128", cipher::kBipGmac128, 16, 16},
                                         Suite{"GMAC-256", cipher::kBipGmac256, 32, 16}));

}  // namespace
}  // namespace airloom::mac80211
