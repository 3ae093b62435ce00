// START_SCHED_SCAN and STOP_SCHED_SCAN as octets: what is parsed, what is refused, what is told.
#include <cerrno>

#include "fixture.h"

namespace airloom::nl80211 {
namespace {

using cfg80211::SchedScanRequest;
using cfg80211::Wdev;
using netlink::MessageWriter;

constexpr size_t kScanGroup = 1;

class SchedScanTest : public Nl80211Test {
 protected:
  SchedScanTest() {
    cfg80211::Capabilities can = *capabilities;
    can.max_sched_scans = 2;
    can.max_sched_scan_ssids = can.max_match_sets = 4;
    can.max_sched_scan_elements_len = 100;
    can.max_sched_scan_plans = 2;
    can.max_sched_scan_plan_interval = 3600;
    can.max_sched_scan_plan_iterations = 100;
    can.features |= NL80211_FEATURE_SCHED_SCAN_RANDOM_MAC_ADDR;
    can.extended_features.resize(16);
    for (const unsigned bit : {unsigned{NL80211_EXT_FEATURE_SCHED_SCAN_RELATIVE_RSSI},
                               unsigned{NL80211_EXT_FEATURE_SCHED_SCAN_BAND_SPECIFIC_RSSI_THOLD}})
      can.extended_features[bit / 8] |= static_cast<uint8_t>(1u << bit % 8);
    radio = &host.add_wiphy({.capabilities = std::make_shared<cfg80211::Capabilities>(can),
                             .addresses = hwsim::radio_addresses(1)},
                            other_ops);
    wdev = *radio->add_interface({.name = "sched0", .type = cfg80211::InterfaceType::kStation});
    bring_up(*wdev);
    EXPECT_TRUE(bus.join(user_id, genl::Bus::kFirstGroup + kScanGroup));
  }
  MessageWriter start() { return request(NL80211_CMD_START_SCHED_SCAN, *wdev); }
  MessageWriter every_s(uint32_t seconds) {
    return std::move(start().u32(NL80211_ATTR_SCHED_SCAN_INTERVAL, seconds * 1000));
  }
  MessageWriter stop() { return request(NL80211_CMD_STOP_SCHED_SCAN, *wdev); }
  /// A request with one plan of {seconds, rounds} after the other; rounds 0: none are said.
  MessageWriter with_plans(std::vector<std::pair<uint32_t, uint32_t>> plans) {
    MessageWriter message = start();
    const auto list = message.nest(NL80211_ATTR_SCHED_SCAN_PLANS);
    uint16_t index = 0;
    for (const auto& [seconds, rounds] : plans) {
      const auto nest = message.nest(++index);
      message.u32(NL80211_SCHED_SCAN_PLAN_INTERVAL, seconds);
      if (rounds != 0) message.u32(NL80211_SCHED_SCAN_PLAN_ITERATIONS, rounds);
    }
    return message;
  }
  /// A request with match sets that `put` writes.
  template <typename Put>
  MessageWriter with_match(Put put) {
    MessageWriter message = every_s(10);
    const auto list = message.nest(NL80211_ATTR_SCHED_SCAN_MATCH);
    put(message);
    return message;
  }
  static void put_ssid(MessageWriter& message, uint16_t index, const Octets& ssid,
                       std::optional<int32_t> rssi = std::nullopt) {
    const auto nest = message.nest(index);
    if (!ssid.empty()) message.bytes(NL80211_SCHED_SCAN_MATCH_ATTR_SSID, ssid);
    if (rssi) message.u32(NL80211_SCHED_SCAN_MATCH_ATTR_RSSI, static_cast<uint32_t>(*rssi));
  }

  cfg80211::Wiphy* radio = nullptr;
  Wdev* wdev = nullptr;
};

TEST_F(SchedScanTest, StartAndStopAreToldToTheScanGroup) {
  user.clear();
  EXPECT_EQ(ask(every_s(10)).error, 0);
  EXPECT_EQ(ask(stop()).error, 0);
  EXPECT_EQ(ask(stop()).error, ENOENT);
  const auto told = user.messages();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].genl()->command, NL80211_CMD_START_SCHED_SCAN);
  EXPECT_EQ(told[1].genl()->command, NL80211_CMD_SCHED_SCAN_STOPPED);
  const netlink::AttributeTable event(told[0].genl_attributes());
  EXPECT_EQ(event.u32(NL80211_ATTR_WIPHY), radio->index());
  EXPECT_EQ(event.u32(NL80211_ATTR_IFINDEX), wdev->ifindex());
  EXPECT_EQ(event.u64(NL80211_ATTR_COOKIE), 0u);
  EXPECT_FALSE(event.has(NL80211_ATTR_WDEV));
}

