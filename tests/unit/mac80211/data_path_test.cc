// A station joins through the air, and data goes both ways, in clear and under CCMP.
#include <gmock/gmock.h>

#include "joined_hosts.h"
#include "mac80211/cipher_suites.h"

namespace airloom::mac80211 {
namespace {

using ieee80211::FrameControl;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using DataPathTest = JoinedHosts;

TEST_F(DataPathTest, CarriesDataBothWaysInClear) {
  join(/*control_port=*/false);
  EXPECT_TRUE(sta.netdev().carrier());
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, payload));
  run(1ms);
  ASSERT_THAT(ap.netdev().received, SizeIs(1));
  EXPECT_EQ(octets(ap.netdev().received[0]),
            octets(ethernet(ap.address, sta.address, 0x0800, payload)));
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, payload));
  ap.netdev().send(ethernet(MacAddress::broadcast(), ap.address, 0x0806, payload));
  run(1ms);
  ASSERT_THAT(sta.netdev().received, SizeIs(2));
  EXPECT_EQ(octets(sta.netdev().received[1]),
            octets(ethernet(MacAddress::broadcast(), ap.address, 0x0806, payload)));
  // What the AP repeats of our own broadcasts does not come back to us.
  sta.netdev().send(ethernet(MacAddress::broadcast(), sta.address, 0x0806, payload));
  run(1ms);
  EXPECT_THAT(sta.netdev().received, SizeIs(2));
  EXPECT_THAT(ap.netdev().received, SizeIs(2));
}

TEST_F(DataPathTest, KeepsLengthFieldsAndForeignLlc) {
  join(false);
  Octets llc{0x42, 0x42, 0x03, 0, 0, 0, 0, 0};  // a spanning tree's LLC behind a length
  sta.netdev().send(ethernet(ap.address, sta.address, 8, llc));
  run(1ms);
  ASSERT_THAT(ap.netdev().received, SizeIs(1));
  EXPECT_EQ(octets(ap.netdev().received[0]), octets(ethernet(ap.address, sta.address, 8, llc)));
}

TEST_F(DataPathTest, ControlPortOpensWithTheKeys) {
  join(/*control_port=*/true);
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, payload));
  run(1ms);
  EXPECT_THAT(ap.netdev().received, IsEmpty());

  const auto cookie = cfg80211::send_control_port_frame(
      *ap.wdev, {.destination = sta.address, .ethertype = 0x888e, .payload = {2, 3, 0, 0}});
  ASSERT_TRUE(cookie);
  run(1ms);
  EXPECT_THAT(sta_door.control_port, ElementsAre(std::pair(0x888e, true)));
  ASSERT_THAT(door.control_port_status, ElementsAre(std::pair(*cookie, true)));
  EXPECT_EQ(door.control_port_status_frames[0],
            octets(ethernet(sta.address, ap.address, 0x888e, {2, 3, 0, 0})));

  set_keys();
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, payload));
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, payload));
  ap.netdev().send(ethernet(MacAddress::broadcast(), ap.address, 0x0806, payload));
  run(1ms);
  ASSERT_THAT(ap.netdev().received, SizeIs(1));
  EXPECT_EQ(octets(ap.netdev().received[0]),
            octets(ethernet(ap.address, sta.address, 0x0800, payload)));
  EXPECT_THAT(sta.netdev().received, SizeIs(2));
  const auto data = on_air(Subtype::kQosData);
  EXPECT_TRUE(data.back().fc().is_protected());
  EXPECT_EQ(on_air(Subtype::kData).back().body()[3] >> 6, 1);  // the group key's index

  // EAPOL under the key now.
  ASSERT_TRUE(cfg80211::send_control_port_frame(
      *sta.wdev, {.destination = ap.address, .ethertype = 0x888e, .payload = {2, 3, 0, 0}}));
  run(1ms);
  EXPECT_THAT(door.control_port, ElementsAre(std::pair(0x888e, false)));
  const auto report =
      cfg80211::get_key(*sta.wdev, {.index = 0, .pairwise = true, .peer = ap.address});
  ASSERT_TRUE(report);
  EXPECT_THAT(report->sequence, ElementsAre(2, 0, 0, 0, 0, 0));
}

TEST_F(DataPathTest, RefusesReplayTamperAndClearText) {
  join(true);
  set_keys();
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, payload));
  const Octets sealed = octets(air.frames.back());
  run(1ms);
  ASSERT_THAT(ap.netdev().received, SizeIs(1));
  Key& key = *ap.stack.stations().find(ap.interface(), sta.address)->keys.find(0);
  hear_at_ap(sealed);
  EXPECT_EQ(key.replays, 1u);
  const size_t header = ieee80211::FrameView::of(sealed)->header_length();
  for (size_t at = header + 8; at < sealed.size(); ++at) {
    Octets bad = sealed;
    bad[header] = 9;  // a fresh packet number
    bad[at] ^= 1;
    hear_at_ap(bad);
  }
  EXPECT_EQ(key.icv_errors, sealed.size() - header - 8);
  EXPECT_EQ(key.last_rx_pn(0), 1u);
  for (size_t size = 0; size < sealed.size(); ++size) hear_at_ap(std::span(sealed).first(size));
  hear_at_ap(qos_data(sta.address, ap.address, 77, msdu(0x0800, payload)));
  EXPECT_THAT(ap.netdev().received, SizeIs(1));
}

