// Stations and scan results on the wire: every attribute of a report by its number, with its size
// and value, and none besides.
#include <linux/netlink.h>

#include "bytes/writer.h"
#include "cfg80211/driver_events.h"
#include "fixture.h"

namespace airloom::nl80211 {
namespace {

using cfg80211::RateInfo;
using cfg80211::StationInfo;
using cfg80211::TxQueueStats;
using cfg80211::Wdev;

/// What each attribute holds, by type; padding is none of it.
using Payloads = std::map<uint16_t, Octets>;

constexpr MacAddress kPeer{{2, 0, 0, 0, 1, 0}};

template <typename T>
Octets value(T number) {
  Octets octets;
  netlink::append(octets, number);
  return octets;
}

Octets value(const MacAddress& address) {
  return {address.octets.begin(), address.octets.end()};
}

Payloads payloads(netlink::AttributeRange range, uint16_t padding) {
  Payloads all;
  for (const auto& [type, nested, offset, octets] : range) {
    if (type == padding) continue;
    EXPECT_FALSE(all.contains(type)) << "twice: " << type;
    all[type].assign(octets.begin(), octets.end());
  }
  return all;
}

/// Those of a nest, which `all` loses.
Payloads take_nest(Payloads& all, uint16_t type, uint16_t padding = 0) {
  const auto nest = all.extract(type);
  if (nest.empty()) return {};
  return payloads(netlink::AttributeRange(nest.mapped()), padding);
}

class StationReportTest : public Nl80211Test {
 protected:
  StationReportTest() {
    auto both = std::make_shared<cfg80211::Capabilities>(*capabilities);
    both->extended_features.assign(NUM_NL80211_EXT_FEATURES / 8 + 1, 0);
    for (const unsigned feature :
         {NL80211_EXT_FEATURE_AIRTIME_FAIRNESS, NL80211_EXT_FEATURE_ACK_SIGNAL_SUPPORT})
      both->extended_features[feature / 8] |= static_cast<uint8_t>(1u << feature % 8);
    cfg80211::Wiphy& able =
        host.add_wiphy({.capabilities = both, .addresses = hwsim::radio_addresses(1)}, other_ops);
    wdev = *able.add_interface({.name = "sta0", .type = cfg80211::InterfaceType::kStation});
    bring_up(*wdev);
  }
  /// What GET_STATION answers of a station like this.
  Payloads report_on(Wdev& asked, const StationInfo& info) {
    ops.station_info = other_ops.station_info = info;
    EXPECT_EQ(
        ask(std::move(request(NL80211_CMD_GET_STATION, asked).mac(NL80211_ATTR_MAC, kPeer))).error,
        0);
    return payloads(client.messages().at(0).genl_attributes(), NL80211_ATTR_PAD);
  }
  Payloads info_of(Wdev& asked, const StationInfo& info) {
    Payloads all = report_on(asked, info);
    return take_nest(all, NL80211_ATTR_STA_INFO, NL80211_STA_INFO_PAD);
  }
  Payloads rate(const RateInfo& rate) {
    Payloads all = info_of(*wdev, {.tx_rate = rate});
    return take_nest(all, NL80211_STA_INFO_TX_BITRATE);
  }

