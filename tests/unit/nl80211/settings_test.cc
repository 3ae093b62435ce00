// Settings of an interface as octets: what of them reaches the driver, and what is refused.
#include <cerrno>

#include "fixture.h"

namespace airloom::nl80211 {
namespace {

using cfg80211::InterfaceType;
using cfg80211::Wdev;
using netlink::MessageWriter;

class SettingsTest : public Nl80211Test {
 protected:
  Wdev& ap() {
    Wdev& wdev = add_interface("ap0", InterfaceType::kAp);
    bring_up(wdev);
    return wdev;
  }

  /// One queue's parameters; `without` names the one that is not said.
  static void put_queue(MessageWriter& message, uint16_t index, uint8_t ac, uint16_t without = 0) {
    const auto nest = message.nest(index);
    if (without != NL80211_TXQ_ATTR_AC) message.u8(NL80211_TXQ_ATTR_AC, ac);
    if (without != NL80211_TXQ_ATTR_TXOP) message.u16(NL80211_TXQ_ATTR_TXOP, 47);
    if (without != NL80211_TXQ_ATTR_CWMIN) message.u16(NL80211_TXQ_ATTR_CWMIN, 3);
    if (without != NL80211_TXQ_ATTR_CWMAX) message.u16(NL80211_TXQ_ATTR_CWMAX, 7);
    if (without != NL80211_TXQ_ATTR_AIFS) message.u8(NL80211_TXQ_ATTR_AIFS, 2);
  }
  MessageWriter set_queue(const Wdev& wdev, uint8_t ac, uint16_t without = 0) {
    MessageWriter message = request(NL80211_CMD_SET_WIPHY, wdev);
    const auto queues = message.nest(NL80211_ATTR_WIPHY_TXQ_PARAMS);
    put_queue(message, 1, ac, without);
    return message;
  }
  int set_map(const Wdev& wdev, const Octets& map) {
    return ask(std::move(request(NL80211_CMD_SET_QOS_MAP, wdev).bytes(NL80211_ATTR_QOS_MAP, map)))
        .error;
  }
};

TEST_F(SettingsTest, EachQueueGoesToTheDriverInTheirOrder) {
  const Wdev& wdev = ap();
  MessageWriter message = request(NL80211_CMD_SET_WIPHY, wdev);
  {
    const auto queues = message.nest(NL80211_ATTR_WIPHY_TXQ_PARAMS);
    put_queue(message, 1, NL80211_AC_VI);
    put_queue(message, 2, NL80211_AC_BK);
  }
  EXPECT_EQ(ask(std::move(message)).error, 0);
  ASSERT_EQ(ops.queues.size(), 2u);
  EXPECT_EQ(ops.queues[0].ac, NL80211_AC_VI);
  EXPECT_EQ(ops.queues[0].txop_32us, 47);
  EXPECT_EQ(ops.queues[0].cw_min, 3);
  EXPECT_EQ(ops.queues[0].cw_max, 7);
  EXPECT_EQ(ops.queues[0].aifs, 2);
  EXPECT_EQ(ops.queues[1].ac, NL80211_AC_BK);
}

TEST_F(SettingsTest, QueuesAreSaidWholeAndOfAnAccessPointThatIsUp) {
  const Wdev& wdev = ap();
  for (const uint16_t without : {NL80211_TXQ_ATTR_AC, NL80211_TXQ_ATTR_TXOP, NL80211_TXQ_ATTR_CWMIN,
                                 NL80211_TXQ_ATTR_CWMAX, NL80211_TXQ_ATTR_AIFS})
    EXPECT_EQ(ask(set_queue(wdev, NL80211_AC_VO, without)).error, EINVAL) << without;
  EXPECT_EQ(ask(set_queue(wdev, NL80211_NUM_ACS)).error, EINVAL);
  Wdev& station = add_interface("sta0");
  bring_up(station);
  EXPECT_EQ(ask(set_queue(station, NL80211_AC_VO)).error, EINVAL);
  EXPECT_EQ(ask(set_queue(add_interface("ap1", InterfaceType::kAp), NL80211_AC_VO)).error,
            ENETDOWN);
  EXPECT_TRUE(ops.queues.empty());
  ops.failures["set_tx_queue_params"] = Errc::kBusy;
  EXPECT_EQ(ask(set_queue(wdev, NL80211_AC_VO)).error, EBUSY);
}

TEST_F(SettingsTest, QueuesOfALinkNeedAnInterfaceWithLinks) {
  const Wdev& wdev = ap();
  for (const uint8_t link : {0, 3})
    EXPECT_EQ(
        ask(std::move(set_queue(wdev, NL80211_AC_VO).u8(NL80211_ATTR_MLO_LINK_ID, link))).error,
        ENOLINK);
  // What a queue lacks is seen first.
  EXPECT_EQ(ask(std::move(set_queue(wdev, NL80211_AC_VO, NL80211_TXQ_ATTR_AIFS)
                              .u8(NL80211_ATTR_MLO_LINK_ID, 0)))
                .error,
            EINVAL);
  EXPECT_TRUE(ops.queues.empty());
}

TEST_F(SettingsTest, AQosMapGoesToTheDriverWithItsExceptionsOrGoesAway) {
  const Wdev& wdev = ap();
  Octets map{46, 6, 10, 7, 0, 7};  // two exceptions, and a first range
  map.resize(4 + 16, 0xff);
  EXPECT_EQ(set_map(wdev, map), 0);
  EXPECT_EQ(ops.qos_map, map);
  map.insert(map.begin(), 2 * 19, 5);  // twenty-one are the most
  EXPECT_EQ(set_map(wdev, map), 0);
  EXPECT_EQ(ops.qos_map, map);
  EXPECT_EQ(ask(request(NL80211_CMD_SET_QOS_MAP, wdev)).error, 0);
  EXPECT_EQ(ops.qos_map, std::nullopt);
}

TEST_F(SettingsTest, AQosMapIsMeasuredAndNeedsPeers) {
  const Wdev& wdev = ap();
  Octets map(4 + 16, 0xff);
  EXPECT_EQ(set_map(wdev, map), EINVAL) << "a priority beyond 7";
  EXPECT_EQ(set_map(wdev, Octets(17)), EINVAL);
  EXPECT_EQ(set_map(wdev, Octets(14)), ERANGE) << "less than its ranges";
  EXPECT_EQ(set_map(wdev, Octets(16 + 2 * 22)), ERANGE) << "more than 21 exceptions";
  Wdev& station = add_interface("sta0");
  bring_up(station);
  EXPECT_EQ(set_map(station, Octets(16)), ENOLINK);
  EXPECT_FALSE(ops.was_asked("set_qos_map"));
}

TEST_F(SettingsTest, OnlyWhatIsSaidOfABssChanges) {
  const Wdev& wdev = ap();
  EXPECT_EQ(ask(std::move(request(NL80211_CMD_SET_BSS, wdev)
                              .u8(NL80211_ATTR_BSS_CTS_PROT, 1)
                              .u8(NL80211_ATTR_BSS_SHORT_SLOT_TIME, 0)
                              .u16(NL80211_ATTR_BSS_HT_OPMODE, 0x17)))
                .error,
            0);
  EXPECT_EQ(ops.bss.cts_protection, true);
  EXPECT_EQ(ops.bss.short_slot_time, false);
  EXPECT_EQ(ops.bss.ht_operation_mode, 0x17);
  EXPECT_EQ(ops.bss.short_preamble, std::nullopt);
  EXPECT_EQ(ops.bss.ap_isolate, std::nullopt);
  EXPECT_EQ(
      ask(std::move(request(NL80211_CMD_SET_BSS, wdev).u8(NL80211_ATTR_BSS_SHORT_PREAMBLE, 1)))
          .error,
      0);
  EXPECT_EQ(ops.bss.short_preamble, true);
  EXPECT_EQ(ops.bss.ht_operation_mode, std::nullopt);
}

}  // namespace
}  // namespace airloom::nl80211
