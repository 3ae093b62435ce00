// Listening for radar, radar in operation, and how long either counts.
#include "cfg80211/driver_events.h"
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kMhz = 5260, kFreeMhz = 5180;

/// A regulatory.db with one country, XX of the FCC's region: 5 GHz, radar from 5250 MHz on.
cfg80211::RegulatoryDatabase database() {
  constexpr uint8_t kDfs = 4;
  Octets file;
  Writer writer(file);
  writer.be32(0x52474442).be32(20);
  writer.u8('X').u8('X').be16(4).be32(0);        // the country's collection is at 16
  writer.u8(3).u8(2).u8(NL80211_DFS_FCC).u8(0);  // 16: two rules
  writer.be16(6).be16(10);                       // at 24 and 40
  writer.u8(16).u8(0).be16(2000).be32(5'170'000).be32(5'250'000).be32(80'000);
  writer.u8(16).u8(kDfs).be16(2000).be32(5'250'000).be32(5'330'000).be32(80'000);
  auto parsed = cfg80211::RegulatoryDatabase::parse(file);
  EXPECT_TRUE(parsed) << parsed.error().text;
  return parsed ? *std::move(parsed) : cfg80211::RegulatoryDatabase();
}

cfg80211::SharedCapabilities five_ghz_radio() {
  cfg80211::Capabilities c = small_radio();
  cfg80211::BandCapability high{.band = ieee80211::Band::k5GHz};
  for (const uint32_t mhz : {5180, 5200, 5260, 5280}) high.channels.push_back({.mhz = mhz});
  for (const uint16_t rate : {60, 120, 240}) high.rates.push_back({.rate_100kbps = rate});
  high.ht = c.bands[0].ht;
  c.bands = {high};
  c.combinations[0].radar_detect_widths = 0xff;
  return std::make_shared<const cfg80211::Capabilities>(c);
}

class RadarRecorder final : public MlmeRecorder {
 public:
  void radar_event(const Wiphy& wiphy, const Wdev* wdev, const ChannelDefinition& channel,
                   uint8_t event) override {
    constexpr const char* kNames[] = {"detected",     "CAC finished", "CAC aborted",
                                      "NOP finished", "CAC expired",  "CAC started"};
    events.push_back(fmt::format("RADAR {} {} {}{}", wiphy.name(), kNames[event],
                                 channel.primary_mhz, wdev != nullptr ? " wlan" : ""));
  }
};

class RadarTest : public testing::Test {
 protected:
  RadarTest() {
    driver.set_hw(stack);
    other_driver.set_hw(other_stack);
    host.set_event_sink(recorder);
    const auto capabilities = five_ghz_radio();
    wiphy = &host.add_wiphy({.capabilities = capabilities, .addresses = {kAddress}}, stack);
    other = &host.add_wiphy({.capabilities = capabilities, .addresses = {kAddress2}}, other_stack);
    wdev = *wiphy->add_interface({.name = "wlan0", .type = InterfaceType::kAp});
    EXPECT_TRUE(host.regulatory().hint_user({'X', 'X'}));
    EXPECT_TRUE(netdevs["wlan0"].up());
    queue.run_for(1ms);
    recorder.take();
  }
  ~RadarTest() override { host.clear_event_sink(); }

  static ChannelDefinition channel(uint32_t mhz) {
    return ChannelDefinition::from_type(mhz, ieee80211::ChannelType::kHt20);
  }
  cfg80211::StartApRequest access_point(uint32_t mhz) const {
    Octets head;
    Writer writer(head);
    writer.le16(0x0080).le16(0).mac(MacAddress::broadcast()).mac(kAddress).mac(kAddress).le16(0);
    writer.le64(0).le16(100).le16(0x0401);
    ieee80211::emit_element(writer, ieee80211::ElementId::kSsid, Octets{'n'});
    cfg80211::StartApRequest request{
        .channel = channel(mhz), .beacon_interval_tu = 100, .dtim_period = 2, .ssid = {'n'}};
    request.beacon.head = head;
    return request;
  }
  int state(const cfg80211::Wiphy& of, uint32_t mhz = kMhz) const {
    return of.find_channel(mhz)->dfs_state;
  }
  void check_channel() {
    ASSERT_TRUE(cfg80211::start_radar_detection(*wdev, channel(kMhz)));
    queue.run_for(60s + 1ms);
  }

  static constexpr MacAddress kAddress{{2, 0, 0, 0, 0, 0}}, kAddress2{{2, 0, 0, 0, 1, 0}};
  FramePool pool;
  EventQueue queue;
  SeededRng rng{1};
  test::LoopAir air{queue};
  cfg80211::RegulatoryDatabase regulatory = database();
  test::LoopDriver driver{air}, other_driver{air};
  test::MemoryNetdevs netdevs;
  RadarRecorder recorder;
  RadioStack stack{{.scheduler = &queue, .rng = &rng, .pool = &pool}, driver, {}};
  RadioStack other_stack{{.scheduler = &queue, .rng = &rng, .pool = &pool}, other_driver, {}};
  cfg80211::Host host{
      "host", {.scheduler = &queue, .netdevs = &netdevs, .regulatory = &regulatory}, {}};
  cfg80211::Wiphy *wiphy = nullptr, *other = nullptr;
  cfg80211::Wdev* wdev = nullptr;
};

TEST_F(RadarTest, AnAccessPointStartsOnlyAfterTheCheck) {
  EXPECT_EQ(state(*wiphy), NL80211_DFS_USABLE);
  EXPECT_EQ(cfg80211::start_ap(*wdev, access_point(kMhz), 1).error().code, Errc::kInvalid);
  ASSERT_TRUE(cfg80211::start_radar_detection(*wdev, channel(kMhz)));
  EXPECT_EQ(cfg80211::start_radar_detection(*wdev, channel(kMhz)).error().code, Errc::kBusy);
  queue.run_for(59s);
  EXPECT_EQ(driver.mhz(), kMhz);
  EXPECT_THAT(recorder.take(), IsEmpty());
  queue.run_for(1s + 1ms);
  EXPECT_THAT(recorder.take(),
              ElementsAre("RADAR phy0 CAC finished 5260 wlan", "RADAR phy1 CAC finished 5260"));
  EXPECT_EQ(state(*wiphy), NL80211_DFS_AVAILABLE);
  EXPECT_EQ(state(*other), NL80211_DFS_AVAILABLE);
  EXPECT_TRUE(cfg80211::start_ap(*wdev, access_point(kMhz), 1));
  // In use the check does not age; afterwards it does.
  queue.run_for(60s);
  EXPECT_THAT(recorder.take(), IsEmpty());
  ASSERT_TRUE(cfg80211::stop_ap(*wdev, 0, false));
  queue.run_for(1ms);
  EXPECT_EQ(state(*wiphy), NL80211_DFS_USABLE);
  EXPECT_THAT(recorder.take(), testing::Contains("RADAR phy0 CAC expired 5260"));
}

TEST_F(RadarTest, ChannelsWithoutRadarAndRolesWithoutBeaconsAreRefused) {
  EXPECT_EQ(cfg80211::start_radar_detection(*wdev, channel(kFreeMhz)).error().code, Errc::kInvalid);
  auto& station = **wiphy->add_interface({.name = "wlan1", .type = InterfaceType::kStation});
  ASSERT_TRUE(netdevs["wlan1"].up());
  EXPECT_EQ(cfg80211::start_radar_detection(station, channel(kMhz)).error().code, Errc::kInvalid);
}

TEST_F(RadarTest, RadarDuringTheCheckAbortsIt) {
  ASSERT_TRUE(cfg80211::start_radar_detection(*wdev, channel(kMhz)));
  queue.run_for(10s);
  stack.radar_detected();
  queue.run_for(1ms);
  EXPECT_THAT(recorder.take(), ElementsAre("RADAR phy0 CAC aborted 5260 wlan",
                                           "RADAR phy0 detected 5260", "RADAR phy1 detected 5260"));
  EXPECT_EQ(state(*wiphy), NL80211_DFS_UNAVAILABLE);
  EXPECT_EQ(cfg80211::start_radar_detection(*wdev, channel(kMhz)).error().code, Errc::kInvalid);
  EXPECT_TRUE(cfg80211::start_ap(*wdev, access_point(kFreeMhz), 1));
}

TEST_F(RadarTest, RadarInOperationIsToldAndTheAccessPointIsLeftToUserspace) {
  check_channel();
  ASSERT_TRUE(cfg80211::start_ap(*wdev, access_point(kMhz), 1));
  recorder.take();
  stack.radar_detected();
  queue.run_for(1ms);
  EXPECT_THAT(recorder.take(), ElementsAre("RADAR phy0 detected 5260", "RADAR phy1 detected 5260"));
  EXPECT_TRUE(wdev->is_beaconing());
  EXPECT_EQ(state(*wiphy), NL80211_DFS_UNAVAILABLE);
}

TEST_F(RadarTest, RadarClosesTheChannelForHalfAnHour) {
  ASSERT_TRUE(cfg80211::start_radar_detection(*wdev, channel(kMhz)));
  stack.radar_detected();
  queue.run_for(std::chrono::minutes(29));
  EXPECT_FALSE(cfg80211::start_radar_detection(*wdev, channel(kMhz)));
  recorder.take();
  queue.run_for(std::chrono::minutes(1) + 1s);
  EXPECT_THAT(recorder.take(), testing::Contains("RADAR phy0 NOP finished 5260"));
  EXPECT_TRUE(cfg80211::start_radar_detection(*wdev, channel(kMhz)));
}

TEST_F(RadarTest, GoingDownAbortsTheCheck) {
  ASSERT_TRUE(cfg80211::start_radar_detection(*wdev, channel(kMhz)));
  netdevs["wlan0"].down();
  queue.run_for(1ms);
  EXPECT_THAT(recorder.take(), testing::Contains("RADAR phy0 CAC aborted 5260 wlan"));
  queue.run_for(120s);
  EXPECT_EQ(state(*wiphy), NL80211_DFS_USABLE);
}

TEST_F(RadarTest, UserspaceMayBeTheOneThatHearsIt) {
  ASSERT_TRUE(cfg80211::notify_radar(*wdev, channel(kMhz)));
  queue.run_for(1ms);
  EXPECT_EQ(state(*wiphy), NL80211_DFS_UNAVAILABLE);
  EXPECT_THAT(recorder.take(), ElementsAre("RADAR phy1 detected 5260"));
}

}  // namespace
}  // namespace airloom::mac80211
