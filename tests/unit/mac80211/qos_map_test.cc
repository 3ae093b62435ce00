// SET_QOS_MAP and SET_NOACK_MAP: which TID a frame goes to, and whether it is acknowledged.
#include "mac80211/classify.h"
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;

Octets ipv4(uint8_t dscp) {
  Octets frame(14 + 20, 0);
  frame[12] = 0x08;
  frame[14] = 0x45;
  frame[15] = static_cast<uint8_t>(dscp << 2);
  return frame;
}

Octets ipv6(uint8_t dscp) {
  Octets frame(14 + 40, 0);
  frame[12] = 0x86;
  frame[13] = 0xdd;
  frame[14] = static_cast<uint8_t>(0x60 | dscp >> 2);
  frame[15] = static_cast<uint8_t>(dscp << 6);
  return frame;
}

TEST(QosMap, SaysWhatADscpMeans) {
  // DSCP 46 is voice; 0 to 7 is background; the other ranges are unused.
  Octets map{46, 6, 0xff, 0xff, 0, 7};
  map.resize(2 + 16, 0xff);
  for (const auto& frame : {ipv4, ipv6}) {
    EXPECT_EQ(classify(frame(46), 0x888e), 5);
    EXPECT_EQ(classify(frame(46), 0x888e, map), 6);
    EXPECT_EQ(classify(frame(3), 0x888e), 0);
    EXPECT_EQ(classify(frame(3), 0x888e, map), 1);
    EXPECT_EQ(classify(frame(26), 0x888e, map), 3);  // the map is silent
  }
}

/// The same frame as a VLAN device sends it, in VLAN 5.
Octets tagged(Octets frame, uint8_t priority, uint16_t type = 0x8100) {
  Octets tag;
  Writer(tag).be16(type).be16(static_cast<uint16_t>(priority << 13 | 5));
  frame.insert(frame.begin() + 12, tag.begin(), tag.end());
  return frame;
}

TEST(Classify, ATagsPriorityComesFirstAndItsZeroSaysNothing) {
  for (const uint16_t type : {0x8100, 0x88a8}) {
    EXPECT_EQ(classify(tagged(ipv4(46), 3, type), 0x888e), 3);
    EXPECT_EQ(classify(tagged(ipv4(46), 0, type), 0x888e), 5);
    EXPECT_EQ(classify(tagged(ipv6(26), 0, type), 0x888e), 3);
  }
  EXPECT_EQ(classify(tagged(ipv4(46), 1), 0x888e, Octets(16, 0)), 1) << "no map speaks of tags";
  EXPECT_EQ(classify(tagged(tagged(ipv4(46), 3), 0), 0x888e), 0) << "one tag is looked behind";
  Octets eapol(14 + 4, 0);
  eapol[12] = 0x88;
  eapol[13] = 0x8e;
  EXPECT_EQ(classify(tagged(eapol, 2), 0x888e), 7);
  Octets cut = tagged(ipv4(46), 0);
  cut.resize(14 + 2);
  EXPECT_EQ(classify(cut, 0x888e), 0);
}

TEST(Classify, MplsHasATrafficClassAndHandoverIsNetworkControl) {
  Octets frame(14, 0);
  Writer(frame).be32(100 << 12 | 6 << 9 | 1 << 8 | 64);  // label, class, bottom of stack, TTL
  frame[12] = 0x88;
  for (const uint8_t type : {0x47, 0x48}) {
    frame[13] = type;
    EXPECT_EQ(classify(frame, 0x888e), 6);
  }
  frame[12] = 0x89;
  frame[13] = 0x17;
  EXPECT_EQ(classify(frame, 0x888e), 7);
}

class QosMapTest : public MlmeHosts {
 protected:
  /// The TID of what the AP sends its station in a packet of this DSCP.
  int tid_of(uint8_t dscp) {
    air.frames.clear();
    auto packet = ipv4(dscp);
    ap.netdev().send(
        ethernet(sta.address, ap.address, 0x0800, Octets(packet.begin() + 14, packet.end())));
    run(5ms);
    const auto sent = on_air(Subtype::kQosData);
    return sent.size() == 1 ? sent[0].qos().tid() : -1;
  }
};

TEST_F(QosMapTest, ItsInterfacesFramesGoByIt) {
  join();
  EXPECT_EQ(tid_of(46), 5);
  EXPECT_EQ(tid_of(3), 0);
  Octets map{46, 6, 0xff, 0xff, 0, 7};  // as above
  map.resize(2 + 16, 0xff);
  ASSERT_TRUE(ap.wiphy->ops().set_qos_map(*ap.wdev, map));
  EXPECT_EQ(tid_of(46), 6);
  EXPECT_EQ(tid_of(3), 1);
  EXPECT_EQ(tid_of(26), 3);
  ASSERT_TRUE(ap.wiphy->ops().set_qos_map(*ap.wdev, std::nullopt));
  EXPECT_EQ(tid_of(46), 5);
}

TEST_F(QosMapTest, ItEndsWithTheBss) {
  join();
  Octets map(16, 0xff);
  ASSERT_TRUE(ap.wiphy->ops().set_qos_map(*ap.wdev, map));
  ASSERT_TRUE(sta.wiphy->ops().set_qos_map(*sta.wdev, map));
  ASSERT_TRUE(cfg80211::stop_ap(*ap.wdev, 0, true));
  EXPECT_FALSE(ap.interface().qos_map);
  run(100ms);
  sta.netdev().down();
  EXPECT_FALSE(sta.interface().qos_map);
}

class NoAckTest : public MlmeHosts {};

TEST_F(NoAckTest, FramesOfTheTidGoUnacknowledgedAndOnce) {
  join();
  Station& station = *ap.stack.stations().find(ap.interface(), sta.address);
  ASSERT_TRUE(station.wme);
  ASSERT_TRUE(ap.stack.set_noack_map(*ap.wdev, 1u << 0));
  air.loses = [](const auto& view) { return view.fc().is_data(); };
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, Octets(20, 0)));
  run(1ms);
  const auto sent = on_air(Subtype::kQosData);
  ASSERT_FALSE(sent.empty());
  EXPECT_EQ(sent.back().qos().ack_policy(), ieee80211::AckPolicy::kNoAck);
  EXPECT_EQ(station.counters.tx_failed, 0u);
}

}  // namespace
}  // namespace airloom::mac80211
