// What GET_STATION tells of a peer, in values: times, signals and their averages, counts by TID,
// and the throughput to expect.
#include <gmock/gmock.h>

#include "joined_hosts.h"

namespace airloom::mac80211 {
namespace {

class StationInfoTest : public JoinedHosts {
 protected:
  void SetUp() override { join(/*control_port=*/false); }
  cfg80211::StationInfo of_client() { return *cfg80211::get_station(*ap.wdev, sta.address); }
  cfg80211::StationInfo of_ap() { return *cfg80211::get_station(*sta.wdev, ap.address); }
  /// A data frame of a client that the test plays itself.
  void hear(const MacAddress& from, int8_t dbm, uint8_t tid = 0) {
    Octets frame = qos_data(from, ap.address, ++sequence_, msdu(0x0800, payload));
    frame[24] = tid;
    ap.stack.receive(pool.from(frame), {.mhz = kMhz, .signal_dbm = dbm});
  }
  /// The status of a frame to the client that went through.
  void acknowledge(int8_t dbm) {
    ap.stack.tx_status({.token = kStatisticsToken,
                        .vif = ap.interface().id(),
                        .station = station_at_ap().id(),
                        .acked = true,
                        .ack_signal_dbm = dbm});
  }

 private:
  uint16_t sequence_ = 100;
};

TEST_F(StationInfoTest, InactiveSinceTheLastFrameToUsOrAcknowledgementOfOurs) {
  hear(sta.address, -30);
  run(1234ms);
  EXPECT_EQ(of_client().inactive_time_ms, 1234u);
  acknowledge(-30);
  EXPECT_EQ(of_client().inactive_time_ms, 0u);
  run(tu(100) * 3);
  EXPECT_EQ(of_client().inactive_time_ms, 307u);
  hear(sta.address, -30);
  const uint64_t beacons = *of_ap().rx_beacons;
  const uint32_t inactive = *of_ap().inactive_time_ms;
  run(tu(500));
  EXPECT_EQ(of_ap().rx_beacons, beacons + 5);
  EXPECT_EQ(of_ap().inactive_time_ms, inactive + 512) << "beacons are not to us";
}

TEST_F(StationInfoTest, ConnectedSinceItWasAddedAssociatedSinceItWasAssociated) {
  const MacAddress client{{2, 0, 0, 0, 9, 0}};
  const auto params = [](uint32_t flags) {
    cfg80211::StationParams params{.flags_mask = flags, .flags_set = flags};
    params.supported_rates = Octets{2, 4};
    params.listen_interval = 1;
    params.aid = 5;
    return params;
  };
  constexpr uint32_t kAuthenticated = 1u << NL80211_STA_FLAG_AUTHENTICATED;
  constexpr uint32_t kAssociated = 1u << NL80211_STA_FLAG_ASSOCIATED;
  auto fresh = params(kAuthenticated);
  fresh.flags_mask |= kAssociated;
  ASSERT_TRUE(cfg80211::new_station(*ap.wdev, client, fresh));
  const auto info = [&] { return *cfg80211::get_station(*ap.wdev, client); };
  run(3s);
  EXPECT_EQ(info().connected_time_s, 3u);
  EXPECT_EQ(info().associated_at_boottime_ns, 0u);
  const auto now = static_cast<uint64_t>(queue.now().since_epoch.count());
  ASSERT_TRUE(cfg80211::set_station(*ap.wdev, client, params(kAssociated)));
  run(4s);
  EXPECT_EQ(info().connected_time_s, 7u);
  EXPECT_EQ(info().associated_at_boottime_ns, now);
}

TEST_F(StationInfoTest, SignalsAreTheLastAndAnAverageThatForgetsAnEighth) {
  const MacAddress client{{2, 0, 0, 0, 9, 0}};
  admit(client, 5);
  const auto info = [&] { return *cfg80211::get_station(*ap.wdev, client); };
  EXPECT_EQ(info().signal_dbm, 0) << "nothing heard";
  hear(client, -40);
  EXPECT_EQ(info().signal_avg_dbm, -40);
  hear(client, -48);
  EXPECT_EQ(info().signal_dbm, -48);
  EXPECT_EQ(info().signal_avg_dbm, -41);
  hear(client, -60);
  EXPECT_EQ(info().signal_dbm, -60);
  EXPECT_EQ(info().signal_avg_dbm, -43);
}

TEST_F(StationInfoTest, BeaconsHaveAnAverageOfTheirOwnThatForgetsAQuarter) {
  run(tu(300));
  ASSERT_EQ(of_ap().beacon_signal_avg_dbm, -30);
  const uint64_t before = *of_ap().rx_beacons;
  const auto beacon = pool.from(on_air(Subtype::kBeacon).back().octets());
  const auto hear_beacon = [&](int8_t dbm) {
    sta.stack.receive(beacon.copy(), {.mhz = kMhz, .signal_dbm = dbm});
    return *of_ap().beacon_signal_avg_dbm;
  };
  EXPECT_EQ(hear_beacon(-50), -35);
  EXPECT_EQ(hear_beacon(-50), -38);
  EXPECT_EQ(hear_beacon(-20), -34);
  EXPECT_EQ(of_ap().rx_beacons, before + 3);
  EXPECT_EQ(of_client().rx_beacons, std::nullopt) << "an access point hears none of its clients'";
}

TEST_F(StationInfoTest, AcknowledgementsHaveSignalsOnceOneCame) {
  const MacAddress client{{2, 0, 0, 0, 9, 0}};
  admit(client, 5);
  EXPECT_EQ(cfg80211::get_station(*ap.wdev, client)->ack_signal_dbm, std::nullopt);
  EXPECT_EQ(cfg80211::get_station(*ap.wdev, client)->ack_signal_avg_dbm, std::nullopt);
  acknowledge(-20);
  EXPECT_EQ(of_client().ack_signal_avg_dbm, -20);
  acknowledge(-28);
  EXPECT_EQ(of_client().ack_signal_dbm, -28);
  EXPECT_EQ(of_client().ack_signal_avg_dbm, -21);
}

TEST_F(StationInfoTest, MsdusCountByTid) {
  make_ht();
  const auto before = of_client().tids;
  for (const uint8_t tid : {0, 6, 6}) hear(sta.address, -30, tid);
  // Two in one A-MSDU.
  Octets body;
  Writer writer(body);
  const Octets one = msdu(0x0800, payload);
  for (int i = 0; i < 2; ++i)
    ieee80211::emit_amsdu_subframe(writer, 0, {ap.address, sta.address, one});
  Octets amsdu = qos_data(sta.address, ap.address, 900, body);
  amsdu[24] = 0x80 | 5;
  hear_at_ap(amsdu);
  Octets plain;
  Writer(plain).le16(0x0108).le16(0).mac(ap.address).mac(sta.address).mac(ap.address).le16(0);
  plain.insert(plain.end(), one.begin(), one.end());
  hear_at_ap(plain);
  const auto received = [&](size_t tid) {
    return of_client().tids[tid].rx_msdu - before[tid].rx_msdu;
  };
  EXPECT_EQ(received(0), 1u);
  EXPECT_EQ(received(5), 2u);
  EXPECT_EQ(received(6), 2u);
  EXPECT_EQ(received(kNonQosTid), 1u) << "without a TID";
}

TEST_F(StationInfoTest, WhatIsSentCountsByTidWithItsRetriesAndFailures) {
  const auto send = [this](uint8_t tos) {
    Octets packet(20, 0);
    packet[1] = tos;
    ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, packet));
    run(1ms);
  };
  for (const bool qos : {true, false}) {
    station_at_ap().wme = qos;
    const size_t tid = qos ? 5 : kNonQosTid;
    const auto before = of_client().tids[tid];
    send(0xa0);
    air.loses = [](const auto& view) { return view.fc().is_data(); };
    send(0xa0);
    air.loses = [](const auto&) { return false; };
    const auto after = of_client().tids[tid];
    EXPECT_EQ(after.tx_msdu - before.tx_msdu, 2u);
    EXPECT_EQ(after.tx_msdu_failed - before.tx_msdu_failed, 1u);
    EXPECT_GT(after.tx_msdu_retries, before.tx_msdu_retries);
  }
}

