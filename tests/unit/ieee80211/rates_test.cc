// Figures as `iw` prints them for a 6.1 kernel (cfg80211_calculate_bitrate).
#include "ieee80211/rates.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace airloom::ieee80211 {
namespace {

Rate ht(uint8_t mcs, uint16_t width, bool short_gi) {
  return {.kind = RateKind::kHt, .mcs = mcs, .width_mhz = width, .short_gi = short_gi};
}
Rate vht(uint8_t mcs, uint8_t nss, uint16_t width, bool short_gi) {
  return {.kind = RateKind::kVht, .mcs = mcs, .nss = nss, .width_mhz = width, .short_gi = short_gi};
}
Rate he(uint8_t mcs, uint8_t nss, uint16_t width, HeGuardInterval gi = HeGuardInterval::k0_8us) {
  return {.kind = RateKind::kHe, .mcs = mcs, .nss = nss, .width_mhz = width, .he_gi = gi};
}

TEST(Bitrate, Ht) {
  EXPECT_EQ(bitrate_100kbps(ht(0, 20, false)), 65u);
  EXPECT_EQ(bitrate_100kbps(ht(7, 20, true)), 722u);
  EXPECT_EQ(bitrate_100kbps(ht(15, 40, true)), 3000u);
  EXPECT_EQ(bitrate_100kbps(ht(31, 40, false)), 5400u);
  EXPECT_EQ(bitrate_100kbps(ht(32, 40, false)), 0u);
}

TEST(Bitrate, Vht) {
  EXPECT_EQ(bitrate_100kbps(vht(9, 1, 20, false)), 867u);
  EXPECT_EQ(bitrate_100kbps(vht(0, 1, 80, false)), 293u);
  EXPECT_EQ(bitrate_100kbps(vht(2, 1, 80, false)), 878u);
  EXPECT_EQ(bitrate_100kbps(vht(6, 1, 80, false)), 2633u);
  EXPECT_EQ(bitrate_100kbps(vht(9, 1, 80, true)), 4333u);
  EXPECT_EQ(bitrate_100kbps(vht(9, 2, 80, true)), 8667u);
  EXPECT_EQ(bitrate_100kbps(vht(11, 1, 20, false)), 1083u);
  EXPECT_EQ(bitrate_100kbps(vht(10, 1, 160, false)), 8775u);
  EXPECT_EQ(bitrate_100kbps(vht(12, 1, 80, false)), 0u);
  EXPECT_EQ(bitrate_100kbps(vht(9, 0, 80, false)), 0u);
  EXPECT_EQ(bitrate_100kbps(vht(9, 1, 10, false)), 0u);
}

TEST(Bitrate, He) {
  EXPECT_EQ(bitrate_100kbps(he(0, 1, 20)), 86u);
  EXPECT_EQ(bitrate_100kbps(he(11, 1, 20)), 1433u);
  EXPECT_EQ(bitrate_100kbps(he(11, 2, 80)), 12009u);
  EXPECT_EQ(bitrate_100kbps(he(11, 8, 160)), 96077u);
  EXPECT_EQ(bitrate_100kbps(he(7, 1, 40, HeGuardInterval::k3_2us)), 1462u);
  EXPECT_EQ(bitrate_100kbps(he(14, 1, 20)), 0u);
  EXPECT_EQ(bitrate_100kbps(he(0, 1, 20, static_cast<HeGuardInterval>(9))), 0u);
}

TEST(Bitrate, EveryOneIsTheKernels) {
  std::ifstream file(std::string(AIRLOOM_VECTORS) + "/linux-6.1/cfg80211/bitrates.txt");
  ASSERT_TRUE(file);
  size_t compared = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream fields(line);
    std::string kind;
    unsigned width, streams, gi, dcm;
    fields >> kind >> width >> streams >> gi >> dcm;
    Rate rate{.kind = kind == "HT"    ? RateKind::kHt
                      : kind == "VHT" ? RateKind::kVht
                                      : RateKind::kHe,
              .mcs = static_cast<uint8_t>(kind == "HT" ? 8 * (streams - 1) : 0),
              .nss = static_cast<uint8_t>(streams),
              .width_mhz = static_cast<uint16_t>(width),
              .short_gi = gi == 1,
              .he_gi = static_cast<HeGuardInterval>(gi),
              .he_dcm = dcm == 1};
    for (uint32_t kernel; fields >> kernel; ++rate.mcs, ++compared)
      EXPECT_EQ(bitrate_100kbps(rate), kernel) << line << "; MCS " << int{rate.mcs};
  }
  EXPECT_EQ(compared, 128u + 768u + 2304u);
}

TEST(Duration, OfAnAcknowledgment) {
  EXPECT_EQ(legacy_duration_us(14, 10, true, false), 304u);
  EXPECT_EQ(legacy_duration_us(14, 110, true, true), 107u);
  EXPECT_EQ(legacy_duration_us(14, 60, false, false), 44u);
  EXPECT_EQ(legacy_duration_us(14, 540, true, false), 30u);
  EXPECT_EQ(legacy_duration_us(14, 1, true, false), 0u);
}

}  // namespace
}  // namespace airloom::ieee80211