  Wdev* wdev = nullptr;
};

TEST_F(StationReportTest, NothingKnownIsNothingTold) {
  Payloads all = report_on(*wdev, {.generation = 3});
  EXPECT_EQ(all, (Payloads{{NL80211_ATTR_IFINDEX, value(wdev->ifindex())},
                           {NL80211_ATTR_MAC, value(kPeer)},
                           {NL80211_ATTR_GENERATION, value(uint32_t{3})},
                           {NL80211_ATTR_STA_INFO, {}}}));
}

TEST_F(StationReportTest, TimesAndCounts) {
  constexpr uint64_t kLong = 1ull << 32;  // what 32 bits lose
  const Payloads told = info_of(*wdev, {.connected_time_s = 1,
                                        .inactive_time_ms = 2,
                                        .associated_at_boottime_ns = kLong + 3,
                                        .rx_bytes = kLong + 4,
                                        .tx_bytes = kLong + 5,
                                        .rx_duration_us = kLong + 6,
                                        .tx_duration_us = kLong + 7,
                                        .rx_packets = 8,
                                        .tx_packets = 9,
                                        .tx_retries = 10,
                                        .tx_failed = 11,
                                        .beacon_loss = 12,
                                        .expected_throughput_kbps = 13,
                                        .rx_dropped_misc = kLong + 14,
                                        .rx_beacons = kLong + 15,
                                        .airtime_weight = uint16_t{16},
                                        .fcs_errors = 17,
                                        .t_offset_us = -18});
  EXPECT_EQ(told, (Payloads{
                      {NL80211_STA_INFO_CONNECTED_TIME, value(uint32_t{1})},
                      {NL80211_STA_INFO_INACTIVE_TIME, value(uint32_t{2})},
                      {NL80211_STA_INFO_ASSOC_AT_BOOTTIME, value(kLong + 3)},
                      {NL80211_STA_INFO_RX_BYTES, value(uint32_t{4})},
                      {NL80211_STA_INFO_RX_BYTES64, value(kLong + 4)},
                      {NL80211_STA_INFO_TX_BYTES, value(uint32_t{5})},
                      {NL80211_STA_INFO_TX_BYTES64, value(kLong + 5)},
                      {NL80211_STA_INFO_RX_DURATION, value(kLong + 6)},
                      {NL80211_STA_INFO_TX_DURATION, value(kLong + 7)},
                      {NL80211_STA_INFO_RX_PACKETS, value(uint32_t{8})},
                      {NL80211_STA_INFO_TX_PACKETS, value(uint32_t{9})},
                      {NL80211_STA_INFO_TX_RETRIES, value(uint32_t{10})},
                      {NL80211_STA_INFO_TX_FAILED, value(uint32_t{11})},
                      {NL80211_STA_INFO_BEACON_LOSS, value(uint32_t{12})},
                      {NL80211_STA_INFO_EXPECTED_THROUGHPUT, value(uint32_t{13})},
                      {NL80211_STA_INFO_RX_DROP_MISC, value(kLong + 14)},
                      {NL80211_STA_INFO_BEACON_RX, value(kLong + 15)},
                      {NL80211_STA_INFO_AIRTIME_WEIGHT, value(uint16_t{16})},
                      {NL80211_STA_INFO_FCS_ERROR_COUNT, value(uint32_t{17})},
                      {NL80211_STA_INFO_T_OFFSET, value(int64_t{-18})},
                  }));
}

TEST_F(StationReportTest, Signals) {
  Payloads told = info_of(*wdev, {.signal_dbm = int8_t{-1},
                                  .signal_avg_dbm = int8_t{-2},
                                  .chain_signal_dbm = {-3, -4},
                                  .chain_signal_avg_dbm = {-5, -6},
                                  .beacon_signal_avg_dbm = int8_t{-7},
                                  .ack_signal_dbm = int8_t{-8},
                                  .ack_signal_avg_dbm = int8_t{-9}});
  EXPECT_EQ(take_nest(told, NL80211_STA_INFO_CHAIN_SIGNAL, UINT16_MAX),
            (Payloads{{0, value(int8_t{-3})}, {1, value(int8_t{-4})}}));
  EXPECT_EQ(take_nest(told, NL80211_STA_INFO_CHAIN_SIGNAL_AVG, UINT16_MAX),
            (Payloads{{0, value(int8_t{-5})}, {1, value(int8_t{-6})}}));
  EXPECT_EQ(told, (Payloads{{NL80211_STA_INFO_SIGNAL, value(int8_t{-1})},
                            {NL80211_STA_INFO_SIGNAL_AVG, value(int8_t{-2})},
                            {NL80211_STA_INFO_BEACON_SIGNAL_AVG, value(int8_t{-7})},
                            {NL80211_STA_INFO_ACK_SIGNAL, value(int8_t{-8})},
                            {NL80211_STA_INFO_ACK_SIGNAL_AVG, value(int8_t{-9})}}));
}

TEST_F(StationReportTest, SomeAreForRadiosThatSayTheyHaveThem) {
  Wdev& plain = add_interface("wlan0");
  bring_up(plain);
  EXPECT_EQ(info_of(plain, {.airtime_weight = uint16_t{1},
                            .ack_signal_dbm = int8_t{-2},
                            .ack_signal_avg_dbm = int8_t{-3}}),
            Payloads{});
}

TEST_F(StationReportTest, RatesOfEachKind) {
  const auto flag = Octets{};
  EXPECT_EQ(rate({.legacy_100kbps = 55}),
            (Payloads{{NL80211_RATE_INFO_BITRATE, value(uint16_t{55})},
                      {NL80211_RATE_INFO_BITRATE32, value(55u)}}));
  EXPECT_EQ(rate({.kind = RateInfo::Kind::kHt, .mcs = 7, .width_mhz = 40, .short_gi = true}),
            (Payloads{{NL80211_RATE_INFO_BITRATE, value(uint16_t{1500})},
                      {NL80211_RATE_INFO_BITRATE32, value(1500u)},
                      {NL80211_RATE_INFO_MCS, value(uint8_t{7})},
                      {NL80211_RATE_INFO_40_MHZ_WIDTH, flag},
                      {NL80211_RATE_INFO_SHORT_GI, flag}}));
  EXPECT_EQ(rate({.kind = RateInfo::Kind::kVht, .mcs = 9, .nss = 2, .width_mhz = 80}),
            (Payloads{{NL80211_RATE_INFO_BITRATE, value(uint16_t{7800})},
                      {NL80211_RATE_INFO_BITRATE32, value(7800u)},
                      {NL80211_RATE_INFO_VHT_MCS, value(uint8_t{9})},
                      {NL80211_RATE_INFO_VHT_NSS, value(uint8_t{2})},
                      {NL80211_RATE_INFO_80_MHZ_WIDTH, flag}}));
  EXPECT_EQ(rate({.kind = RateInfo::Kind::kHe,
                  .mcs = 11,
                  .nss = 8,
                  .width_mhz = 160,
                  .he_gi = 1,
                  .he_dcm = 1}),
            (Payloads{{NL80211_RATE_INFO_BITRATE, value(uint16_t{45370})},
                      {NL80211_RATE_INFO_BITRATE32, value(45370u)},
                      {NL80211_RATE_INFO_HE_MCS, value(uint8_t{11})},
                      {NL80211_RATE_INFO_HE_NSS, value(uint8_t{8})},
                      {NL80211_RATE_INFO_HE_GI, value(uint8_t{1})},
                      {NL80211_RATE_INFO_HE_DCM, value(uint8_t{1})},
                      {NL80211_RATE_INFO_160_MHZ_WIDTH, flag}}));
}

TEST_F(StationReportTest, RatesBeyondSixteenBitsAreToldWholeOnly) {
  const RateInfo fast{
      .kind = RateInfo::Kind::kHe, .mcs = 11, .nss = 8, .width_mhz = 160, .he_gi = 1};
  Payloads told = info_of(*wdev, {.rx_rate = fast});
  const Payloads rx = take_nest(told, NL80211_STA_INFO_RX_BITRATE);
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(rx.at(NL80211_RATE_INFO_BITRATE32), value(uint32_t{90740}));
  EXPECT_FALSE(rx.contains(NL80211_RATE_INFO_BITRATE));
}

TEST_F(StationReportTest, BssParametersFlagsAndElements) {
  Payloads all = report_on(*wdev, {.bss = StationInfo::BssParams{.cts_protection = true,
                                                                 .short_preamble = true,
                                                                 .short_slot_time = true,
                                                                 .dtim_period = 2,
                                                                 .beacon_interval_tu = 300},
                                   .flags_mask = 0xfe,
                                   .flags_set = 0x2a,
                                   .association_elements = {0, 1, 'x'}});
  EXPECT_EQ(all.at(NL80211_ATTR_IE), (Octets{0, 1, 'x'}));
  Payloads told = take_nest(all, NL80211_ATTR_STA_INFO, NL80211_STA_INFO_PAD);
  EXPECT_EQ(take_nest(told, NL80211_STA_INFO_BSS_PARAM),
            (Payloads{{NL80211_STA_BSS_PARAM_CTS_PROT, {}},
                      {NL80211_STA_BSS_PARAM_SHORT_PREAMBLE, {}},
                      {NL80211_STA_BSS_PARAM_SHORT_SLOT_TIME, {}},
                      {NL80211_STA_BSS_PARAM_DTIM_PERIOD, value(uint8_t{2})},
                      {NL80211_STA_BSS_PARAM_BEACON_INTERVAL, value(uint16_t{300})}}));
  Octets flags = value(uint32_t{0xfe});  // struct nl80211_sta_flag_update: the mask first
  netlink::append(flags, uint32_t{0x2a});
  EXPECT_EQ(told, (Payloads{{NL80211_STA_INFO_STA_FLAGS, flags}}));
  told = info_of(*wdev, {.bss = StationInfo::BssParams{}});
  EXPECT_EQ(take_nest(told, NL80211_STA_INFO_BSS_PARAM),
            (Payloads{{NL80211_STA_BSS_PARAM_DTIM_PERIOD, value(uint8_t{0})},
                      {NL80211_STA_BSS_PARAM_BEACON_INTERVAL, value(uint16_t{0})}}));
}

TEST_F(StationReportTest, TrafficIdentifiersAreNumberedFromOne) {
  const TxQueueStats queue{.backlog_octets = 1,
                           .backlog_frames = 2,
                           .flows = 3,
                           .drops = 4,
                           .ecn_marks = 5,
                           .over_limit = 6,
                           .over_memory = 7,
                           .collisions = 8,
                           .tx_octets = 9,
                           .tx_frames = 10,
                           .max_flows = 11};
  Payloads told = info_of(*wdev, {.tids = {{1, 2, 3, 4}, {5, 6, 7, 8, queue}}});
  Payloads tids = take_nest(told, NL80211_STA_INFO_TID_STATS);
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(take_nest(tids, 1, NL80211_TID_STATS_PAD),
            (Payloads{{NL80211_TID_STATS_RX_MSDU, value(uint64_t{1})},
                      {NL80211_TID_STATS_TX_MSDU, value(uint64_t{2})},
                      {NL80211_TID_STATS_TX_MSDU_RETRIES, value(uint64_t{3})},
                      {NL80211_TID_STATS_TX_MSDU_FAILED, value(uint64_t{4})}}));
  Payloads second = take_nest(tids, 2, NL80211_TID_STATS_PAD);
  EXPECT_TRUE(tids.empty());
  EXPECT_EQ(take_nest(second, NL80211_TID_STATS_TXQ_STATS),
            (Payloads{{NL80211_TXQ_STATS_BACKLOG_BYTES, value(1u)},
                      {NL80211_TXQ_STATS_BACKLOG_PACKETS, value(2u)},
                      {NL80211_TXQ_STATS_FLOWS, value(3u)},
                      {NL80211_TXQ_STATS_DROPS, value(4u)},
                      {NL80211_TXQ_STATS_ECN_MARKS, value(5u)},
                      {NL80211_TXQ_STATS_OVERLIMIT, value(6u)},
                      {NL80211_TXQ_STATS_OVERMEMORY, value(7u)},
                      {NL80211_TXQ_STATS_COLLISIONS, value(8u)},
                      {NL80211_TXQ_STATS_TX_BYTES, value(9u)},
                      {NL80211_TXQ_STATS_TX_PACKETS, value(10u)},
                      {NL80211_TXQ_STATS_MAX_FLOWS, value(11u)}}));
  EXPECT_EQ(second, (Payloads{{NL80211_TID_STATS_RX_MSDU, value(uint64_t{5})},
                              {NL80211_TID_STATS_TX_MSDU, value(uint64_t{6})},
                              {NL80211_TID_STATS_TX_MSDU_RETRIES, value(uint64_t{7})},
                              {NL80211_TID_STATS_TX_MSDU_FAILED, value(uint64_t{8})}}));
}

class ScanReportTest : public Nl80211Test {
 protected:
  static constexpr MacAddress kAp{{2, 0, 0, 0, 2, 0}};
  static constexpr uint16_t kBeacon = 0x0080, kProbeResponse = 0x0050;

