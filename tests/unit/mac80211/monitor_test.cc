// Monitors: what they show of others and of our own, by their flags, and what is written to them.
#include <gmock/gmock.h>

#include "ieee80211/radiotap.h"
#include "ieee80211/radiotap_rate.h"
#include "joined_hosts.h"

namespace airloom::mac80211 {
namespace {

using cfg80211::MonitorFlags;
using ieee80211::FrameView;
using ieee80211::RadiotapHeader;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
namespace flag = cfg80211::monitor_flag;
namespace tx = ieee80211::radiotap_tx;

const MacAddress kStranger{{2, 0x5e, 0, 0, 0, 1}};

/// What a monitor's netdev was given: the header, and the frame behind it.
struct Seen {
  RadiotapHeader header;
  Octets frame;
};

class MonitorTest : public JoinedHosts {
 protected:
  cfg80211::Wdev& add_monitor(Node& node, std::optional<MonitorFlags> flags = std::nullopt) {
    auto added = node.wiphy->add_interface(
        {.name = "mon0", .type = InterfaceType::kMonitor, .monitor_flags = flags});
    EXPECT_TRUE(added);
    EXPECT_TRUE(node.netdevs["mon0"].up());
    return **added;
  }
  static std::vector<Seen> seen(Node& node) {
    std::vector<Seen> out;
    for (const FrameBuffer& frame : node.netdevs["mon0"].received) {
      Reader reader(frame.octets());
      auto header = RadiotapHeader::parse(reader);
      EXPECT_TRUE(header);
      const auto rest = reader.rest();
      out.push_back({*header, Octets(rest.begin(), rest.end())});
    }
    node.netdevs["mon0"].received.clear();
    return out;
  }

