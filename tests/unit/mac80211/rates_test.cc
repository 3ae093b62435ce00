// What is sent at which rate: capabilities of both ends, the channel's width, operating modes and
// the user's mask.
#include "mac80211/rates.h"

#include "ieee80211/action.h"
#include "mac80211/bss_channel.h"
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

SupportedRates vht_rates() {
  SupportedRates rates{
      .legacy_100kbps = {60, 120}, .ht_mcs = 0xffff, .short_gi = true, .width_mhz = 80};
  rates.vht_mcs = {0x3ff, 0x3ff};
  return rates;
}

/// Sends until rate control has made up its mind, on a medium where `works` says what arrives.
template <typename Works>
RateInfo settle(RateControl& control, Works works) {
  TimePoint now;
  for (int i = 0; i < 4000; ++i) {
    now = now + 1ms;
    TxStatus status{.tried = control.choose(now)};
    for (auto& attempt : status.tried) {
      if (attempt.tries == 0) break;
      if (status.acked) {
        attempt.tries = 0;
      } else if (works(attempt.rate)) {
        attempt.tries = 1;
        status.acked = true;
      }
    }
    control.on_status(status, now);
  }
  // One frame in ten tries something else.
  for (int i = 0;; ++i) {
    const RateChain chain = control.choose(now);
    if (i > 20 || chain[0].tries > 1) return chain[0].rate;
  }
}

TEST(RateControl, PrefersVhtAndItsFastestRate) {
  SeededRng rng{1};
  const auto control = make_minstrel(rng);
  control->set_rates(vht_rates());
  const RateInfo rate = settle(*control, [](const RateInfo&) { return true; });
  EXPECT_EQ(
      rate,
      (RateInfo{
          .kind = RateInfo::Kind::kVht, .mcs = 9, .nss = 2, .width_mhz = 80, .short_gi = true}));
}

TEST(RateControl, FindsTheFastestRateThatWorks) {
  SeededRng rng{1};
  const auto control = make_minstrel(rng);
  control->set_rates(vht_rates());
  const RateInfo rate =
      settle(*control, [](const RateInfo& r) { return r.nss == 1 && !r.short_gi && r.mcs <= 4; });
  EXPECT_EQ(rate, (RateInfo{.kind = RateInfo::Kind::kVht, .mcs = 4, .nss = 1, .width_mhz = 80}));
}

class RatesTest : public MlmeHosts {
 protected:
  RatesTest() {
    Writer writer(tail);
    ieee80211::HtCapabilitiesElement ht{.info = 0x106e};
    ht.mcs_set = {0xff};
    ieee80211::emit_element(writer, ht);
    ieee80211::HtOperationElement operation{.primary_channel = 1};
    ieee80211::emit_element(writer, operation);
    ieee80211::emit_element(writer, ieee80211::WmmParameterElement{});
    Writer response(door.response_elements);
    ieee80211::emit_element(response, ht);
    ieee80211::emit_element(response, ieee80211::WmmParameterElement{});
  }
  Station& ap_at_sta() { return *sta.stack.stations().find(sta.interface(), ap.address); }
  Station& sta_at_ap() { return *ap.stack.stations().find(ap.interface(), sta.address); }
  /// As userspace does with what is in the Association Request.
  void tell_ap_of_ht(uint16_t info, size_t streams) {
    ieee80211::HtCapabilitiesElement ht{.info = info};
    std::fill_n(ht.mcs_set.begin(), streams, uint8_t{0xff});
    cfg80211::StationParams params;
    Writer writer(params.ht_capability.emplace());
    ht.emit(writer);
    params.supported_rates = Octets{2, 4, 11, 22};
    ASSERT_TRUE(ap.stack.change_station(*ap.wdev, sta.address, params));
  }
  void hear_action_at_ap(const Octets& body) {
    Octets frame;
    Writer writer(frame);
    writer.le16(0x00d0).le16(0).mac(ap.address).mac(sta.address).mac(ap.address).le16(0x10);
    writer.bytes(body);
    hear_at_ap(frame);
  }
};

TEST_F(RatesTest, StationAndApAgreeOnHt) {
  join();
  EXPECT_EQ(ap_at_sta().rates.ht_mcs, 0xffu);
  EXPECT_EQ(ap_at_sta().rates.width_mhz, 20);
  EXPECT_TRUE(ap_at_sta().rates.short_gi);
  EXPECT_EQ(sta.interface().link().config.channel->width, ieee80211::ChannelWidth::k20);
  // The request says so, and in the kernel's order.
  const auto request = ieee80211::FrameView::of(door.request);
  std::vector<int> order;
  for (const auto& element : ieee80211::ElementRange(request->body().subspan(4)))
    order.push_back(element.id);
  EXPECT_THAT(order, ElementsAre(0, 1, 45, 221));
}

