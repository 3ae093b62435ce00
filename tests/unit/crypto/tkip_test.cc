// Michael, TKIP's key mixing, RC4 and the ICV against published vectors.
#include "crypto/tkip.h"

#include <gtest/gtest.h>

#include "crypto/rc4.h"
#include "support/vector_file.h"

namespace airloom::crypto {
namespace {

using test::Octets;
using test::read_vectors;

TEST(Tkip, MichaelAndMixingAreTheStandards) {
  size_t michaels = 0, mixings = 0;
  for (const auto& v : read_vectors("crypto/tkip.txt")) {
    if (v.name().starts_with("Michael")) {
      const Octets key = v.octets("key");
      const MichaelMic mic = michael(std::span<const uint8_t, 8>(key), v.octets("message"));
      EXPECT_EQ(Octets(mic.begin(), mic.end()), v.octets("mic")) << v.name();
      ++michaels;
      continue;
    }
    const Octets key = v.octets("tk");
    const std::span<const uint8_t, 16> tk(key);
    const Octets ta = v.octets("ta");
    const auto iv32 = static_cast<uint32_t>(std::stoul(v.text("iv32"), nullptr, 16));
    const auto iv16 = static_cast<uint16_t>(std::stoul(v.text("iv16"), nullptr, 16));
    const TkipPhase1 phase1 = tkip_phase1(tk, MacAddress::from(ta), iv32);
    Octets words;
    for (const uint16_t word : phase1) {
      words.push_back(static_cast<uint8_t>(word >> 8));
      words.push_back(static_cast<uint8_t>(word));
    }
    EXPECT_EQ(words, v.octets("phase1")) << v.name();
    const auto rc4 = tkip_phase2(tk, phase1, iv16);
    EXPECT_EQ(Octets(rc4.begin(), rc4.end()), v.octets("rc4")) << v.name();
    ++mixings;
  }
  EXPECT_EQ(michaels, 6u);
  EXPECT_EQ(mixings, 4u);
}

TEST(Tkip, MichaelOfAnMsduCoversAddressesAndPriority) {
  const std::array<uint8_t, 8> key{1, 2, 3, 4, 5, 6, 7, 8};
  const MacAddress a{{2, 0, 0, 0, 0, 1}}, b{{2, 0, 0, 0, 0, 2}};
  const Octets msdu{9, 8, 7};
  Octets whole;
  whole.insert(whole.end(), a.octets.begin(), a.octets.end());
  whole.insert(whole.end(), b.octets.begin(), b.octets.end());
  whole.insert(whole.end(), {5, 0, 0, 0, 9, 8, 7});
  EXPECT_EQ(michael_of_msdu(key, a, b, 5, msdu), michael(key, whole));
  EXPECT_NE(michael_of_msdu(key, b, a, 5, msdu), michael(key, whole));
}

TEST(Rc4, KeystreamAndIcvArePublishedOnes) {
  for (const auto& v : read_vectors("crypto/wep.txt")) {
    if (v.name().starts_with("CRC")) {
      const auto icv = crc32_icv(v.octets("message"));
      EXPECT_EQ(Octets(icv.begin(), icv.end()), v.octets("icv"));
      continue;
    }
    const Octets key = v.octets("key");
    if (v.name() == "Annex J") {
      Octets data = v.octets("plain");
      const auto icv = crc32_icv(std::span(data).first(data.size() - 4));
      EXPECT_TRUE(std::equal(icv.begin(), icv.end(), data.end() - 4));
      Rc4::create(key.size())->apply(key, data);
      EXPECT_EQ(data, v.octets("cipher"));
      continue;
    }
    auto rc4 = Rc4::create(key.size());
    ASSERT_TRUE(rc4) << rc4.error().text;
    for (int frame = 0; frame < 2; ++frame) {  // each begins anew
      Octets data(16);
      rc4->apply(key, data);
      EXPECT_EQ(data, v.octets("keystream")) << v.name();
    }
  }
}

}  // namespace
}  // namespace airloom::crypto
