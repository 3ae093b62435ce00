// A-MSDUs: what is taken apart, what is refused, and what we put together.
#include "mac80211/amsdu.h"

#include <gmock/gmock.h>

#include "joined_hosts.h"

namespace airloom::mac80211 {
namespace {

using ieee80211::FrameView;
using testing::IsEmpty;
using testing::SizeIs;

class AmsduTest : public JoinedHosts {
 protected:
  struct Subframe {
    MacAddress to, from;
    Octets msdu;
  };
  Octets amsdu(const std::vector<Subframe>& subframes) {
    Octets body;
    Writer writer(body);
    for (const Subframe& one : subframes)
      ieee80211::emit_amsdu_subframe(writer, 0, {one.to, one.from, one.msdu});
    return body;
  }
  Octets frame_of(const Octets& body) {
    Octets frame = qos_data(sta.address, ap.address, ++sequence_, body);
    frame[24] |= 0x80;
    return frame;
  }
  Octets ip(uint8_t mark, size_t size = 21) { return msdu(0x0800, Octets(size, mark)); }
  void send_burst(size_t count, size_t size) {
    sta.driver.busy = true;
    for (size_t i = 0; i < count; ++i)
      sta.netdev().send(
          ethernet(ap.address, sta.address, 0x0800, Octets(size, static_cast<uint8_t>(i))));
    sta.driver.busy = false;
    sta.stack.tx().wake_all();
    run(1ms);
  }
  std::vector<int> delivered() {
    std::vector<int> marks;
    for (const FrameBuffer& frame : ap.netdev().received) marks.push_back(frame.octets()[14]);
    return marks;
  }

  const MacAddress stranger{{2, 0, 0, 0, 9, 9}};

 private:
  uint16_t sequence_ = 500;
};

TEST_F(AmsduTest, NobodySendsAsSomebodyElse) {
  join(false);
  hear_at_ap(frame_of(amsdu({{ap.address, sta.address, ip(1)},
                             {ap.address, stranger, ip(2)},
                             {ap.address, sta.address, ip(3)}})));
  EXPECT_THAT(delivered(), testing::ElementsAre(1, 3));
  EXPECT_EQ(ap.stack.drops().of(Drop::kRxSpoofed), 1u);
}

TEST_F(AmsduTest, AStationTakesWhatIsForItselfAlone) {
  join(false);
  Octets frame;
  Writer(frame)
      .le16(0x0288)
      .le16(0)
      .mac(sta.address)
      .mac(ap.address)
      .mac(ap.address)
      .le16(0x1000)
      .le16(0x0080)
      .bytes(amsdu({{stranger, ap.address, ip(1)},
                    {sta.address, stranger, ip(2)},
                    {MacAddress::broadcast(), stranger, ip(3)}}));
  sta.stack.receive(pool.from(frame), {.mhz = kMhz, .signal_dbm = -30});
  EXPECT_THAT(sta.netdev().received, SizeIs(2));
}

TEST_F(AmsduTest, ABrokenOneIsRefusedWhole) {
  join(false);
  Octets body = amsdu({{ap.address, sta.address, ip(1)}, {ap.address, sta.address, ip(2)}});
  const size_t first = 14 + ip(1).size(), padded = (first + 3) / 4 * 4;
  for (size_t size = 0; size < body.size(); ++size) {
    if (size == first || size == padded) continue;  // one whole subframe: that is an A-MSDU
    hear_at_ap(frame_of(Octets(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size))));
  }
  EXPECT_THAT(delivered(), IsEmpty());
  // An MSDU whose QoS field somebody has made an A-MSDU's. (CVE-2020-24588)
  hear_at_ap(frame_of(ip(1, 200)));
  EXPECT_THAT(delivered(), IsEmpty());
  // Not to a group.
  Octets group = frame_of(body);
  std::fill_n(group.begin() + 4, 6, 0xff);
  hear_at_ap(group);
  EXPECT_THAT(delivered(), IsEmpty());
}

TEST_F(AmsduTest, ArePutTogetherWhereDriverAndPeerWantThem) {
  join(false);
  make_ht();
  sta.driver.can = ap.driver.can = {.amsdu_in_ampdu = true, .tx_amsdu = true};
  send_burst(1, 100);  // sets the agreement up
  ASSERT_TRUE(ap_at_station().block_ack.originator(0)->amsdu);
  ap.netdev().received.clear();
  air.frames.clear();
  send_burst(5, 1400);
  const auto data = on_air(Subtype::kQosData);
  ASSERT_THAT(data, SizeIs(3));  // 2, 2 and 1 in 3,839 octets
  EXPECT_TRUE(data[0].qos().amsdu());
  EXPECT_FALSE(data[2].qos().amsdu());
  for (const FrameView& view : data) EXPECT_LE(view.body().size(), 3839u);
  EXPECT_THAT(delivered(), testing::ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(octets(ap.netdev().received[1]),
            octets(ethernet(ap.address, sta.address, 0x0800, Octets(1400, 1))));
  EXPECT_EQ(ap_at_station().queued(), 0u);
  EXPECT_EQ(ap_at_station().counters.tids[0].tx_msdu, 6u);
}

TEST_F(AmsduTest, CrossTheAirUnderAKey) {
  join(true);
  set_keys();
  make_ht();
  sta.driver.can = ap.driver.can = {.amsdu_in_ampdu = true, .tx_amsdu = true};
  send_burst(1, 100);
  send_burst(4, 300);
  EXPECT_THAT(delivered(), testing::ElementsAre(0, 0, 1, 2, 3));
  EXPECT_EQ(ap.stack.drops().total(), 0u);
}

TEST_F(AmsduTest, AreNotSentToWhoeverDidNotAgree) {
  join(false);
  make_ht();
  sta.driver.can = {.amsdu_in_ampdu = true, .tx_amsdu = true};
  send_burst(1, 100);
  ASSERT_FALSE(ap_at_station().block_ack.originator(0)->amsdu);
  air.frames.clear();
  send_burst(4, 300);
  EXPECT_THAT(on_air(Subtype::kQosData), SizeIs(4));
}

}  // namespace
}  // namespace airloom::mac80211
