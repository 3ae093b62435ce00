// SET_WIPHY's parameters as a SoftMAC radio takes them.
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using cfg80211::WiphyParams;

class WiphySettingsTest : public TwoHosts {
 protected:
  cfg80211::Wiphy& wiphy() { return sta.wdev->wiphy(); }
  Result<void> set(const WiphyParams& params) {
    return cfg80211::set_wiphy_params(wiphy(), params);
  }
};

TEST_F(WiphySettingsTest, ACoverageClassNeedsADriverThatKnowsDistances) {
  EXPECT_EQ(set({.coverage_class = 2}).error().code, Errc::kUnsupported);
  EXPECT_EQ(wiphy().coverage_class, 0);
  // Nothing else of the same request is taken, and this is said before a wrong retry limit is.
  const auto threshold = wiphy().fragmentation_threshold;
  EXPECT_EQ(
      set({.retry_short = 32, .coverage_class = 0, .fragmentation_threshold = 500}).error().code,
      Errc::kUnsupported);
  EXPECT_EQ(wiphy().fragmentation_threshold, threshold);
}

TEST_F(WiphySettingsTest, RetriesGoTo31) {
  ASSERT_TRUE(set({.retry_short = 31, .retry_long = 31}));
  EXPECT_EQ(wiphy().retry_short, 31);
  EXPECT_EQ(wiphy().retry_long, 31);
  EXPECT_EQ(set({.retry_short = 32}).error().code, Errc::kInvalid);
  EXPECT_EQ(set({.retry_long = 255}).error().code, Errc::kInvalid);
  EXPECT_EQ(set({.retry_short = 0}).error().code, Errc::kInvalid);
  EXPECT_EQ(wiphy().retry_short, 31);
  EXPECT_EQ(wiphy().retry_long, 31);
}

}  // namespace
}  // namespace airloom::mac80211
