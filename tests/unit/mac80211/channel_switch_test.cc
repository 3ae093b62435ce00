// A BSS moves to another channel: the countdown, the move, and the station that follows or leaves.
#include "ieee80211/bss_elements.h"
#include "mac80211/access_point.h"
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ChannelSwitchTest : public MlmeHosts {
 protected:
  static constexpr uint32_t kOtherMhz = 2437;
  static constexpr uint8_t kOtherNumber = 6;

  cfg80211::ChannelSwitchRequest move_request(uint8_t count, bool quiet = false) const {
    const auto before = access_point().beacon;
    cfg80211::ChannelSwitchRequest request;
    request.channel = ChannelDefinition::from_type(kOtherMhz, ieee80211::ChannelType::kHt20);
    request.beacon_after = before;
    request.beacon_csa = before;
    request.beacon_csa.tail = tail;
    const Octets announcement{37, 3, quiet, kOtherNumber, count};
    request.beacon_csa.tail->insert(request.beacon_csa.tail->end(), announcement.begin(),
                                    announcement.end());
    request.counter_offsets_beacon = {static_cast<uint16_t>(request.beacon_csa.tail->size() - 1)};
    request.count = count;
    request.block_tx = quiet;
    return request;
  }
  std::vector<int> counts_on_air() const {
    std::vector<int> counts;
    for (const auto& beacon : on_air(Subtype::kBeacon)) {
      using Element = ieee80211::ChannelSwitchAnnouncementElement;
      const auto element = ieee80211::find_element<Element>(beacon.body().subspan(12));
      if (element) counts.push_back(element->count);
    }
    return counts;
  }
};

TEST_F(ChannelSwitchTest, CountsDownAndTheStationFollows) {
  join();
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move_request(4)));
  EXPECT_THAT(door.take(), ElementsAre("CH_SWITCH_STARTED 2437 count 4"));
  run(tu(50));
  EXPECT_EQ(ap.driver.mhz(), kMhz);
  run(tu(600));
  EXPECT_THAT(counts_on_air(), ElementsAre(3, 2, 1));  // the first beacon has counted already
  EXPECT_THAT(door.take(), ElementsAre("CH_SWITCH 2437"));
  EXPECT_THAT(sta_events.take(), ElementsAre("CH_SWITCH_STARTED 2437 count 3", "CH_SWITCH 2437"));
  EXPECT_EQ(ap.driver.mhz(), kOtherMhz);
  EXPECT_EQ(sta.driver.mhz(), kOtherMhz);
  EXPECT_TRUE(sta.wdev->is_connected());
  EXPECT_EQ(ap.wdev->link().channel->primary_mhz, kOtherMhz);
  EXPECT_EQ(sta.wiphy->bss_table().find(sta.wdev->link().current_bss)->mhz, kOtherMhz);
  EXPECT_TRUE(data_gets_through());
  EXPECT_TRUE(cfg80211::set_beacon(*ap.wdev, access_point().beacon));
}

TEST_F(ChannelSwitchTest, QuietMeansThatNobodySendsDataUntilTheSwitch) {
  join();
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move_request(3, /*quiet=*/true)));
  run(tu(110));
  EXPECT_FALSE(data_gets_through());
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, Octets(20, 2)));
  run(1ms);
  EXPECT_THAT(sta.netdev().received, IsEmpty());
  run(tu(600));
  EXPECT_THAT(sta_events.take(),
              ElementsAre("CH_SWITCH_STARTED 2437 count 2 quiet", "CH_SWITCH 2437"));
  EXPECT_THAT(ap.netdev().received, SizeIs(1));  // what waited
  EXPECT_THAT(sta.netdev().received, SizeIs(1));
}

TEST_F(ChannelSwitchTest, WithoutACountdownItMovesAtOnce) {
  start_access_point();
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move_request(1)));
  run(1ms);
  EXPECT_EQ(ap.driver.mhz(), kOtherMhz);
  EXPECT_THAT(counts_on_air(), IsEmpty());
}

