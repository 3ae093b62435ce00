// What a scan's flags promise is on the air, or in its end.
#include "mac80211/scan.h"

#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;
using ieee80211::ElementId;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;

class ScanTest : public MlmeHosts {
 protected:
  static constexpr uint32_t kOtherMhz = 2437;
  cfg80211::ScanRequest request(uint32_t flags, std::vector<uint32_t> channels = {kMhz}) const {
    cfg80211::ScanRequest made{.ssids = {Octets{}}, .flags = flags};
    for (const uint32_t mhz : channels) made.channels.push_back({.mhz = mhz});
    return made;
  }
  Result<void> scan(cfg80211::ScanRequest made) {
    air.frames.clear();
    sta.host.set_event_sink(sta_events);
    return cfg80211::trigger_scan(*sta.wdev, std::move(made));
  }
  /// The Probe Requests of a scan that ran to its end.
  std::vector<ieee80211::FrameView> probes(const cfg80211::ScanRequest& made) {
    EXPECT_TRUE(scan(made));
    run(500ms);
    EXPECT_FALSE(sta.wiphy->scan);
    return on_air(Subtype::kProbeRequest);
  }
  static std::vector<uint8_t> element_ids(const ieee80211::FrameView& probe) {
    std::vector<uint8_t> ids;
    for (const auto& element : ieee80211::ElementRange(probe.body())) ids.push_back(element.id);
    return ids;
  }
};

TEST_F(ScanTest, RandomSequenceNumbersAreNobodys) {
  auto numbers = [&](uint32_t flags) {
    std::vector<uint16_t> seen;
    for (int i = 0; i < 8; ++i)
      for (const auto& probe : probes(request(flags))) seen.push_back(probe.sequence().number());
    return seen;
  };
  const uint16_t first = sta.interface().next_sequence;
  std::vector<uint16_t> counted;
  for (uint16_t i = 0; i < 8; ++i) counted.push_back(static_cast<uint16_t>(first + i));
  EXPECT_EQ(numbers(0), counted);
  std::vector<uint16_t> random = numbers(NL80211_SCAN_FLAG_RANDOM_SN);
  EXPECT_EQ(sta.interface().next_sequence, first + 8) << "the interface's own count stays";
  ASSERT_THAT(random, SizeIs(8));
  std::ranges::sort(random);
  EXPECT_EQ(std::ranges::unique(random).begin(), random.end());
  EXPECT_GT(random.back() - random.front(), 500);
  for (const auto& probe : probes(request(NL80211_SCAN_FLAG_RANDOM_SN)))
    EXPECT_EQ(probe.sequence().bits & 0xf, 0) << "no fragment";
}

TEST_F(ScanTest, MinimalContentLeavesOutWhatTheRadioCan) {
  constexpr uint8_t kVendor = 221, kExtendedCapabilities = 127;
  auto made = request(0);
  made.elements = {kExtendedCapabilities, 1, 4, kVendor, 4, 0, 1, 2, 3};
  const auto full = probes(made);
  ASSERT_THAT(full, SizeIs(1));
  EXPECT_THAT(element_ids(full[0]), ElementsAre(0, 1, 3, 45, kExtendedCapabilities, kVendor));
  made.flags = NL80211_SCAN_FLAG_MIN_PREQ_CONTENT;
  const auto minimal = probes(made);
  ASSERT_THAT(minimal, SizeIs(1));
  EXPECT_THAT(element_ids(minimal[0]), ElementsAre(0, 1, 3, kExtendedCapabilities, kVendor))
      << "what userspace asked for stays";
}

TEST_F(ScanTest, ARandomAddressKeepsWhatTheMaskSays) {
  start_access_point();
  auto made = request(NL80211_SCAN_FLAG_RANDOM_ADDR);
  made.mac = {{0x02, 0xaa, 0xbb, 0, 0, 0}};
  made.mac_mask = {{0xff, 0xff, 0xff, 0, 0, 0}};
  std::vector<MacAddress> sources;
  for (int i = 0; i < 2; ++i) {
    const auto sent = probes(made);
    ASSERT_THAT(sent, SizeIs(1));
    sources.push_back(sent[0].address2());
    EXPECT_TRUE(std::ranges::equal(std::span(sources.back().octets).first(3),
                                   std::array<uint8_t, 3>{0x02, 0xaa, 0xbb}));
    EXPECT_FALSE(sta.driver.filter.scan_address) << "only while it scans";
  }
  EXPECT_NE(sources[0], sources[1]);
  ASSERT_TRUE(scan(made));
  run(40ms);
  EXPECT_EQ(sta.driver.filter.scan_address, on_air(Subtype::kProbeRequest).at(0).address2());
}

TEST_F(ScanTest, AnswersToOthersCountForARandomAddressOnly) {
  Octets answer;
  Writer writer(answer);
  const MacAddress other{{2, 9, 9, 9, 9, 9}};
  writer.le16(0x0050).le16(0).mac(other).mac(ap.address).mac(ap.address).le16(0);
  writer.le64(0).le16(100).le16(0x0401);
  ieee80211::emit_element(writer, ElementId::kSsid, kSsid);
  auto found = [&](uint32_t flags) {
    EXPECT_TRUE(scan(request(flags)));
    run(40ms);
    sta.stack.receive(pool.from(answer), {.mhz = kMhz, .signal_dbm = -30});
    run(500ms);
    return sta.wiphy->bss_table().entries().size();
  };
  EXPECT_EQ(found(0), 0u);
  EXPECT_EQ(found(NL80211_SCAN_FLAG_RANDOM_ADDR), 1u);
}