  /// A Beacon or Probe Response of kAp's.
  static Octets frame_of(uint16_t frame_control, uint64_t tsf_us, const Octets& elements) {
    Octets frame;
    Writer writer(frame);
    writer.le16(frame_control).le16(0).mac(MacAddress::broadcast()).mac(kAp).mac(kAp).le16(0);
    writer.le64(tsf_us).le16(100).le16(0x0411).bytes(elements);
    return frame;
  }
  cfg80211::BssId hear(uint16_t frame_control, uint64_t tsf_us, const Octets& elements,
                       cfg80211::BssObservation how = {}) {
    const Octets frame = frame_of(frame_control, tsf_us, elements);
    how.frame = frame;
    if (how.mhz == 0) how.mhz = 2412;
    how.signal_mbm = -4200;
    return cfg80211::inform_bss(wiphy, how);
  }
  /// What GET_SCAN tells of each BSS, in the order in which they came.
  std::vector<Payloads> results(const Wdev& asked) {
    netlink::MessageWriter dump = request(NL80211_CMD_GET_SCAN, NLM_F_DUMP);
    EXPECT_EQ(ask(std::move(dump.u32(NL80211_ATTR_IFINDEX, asked.ifindex()))).error, 0);
    std::vector<Payloads> all;
    for (const netlink::Message& message : client.messages()) {
      if (message.header.type != family()) continue;
      Payloads outer = payloads(message.genl_attributes(), NL80211_ATTR_PAD);
      all.push_back(take_nest(outer, NL80211_ATTR_BSS, NL80211_BSS_PAD));
      EXPECT_EQ(outer, (Payloads{{NL80211_ATTR_GENERATION, value(wiphy.bss_table().generation())},
                                 {NL80211_ATTR_IFINDEX, value(asked.ifindex())},
                                 {NL80211_ATTR_WDEV, value(asked.id())}}));
    }
    return all;
  }
  Payloads result() {
    const auto all = results(wdev);
    EXPECT_EQ(all.size(), 1u);
    return all.at(0);
  }
  /// What is told of kAp on 2412 MHz, heard just now, with these besides.
  static Payloads with(Payloads besides) {
    besides.merge(Payloads{{NL80211_BSS_BSSID, value(kAp)},
                           {NL80211_BSS_BEACON_INTERVAL, value(uint16_t{100})},
                           {NL80211_BSS_CAPABILITY, value(uint16_t{0x0411})},
                           {NL80211_BSS_FREQUENCY, value(2412u)},
                           {NL80211_BSS_FREQUENCY_OFFSET, value(0u)},
                           {NL80211_BSS_CHAN_WIDTH, value(uint32_t{NL80211_BSS_CHAN_WIDTH_20})},
                           {NL80211_BSS_SEEN_MS_AGO, value(0u)},
                           {NL80211_BSS_SIGNAL_MBM, value(int32_t{-4200})}});
    return besides;
  }
  /// Those of a beacon that is all that was heard.
  static Payloads beacon(uint64_t tsf_us, const Octets& elements) {
    return {{NL80211_BSS_TSF, value(tsf_us)},
            {NL80211_BSS_INFORMATION_ELEMENTS, elements},
            {NL80211_BSS_BEACON_TSF, value(tsf_us)},
            {NL80211_BSS_BEACON_IES, elements}};
  }

