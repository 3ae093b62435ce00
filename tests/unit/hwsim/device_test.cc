#include "hwsim/device.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/event_queue.h"
#include "fake_hw.h"
#include "ieee80211/mac_header.h"

namespace airloom::hwsim {
namespace {

using cfg80211::InterfaceType;
using ieee80211::FrameView;
using ieee80211::Subtype;
using mac80211::TxFrame;

constexpr uint64_t kEpochUs = 1'795'298'700'000'000;
const MacAddress kAp{{2, 0, 0, 0, 0, 0}};
const MacAddress kStation{{2, 0, 0, 0, 1, 0}};
const ChannelDefinition kOne = ChannelDefinition::from_type(2412, ieee80211::ChannelType::kHt20);
const ChannelDefinition kSix = ChannelDefinition::from_type(2437, ieee80211::ChannelType::kHt20);

struct Node {
  Node(Scheduler& scheduler, FramePool& pool, medium::Medium& medium, InterfaceType type,
       MacAddress address)
      : hw(scheduler),
        device(scheduler, pool, medium, kEpochUs),
        vif{.id = 1, .type = type, .address = address} {
    device.set_hw(hw);
    EXPECT_TRUE(device.start());
    device.set_idle(false);
    EXPECT_TRUE(device.add_vif(vif));
    EXPECT_TRUE(device.tune(kOne));
  }
  void beacon(uint16_t interval_tu, int tx_power_dbm = 20) {
    mac80211::LinkConfig config{.enable_beacon = interval_tu > 0,
                                .beacon_interval_tu = interval_tu};
    config.tx_power_dbm = tx_power_dbm;
    device.link_changed(vif, 0, config, mac80211::kChangedBeaconEnabled);
  }
  FakeHw hw;
  Device device;
  mac80211::Vif vif;
};

class DeviceTest : public testing::Test {
 protected:
  FrameBuffer mpdu(Subtype subtype, const MacAddress& to, const MacAddress& from) {
    Octets octets;
    Writer writer(octets);
    ieee80211::MacHeader{.fc = subtype, .address1 = to, .address2 = from, .address3 = from}.emit(
        writer);
    writer.zeros(12);
    return pool.from(octets);
  }
  TxFrame frame(FrameBuffer octets, mac80211::TxToken token = 0) {
    TxFrame out{.mpdu = std::move(octets), .channel = kOne, .vif = 1, .token = token};
    out.rates[0] = {.rate = {.legacy_100kbps = 540}, .tries = 4};
    out.rates[1] = {.rate = {.legacy_100kbps = 60}, .tries = 2};
    return out;
  }
  void run(Duration duration = std::chrono::milliseconds(1)) { scheduler.run_for(duration); }