TEST_F(ChannelSwitchTest, RefusesWhatMakesNoSense) {
  join();
  auto here = move_request(4);
  here.channel = access_point().channel;
  EXPECT_EQ(cfg80211::channel_switch(*ap.wdev, here).error().code, Errc::kInvalid);
  auto wrong_offset = move_request(4);
  wrong_offset.counter_offsets_beacon = {0};
  EXPECT_EQ(cfg80211::channel_switch(*ap.wdev, wrong_offset).error().code, Errc::kInvalid);
  EXPECT_EQ(cfg80211::channel_switch(*sta.wdev, move_request(4)).error().code, Errc::kUnsupported);
  EXPECT_THAT(door.take(), IsEmpty());
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move_request(4)));
  EXPECT_EQ(cfg80211::channel_switch(*ap.wdev, move_request(4)).error().code, Errc::kBusy);
  EXPECT_EQ(cfg80211::set_beacon(*ap.wdev, access_point().beacon).error().code, Errc::kBusy);
}

TEST_F(ChannelSwitchTest, AWidthHasToFitTheContextAsItIs) {
  using ieee80211::ChannelType;
  const auto set = [this](cfg80211::Wdev& wdev, ChannelType type) {
    const auto done = ap.stack.set_ap_channel_width(wdev, ChannelDefinition::from_type(kMhz, type));
    return done ? std::nullopt : std::optional(done.error().code);
  };
  start_access_point();
  EXPECT_EQ(set(*ap.wdev, ChannelType::kNoHt), Errc::kInvalid);
  EXPECT_EQ(set(*ap.wdev, ChannelType::kHt40Plus), std::nullopt);
  EXPECT_EQ(set(*ap.wdev, ChannelType::kHt40Minus), Errc::kInvalid);  // by way of 20 MHz only
  // It goes on as wide as its widest BSS.
  auto& second = **ap.wiphy->add_interface({.name = "wlan1", .type = InterfaceType::kAp});
  ASSERT_TRUE(ap.netdevs["wlan1"].up());
  ASSERT_TRUE(cfg80211::start_ap(second, access_point(), kPort));
  EXPECT_EQ(set(second, ChannelType::kHt40Minus), Errc::kInvalid);
  EXPECT_EQ(set(second, ChannelType::kHt40Plus), std::nullopt);
  EXPECT_EQ(set(*ap.wdev, ChannelType::kHt20), std::nullopt);
  EXPECT_EQ(ap.stack.channels().current(),
            ChannelDefinition::from_type(kMhz, ChannelType::kHt40Plus));
  EXPECT_EQ(set(*ap.wdev, ChannelType::kHt40Minus), Errc::kInvalid);
  EXPECT_EQ(set(second, ChannelType::kHt20), std::nullopt);
  EXPECT_EQ(set(*ap.wdev, ChannelType::kHt40Minus), std::nullopt);
}

TEST_F(ChannelSwitchTest, TheWidthStaysWhileASwitchIsOnItsWay) {
  using ieee80211::ChannelType;
  const auto wider = ChannelDefinition::from_type(kMhz, ChannelType::kHt40Plus);
  start_access_point();
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move_request(4)));
  EXPECT_EQ(ap.stack.set_ap_channel_width(*ap.wdev, wider).error().code, Errc::kBusy);
  run(tu(600));
  EXPECT_EQ(ap.driver.mhz(), kOtherMhz);
  // One that keeps the context minds only what it could not share.
  ASSERT_TRUE(cfg80211::stop_ap(*ap.wdev, 0, false));
  start_access_point();
  auto widening = move_request(4);
  widening.channel = wider;
  ASSERT_TRUE(ap.stack.channel_switch(*ap.wdev, widening));
  const auto below = ChannelDefinition::from_type(kMhz, ChannelType::kHt40Minus);
  EXPECT_EQ(ap.stack.set_ap_channel_width(*ap.wdev, below).error().code, Errc::kBusy);
  EXPECT_TRUE(ap.stack.set_ap_channel_width(*ap.wdev, wider));
}

TEST_F(ChannelSwitchTest, TheRatesOfStationsAreThoseOfTheNewWidth) {
  start_access_point();
  ASSERT_TRUE(ap.stack.set_ap_channel_width(
      *ap.wdev, ChannelDefinition::from_type(kMhz, ieee80211::ChannelType::kHt40Plus)));
  auto params = client(1, /*authorized=*/true);
  params.ht_capability = Octets(26, 0);
  (*params.ht_capability)[0] = ieee80211::ht_capability::kWidth40;
  ASSERT_TRUE(cfg80211::new_station(*ap.wdev, sta.address, params));
  const Station& station = *ap.stack.stations().find(ap.interface(), sta.address);
  EXPECT_EQ(station.rates.width_mhz, 40);
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move_request(1)));  // to 20 MHz
  run(1ms);
  EXPECT_EQ(station.rates.width_mhz, 20);
}

