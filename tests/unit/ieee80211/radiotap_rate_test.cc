// Every rate survives the way into radiotap and back; what makes no sense is no rate.
#include "ieee80211/radiotap_rate.h"

#include <gtest/gtest.h>

namespace airloom::ieee80211 {
namespace {

std::optional<Rate> back(const Rate& rate) {
  RadiotapHeader header;
  set_rate(header, rate);
  return rate_of(header);
}

TEST(RadiotapRate, EveryRateComesBack) {
  for (const uint16_t legacy : {10, 20, 55, 110, 60, 90, 540})
    EXPECT_EQ(back({.legacy_100kbps = legacy})->legacy_100kbps, legacy);
  for (const bool short_gi : {false, true}) {
    for (const uint16_t width : {20, 40}) {
      for (uint8_t mcs = 0; mcs < 32; ++mcs) {
        const Rate rate{
            .kind = RateKind::kHt, .mcs = mcs, .width_mhz = width, .short_gi = short_gi};
        EXPECT_EQ(back(rate), rate);
      }
    }
    for (const uint16_t width : {20, 40, 80, 160}) {
      const Rate vht{
          .kind = RateKind::kVht, .mcs = 9, .nss = 3, .width_mhz = width, .short_gi = short_gi};
      EXPECT_EQ(back(vht), vht);
      const Rate he{.kind = RateKind::kHe,
                    .mcs = 11,
                    .nss = 2,
                    .width_mhz = width,
                    .he_gi = HeGuardInterval::k3_2us,
                    .he_dcm = short_gi};
      EXPECT_EQ(back(he), he);
    }
  }
}

TEST(RadiotapRate, WhatMakesNoSenseIsNoRate) {
  EXPECT_FALSE(rate_of({}));
  EXPECT_FALSE(rate_of({.rate_500kbps = uint8_t{0}}));
  EXPECT_FALSE(rate_of({.mcs = RadiotapMcs{.known = 0, .flags = 0, .mcs = 3}}));
  EXPECT_FALSE(rate_of({.mcs = RadiotapMcs{RadiotapMcs::kKnowsMcs, 0, 77}}));
  const auto vht = rate_of({.vht = RadiotapVht{.mcs_nss = {0xfe}}});
  ASSERT_TRUE(vht);
  EXPECT_EQ(vht->mcs, 0);
  EXPECT_EQ(vht->nss, 1);
}

TEST(RadiotapRate, ChannelsSayBandAndModulation) {
  namespace flag = radiotap_channel;
  const Rate cck{.legacy_100kbps = 110}, ofdm{.legacy_100kbps = 60}, ht{.kind = RateKind::kHt};
  EXPECT_EQ(radiotap_channel_field(2412, cck).flags, flag::k2GHz | flag::kCck);
  EXPECT_EQ(radiotap_channel_field(2412, ofdm).flags, flag::k2GHz | flag::kOfdm);
  EXPECT_EQ(radiotap_channel_field(2412, ht).flags, flag::k2GHz | flag::kDynamic);
  EXPECT_EQ(radiotap_channel_field(5180, ht).flags, flag::k5GHz | flag::kOfdm);
  EXPECT_EQ(radiotap_channel_field(2412, std::nullopt).flags, flag::k2GHz);
}

}  // namespace
}  // namespace airloom::ieee80211