TEST_F(DataPathTest, EachTidHasAReplayCounter) {
  join(true);
  set_keys();
  // The station's own frames, of any TID with any packet number.
  const auto sealed = [&](uint8_t tid, unsigned packet_number) {
    Octets clear = qos_data(sta.address, ap.address, 100, msdu(0x0800, payload));
    clear[24] = tid;
    FrameBuffer mpdu = pool.from(clear);
    const auto key = *Key::create(0, true, ccmp_key(0x11));
    while (key->last_tx_pn() + 1 < packet_number) key->next_tx_pn();
    EXPECT_TRUE(protect(*key, mpdu));
    return octets(mpdu);
  };
  auto& received = ap.netdev().received;
  const auto replays = [&] { return ap.stack.drops().of(Drop::kRxReplay); };
  hear_at_ap(sealed(0, 9));
  EXPECT_THAT(received, SizeIs(1));
  hear_at_ap(sealed(5, 2));
  EXPECT_THAT(received, SizeIs(2));
  EXPECT_EQ(replays(), 0u);
  hear_at_ap(sealed(5, 2));
  hear_at_ap(sealed(5, 1));
  hear_at_ap(sealed(0, 9));
  EXPECT_EQ(replays(), 3u);
  hear_at_ap(sealed(5, 3));
  hear_at_ap(sealed(0, 10));
  EXPECT_THAT(received, SizeIs(4));
  EXPECT_EQ(replays(), 3u);
}

TEST_F(DataPathTest, AKeyUnderTheOtherIdReceivesBeforeItSends) {
  join(true);
  set_keys();
  const auto install = [&](Node& node, const MacAddress& peer, int mode, uint8_t index = 1) {
    cfg80211::KeyParams params = ccmp_key(0x22);
    params.mode = static_cast<uint8_t>(mode);
    return node.stack.add_key(*node.wdev, {.index = index, .pairwise = true, .peer = peer}, params);
  };
  /// The id of the key under which it crossed.
  const auto send = [&](Node& from, Node& to) {
    air.frames.clear();
    to.netdev().received.clear();
    from.netdev().send(ethernet(to.address, from.address, 0x0800, payload));
    run(1ms);
    EXPECT_THAT(to.netdev().received, SizeIs(1));
    const auto sent = ieee80211::FrameView::of(air.frames.front().octets());
    return sent->body()[3] >> 6;
  };
  EXPECT_EQ(install(ap, sta.address, NL80211_KEY_SET_TX).error().code, Errc::kInvalid)
      << "it is not there yet";
  ASSERT_TRUE(install(ap, sta.address, NL80211_KEY_NO_TX));
  ASSERT_TRUE(install(sta, ap.address, NL80211_KEY_NO_TX));
  EXPECT_EQ(send(ap, sta), 0);
  EXPECT_EQ(send(sta, ap), 0);
  ASSERT_TRUE(install(ap, sta.address, NL80211_KEY_SET_TX));
  EXPECT_EQ(send(ap, sta), 1);
  EXPECT_EQ(send(sta, ap), 0) << "each end when it is ready";
  ASSERT_TRUE(install(sta, ap.address, NL80211_KEY_SET_TX));
  EXPECT_EQ(send(sta, ap), 1);
  const MacAddress stranger{{2, 9, 9, 9, 9, 9}};
  EXPECT_EQ(install(ap, stranger, NL80211_KEY_SET_TX).error().code, Errc::kInvalid);
}

TEST_F(DataPathTest, ReinstalledKeyKeepsItsPacketNumbers) {
  join(true);
  set_keys();
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, payload));
  run(1ms);
  const cfg80211::KeySlot slot{.index = 0, .pairwise = true, .peer = ap.address};
  ASSERT_TRUE(cfg80211::new_key(*sta.wdev, slot, ccmp_key(0x11)));
  EXPECT_EQ(cfg80211::get_key(*sta.wdev, slot)->sequence[0], 1);
}

TEST_F(DataPathTest, AllocatesNothingPerFrameOnceWarm) {
  join(true);
  set_keys();
  air.record = false;
  air.frames.clear();
  auto exchange = [&] {
    for (int i = 0; i < 50; ++i) {
      sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, payload));
      ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, payload));
    }
    run(1ms);
    ap.netdev().received.clear();
    sta.netdev().received.clear();
  };
  exchange();
  const uint64_t blocks = pool.blocks_created();
  for (int i = 0; i < 20; ++i) exchange();
  EXPECT_EQ(pool.blocks_created(), blocks);
}

TEST_F(DataPathTest, CountsRetriesAndFailures) {
  join(false);
  air.loses = [](const auto& view) { return view.fc().is_data(); };
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, payload));
  run(1ms);
  const auto info = cfg80211::get_station(*ap.wdev, sta.address);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->tx_failed, 1u);
  EXPECT_GT(*info->tx_retries, 0u);
  bool told = false, acked = true;
  ap.stack.management_tx_path().send_null(ap.interface(), sta.address, {.qos = true},
                                          [&](const TxStatus& status) {
                                            told = true;
                                            acked = status.acked;
                                          });
  run(1ms);
  EXPECT_TRUE(told);
  EXPECT_FALSE(acked);
}

TEST_F(DataPathTest, OpensAnAmsdu) {
  join(false);
  Octets body;
  Writer writer(body);
  const Octets first = msdu(0x0800, Octets(21, 1)), second = msdu(0x86dd, Octets(10, 2));
  ieee80211::emit_amsdu_subframe(writer, 0, {ap.address, sta.address, first});
  ieee80211::emit_amsdu_subframe(writer, 0, {ap.address, sta.address, second});
  Octets frame = qos_data(sta.address, ap.address, 900, body);
  frame[24] |= 0x80;
  hear_at_ap(frame);
  ASSERT_THAT(ap.netdev().received, SizeIs(2));
  EXPECT_EQ(octets(ap.netdev().received[1]),
            octets(ethernet(ap.address, sta.address, 0x86dd, Octets(10, 2))));
}

}  // namespace
}  // namespace airloom::mac80211
