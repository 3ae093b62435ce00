// A station that leaves by its own choice: what is sent, what is told, and what is left.
#include "ieee80211/management.h"
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr uint16_t kReason = 8;  // leaves the BSS

class StationLeaveTest : public MlmeHosts {
 protected:
  /// Writes down the station's entry for its AP, too.
  class Recorder : public MlmeRecorder {
   public:
    void station_added(const Wdev&, const MacAddress&, const cfg80211::StationInfo&) override {
      events.push_back("NEW_STATION");
    }
    void station_removed(const Wdev&, const MacAddress&, const cfg80211::StationInfo&) override {
      events.push_back("DEL_STATION");
    }
  };
  void listen() { sta.host.set_event_sink(told); }
  cfg80211::LeaveRequest leave(bool local = false) const {
    return {.bssid = ap.address, .reason = kReason, .local_state_change = local};
  }
  Result<void> associate() {
    return cfg80211::associate(*sta.wdev, {.bssid = ap.address, .mhz = kMhz, .ssid = kSsid}, kPort);
  }
  Recorder told;
};

TEST_F(StationLeaveTest, DisassociationIsSentAndToldInLinuxsOrder) {
  join();
  listen();
  ASSERT_TRUE(cfg80211::disassociate(*sta.wdev, leave(), kPort));
  EXPECT_THAT(told.take(), ElementsAre("DEL_STATION", "DISASSOCIATE", "DISCONNECT 8"));
  run(1ms);
  const auto sent = on_air(Subtype::kDisassociation);
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].address1(), ap.address);
  EXPECT_EQ(sent[0].address2(), sta.address);
  EXPECT_EQ(sent[0].bssid(), ap.address);
  EXPECT_EQ(ieee80211::DisassociationBody::parse(Reader(sent[0].body()))->reason, kReason);
  EXPECT_THAT(on_air(Subtype::kDeauthentication), IsEmpty());

  EXPECT_FALSE(sta.wdev->is_connected());
  EXPECT_FALSE(sta.netdev().carrier());
  EXPECT_FALSE(sta.interface().link().config.associated);
  EXPECT_EQ(sta.stack.stations().find(sta.interface(), ap.address), nullptr);
  EXPECT_EQ(cfg80211::disassociate(*sta.wdev, leave(), kPort).error().code, Errc::kNotConnected);
}

TEST_F(StationLeaveTest, WhoWasDisassociatedAssociatesAgainWithoutAuthentication) {
  join();
  listen();
  ASSERT_TRUE(cfg80211::disassociate(*sta.wdev, leave(), kPort));
  run(1ms);
  ASSERT_TRUE(cfg80211::delete_station(*ap.wdev, {.mac = sta.address}));
  air.frames.clear();
  told.take();
  ASSERT_TRUE(associate());
  EXPECT_EQ(associate().error().code, Errc::kBusy);
  run(50ms);
  EXPECT_THAT(on_air(Subtype::kAuthentication), IsEmpty());
  EXPECT_THAT(told.take(), ElementsAre("NEW_STATION", "ASSOCIATE", "CONNECT 0"));
  EXPECT_TRUE(sta.wdev->is_connected());
  EXPECT_TRUE(data_gets_through());
}

TEST_F(StationLeaveTest, ALocalChangeOfStateSendsNothing) {
  join();
  listen();
  ASSERT_TRUE(cfg80211::disassociate(*sta.wdev, leave(/*local=*/true), kPort));
  EXPECT_THAT(told.take(), ElementsAre("DEL_STATION", "DISASSOCIATE", "DISCONNECT 8"));
  run(1ms);
  EXPECT_THAT(on_air(Subtype::kDisassociation), IsEmpty());
  EXPECT_FALSE(sta.netdev().carrier());
}

}  // namespace
}  // namespace airloom::mac80211