/// The throughput that rate control expects once a rate has always got through.
uint32_t expected_kbps(const SupportedRates& rates) {
  SeededRng rng{1};
  const auto control = make_minstrel(rng);
  control->set_rates(rates);
  EXPECT_EQ(control->expected_throughput_kbps(), 0u) << "before anything was tried";
  TimePoint now;
  for (int i = 0; i < 2000; ++i, now = now + 1ms) {
    TxStatus status{.acked = true, .tried = control->choose(now)};
    for (size_t n = 1; n < status.tried.size(); ++n) status.tried[n].tries = 0;
    status.tried[0].tries = 1;
    control->on_status(status, now);
  }
  return control->expected_throughput_kbps();
}

TEST(ExpectedThroughput, IsTheKernelsForTheSameRate) {
  // iw said 45.226 Mb/s of such a peer (linux-6.1/iw/wpa2/iw-sta-station-dump.txt), in its 1024ths.
  constexpr uint32_t kTold = 46312;
  static_assert(kTold * 1000 / 1024 == 45226);
  EXPECT_EQ(expected_kbps({.legacy_100kbps = {10, 20, 55, 110}, .ht_mcs = 0xffff}), kTold);
  EXPECT_LT(expected_kbps({.legacy_100kbps = {10, 20, 55, 110}}), 11'000u);
}

}  // namespace
}  // namespace airloom::mac80211