TEST_F(SchedScanTest, ARadioWithoutThemRefuses) {
  Wdev& plain = add_interface("wlan0");
  bring_up(plain);
  EXPECT_EQ(ask(request(NL80211_CMD_START_SCHED_SCAN, plain)).error, EOPNOTSUPP);
  EXPECT_EQ(ask(request(NL80211_CMD_STOP_SCHED_SCAN, plain)).error, EOPNOTSUPP);
}

TEST_F(SchedScanTest, EverythingThatIsAskedForReachesTheDriver) {
  MessageWriter message = with_match([](MessageWriter& out) {
    put_ssid(out, 1, {'a'});
    put_ssid(out, 2, {'b'}, -50);
    put_ssid(out, 3, {}, -70);
    const auto nest = out.nest(4);
    out.mac(NL80211_SCHED_SCAN_MATCH_ATTR_BSSID, {{2, 0, 0, 0, 0, 1}});
    const auto bands = out.nest(NL80211_SCHED_SCAN_MATCH_PER_BAND_RSSI);
    out.u32(NL80211_BAND_5GHZ, static_cast<uint32_t>(-40));
  });
  {
    const auto list = message.nest(NL80211_ATTR_SCAN_FREQUENCIES);
    message.u32(0, 2412).u32(1, 5180);
  }
  {
    const auto list = message.nest(NL80211_ATTR_SCAN_SSIDS);
    message.bytes(0, Octets{'a'});
  }
  message.u32(NL80211_ATTR_SCHED_SCAN_DELAY, 3).bytes(NL80211_ATTR_IE, Octets{221, 1, 7});
  message.u8(NL80211_ATTR_SCHED_SCAN_RELATIVE_RSSI, 5);
  message.bytes(NL80211_ATTR_SCHED_SCAN_RSSI_ADJUST, Octets{NL80211_BAND_5GHZ, 0xfe});
  message.u32(NL80211_ATTR_SCAN_FLAGS, NL80211_SCAN_FLAG_RANDOM_ADDR);
  ASSERT_EQ(ask(std::move(message)).error, 0);
  const SchedScanRequest& asked = other_ops.sched_scan;
  ASSERT_EQ(asked.match_sets.size(), 3u) << "the lone threshold is that of the others";
  EXPECT_EQ(asked.match_sets[0].ssid, Octets{'a'});
  EXPECT_EQ(asked.match_sets[0].rssi_dbm, -70);
  EXPECT_EQ(asked.match_sets[1].rssi_dbm, -50);
  EXPECT_EQ(asked.match_sets[2].bssid, (MacAddress{{2, 0, 0, 0, 0, 1}}));
  EXPECT_EQ(asked.match_sets[2].band_rssi_dbm[NL80211_BAND_5GHZ], -40);
  EXPECT_EQ(asked.scan.channels.size(), 2u);
  EXPECT_EQ(asked.scan.ssids, (std::vector<Octets>{{'a'}}));
  EXPECT_EQ(asked.scan.elements, (Octets{221, 1, 7}));
  EXPECT_EQ(asked.scan.mac_mask, (MacAddress{{3, 0, 0, 0, 0, 0}}));
  EXPECT_EQ(asked.delay_s, 3u);
  EXPECT_EQ(asked.relative_rssi_db, 5);
  ASSERT_TRUE(asked.rssi_adjust);
  EXPECT_EQ(asked.rssi_adjust->band, NL80211_BAND_5GHZ);
  EXPECT_EQ(asked.rssi_adjust->delta_db, -2);
  ASSERT_EQ(asked.plans.size(), 1u);
  EXPECT_EQ(asked.plans[0].interval_s, 10u);
  EXPECT_EQ(asked.plans[0].rounds, 0u);
}

TEST_F(SchedScanTest, ALoneThresholdIsASetOfItsOwn) {
  ASSERT_EQ(ask(with_match([](MessageWriter& out) { put_ssid(out, 1, {}, -60); })).error, 0);
  ASSERT_EQ(other_ops.sched_scan.match_sets.size(), 1u);
  EXPECT_EQ(other_ops.sched_scan.match_sets[0].rssi_dbm, -60);
}

