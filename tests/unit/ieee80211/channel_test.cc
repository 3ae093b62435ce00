#include "ieee80211/channel.h"

#include <gtest/gtest.h>

namespace airloom::ieee80211 {
namespace {

ChannelDefinition segment(uint32_t primary, ChannelWidth width, uint32_t center1) {
  return {.primary_mhz = primary, .width = width, .center1_mhz = center1};
}

TEST(ChannelDefinition, PrimaryIsOneOfTheSlotsAroundTheCentre) {
  for (const uint32_t primary : {5180u, 5200u, 5220u, 5240u})
    EXPECT_TRUE(segment(primary, ChannelWidth::k80, 5210).is_valid()) << primary;
  for (const uint32_t primary : {5160u, 5190u, 5260u})
    EXPECT_FALSE(segment(primary, ChannelWidth::k80, 5210).is_valid()) << primary;
}

TEST(ChannelDefinition, NumbersThatNoChannelHasAreInvalid) {
  EXPECT_FALSE(segment(0, ChannelWidth::k20, 0).is_valid());
  for (const uint32_t center : {0u, 27u + INT32_MAX, UINT32_MAX})
    EXPECT_FALSE(segment(5180, ChannelWidth::k80, center).is_valid()) << center;
  EXPECT_FALSE(segment(UINT32_MAX, ChannelWidth::k80, 5210).is_valid());
}

}  // namespace
}  // namespace airloom::ieee80211