  FramePool pool;
  EventQueue scheduler;
  medium::IdealPropagation ideal;
  medium::Medium medium{scheduler, ideal};
  Node ap{scheduler, pool, medium, InterfaceType::kAp, kAp};
  Node station{scheduler, pool, medium, InterfaceType::kStation, kStation};
};

TEST_F(DeviceTest, AFrameArrivesWithItsCircumstancesAndItsStatusComesBack) {
  TxFrame sent = frame(mpdu(Subtype::kData, kStation, kAp), 77);
  sent.station = 5;
  sent.rates[0].rate = {.kind = cfg80211::RateInfo::Kind::kHt, .mcs = 7, .short_gi = true};
  ap.device.transmit(std::move(sent));
  EXPECT_TRUE(ap.hw.statuses.empty());
  run();
  ASSERT_EQ(station.hw.received.size(), 1u);
  const mac80211::RxStatus& status = station.hw.received[0].second;
  EXPECT_EQ(status.mhz, 2412u);
  EXPECT_EQ(status.signal_dbm, -30);
  EXPECT_EQ(status.rate.kind, cfg80211::RateInfo::Kind::kHt);
  EXPECT_EQ(status.rate.mcs, 7);
  EXPECT_TRUE(status.rate.short_gi);
  EXPECT_EQ(status.mactime_us, kEpochUs + 1'000'000);
  EXPECT_EQ(status.boottime, std::chrono::seconds(1));

  ASSERT_EQ(ap.hw.statuses.size(), 1u);
  const mac80211::TxStatus& report = ap.hw.statuses[0];
  EXPECT_EQ(report.token, 77u);
  EXPECT_EQ(report.station, 5u);
  EXPECT_TRUE(report.acked);
  EXPECT_EQ(report.tried[0].tries, 1);
  EXPECT_EQ(report.tried[0].rate.mcs, 7);
  EXPECT_EQ(report.tried[1].tries, 0);
  EXPECT_EQ(report.ack_signal_dbm, -30);
}

TEST_F(DeviceTest, AgreesToAggregationAndConfirmsItsEnd) {
  using mac80211::AmpduAction;
  auto act = [&](AmpduAction action) {
    return ap.device.ampdu_action(ap.vif, {.action = action, .station = {.id = 5}, .tid = 3});
  };
  for (const AmpduAction action : {AmpduAction::kRxStart, AmpduAction::kTxStart,
                                   AmpduAction::kTxOperational, AmpduAction::kRxStop})
    EXPECT_EQ(*act(action), mac80211::AmpduReply::kReady);
  EXPECT_TRUE(ap.hw.stopped.empty());
  EXPECT_TRUE(act(AmpduAction::kTxStopContinue));
  ASSERT_EQ(ap.hw.stopped.size(), 1u);
  EXPECT_EQ(ap.hw.stopped[0], (std::pair<uint32_t, uint8_t>(5, 3)));
}

TEST_F(DeviceTest, WhatWaitsUnderAnAgreementGoesInAmpdus) {
  using mac80211::AmpduAction;
  constexpr uint32_t kPeer = 5;
  const auto act = [&](AmpduAction action) {
    EXPECT_TRUE(ap.device.ampdu_action(
        ap.vif, {.action = action, .station = {.id = kPeer}, .tid = 0, .buffer_size = 3}));
  };
  // (A-MPDU, whether it was its last) of each that arrives when frames of these MCSs have waited.
  using Arrivals = std::vector<std::pair<uint32_t, bool>>;
  const auto send = [&](std::initializer_list<int> mcss, size_t size) {
    for (const int mcs : mcss) {
      const FrameBuffer short_one = mpdu(Subtype::kQosData, kStation, kAp);
      TxFrame sent = frame(short_one.copy(0, size));
      std::ranges::fill(sent.mpdu.push_back(size), uint8_t{0});
      sent.station = kPeer;
      sent.tid = 0;
      sent.aggregate = true;
      sent.rates[0].rate = {.kind = cfg80211::RateInfo::Kind::kHt, .mcs = uint8_t(mcs)};
      ap.hw.queues[{1, kPeer, 0}].push_back(std::move(sent));
    }
    station.hw.received.clear();
    ap.device.wake_queue(ap.vif, kPeer, 0);
    run();
    Arrivals arrivals;
    for (const auto& [octets, status] : station.hw.received)
      arrivals.emplace_back(status.ampdu_reference, status.ampdu_last);
    return arrivals;
  };
  EXPECT_EQ(send({7, 7}, 100), (Arrivals{{0, false}, {0, false}})) << "nothing is agreed";
  act(AmpduAction::kTxOperational);
  EXPECT_EQ(send({7, 7, 7, 7, 7}, 100),
            (Arrivals{{1, false}, {1, false}, {1, true}, {2, false}, {2, true}}));
  EXPECT_EQ(send({7, 6, 6}, 100), (Arrivals{{0, false}, {3, false}, {3, true}})) << "one rate";
  EXPECT_EQ(send({7, 7, 7}, 30'000), (Arrivals{{4, false}, {4, true}, {0, false}})) << "64 KiB";
  act(AmpduAction::kTxStopContinue);
  EXPECT_EQ(send({7, 7}, 100), (Arrivals{{0, false}, {0, false}}));
}

TEST_F(DeviceTest, PretendedPowerSaveIsTold) {
  mac80211::LinkConfig config{.bssid = kAp, .aid = 3, .associated = true};
  station.device.link_changed(station.vif, 0, config, mac80211::kChangedAssociation);
  EXPECT_FALSE(station.device.pretend_power_save(PowerSave::kManualPoll));
  ASSERT_TRUE(station.device.pretend_power_save(PowerSave::kOn));
  run();
  ASSERT_EQ(ap.hw.received.size(), 1u);
  const auto null = *FrameView::of(ap.hw.received[0].first.octets());
  EXPECT_TRUE(null.fc().is(Subtype::kNull));
  EXPECT_TRUE(null.fc().power_management());

  ap.device.transmit(frame(mpdu(Subtype::kData, kStation, kAp), 7));
  run();
  EXPECT_TRUE(station.hw.received.empty());
  ASSERT_EQ(ap.hw.statuses.size(), 1u);
  EXPECT_FALSE(ap.hw.statuses[0].acked);

  ASSERT_TRUE(station.device.pretend_power_save(PowerSave::kManualPoll));
  run();
  const auto poll = *FrameView::of(ap.hw.received.back().first.octets());
  EXPECT_TRUE(poll.fc().is(Subtype::kPsPoll));

  ASSERT_TRUE(station.device.pretend_power_save(PowerSave::kOff));
  run();
  EXPECT_FALSE(FrameView::of(ap.hw.received.back().first.octets())->fc().power_management());
  ap.device.transmit(frame(mpdu(Subtype::kData, kStation, kAp), 8));
  run();
  EXPECT_EQ(station.hw.received.size(), 1u);
}

TEST_F(DeviceTest, HowStronglyItIsHeardIsAKnob) {
  ap.device.set_rx_rssi_dbm(-80);
  ap.device.transmit(frame(mpdu(Subtype::kData, kStation, kAp)));
  run();
  ASSERT_EQ(station.hw.received.size(), 1u);
  EXPECT_EQ(station.hw.received[0].second.signal_dbm, -60);
}

TEST_F(DeviceTest, OffChannelOrDownNobodyAcknowledges) {
  auto acked = [&] {
    ap.hw.statuses.clear();
    ap.device.transmit(frame(mpdu(Subtype::kData, kStation, kAp), 1));
    run();
    return !ap.hw.statuses.empty() && ap.hw.statuses[0].acked;
  };
  EXPECT_TRUE(acked());
  ASSERT_TRUE(station.device.tune(kSix));
  EXPECT_FALSE(acked());
  ASSERT_TRUE(station.device.tune(kOne));
  EXPECT_TRUE(acked());
  station.device.remove_vif(station.vif);
  EXPECT_FALSE(acked());
  ASSERT_TRUE(station.device.add_vif(station.vif));
  station.device.stop();
  EXPECT_FALSE(acked());
  ASSERT_TRUE(station.device.start());
  station.device.set_idle(false);
  EXPECT_TRUE(acked()) << "a restarted radio is on its last channel";
  ap.device.stop();
  ap.hw.statuses.clear();
  ap.device.transmit(frame(mpdu(Subtype::kData, kStation, kAp), 1));
  run();
  EXPECT_TRUE(ap.hw.statuses.empty());
}

TEST_F(DeviceTest, BeaconsGoOutAtMultiplesOfTheInterval) {
  ap.hw.make_beacon = [this] {
    return frame(mpdu(Subtype::kBeacon, MacAddress::broadcast(), kAp));
  };
  ap.beacon(100);
  run(std::chrono::milliseconds(1024));
  ASSERT_EQ(ap.hw.beacons.size(), 10u);
  for (size_t i = 0; i < ap.hw.beacons.size(); ++i) {
    EXPECT_EQ((kEpochUs + ap.hw.beacons[i].first.us()) % 102'400, 0u);
    EXPECT_EQ(ap.hw.beacons[i].first, ap.hw.beacons[0].first + tu(100 * static_cast<int>(i)));
  }
  ASSERT_EQ(station.hw.received.size(), 10u);
  const auto& [beacon, status] = station.hw.received[0];
  Reader body(FrameView::of(beacon.octets())->body());
  EXPECT_EQ(*body.le64(), status.mactime_us + 24 * 8 / 54) << "the TSF, on the air at 54 Mb/s";

  ap.beacon(0);
  run(std::chrono::seconds(1));
  EXPECT_EQ(ap.hw.beacons.size(), 10u);
}

TEST_F(DeviceTest, EachLinkAndInterfaceBeaconsAtItsOwnInterval) {
  mac80211::Vif second{.id = 2, .type = InterfaceType::kAp, .address = kStation};
  ASSERT_TRUE(ap.device.add_vif(second));
  ap.beacon(100);
  ap.device.link_changed(second, 0, {.enable_beacon = true, .beacon_interval_tu = 50}, 0);
  run(tu(1000));
  size_t of_second = 0;
  for (const auto& [at, vif] : ap.hw.beacons) of_second += vif == 2;
  EXPECT_EQ(of_second, 20u);
  EXPECT_EQ(ap.hw.beacons.size(), 30u);
  ap.device.remove_vif(second);
  run(tu(1000));
  EXPECT_EQ(ap.hw.beacons.size(), 40u);
}

TEST_F(DeviceTest, FramesThatWaitedForTheDtimFollowTheBeacon) {
  ap.hw.make_beacon = [this] {
    return frame(mpdu(Subtype::kBeacon, MacAddress::broadcast(), kAp));
  };
  for (int i = 0; i < 3; ++i)
    ap.hw.after_dtim.push_back(frame(mpdu(Subtype::kData, MacAddress::broadcast(), kAp)));
  ap.beacon(100);
  run(tu(100));
  ASSERT_EQ(station.hw.received.size(), 4u);
  EXPECT_TRUE(FrameView::of(station.hw.received[0].first.octets())->fc().is_beacon());
  EXPECT_EQ(station.hw.received[3].second.mactime_us, station.hw.received[0].second.mactime_us);
}

TEST_F(DeviceTest, ALinkMayStopWhileItsBeaconIsMade) {
  ap.hw.make_beacon = [this]() -> std::optional<TxFrame> {
    ap.beacon(0);
    return std::nullopt;
  };
  ap.beacon(100);
  run(std::chrono::seconds(1));
  EXPECT_EQ(ap.hw.beacons.size(), 1u);
}

TEST_F(DeviceTest, SettingTheTsfMovesTheBeacons) {
  ap.beacon(100);
  ap.device.set_tsf_us(ap.vif, 1'000);
  EXPECT_EQ(ap.device.tsf_us(ap.vif), 1'000u);
  run(tu(100));
  ASSERT_EQ(ap.hw.beacons.size(), 1u);
  EXPECT_EQ(ap.hw.beacons[0].first.us(), 1'000'000u + 102'400 - 1'000);
}

TEST_F(DeviceTest, QueuesArePulledInTurnsAsRoomAllows) {
  constexpr int kFrames = 200;
  for (uint8_t tid : {0, 6})
    for (int i = 0; i < kFrames; ++i)
      ap.hw.queues[{1, 9, tid}].push_back(frame(mpdu(Subtype::kData, kStation, kAp), 1 + tid));
  ap.device.wake_queue(ap.vif, 9, 0);
  ap.device.wake_queue(ap.vif, 9, 6);
  ap.device.wake_queue(ap.vif, 9, 6);
  EXPECT_GT(ap.hw.queues[(std::tuple<uint32_t, uint32_t, uint8_t>{1, 9, 0})].size(), 100u)
      << "not more than the radio has room for";
  run();
  EXPECT_EQ(station.hw.received.size(), 2u * kFrames);
  ASSERT_EQ(ap.hw.statuses.size(), 2u * kFrames);
  size_t first_of_six = 0;
  while (ap.hw.statuses[first_of_six].token != 7) ++first_of_six;
  EXPECT_LT(first_of_six, 100u) << "neither queue starves the other";
}

TEST_F(DeviceTest, TheFilterDecidesWhatElseIsHeard) {
  auto heard = [&](mac80211::ReceiveFilter filter) {
    station.device.configure_filter(filter);
    station.hw.received.clear();
    Node other(scheduler, pool, medium, InterfaceType::kStation, MacAddress{{2, 0, 0, 0, 2, 0}});
    ap.device.transmit(frame(mpdu(Subtype::kData, other.vif.address, kAp)));
    run();
    return station.hw.received.size();
  };
  EXPECT_EQ(heard({}), 0u);
  EXPECT_EQ(heard({.other_bss = true}), 1u) << "the frame";
  EXPECT_EQ(heard({.all = true}), 1u) << "the frame";
  EXPECT_EQ(heard({.control = true, .all = true}), 2u) << "the frame and its ACK";
}

TEST_F(DeviceTest, AnswersToAScanFromAnotherAddressAreAcknowledged) {
  const MacAddress made_up{{0x06, 1, 2, 3, 4, 5}};
  auto answered = [&] {
    station.hw.received.clear();
    ap.hw.statuses.clear();
    ap.device.transmit(frame(mpdu(Subtype::kProbeResponse, made_up, kAp), 7));
    run();
    return std::pair(station.hw.received.size(), ap.hw.statuses.at(0).acked);
  };
  station.device.configure_filter({.other_bss = true, .scan_address = made_up});
  EXPECT_EQ(answered(), std::pair(size_t{1}, true));
  station.device.configure_filter({});
  EXPECT_EQ(answered(), std::pair(size_t{0}, false));
}

TEST_F(DeviceTest, SignalFollowsTheInterfacesPower) {
  ap.beacon(0, 5);
  ap.device.transmit(frame(mpdu(Subtype::kData, kStation, kAp)));
  run();
  ASSERT_EQ(station.hw.received.size(), 1u);
  EXPECT_EQ(station.hw.received[0].second.signal_dbm, -45);
}

TEST_F(DeviceTest, AScanLeavesASurvey) {
  EXPECT_FALSE(station.device.survey(2412, 0));
  station.device.configure_filter({.other_bss = true, .scan_address = kStation});
  for (uint32_t mhz : {2412, 2437, 2462, 2412}) {
    ASSERT_TRUE(
        station.device.tune(ChannelDefinition::from_type(mhz, ieee80211::ChannelType::kNoHt)));
    run(std::chrono::milliseconds(80));
  }
  station.device.configure_filter({});
  const auto survey = station.device.survey(2437, 0);
  ASSERT_TRUE(survey);
  EXPECT_EQ(survey->noise_dbm, -92);
  EXPECT_EQ(survey->time_ms, 80u);
  EXPECT_EQ(survey->time_busy_ms, 10u);
  EXPECT_FALSE(station.device.survey(5180, 0));
}

TEST_F(DeviceTest, ASurveyTellsChannelsOfOneMhzApart) {
  station.device.configure_filter({.other_bss = true, .scan_address = kStation});
  for (uint16_t offset_khz : {0, 500, 0}) {
    ASSERT_TRUE(station.device.tune({.primary_mhz = 903, .primary_offset_khz = offset_khz}));
    run(std::chrono::milliseconds(offset_khz == 0 ? 40 : 80));
  }
  EXPECT_EQ(station.device.survey(903, 0)->time_ms, 40u);
  EXPECT_EQ(station.device.survey(903, 500)->time_ms, 80u);
  EXPECT_EQ(station.device.survey(903, 500)->offset_khz, 500);
}

TEST_F(DeviceTest, GarbageIsCarriedAndHarmsNobody) {
  station.device.configure_filter({.all = true});
  for (size_t size : {0, 1, 9, 10, 23})
    ap.device.transmit(frame(pool.from(Octets(size, 0xff)), 100 + size));
  TxFrame nowhere = frame(mpdu(Subtype::kData, kStation, kAp), 1);
  nowhere.channel = {};
  nowhere.rates = {};
  ap.device.transmit(std::move(nowhere));
  run();
  EXPECT_EQ(ap.hw.statuses.size(), 6u);
  for (const auto& status : ap.hw.statuses) EXPECT_FALSE(status.acked);
  EXPECT_EQ(station.hw.received.size(), 2u) << "what is long enough for an address";
}

}  // namespace
}  // namespace airloom::hwsim