TEST_F(RatesTest, AMaskLeavesOnlyItsRates) {
  join();
  cfg80211::BitrateMask mask;
  mask.bands[0].ht.fill(0);
  mask.bands[0].ht[0] = 0x08;
  ASSERT_TRUE(sta.stack.set_bitrate_mask(*sta.wdev, std::nullopt, mask));
  EXPECT_EQ(ap_at_sta().rates.ht_mcs, 0x08u);
  for (int i = 0; i < 30; ++i) {
    sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, Octets(20, 1)));
    run(10ms);
  }
  EXPECT_EQ(sta.stack.get_station(*sta.wdev, ap.address)->tx_rate->mcs, 3);
  // It outlives what else changes the rates.
  mask.bands[0].legacy = 0x10;  // 6 Mb/s alone: none of the basic rates
  EXPECT_EQ(sta.stack.set_bitrate_mask(*sta.wdev, std::nullopt, mask).error().code, Errc::kInvalid);
}

TEST_F(RatesTest, AMaskHoldsForManagementFramesToo) {
  EXPECT_EQ(lowest_basic_rate_100kbps(sta.interface(), kMhz), 10);
  cfg80211::BitrateMask mask;
  mask.bands[0].legacy = 0xf0;  // OFDM, as a P2P interface has it
  ASSERT_TRUE(sta.stack.set_bitrate_mask(*sta.wdev, std::nullopt, mask));
  EXPECT_EQ(lowest_basic_rate_100kbps(sta.interface(), kMhz), 60);
}

TEST_F(RatesTest, SmPowerSaveLeavesOneStream) {
  join();
  tell_ap_of_ht(0x106e, 2);
  EXPECT_EQ(sta_at_ap().rates.ht_mcs, 0xffffu);
  door.take();
  hear_action_at_ap({7, 1, 1});  // HT, SM Power Save, static
  EXPECT_THAT(door.take(), ElementsAre("STA_OPMODE_CHANGED smps 1"));
  EXPECT_EQ(sta_at_ap().rates.ht_mcs, 0xffu);
  hear_action_at_ap({7, 1, 1});
  EXPECT_THAT(door.take(), IsEmpty());
  hear_action_at_ap({7, 1, 0});
  EXPECT_THAT(door.take(), ElementsAre("STA_OPMODE_CHANGED smps 0"));
  EXPECT_EQ(sta_at_ap().rates.ht_mcs, 0xffffu);
}

TEST_F(RatesTest, OperatingModeLimitsStreams) {
  join();
  tell_ap_of_ht(0x006e, 2);
  door.take();
  hear_action_at_ap({21, 2, 0x00});  // VHT, Operating Mode: 20 MHz, one stream
  EXPECT_THAT(door.take(), ElementsAre("STA_OPMODE_CHANGED streams 1"));
  EXPECT_EQ(sta_at_ap().rates.ht_mcs, 0xffu);
}

TEST_F(RatesTest, OfAnAccessPointsStationsFollowItsWidth) {
  join();
  tell_ap_of_ht(0x006e, 1);
  EXPECT_EQ(sta_at_ap().rates.width_mhz, 20);
  const auto wide = ChannelDefinition::from_type(kMhz, ieee80211::ChannelType::kHt40Plus);
  ap.driver.link_changes.clear();
  ASSERT_TRUE(ap.stack.set_ap_channel_width(*ap.wdev, wide));
  EXPECT_THAT(ap.driver.link_changes, ElementsAre(uint32_t{kChangedBandwidth}));
  EXPECT_EQ(ap.driver.link_config.channel, wide);
  EXPECT_EQ(ap.stack.channels().current(), wide);
  EXPECT_EQ(ap.stack.get_channel(*ap.wdev, 0).value(), wide);
  EXPECT_EQ(sta_at_ap().rates.width_mhz, 40);
  EXPECT_TRUE(data_gets_through());
  EXPECT_THAT(door.take(), IsEmpty());
  // The same again is no news to the driver.
  ASSERT_TRUE(ap.stack.set_ap_channel_width(*ap.wdev, wide));
  EXPECT_THAT(ap.driver.link_changes, testing::SizeIs(1));
  const auto narrow = ChannelDefinition::from_type(kMhz, ieee80211::ChannelType::kHt20);
  ASSERT_TRUE(ap.stack.set_ap_channel_width(*ap.wdev, narrow));
  EXPECT_EQ(ap.stack.channels().current(), narrow);
  EXPECT_EQ(sta_at_ap().rates.width_mhz, 20);
}

TEST(Narrower, HalvesAroundThePrimaryChannel) {
  using ieee80211::ChannelWidth;
  const ChannelDefinition wide{
      .primary_mhz = 5200, .width = ChannelWidth::k160, .center1_mhz = 5250};
  const auto half = narrower(wide);
  EXPECT_EQ(half, (ChannelDefinition{
                      .primary_mhz = 5200, .width = ChannelWidth::k80, .center1_mhz = 5210}));
  const auto quarter = narrower(half);
  EXPECT_EQ(quarter, (ChannelDefinition{
                         .primary_mhz = 5200, .width = ChannelWidth::k40, .center1_mhz = 5190}));
  EXPECT_EQ(narrower(narrower(quarter)), quarter.no_ht());
}

}  // namespace
}  // namespace airloom::mac80211