TEST_F(ScanTest, AScanOfLowPriorityYieldsToTraffic) {
  join();
  auto sent_after = [&](uint32_t flags) {
    EXPECT_TRUE(scan(request(flags, {kOtherMhz, kMhz})));
    run(20ms);
    EXPECT_EQ(sta.driver.mhz(), kOtherMhz);
    sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, Octets(20, 1)));
    run(60ms);
    EXPECT_EQ(sta.driver.mhz(), kMhz) << "home again";
    EXPECT_EQ(std::exchange(ap.netdev().received, {}).size(), 1u);
    run(500ms);
    EXPECT_FALSE(sta.wiphy->scan);
    return sta_events.take();
  };
  EXPECT_THAT(sent_after(NL80211_SCAN_FLAG_LOW_PRIORITY), Contains("SCAN_ABORTED"));
  EXPECT_THAT(sent_after(0), Contains("NEW_SCAN_RESULTS"));
}

TEST_F(ScanTest, WithNothingToSendLowPriorityScansToTheEnd) {
  join();
  ASSERT_TRUE(scan(request(NL80211_SCAN_FLAG_LOW_PRIORITY, {kOtherMhz, kMhz})));
  run(1s);
  EXPECT_THAT(sta_events.take(), Contains("NEW_SCAN_RESULTS"));
}

TEST_F(ScanTest, ABeaconingAccessPointScansOnlyIfForced) {
  ASSERT_TRUE(cfg80211::trigger_scan(*ap.wdev, request(0))) << "it does not beacon yet";
  run(500ms);
  start_access_point();
  EXPECT_EQ(cfg80211::trigger_scan(*ap.wdev, request(0)).error().code, Errc::kUnsupported);
  ASSERT_TRUE(cfg80211::trigger_scan(*ap.wdev, request(NL80211_SCAN_FLAG_AP, {kOtherMhz})));
  air.frames.clear();
  run(500ms);
  EXPECT_THAT(on_air(Subtype::kProbeRequest), SizeIs(1));
  EXPECT_THAT(on_air(Subtype::kBeacon), Not(IsEmpty())) << "it has come home";
}

TEST_F(ScanTest, FlushForgetsWhatTheScanDidNotHear) {
  start_access_point();
  auto made = request(0);
  made.ssids.clear();
  ASSERT_TRUE(scan(made));
  run(500ms);
  ASSERT_THAT(sta.wiphy->bss_table().entries(), SizeIs(1));
  auto elsewhere = request(0, {kOtherMhz});
  ASSERT_TRUE(scan(elsewhere));
  run(500ms);
  EXPECT_THAT(sta.wiphy->bss_table().entries(), SizeIs(1));
  elsewhere.flags = NL80211_SCAN_FLAG_FLUSH;
  ASSERT_TRUE(scan(elsewhere));
  run(500ms);
  EXPECT_THAT(sta.wiphy->bss_table().entries(), IsEmpty());
}

TEST_F(ScanTest, ADurationIsStayedFor) {
  auto made = request(0, {kMhz, kOtherMhz});
  made.ssids.clear();
  made.duration_tu = 300;
  ASSERT_TRUE(scan(made));
  run(300ms);
  EXPECT_EQ(sta.driver.mhz(), kMhz);
  run(20ms);
  EXPECT_EQ(sta.driver.mhz(), kOtherMhz);
}

TEST_F(ScanTest, AnAssociatedStationTellsItsOwnTimeWithWhatItHears) {
  join();
  Octets beacon;
  Writer writer(beacon);
  const MacAddress other{{2, 9, 9, 9, 9, 9}};
  writer.le16(0x0080).le16(0).mac(MacAddress::broadcast()).mac(other).mac(other).le16(0);
  writer.le64(0).le16(100).le16(0x0401);
  ieee80211::emit_element(writer, ElementId::kSsid, kSsid);
  const auto parent_tsf = [&](uint16_t rate_100kbps) {
    EXPECT_TRUE(scan(request(0, {kOtherMhz})));
    run(40ms);
    sta.stack.receive(pool.from(beacon), {.mhz = kOtherMhz,
                                          .signal_dbm = -30,
                                          .rate = {.legacy_100kbps = rate_100kbps},
                                          .mactime_us = 5000});
    run(500ms);
    const cfg80211::Bss* bss = sta.wiphy->bss_table().find(kOtherMhz, other, std::nullopt);
    EXPECT_EQ(bss->parent_bssid, ap.address);
    return bss->parent_tsf_us;
  };
  // When the Timestamp began: 192 bits after the frame did.
  EXPECT_EQ(parent_tsf(10), 5192u);
  EXPECT_EQ(parent_tsf(60), 5032u);
}

}  // namespace
}  // namespace airloom::mac80211
