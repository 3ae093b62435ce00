// A FullMAC radio as an access point: the firmware lets stations in, and the host hears of those
// that are in and says who may pass data.
#include "node.h"

namespace airloom::fullmac {
namespace {

using mac80211::Subtype;
using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

/// The events of an access point.
class Recorder final : public mac80211::MlmeRecorder {
 public:
  void station_added(const Wdev&, const MacAddress& mac,
                     const cfg80211::StationInfo& info) override {
    events.push_back("NEW_STATION " + mac.to_string());
    elements = info.association_elements;
  }
  void station_removed(const Wdev&, const MacAddress& mac, const cfg80211::StationInfo&) override {
    events.push_back("DEL_STATION " + mac.to_string());
  }
  Octets elements;
};

class FullmacAccessPoint : public mac80211::TwoHosts {
 protected:
  FullmacAccessPoint() {
    full.host.set_event_sink(events);
    full.bring_up(InterfaceType::kAp);
    events.take();
  }
  ~FullmacAccessPoint() override { full.host.clear_event_sink(); }

  /// That of TwoHosts, with the FullMAC radio's address.
  cfg80211::StartApRequest settings(uint16_t capability = 0x0401) const {
    auto request = access_point();
    for (const size_t at : {10, 16})
      std::copy_n(full.address.octets.begin(), 6, request.beacon.head->begin() + at);
    (*request.beacon.head)[34] = static_cast<uint8_t>(capability);
    return request;
  }
  void join() {
    ASSERT_TRUE(cfg80211::connect(*sta.wdev, {.mhz = kMhz, .ssid = kSsid, .privacy = privacy}, 0));
    run(std::chrono::seconds(1));
    ASSERT_TRUE(sta.wdev->is_connected_to(full.address));
  }
  bool data_gets_through() {
    const size_t before = full.netdev().received.size();
    sta.netdev().send(ethernet(full.address, sta.address, 0x0800, Octets(20, 1)));
    run(milliseconds(1));
    return full.netdev().received.size() == before + 1;
  }
  std::string name(const char* event) const { return event + (" " + sta.address.to_string()); }

  bool privacy = false;
  Recorder events;
  FullmacNode full{queue, air, pool, rng, 2};
};

TEST_F(FullmacAccessPoint, LetsAStationInAndTellsTheHost) {
  ASSERT_TRUE(cfg80211::start_ap(*full.wdev, settings(), kPort));
  join();
  EXPECT_THAT(events.take(), ElementsAre(name("NEW_STATION")));
  EXPECT_TRUE(ieee80211::find_element(events.elements, ieee80211::ElementId::kSsid));
  EXPECT_TRUE(data_gets_through());  // an open network
  const auto first = cfg80211::dump_station(*full.wdev, 0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->first, sta.address);
}

TEST_F(FullmacAccessPoint, LeavesItToTheHostWhoMayPassDataInAProtectedNetwork) {
  constexpr uint16_t kEss = 0x0001, kPrivacy = 0x0010;
  ASSERT_TRUE(cfg80211::start_ap(*full.wdev, settings(kEss | kPrivacy), kPort));
  privacy = true;
  join();
  const uint32_t authorized = 1u << NL80211_STA_FLAG_AUTHORIZED;
  EXPECT_EQ(cfg80211::get_station(*full.wdev, sta.address)->flags_set & authorized, 0u);
  ASSERT_TRUE(cfg80211::set_station(*full.wdev, sta.address,
                                    {.flags_mask = authorized, .flags_set = authorized}));
  EXPECT_EQ(cfg80211::get_station(*full.wdev, sta.address)->flags_set & authorized, authorized);
}

TEST_F(FullmacAccessPoint, ForgetsAStationThatLeaves) {
  ASSERT_TRUE(cfg80211::start_ap(*full.wdev, settings(), kPort));
  join();
  events.take();
  ASSERT_TRUE(cfg80211::disconnect(*sta.wdev, 3, 0));
  run(milliseconds(10));
  EXPECT_THAT(events.take(), ElementsAre(name("DEL_STATION")));
  EXPECT_FALSE(cfg80211::get_station(*full.wdev, sta.address));
}

TEST_F(FullmacAccessPoint, SendsAStationAway) {
  ASSERT_TRUE(cfg80211::start_ap(*full.wdev, settings(), kPort));
  join();
  events.take();
  ASSERT_TRUE(cfg80211::delete_station(*full.wdev, {.mac = sta.address, .reason = 5}));
  run(milliseconds(10));
  EXPECT_THAT(events.take(), ElementsAre(name("DEL_STATION")));
  EXPECT_FALSE(sta.wdev->is_connected());
  EXPECT_THAT(sta.events.take(), Contains("DISCONNECT 5 by AP"));
  EXPECT_EQ(
      cfg80211::delete_station(*full.wdev, {.mac = MacAddress{{2, 9, 9, 9, 9, 9}}}).error().code,
      Errc::kNotFound);
}

TEST_F(FullmacAccessPoint, LosesItsStationsWhenItStops) {
  ASSERT_TRUE(cfg80211::start_ap(*full.wdev, settings(), kPort));
  join();
  events.take();
  ASSERT_TRUE(cfg80211::stop_ap(*full.wdev, 0, false));
  run(milliseconds(10));
  EXPECT_THAT(events.take(), Contains(name("DEL_STATION")));
  EXPECT_FALSE(full.wdev->is_beaconing());
  ASSERT_TRUE(cfg80211::start_ap(*full.wdev, settings(), kPort));
}

TEST_F(FullmacAccessPoint, RefusesWhoIsNotOfTheNetwork) {
  ASSERT_TRUE(cfg80211::start_ap(*full.wdev, settings(), kPort));
  // An Association Request without authentication, and data out of nowhere.
  Octets request;
  Writer writer(request);
  writer.le16(0x0000).le16(0).mac(full.address).mac(sta.address).mac(full.address).le16(0);
  writer.le16(1).le16(10).bytes(Octets{0, 3, 'n', 'e', 't', 1, 1, 0x82});
  full.device.hw().receive(pool.from(request), {.mhz = kMhz, .signal_dbm = -30});
  run(milliseconds(10));
  EXPECT_THAT(events.take(), IsEmpty());
  ASSERT_EQ(on_air(Subtype::kDeauthentication).size(), 1u);
}

}  // namespace
}  // namespace airloom::fullmac