TEST_F(ChannelSwitchTest, FramesThatRepeatTheCountdownShowTheCurrentOne) {
  join();
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move_request(5)));
  run(tu(250));
  air.frames.clear();
  cfg80211::FrameTxRequest response;
  Writer(response.frame).le16(0x0050).le16(0).mac(sta.address).mac(ap.address).mac(ap.address);
  Writer(response.frame).le16(0).bytes(Octets(12, 0)).bytes(Octets{37, 3, 0, kOtherNumber, 99});
  response.csa_offsets = {static_cast<uint16_t>(response.frame.size() - 1)};
  ASSERT_TRUE(cfg80211::send_frame(*ap.wdev, response));
  run(1ms);
  const auto sent = on_air(Subtype::kProbeResponse);
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].octets().back(), *ap.interface().access_point()->countdown());
}

TEST_F(ChannelSwitchTest, StoppingTheAccessPointEndsTheSwitch) {
  join();
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move_request(5, /*quiet=*/true)));
  ASSERT_TRUE(cfg80211::stop_ap(*ap.wdev, 0, false));
  run(tu(700));
  EXPECT_FALSE(ap.interface().transmit_blocked);
  EXPECT_THAT(door.take(), testing::Not(testing::Contains("CH_SWITCH 2437")));
  EXPECT_TRUE(cfg80211::start_ap(*ap.wdev, access_point(), kPort));
}

TEST_F(ChannelSwitchTest, TheStationLeavesAnApThatGoesWhereItCannotFollow) {
  join();
  auto request = move_request(5);
  auto& announced = *request.beacon_csa.tail;
  announced[announced.size() - 2] = 11;  // no channel of this radio
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, request));
  run(tu(150));
  EXPECT_FALSE(sta.wdev->is_connected());
  EXPECT_THAT(on_air(Subtype::kDeauthentication), SizeIs(1));
  EXPECT_THAT(sta_events.take(),
              ElementsAre("DEAUTHENTICATE", "DISCONNECT 4", "REG_CHANGE 0 1 - phy0"));
}

TEST_F(ChannelSwitchTest, AnActionFrameAnnouncesToo) {
  join();
  Octets frame;
  Writer writer(frame);
  writer.le16(0x00d0).le16(0).mac(sta.address).mac(ap.address).mac(ap.address).le16(0);
  writer.bytes(Octets{4, 4, 0, 81, kOtherNumber, 2});  // Public, Extended Channel Switch
  sta.stack.receive(pool.from(frame), {.mhz = kMhz, .signal_dbm = -30});
  EXPECT_THAT(sta_events.take(), ElementsAre("CH_SWITCH_STARTED 2437 count 2"));
  run(tu(110));
  EXPECT_EQ(sta.driver.mhz(), kOtherMhz);
}

TEST_F(ChannelSwitchTest, AllBssOfARadioMoveTogetherOrNotAtAll) {
  start_access_point();
  auto& second = **ap.wiphy->add_interface({.name = "wlan1", .type = InterfaceType::kAp});
  ASSERT_TRUE(ap.netdevs["wlan1"].up());
  ASSERT_TRUE(cfg80211::start_ap(second, access_point(), kPort));
  ap.events.take();
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move_request(2)));
  run(tu(300));
  // The second BSS stays, so the first cannot have the radio elsewhere: it stops.
  EXPECT_EQ(ap.driver.mhz(), kMhz);
  EXPECT_THAT(ap.events.take(), ElementsAre("STOP_AP"));
  EXPECT_TRUE(second.is_beaconing());
  // Both together can go, whichever counts down first.
  ASSERT_TRUE(cfg80211::start_ap(*ap.wdev, access_point(), kPort));
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move_request(2)));
  ASSERT_TRUE(cfg80211::channel_switch(second, move_request(4)));
  run(tu(250));
  EXPECT_EQ(ap.driver.mhz(), kMhz);
  run(tu(300));
  EXPECT_EQ(ap.driver.mhz(), kOtherMhz);
  EXPECT_TRUE(ap.wdev->is_beaconing());
}

}  // namespace
}  // namespace airloom::mac80211
