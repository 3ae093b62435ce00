// What the vectors do not say: bursts, reuse after a failure, hostile sizes, masked AAD bits.
#include "crypto/aead.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "crypto/ccmp.h"
#include "crypto/kdf.h"
#include "crypto/key_wrap.h"
#include "crypto/mac.h"
#include "crypto/secret.h"

namespace airloom::crypto {
namespace {

using Octets = std::vector<uint8_t>;

constexpr AeadCipher kCiphers[] = {AeadCipher::kCcmp128, AeadCipher::kCcmp256, AeadCipher::kGcmp128,
                                   AeadCipher::kGcmp256};

struct Frame {
  Octets nonce, aad, payload, mic;
  AeadJob job() { return {.nonce = nonce, .aad = aad, .payload = payload, .mic = mic}; }
};

Frame make_frame(AeadCipher cipher, size_t size, uint8_t number) {
  Frame frame{Octets(nonce_size(cipher), number), Octets(22, 7), Octets(size), {}};
  frame.mic.resize(mic_size(cipher));
  for (size_t i = 0; i < size; ++i) frame.payload[i] = static_cast<uint8_t>(i * number);
  return frame;
}

TEST(Aead, BurstRoundTripWithOneForgedFrame) {
  for (AeadCipher cipher : kCiphers) {
    auto aead = Aead::create(cipher, Octets(key_size(cipher), 0x42));
    ASSERT_TRUE(aead);
    std::vector<Frame> frames, plain;
    for (size_t size : {0, 1, 15, 16, 17, 1500, 7935})
      frames.push_back(make_frame(cipher, size, static_cast<uint8_t>(size % 251 + 1)));
    plain = frames;
    std::vector<AeadJob> jobs;
    for (Frame& frame : frames) jobs.push_back(frame.job());
    EXPECT_EQ(aead->seal(jobs), jobs.size());
    EXPECT_NE(frames[5].payload, plain[5].payload);
    frames[3].payload[0] ^= 1;
    EXPECT_EQ(aead->open(jobs), jobs.size() - 1);
    for (size_t i = 0; i < jobs.size(); ++i) {
      EXPECT_EQ(jobs[i].ok, i != 3);
      if (i != 3) {
        EXPECT_EQ(frames[i].payload, plain[i].payload);
      }
    }
  }
}

// A burst may go through another library than a frame alone, and through any of its lanes.
TEST(Aead, ABurstIsWhatItsFramesAreOneByOne) {
  for (AeadCipher cipher : kCiphers) {
    auto aead = Aead::create(cipher, Octets(key_size(cipher), 0x42));
    ASSERT_TRUE(aead);
    std::vector<Frame> one_by_one;
    for (size_t size = 0; size < 100; ++size)
      one_by_one.push_back(make_frame(cipher, size * 37 % 1601, static_cast<uint8_t>(size)));
    std::vector<Frame> together = one_by_one;
    const std::vector<Frame> plain = one_by_one;
    std::vector<AeadJob> jobs;
    for (Frame& frame : together) jobs.push_back(frame.job());
    ASSERT_EQ(aead->seal(jobs), jobs.size());
    for (size_t i = 0; i < one_by_one.size(); ++i) {
      AeadJob alone = one_by_one[i].job();
      ASSERT_EQ(aead->seal({&alone, 1}), 1u);
      EXPECT_EQ(together[i].payload, one_by_one[i].payload) << i;
      EXPECT_EQ(together[i].mic, one_by_one[i].mic) << i;
    }
    // Each opens what the other sealed; a nonce of a wrong size spoils only its own frame.
    jobs[5].nonce = jobs[5].nonce.first(3);
    EXPECT_EQ(aead->open(jobs), jobs.size() - 1);
    EXPECT_FALSE(jobs[5].ok);
    for (size_t i = 0; i < one_by_one.size(); ++i) {
      AeadJob alone = one_by_one[i].job();
      ASSERT_EQ(aead->open({&alone, 1}), 1u);
      EXPECT_EQ(one_by_one[i].payload, plain[i].payload);
      if (i != 5) {
        EXPECT_EQ(together[i].payload, plain[i].payload);
      }
    }
  }
}

TEST(Aead, EveryProtectedOctetCounts) {
  auto aead = Aead::create(AeadCipher::kCcmp128, Octets(16, 1));
  ASSERT_TRUE(aead);
  Frame sealed = make_frame(AeadCipher::kCcmp128, 20, 3);
  AeadJob job = sealed.job();
  ASSERT_EQ(aead->seal({&job, 1}), 1u);
  for (Octets Frame::*part : {&Frame::nonce, &Frame::aad, &Frame::payload, &Frame::mic}) {
    for (size_t i = 0; i < (sealed.*part).size(); ++i) {
      Frame forged = sealed;
      (forged.*part)[i] ^= 0x80;
      AeadJob forged_job = forged.job();
      EXPECT_EQ(aead->open({&forged_job, 1}), 0u);
    }
  }
}

TEST(Aead, RefusesWrongSizes) {
  EXPECT_FALSE(Aead::create(AeadCipher::kCcmp128, Octets(32)));
  EXPECT_FALSE(Aead::create(AeadCipher::kGcmp256, Octets{}));
  auto aead = Aead::create(AeadCipher::kCcmp128, Octets(16));
  ASSERT_TRUE(aead);
  Frame frame = make_frame(AeadCipher::kCcmp128, 8, 1);
  frame.nonce.pop_back();
  AeadJob job = frame.job();
  EXPECT_EQ(aead->seal({&job, 1}), 0u);
  frame.nonce.push_back(0);
  frame.mic.resize(16);
  job = frame.job();
  EXPECT_EQ(aead->open({&job, 1}), 0u);
  EXPECT_FALSE(Cmac::create(Octets(24)));
  EXPECT_FALSE(Gmac::create(Octets(15)));
}

TEST(Ccmp, HeaderRoundTrip) {
  const CcmpHeader header{.packet_number = 0x0123456789ab, .key_id = 2};
  std::array<uint8_t, 8> octets;
  header.emit(octets);
  EXPECT_EQ(octets, (std::array<uint8_t, 8>{0xab, 0x89, 0, 0xa0, 0x67, 0x45, 0x23, 0x01}));
  auto parsed = CcmpHeader::parse(octets);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->packet_number, header.packet_number);
  EXPECT_EQ(parsed->key_id, 2);
  octets[3] = 0x80;
  EXPECT_EQ(CcmpHeader::parse(octets).error().code, Errc::kMalformed);
  EXPECT_EQ(CcmpHeader::parse(std::span(octets).first(7)).error().code, Errc::kTruncated);
}

TEST(Ccmp, AadMasksWhatRetriesChange) {
  Octets header(32, 0xff);  // four addresses and QoS, every bit set
  header[0] = 0x88;
  auto aad = ccmp_aad(header);
  ASSERT_TRUE(aad);
  ASSERT_EQ(aad->size, 30);
  EXPECT_EQ(aad->octets[0], 0x88);
  EXPECT_EQ(aad->octets[1], 0x47);  // no Retry, Power Management, More Data or +HTC
  EXPECT_EQ(aad->octets[20], 0x0f);
  EXPECT_EQ(aad->octets[21], 0);
  EXPECT_EQ(aad->octets[28], 0x0f);
  EXPECT_EQ(aad->octets[29], 0);
  for (size_t size = 0; size < header.size(); ++size)
    EXPECT_FALSE(ccmp_aad(std::span(header).first(size)));
}

TEST(Kdf, RefusesBadPassphrases) {
  const Octets ssid = {'a'};
  EXPECT_FALSE(psk_from_passphrase("short", ssid));
  EXPECT_FALSE(psk_from_passphrase(std::string(64, 'a'), ssid));
  EXPECT_FALSE(psk_from_passphrase("tab\tin passphrase", ssid));
  EXPECT_FALSE(psk_from_passphrase("good enough", Octets{}));
  EXPECT_FALSE(psk_from_passphrase("good enough", Octets(33)));
}

TEST(KeyWrap, RefusesBadSizes) {
  for (size_t size : {0, 8, 15, 17})
    EXPECT_EQ(key_wrap(Octets(16), Octets(size)).error().code, Errc::kInvalid);
  for (size_t size : {0, 8, 16, 25})
    EXPECT_EQ(key_unwrap(Octets(16), Octets(size)).error().code, Errc::kInvalid);
  EXPECT_EQ(key_wrap(Octets(17), Octets(16)).error().code, Errc::kInvalid);
}

TEST(Secret, ComparesAndErases) {
  Octets a = {1, 2, 3}, b = {1, 2, 4};
  EXPECT_TRUE(equal_constant_time(a, a));
  EXPECT_FALSE(equal_constant_time(a, b));
  EXPECT_FALSE(equal_constant_time(a, std::span(a).first(2)));
  erase(a);
  EXPECT_EQ(a, Octets(3));
}

}  // namespace
}  // namespace airloom::crypto