TEST_F(SchedScanTest, PlansOrAnIntervalButNotBoth) {
  EXPECT_EQ(ask(start()).error, EINVAL);
  EXPECT_EQ(ask(every_s(0)).error, EINVAL);
  EXPECT_EQ(ask(std::move(with_plans({{10, 0}}).u32(NL80211_ATTR_SCHED_SCAN_INTERVAL, 1))).error,
            EINVAL);
  EXPECT_EQ(ask(with_plans({})).error, EINVAL);
  EXPECT_EQ(ask(with_plans({{10, 0}, {20, 0}})).error, EINVAL);
  EXPECT_EQ(ask(with_plans({{10, 3}})).error, EINVAL);
  EXPECT_EQ(ask(with_plans({{3601, 0}})).error, EINVAL);
  ASSERT_EQ(ask(with_plans({{10, 3}, {60, 0}})).error, 0);
  ASSERT_EQ(other_ops.sched_scan.plans.size(), 2u);
  EXPECT_EQ(other_ops.sched_scan.plans[0].rounds, 3u);
  EXPECT_EQ(other_ops.sched_scan.plans[1].interval_s, 60u);
}

TEST_F(SchedScanTest, AnIntervalIsRoundedUpAndCutShort) {
  ASSERT_EQ(ask(std::move(start().u32(NL80211_ATTR_SCHED_SCAN_INTERVAL, 1001))).error, 0);
  EXPECT_EQ(other_ops.sched_scan.plans[0].interval_s, 2u);
  ASSERT_EQ(ask(stop()).error, 0);
  ASSERT_EQ(ask(std::move(start().u32(NL80211_ATTR_SCHED_SCAN_INTERVAL, UINT32_MAX))).error, 0);
  EXPECT_EQ(other_ops.sched_scan.plans[0].interval_s, 3600u);
}

TEST_F(SchedScanTest, MatchSetsAreJudged) {
  EXPECT_EQ(ask(with_match([](MessageWriter& out) { put_ssid(out, 1, Octets(33)); })).error,
            ERANGE);
  EXPECT_EQ(ask(with_match([](MessageWriter& out) {
              const auto nest = out.nest(1);
              out.bytes(NL80211_SCHED_SCAN_MATCH_ATTR_SSID, Octets{'a'});
              out.mac(NL80211_SCHED_SCAN_MATCH_ATTR_BSSID, {{2, 0, 0, 0, 0, 1}});
            })).error,
            EINVAL);
  EXPECT_EQ(ask(with_match([](MessageWriter& out) {
              for (uint16_t i = 1; i <= 5; ++i) put_ssid(out, i, {'a'});
            })).error,
            EINVAL);
}

TEST_F(SchedScanTest, AFrequencyTwiceIsRefused) {
  MessageWriter message = every_s(10);
  {
    const auto list = message.nest(NL80211_ATTR_SCAN_FREQUENCIES);
    message.u32(0, 2412).u32(1, 2412);
  }
  EXPECT_EQ(ask(std::move(message)).error, EINVAL);
}

TEST_F(SchedScanTest, SeveralAreNamedByTheCookieOfTheEvent) {
  const auto multi = [&] { return std::move(every_s(10).flag(NL80211_ATTR_SCHED_SCAN_MULTI)); };
  user.clear();
  EXPECT_EQ(ask(multi()).error, 0);
  EXPECT_EQ(ask(multi()).error, 0);
  EXPECT_EQ(ask(multi()).error, ENOSPC);
  EXPECT_EQ(ask(every_s(10)).error, EINPROGRESS);
  const auto cookie =
      netlink::AttributeTable(user.messages().back().genl_attributes()).u64(NL80211_ATTR_COOKIE);
  EXPECT_EQ(cookie, 2u);
  EXPECT_EQ(ask(stop()).error, ENOENT);
  EXPECT_EQ(ask(std::move(stop().u64(NL80211_ATTR_COOKIE, *cookie, NL80211_ATTR_PAD))).error, 0);
  EXPECT_EQ(ask(std::move(stop().u64(NL80211_ATTR_COOKIE, *cookie, NL80211_ATTR_PAD))).error,
            ENOENT);
}

TEST_F(SchedScanTest, ItsOwnersDeathStopsIt) {
  EXPECT_EQ(ask(std::move(every_s(10).flag(NL80211_ATTR_SOCKET_OWNER))).error, 0);
  user.clear();
  bus.close(client_id);
  ASSERT_EQ(user.messages().size(), 1u);
  EXPECT_EQ(user.messages()[0].genl()->command, NL80211_CMD_SCHED_SCAN_STOPPED);
  EXPECT_TRUE(other_ops.was_asked("stop_sched_scan"));
}

}  // namespace
}  // namespace airloom::nl80211