  const Octets kNet{0, 3, 'n', 'e', 't'};
  const Octets kNetAndMore{0, 3, 'n', 'e', 't', 221, 3, 1, 2, 3};
  Wdev& wdev = add_interface("wlan0");
};

TEST_F(ScanReportTest, ABeacon) {
  hear(kBeacon, 1000, kNet);
  EXPECT_EQ(result(), with(beacon(1000, kNet)));
}

TEST_F(ScanReportTest, WhenAndWhereItWasHeard) {
  hear(kBeacon, 1000, kNet,
       {.mhz = 902,
        .offset_khz = 500,
        .scan_width = cfg80211::ChannelWidth::k1,
        .boottime = Duration(77)});
  scheduler.run_for(std::chrono::milliseconds(1500));
  Payloads expected = beacon(1000, kNet);
  expected[NL80211_BSS_FREQUENCY] = value(902u);
  expected[NL80211_BSS_FREQUENCY_OFFSET] = value(500u);
  expected[NL80211_BSS_CHAN_WIDTH] = value(uint32_t{NL80211_BSS_CHAN_WIDTH_1});
  expected[NL80211_BSS_SEEN_MS_AGO] = value(1500u);
  expected[NL80211_BSS_LAST_SEEN_BOOTTIME] = value(uint64_t{77});
  EXPECT_EQ(result(), with(expected));
}

TEST_F(ScanReportTest, AProbeResponseStaysWhatIsShownWhileBeaconsGoOn) {
  hear(kProbeResponse, 1000, kNetAndMore);
  Payloads expected{{NL80211_BSS_PRESP_DATA, {}},
                    {NL80211_BSS_TSF, value(uint64_t{1000})},
                    {NL80211_BSS_INFORMATION_ELEMENTS, kNetAndMore}};
  EXPECT_EQ(result(), with(expected));
  hear(kBeacon, 2000, kNet);
  expected[NL80211_BSS_BEACON_TSF] = value(uint64_t{2000});
  expected[NL80211_BSS_BEACON_IES] = kNet;
  EXPECT_EQ(result(), with(expected));
  hear(kProbeResponse, 3000, kNet);
  expected[NL80211_BSS_TSF] = value(uint64_t{3000});
  expected[NL80211_BSS_INFORMATION_ELEMENTS] = kNet;
  EXPECT_EQ(result(), with(expected));
}

TEST_F(ScanReportTest, WithoutElementsTheTimestampsAreTold) {
  hear(kBeacon, 1000, {});
  Payloads expected{{NL80211_BSS_TSF, value(uint64_t{1000})},
                    {NL80211_BSS_BEACON_TSF, value(uint64_t{1000})}};
  EXPECT_EQ(result(), with(expected));
  hear(kProbeResponse, 2000, {});
  expected[NL80211_BSS_TSF] = value(uint64_t{2000});
  expected[NL80211_BSS_PRESP_DATA] = {};
  EXPECT_EQ(result(), with(expected));
}

TEST_F(ScanReportTest, TheParentIsToldWithItsTimestamp) {
  hear(kBeacon, 1000, kNet, {.parent_bssid = kPeer, .parent_tsf_us = 55});
  Payloads expected = beacon(1000, kNet);
  expected[NL80211_BSS_PARENT_TSF] = value(uint64_t{55});
  expected[NL80211_BSS_PARENT_BSSID] = value(kPeer);
  EXPECT_EQ(result(), with(expected));
  hear(kBeacon, 2000, kNet, {.parent_bssid = kPeer, .parent_tsf_us = 0});
  EXPECT_EQ(result(), with(beacon(2000, kNet)));
}

TEST_F(ScanReportTest, ANontransmittedBssHasItsOwnResult) {
  // Of two BSSIDs, the other: its capability, its SSID, its index.
  const Octets multiple{71, 16, 1, 0, 13, 83, 2, 0x11, 0, 0, 4, 'm', 'o', 'r', 'e', 85, 1, 1};
  Octets elements = kNet;
  elements.insert(elements.end(), multiple.begin(), multiple.end());
  const Octets inherited{0, 4, 'm', 'o', 'r', 'e', 85, 1, 1};
  MacAddress other = kAp;
  other.octets[5] = 1;
  const auto of_other = [&](Payloads besides) {
    besides[NL80211_BSS_BSSID] = value(other);
    besides[NL80211_BSS_CAPABILITY] = value(uint16_t{0x0011});
    return with(besides);
  };
  const cfg80211::BssObservation how{
      .parent_bssid = kPeer, .parent_tsf_us = 55, .boottime = Duration(77)};
  const Payloads common{{NL80211_BSS_PARENT_TSF, value(uint64_t{55})},
                        {NL80211_BSS_PARENT_BSSID, value(kPeer)},
                        {NL80211_BSS_LAST_SEEN_BOOTTIME, value(uint64_t{77})}};
  const auto both = [&](Payloads besides) {
    besides.insert(common.begin(), common.end());
    return besides;
  };
  hear(kBeacon, 1000, elements, how);
  EXPECT_EQ(results(wdev), (std::vector{with(both(beacon(1000, elements))),
                                        of_other(both(beacon(1000, inherited)))}));
  hear(kProbeResponse, 2000, elements, how);
  const auto answered = [&](const Octets& shown) {
    Payloads besides = beacon(1000, shown);
    besides[NL80211_BSS_PRESP_DATA] = {};
    besides[NL80211_BSS_TSF] = value(uint64_t{2000});
    return both(besides);
  };
  EXPECT_EQ(results(wdev), (std::vector{with(answered(elements)), of_other(answered(inherited))}));
}

TEST_F(ScanReportTest, TheInterfaceThatIsAssociatedIsToldSo) {
  bring_up(wdev);
  const cfg80211::BssId id = hear(kBeacon, 1000, kNet);
  wiphy.bss_table().hold(id);
  cfg80211::connect_result(wdev, {.bssid = kAp}, id);
  Payloads expected = beacon(1000, kNet);
  EXPECT_EQ(results(add_interface("wlan1")), (std::vector{with(expected)})) << "not of another";
  expected[NL80211_BSS_STATUS] = value(uint32_t{NL80211_BSS_STATUS_ASSOCIATED});
  EXPECT_EQ(result(), with(expected));
}

}  // namespace
}  // namespace airloom::nl80211