  /// A probe request of `from` with its sequence number, and 20 octets of SSID.
  Octets probe(const MacAddress& from, uint16_t sequence = 0x1230,
               const MacAddress& to = MacAddress::broadcast()) const {
    Octets out;
    Writer writer(out);
    writer.le16(0x0040).le16(0x3a3a).mac(to).mac(from).mac(to).le16(sequence);
    writer.u8(0).u8(20).zeros(20);
    return out;
  }
  void write(Node& node, const RadiotapHeader& header, const Octets& frame) {
    Octets out;
    Writer writer(out);
    header.emit(writer);
    writer.bytes(frame);
    node.netdevs["mon0"].send(pool.from(out));
  }
  Octets last_on_air() const { return octets(air.frames.back()); }
};

TEST_F(MonitorTest, HasTheRadiosAddressAndHearsBothSides) {
  cfg80211::Wdev& monitor = add_monitor(sta);
  EXPECT_EQ(monitor.address(), sta.address);
  join(/*control_port=*/false);
  size_t beacons = 0, sent = 0;
  for (const Seen& one : seen(sta)) {
    const auto view = FrameView::of(one.frame);
    ASSERT_TRUE(view);
    if (view->address2() == sta.address) {
      ++sent;
      EXPECT_EQ(one.header.tx_flags, 0) << "it was acknowledged";
      EXPECT_EQ(one.header.data_retries, 0);
      EXPECT_FALSE(one.header.tsft_us);
      continue;
    }
    EXPECT_EQ(one.header.channel->mhz, kMhz);
    EXPECT_EQ(one.header.signal_dbm, -30);
    EXPECT_TRUE(one.header.tsft_us);
    EXPECT_FALSE(one.header.tx_flags);
    beacons += view->fc().is_beacon();
  }
  EXPECT_GE(beacons, 1u);
  EXPECT_GE(sent, 2u) << "authentication and association";
}

TEST_F(MonitorTest, TellsTheRateTheAmpduAndTheNoiseOfWhatItHears) {
  using Kind = cfg80211::RateInfo::Kind;
  add_monitor(sta);
  RxStatus status{.mhz = 5180, .signal_dbm = -61, .noise_dbm = int8_t{-90}, .mactime_us = 77};
  const auto hear = [&](const cfg80211::RateInfo& rate) {
    status.rate = rate;
    static_cast<Hw&>(sta.stack).receive(pool.from(probe(kStranger)), status);
    return seen(sta).back().header;
  };
  const RadiotapHeader legacy = hear({.legacy_100kbps = 240});
  EXPECT_EQ(legacy.tsft_us, 77u);
  EXPECT_EQ(legacy.rate_500kbps, 48);
  EXPECT_EQ(legacy.channel, (ieee80211::RadiotapChannel{5180, 0x140})) << "OFDM at 5 GHz";
  EXPECT_EQ(legacy.signal_dbm, -61);
  EXPECT_EQ(legacy.noise_dbm, -90);
  EXPECT_EQ(legacy.antenna, 0);
  EXPECT_FALSE(legacy.ampdu);
  const RadiotapHeader ht = hear({.kind = Kind::kHt, .mcs = 15, .width_mhz = 40, .short_gi = true});
  EXPECT_EQ(ht.mcs, (ieee80211::RadiotapMcs{7, 5, 15}));
  EXPECT_FALSE(ht.rate_500kbps);
  status.ampdu_reference = 9;
  const RadiotapHeader vht = hear({.kind = Kind::kVht, .mcs = 9, .nss = 2, .width_mhz = 80});
  ASSERT_TRUE(vht.vht && vht.ampdu);
  EXPECT_EQ(vht.vht->mcs_nss[0], 0x92);
  EXPECT_EQ(vht.vht->bandwidth, 4);
  EXPECT_EQ(vht.ampdu->reference, 9u);
  EXPECT_EQ(vht.ampdu->flags, ieee80211::RadiotapAmpdu::kLastKnown);
  status.ampdu_last = true;
  const RadiotapHeader he = hear({.kind = Kind::kHe, .mcs = 11, .nss = 2, .width_mhz = 80});
  ASSERT_TRUE(he.he && he.ampdu);
  EXPECT_EQ(he.he->data[2] >> 8 & 0xf, 11) << "the MCS";
  EXPECT_EQ(he.ampdu->flags,
            ieee80211::RadiotapAmpdu::kLastKnown | ieee80211::RadiotapAmpdu::kLast);
}

TEST_F(MonitorTest, WhatHasBitErrorsIsForMonitorsOnly) {
  join(/*control_port=*/false);
  add_monitor(sta);
  Octets farewell;
  Writer(farewell)
      .le16(0x00c0)
      .le16(0)
      .mac(sta.address)
      .mac(ap.address)
      .mac(ap.address)
      .le16(0x7770)
      .le16(3);
  RxStatus status{.mhz = kMhz, .signal_dbm = -30, .fcs_failed = true};
  static_cast<Hw&>(sta.stack).receive(pool.from(farewell), status);
  auto shown = seen(sta);
  ASSERT_THAT(shown, SizeIs(1));
  EXPECT_EQ(shown[0].header.flags, ieee80211::radiotap_flag::kBadFcs);
  EXPECT_EQ(shown[0].frame, farewell);
  EXPECT_NE(sta.stack.stations().find_any(ap.address), nullptr);

  status.fcs_failed = false;
  static_cast<Hw&>(sta.stack).receive(pool.from(farewell), status);
  shown = seen(sta);
  ASSERT_THAT(shown, SizeIs(testing::Ge(1u)));
  EXPECT_EQ(shown[0].header.flags, 0);
  EXPECT_EQ(sta.stack.stations().find_any(ap.address), nullptr);
}

TEST_F(MonitorTest, OwnFramesThatFailedSaySoWithTheirRetries) {
  add_monitor(sta);
  write(sta, {.data_retries = 2}, probe(sta.address, 0, kStranger));
  run(1ms);
  const auto mine = seen(sta);
  ASSERT_THAT(mine, SizeIs(1));
  EXPECT_EQ(mine[0].header.tx_flags, tx::kFailed);
  EXPECT_EQ(mine[0].header.data_retries, 2);
}

TEST_F(MonitorTest, WithoutSequenceFlagOnlyFramesOfOursAreNumbered) {
  add_monitor(sta);
  const uint16_t next = sta.interface().next_sequence;
  const RadiotapHeader keep{.tx_flags = tx::kNoSequence};

  write(sta, keep, probe(sta.address));
  EXPECT_EQ(last_on_air(), probe(sta.address));
  run(1ms);
  write(sta, {}, probe(kStranger));
  EXPECT_EQ(last_on_air(), probe(kStranger));
  run(1ms);
  write(sta, {}, probe(sta.address));
  EXPECT_EQ(last_on_air(), probe(sta.address, static_cast<uint16_t>(next << 4)));
  EXPECT_EQ(sta.interface().next_sequence, next + 1);
}

TEST_F(MonitorTest, RadiotapChoosesRateAndTakesTheFcsAway) {
  add_monitor(sta);
  add_monitor(ap);
  Octets frame = probe(kStranger);
  frame.insert(frame.end(), 4, 0xfc);
  write(sta, {.flags = ieee80211::radiotap_flag::kFcsAtEnd, .rate_500kbps = 22}, frame);
  run(1ms);
  write(sta, {.mcs = ieee80211::RadiotapMcs{7, 4, 5}}, probe(kStranger));
  run(1ms);
  write(sta, {.rate_500kbps = 23}, probe(kStranger));  // no such rate: the lowest
  run(1ms);
  const auto heard = seen(ap);
  ASSERT_THAT(heard, SizeIs(3));
  EXPECT_EQ(heard[0].frame, probe(kStranger));
  EXPECT_EQ(heard[0].header.rate_500kbps, 22);
  EXPECT_EQ(heard[1].header.mcs, (ieee80211::RadiotapMcs{7, 4, 5}));
  EXPECT_EQ(heard[2].header.rate_500kbps, 2);
}

TEST_F(MonitorTest, RadiotapChoosesVhtAndHeRates) {
  add_monitor(sta);
  add_monitor(ap);
  using cfg80211::RateInfo;
  const auto heard_at = [&](const RateInfo& rate) {
    RadiotapHeader header;
    ieee80211::set_rate(header, cfg80211::to_rate(rate));
    write(sta, header, probe(kStranger));
    run(1ms);
    const auto heard = seen(ap);
    EXPECT_EQ(heard.size(), 1u);
    const auto known = ieee80211::rate_of(heard.at(0).header);
    EXPECT_TRUE(known);
    return cfg80211::to_rate_info(*known);
  };
  for (const RateInfo& rate :
       {RateInfo{
            .kind = RateInfo::Kind::kVht, .mcs = 9, .nss = 2, .width_mhz = 80, .short_gi = true},
        RateInfo{.kind = RateInfo::Kind::kVht, .mcs = 0, .nss = 1, .width_mhz = 20},
        RateInfo{.kind = RateInfo::Kind::kHe, .mcs = 11, .nss = 2, .width_mhz = 80},
        RateInfo{.kind = RateInfo::Kind::kHe, .mcs = 3, .nss = 1, .width_mhz = 20}})
    EXPECT_EQ(heard_at(rate), rate) << int{rate.mcs};
}

TEST_F(MonitorTest, WithoutAnAcknowledgementThereIsOneTry) {
  add_monitor(sta);
  const Octets unheard = probe(sta.address, 0, kStranger);
  write(sta, {.data_retries = 3}, unheard);
  run(1ms);
  EXPECT_FALSE(sta.driver.newest_no_ack);
  EXPECT_EQ(sta.driver.newest_rates[0].tries, 4);
  EXPECT_EQ(seen(sta).at(0).header.data_retries, 3);

  write(sta, {.tx_flags = tx::kNoAck, .data_retries = 3}, unheard);
  run(1ms);
  EXPECT_TRUE(sta.driver.newest_no_ack);
  EXPECT_EQ(sta.driver.newest_rates[0].tries, 1);
  EXPECT_EQ(seen(sta).at(0).header.data_retries, 0);
}

TEST_F(MonitorTest, DataAndControlFramesGoOutBeforeAnyAssociation) {
  add_monitor(sta);
  const Octets data = qos_data(sta.address, ap.address, 7, msdu(0x0800, {1, 2, 3}));
  write(sta, {}, data);
  EXPECT_EQ(last_on_air(), data);
  run(1ms);
  Octets cts;
  Writer(cts).le16(0x00c4).le16(500).mac(kStranger);
  write(sta, {}, cts);
  EXPECT_EQ(last_on_air(), cts);
}

TEST_F(MonitorTest, FragmentsOnlyWhereAskedTo) {
  add_monitor(sta);
  ASSERT_TRUE(cfg80211::set_wiphy_params(*sta.wiphy, {.fragmentation_threshold = 256}));
  const Octets data = qos_data(sta.address, ap.address, 7, Octets(600, 0x61));
  const size_t before = air.frames.size();
  write(sta, {.tx_flags = tx::kNoSequence}, data);
  run(1ms);
  ASSERT_EQ(air.frames.size(), before + 1);
  EXPECT_EQ(last_on_air(), data);
  write(sta, {.flags = ieee80211::radiotap_flag::kFragment, .tx_flags = tx::kNoSequence}, data);
  run(1ms);
  ASSERT_EQ(air.frames.size(), before + 4);
  const auto last = FrameView::of(air.frames.back().octets());
  EXPECT_EQ(last->sequence().number(), 7);
  EXPECT_EQ(last->sequence().fragment(), 2);
  EXPECT_FALSE(last->fc().more_fragments());
}

TEST_F(MonitorTest, WhatIsMalformedIsDroppedAndCounted) {
  add_monitor(sta);
  const size_t before = air.frames.size();
  auto malformed = [&] { return sta.stack.drops().of(Drop::kTxMalformed); };
  const std::vector<Octets> bad = {
      {},
      Octets(7, 0),
      {1, 0, 8, 0, 0, 0, 0, 0},                    // version 1
      {0, 0, 9, 0, 0, 0, 0, 0},                    // longer than what there is
      {0, 0, 8, 0, 0, 0, 0, 0x80, 0, 0},           // a presence word that is not there
      {0, 0, 8, 0, 4, 0, 0, 0, 0x40, 0},           // a rate that is not there
      {0, 0, 8, 0, 0, 0, 0, 0, 0x40, 0, 0, 0},     // half a header
      {0, 0, 9, 0, 2, 0, 0, 0, 0x10, 0xd4, 0, 0},  // less than an FCS
  };
  for (const Octets& octets : bad) sta.netdevs["mon0"].send(pool.from(octets));
  run(1ms);
  EXPECT_EQ(malformed(), bad.size());
  EXPECT_EQ(air.frames.size(), before);
  auto taken = sta.stack.raw_tx().submit(*sta.stack.find(2), pool.from(bad[6]));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Errc::kInvalid);
}

TEST_F(MonitorTest, OneFrameIsWithTheDriverAndTheWriterWaits) {
  add_monitor(sta);
  const size_t before = air.frames.size();
  for (uint16_t i = 0; i < RawTx::kQueueMax + 1; ++i) write(sta, {}, probe(kStranger, i));
  EXPECT_EQ(air.frames.size(), before + 1);
  EXPECT_TRUE(sta.netdevs["mon0"].is_paused());
  run(10ms);
  EXPECT_FALSE(sta.netdevs["mon0"].is_paused());
  ASSERT_EQ(air.frames.size(), before + RawTx::kQueueMax + 1);
  for (uint16_t i = 0; i <= RawTx::kQueueMax; ++i)
    EXPECT_EQ(octets(air.frames[before + i]), probe(kStranger, i)) << "in their order";
}

TEST_F(MonitorTest, GoingDownDropsWhatWaits) {
  add_monitor(sta);
  for (uint16_t i = 0; i < 10; ++i) write(sta, {}, probe(kStranger, i));
  sta.netdevs["mon0"].down();
  EXPECT_EQ(sta.stack.drops().of(Drop::kTxPurged), 9u);
  run(10ms);
  ASSERT_TRUE(sta.netdevs["mon0"].up());
  write(sta, {}, probe(kStranger));
  EXPECT_EQ(last_on_air(), probe(kStranger));
}

TEST_F(MonitorTest, FlagsSayWhatTheRadioIsToHear) {
  add_monitor(sta, flag::kControl);
  EXPECT_EQ(sta.driver.filter, (ReceiveFilter{.control = true}));
  auto set = [&](MonitorFlags flags) {
    cfg80211::Wdev& monitor = *sta.wiphy->find_wdev(sta.wdev->id() + 1);
    return sta.wiphy->change_interface(monitor, {.monitor_flags = flags});
  };
  ASSERT_TRUE(set(flag::kOtherBss));
  EXPECT_EQ(sta.driver.filter, (ReceiveFilter{.all = true}));
  ASSERT_TRUE(set(0));
  EXPECT_EQ(sta.driver.filter, ReceiveFilter{});
  EXPECT_EQ(set(flag::kCookFrames).error().code, Errc::kBusy);
  EXPECT_EQ(set(flag::kActive).error().code, Errc::kBusy);
  sta.netdevs["mon0"].down();
  ASSERT_TRUE(set(flag::kActive));
}

TEST_F(MonitorTest, AnActiveMonitorAnswers) {
  add_monitor(sta, flag::kDefault);
  const MacAddress own{{2, 0xac, 0, 0, 0, 1}};
  sta.netdevs["mon0"].down();
  cfg80211::Wdev& monitor = *sta.wiphy->find_wdev(sta.wdev->id() + 1);
  ASSERT_TRUE(sta.netdevs["mon0"].change_address(own));
  add_monitor(ap);
  auto acked = [&] {
    write(ap, {}, probe(kStranger, 0, own));
    run(1ms);
    return seen(ap).back().header.tx_flags == 0;
  };
  ASSERT_TRUE(sta.netdevs["mon0"].up());
  EXPECT_FALSE(acked());
  sta.netdevs["mon0"].down();
  ASSERT_TRUE(sta.wiphy->change_interface(monitor, {.monitor_flags = flag::kActive}));
  ASSERT_TRUE(sta.netdevs["mon0"].up());
  EXPECT_TRUE(acked());
}

TEST_F(MonitorTest, ACookedMonitorSeesWhatNobodyTook) {
  add_monitor(ap, flag::kCookFrames);
  start_access_point();
  // Data of somebody who is not associated is dropped; what comes of a station is taken.
  admit(sta.address);
  hear_at_ap(qos_data(kStranger, ap.address, 1, msdu(0x0800, {1})));
  hear_at_ap(qos_data(sta.address, ap.address, 1, msdu(0x0800, {1})));
  run(1ms);
  const auto shown = seen(ap);
  ASSERT_THAT(shown, SizeIs(1));
  EXPECT_EQ(FrameView::of(shown[0].frame)->address2(), kStranger);
}

TEST_F(MonitorTest, APlainOneHasNoRadiotapEitherWay) {
  auto added = sta.wiphy->add_interface(
      {.name = "mon0", .type = InterfaceType::kMonitor, .plain_monitor = true});
  ASSERT_TRUE(added);
  EXPECT_EQ(sta.netdevs["mon0"].link_layer(), cfg80211::LinkLayer::kIeee80211);
  ASSERT_TRUE(sta.netdevs["mon0"].up());
  sta.netdevs["mon0"].send(pool.from(probe(kStranger)));
  EXPECT_EQ(last_on_air(), probe(kStranger));
  run(1ms);
  ASSERT_THAT(sta.netdevs["mon0"].received, SizeIs(1));
  EXPECT_EQ(octets(sta.netdevs["mon0"].received[0]), probe(kStranger));
}

/// What the driver is told shows in the flags of what was sent.
class RtsThresholdTest : public MonitorTest {
 protected:
  RtsThresholdTest() { add_monitor(sta); }
  void set_threshold(uint32_t rts) {
    ASSERT_TRUE(cfg80211::set_wiphy_params(*sta.wiphy, {.rts_threshold = rts}));
  }
  bool last_was_reserved() {
    run(std::chrono::milliseconds(1));
    return (seen(sta).back().header.tx_flags.value_or(0) & tx::kRts) != 0;
  }
  /// Whether data of so many octets reserves the medium.
  bool reserves(const MacAddress& to, size_t octets) {
    sta.netdev().send(ethernet(to, sta.address, 0x0800, Octets(octets)));
    return last_was_reserved();
  }
};

TEST_F(RtsThresholdTest, FramesBeyondItReserveTheMedium) {
  join(/*control_port=*/false);
  EXPECT_FALSE(reserves(ap.address, 1400));
  const bool qos = sta.stack.stations().find(sta.interface(), ap.address)->wme;
  const uint32_t around = 24 + (qos ? 2 : 0) + 8 + 4;  // header, LLC/SNAP and FCS
  set_threshold(500 + around);
  EXPECT_FALSE(reserves(ap.address, 500));
  EXPECT_TRUE(reserves(ap.address, 501));
  EXPECT_FALSE(reserves(ap.address, 100));
  // What is cut counts as its parts.
  ASSERT_TRUE(cfg80211::set_wiphy_params(*sta.wiphy, {.fragmentation_threshold = 400}));
  EXPECT_FALSE(reserves(ap.address, 1400));
  ASSERT_TRUE(cfg80211::set_wiphy_params(*sta.wiphy, {.fragmentation_threshold = UINT32_MAX}));
  set_threshold(UINT32_MAX);
  EXPECT_FALSE(reserves(ap.address, 1400));
}

TEST_F(RtsThresholdTest, ManagementFramesTooButNoneToAGroup) {
  join(/*control_port=*/false);
  set_threshold(200);
  const auto send = [&](uint16_t frame_control, const MacAddress& to) {
    cfg80211::FrameTxRequest request;
    Writer writer(request.frame);
    writer.le16(frame_control).le16(0).mac(to).mac(sta.address).mac(ap.address).le16(0);
    writer.u8(127).zeros(300);
    ASSERT_TRUE(cfg80211::send_frame(*sta.wdev, request));
  };
  send(0x00d0, ap.address);
  EXPECT_TRUE(last_was_reserved());
  send(0x0040, MacAddress::broadcast());
  EXPECT_FALSE(last_was_reserved());
}

TEST_F(MonitorTest, ItsCarrierStaysAsItIs) {
  add_monitor(sta);
  EXPECT_TRUE(sta.netdevs["mon0"].carrier());
  sta.netdevs["mon0"].down();
  EXPECT_TRUE(sta.netdevs["mon0"].carrier());
}

}  // namespace
}  // namespace airloom::mac80211
