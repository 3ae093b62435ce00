// Block-ack agreements: as originator, as recipient, and their ends.
#include "mac80211/block_ack.h"

#include <gmock/gmock.h>

#include "joined_hosts.h"

namespace airloom::mac80211 {
namespace {

using ieee80211::AckPolicy;
using ieee80211::AddbaRequest;
using ieee80211::AddbaResponse;
using ieee80211::BlockAckAction;
using ieee80211::Delba;
using ieee80211::FrameControl;
using ieee80211::FrameView;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class BlockAckTest : public JoinedHosts {
 protected:
  void SetUp() override {
    join(/*control_port=*/false);
    make_ht();
    ap.driver.calls.clear();
    sta.driver.calls.clear();
  }
  void send_to_ap(uint8_t mark = 0) {
    sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, Octets(20, mark)));
  }
  /// Block Ack Action frames of one kind that were on the air.
  std::vector<FrameView> actions(BlockAckAction action) const {
    std::vector<FrameView> found;
    for (const FrameView& view : on_air(Subtype::kAction))
      if (view.body()[0] == 3 && view.body()[1] == static_cast<uint8_t>(action))
        found.push_back(view);
    return found;
  }
  template <typename Body>
  void hear_action(const Body& body) {
    Octets frame;
    Writer writer(frame);
    writer.le16(0x00d0).le16(0).mac(ap.address).mac(sta.address).mac(ap.address).le16(0);
    body.emit(writer);
    hear_at_ap(frame);
  }
  /// The station asks our access point for an agreement from sequence number `start` on.
  void agree(uint16_t start, uint16_t timeout_tu = 0, uint16_t size = 64, uint8_t token = 1) {
    AddbaRequest request;
    request.dialog_token = token;
    request.parameters = {.amsdu = true, .immediate = true, .tid = 0, .buffer_size = size};
    request.timeout_tu = timeout_tu;
    request.starting_sequence = start;
    hear_action(request);
  }
  void hear_data(uint16_t sequence, uint16_t flags = 0) {
    hear_at_ap(qos_data(sta.address, ap.address, sequence,
                        msdu(0x0800, Octets(20, static_cast<uint8_t>(sequence))), flags));
  }
  void hear_request(uint16_t start) {
    Octets frame;
    Writer writer(frame);
    writer.le16(0x0084).le16(0).mac(ap.address).mac(sta.address);
    ieee80211::BlockAckRequestBody{.starting_sequence = start}.emit(writer);
    hear_at_ap(frame);
  }
  /// The first payload octet of what the access point's host got, since the last call.
  std::vector<int> delivered() {
    std::vector<int> marks;
    for (const FrameBuffer& frame : ap.netdev().received) marks.push_back(frame.octets()[14]);
    ap.netdev().received.clear();
    return marks;
  }
};

TEST_F(BlockAckTest, StartsWithTheFirstDataFrameAsTheKernelDoes) {
  send_to_ap();
  run(1ms);
  EXPECT_THAT(sta.driver.calls,
              ElementsAre("ampdu 2 tid 0 start 1 size 0", "ampdu 6 tid 0 start 0 size 64"));
  EXPECT_THAT(ap.driver.calls, ElementsAre("ampdu 0 tid 0 start 1 size 64"));
  const auto requests = actions(BlockAckAction::kAddbaRequest);
  ASSERT_THAT(requests, SizeIs(1));
  const auto request = *AddbaRequest::parse(Reader(requests[0].body()));
  EXPECT_EQ(request.dialog_token, 1);
  EXPECT_EQ(request.parameters.to_bits(), 0x1003);  // as on the kernel's air
  EXPECT_EQ(request.starting_sequence, 1);
  EXPECT_EQ(request.timeout_tu, 0);
  const auto responses = actions(BlockAckAction::kAddbaResponse);
  ASSERT_THAT(responses, SizeIs(1));
  const auto response = *AddbaResponse::parse(Reader(responses[0].body()));
  EXPECT_EQ(response.parameters.to_bits(), 0x1002);
  EXPECT_EQ(response.status, 0);
  EXPECT_TRUE(ap_at_station().block_ack.is_operational(0));
  send_to_ap();
  run(1ms);
  EXPECT_THAT(delivered(), SizeIs(2));
  EXPECT_THAT(actions(BlockAckAction::kAddbaRequest), SizeIs(1));
}

TEST_F(BlockAckTest, VoiceTheControlPortAndStationsWithoutHtGoWithout) {
  Octets voice(20);
  voice[1] = 0xc0;  // DSCP 48
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, voice));
  sta.netdev().send(ethernet(ap.address, sta.address, 0x888e, {2, 1, 0, 0}));
  ap_at_station().ht.reset();
  send_to_ap();
  run(10ms);
  EXPECT_THAT(sta.driver.calls, IsEmpty());
}

TEST_F(BlockAckTest, FramesWaitForTheAnswerAndStayInOrder) {
  sta.driver.ampdu_reply = AmpduReply::kPreparing;
  for (uint8_t i = 0; i < 5; ++i) {
    send_to_ap(i);
    run(1us);
  }
  run(10ms);
  EXPECT_THAT(delivered(), ElementsAre(0));
  sta.stack.ampdu_tx_started(sta.interface().id(), ap_at_station().id(), 0);
  run(1ms);
  EXPECT_THAT(delivered(), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(ap_at_station().block_ack.tx[0]->start, 1);
}

TEST_F(BlockAckTest, DriverMayPutTheRequestOff) {
  sta.driver.ampdu_reply = AmpduReply::kAskLater;
  send_to_ap();
  run(5ms);
  EXPECT_THAT(actions(BlockAckAction::kAddbaRequest), IsEmpty());
  sta.stack.ampdu_tx_started(sta.interface().id(), ap_at_station().id(), 0);
  run(5ms);
  EXPECT_THAT(actions(BlockAckAction::kAddbaRequest), SizeIs(1));
  EXPECT_TRUE(ap_at_station().block_ack.is_operational(0));
}

TEST_F(BlockAckTest, DriverMayRefuse) {
  sta.driver.ampdu_reply.reset();
  send_to_ap(1);
  send_to_ap(2);
  run(5ms);
  EXPECT_THAT(delivered(), ElementsAre(1, 2));
  EXPECT_EQ(ap_at_station().block_ack.originator(0), nullptr);
}

TEST_F(BlockAckTest, WithoutAnAnswerDataGoesOnAndRequestsGrowRare) {
  air.loses = [](const FrameView& view) { return view.fc().is(Subtype::kAction); };
  size_t sent = 0;
  auto sends_for = [&](std::chrono::seconds time) {
    for (int i = 0; i < time.count() * 10; ++i) {
      send_to_ap();
      ++sent;
      run(100ms);
    }
  };
  sends_for(5s);
  EXPECT_THAT(actions(BlockAckAction::kAddbaRequest), SizeIs(BlockAck::kBurstMax + 1));
  ASSERT_FALSE(actions(BlockAckAction::kDelba).empty());
  const auto delba = *Delba::parse(Reader(actions(BlockAckAction::kDelba)[0].body()));
  EXPECT_EQ(delba, (Delba{.initiator = true, .tid = 0, .reason = 37}));
  sends_for(15s);
  EXPECT_THAT(actions(BlockAckAction::kAddbaRequest), SizeIs(BlockAck::kBurstMax + 2));
  EXPECT_THAT(delivered(), SizeIs(sent));
  EXPECT_EQ(sta.stack.drops().total(), 0u);
}

TEST_F(BlockAckTest, ARefusalIsNoErrorAndNoEcho) {
  station_at_ap().block_ack.blocked = true;
  send_to_ap(1);
  send_to_ap(2);
  run(5ms);
  EXPECT_THAT(delivered(), ElementsAre(1, 2));
  const auto responses = actions(BlockAckAction::kAddbaResponse);
  ASSERT_FALSE(responses.empty());
  EXPECT_EQ(AddbaResponse::parse(Reader(responses[0].body()))->status, 37);
  EXPECT_THAT(actions(BlockAckAction::kDelba), IsEmpty());
}

TEST_F(BlockAckTest, RefusesImpossibleRequests) {
  AddbaRequest request;
  request.parameters = {.immediate = true, .tid = 9, .buffer_size = 64};
  hear_action(request);
  request.parameters = {.immediate = false, .tid = 0, .buffer_size = 64};
  hear_action(request);
  request.parameters = {.immediate = true, .tid = 0, .buffer_size = 300};
  hear_action(request);
  std::vector<int> statuses;
  for (const FrameView& view : actions(BlockAckAction::kAddbaResponse))
    statuses.push_back(AddbaResponse::parse(Reader(view.body()))->status);
  EXPECT_THAT(statuses, ElementsAre(37, 38, 38));
  EXPECT_EQ(station_at_ap().block_ack.recipient(0), nullptr);
}

TEST_F(BlockAckTest, DeliversInOrderOnceAndCounts) {
  agree(100);
  for (const uint16_t sequence : {100, 102, 103, 102, 101, 100, 104}) hear_data(sequence);
  EXPECT_THAT(delivered(), ElementsAre(100, 101, 102, 103, 104));
  EXPECT_EQ(station_at_ap().counters.rx_duplicates, 2u);
  EXPECT_EQ(ap.stack.drops().of(Drop::kRxReorder), 2u);
}

TEST_F(BlockAckTest, WaitsAHundredMillisecondsForWhatIsLost) {
  agree(100);
  hear_data(101);
  run(99ms);
  EXPECT_THAT(delivered(), IsEmpty());
  run(1ms);
  EXPECT_THAT(delivered(), ElementsAre(101));
  hear_data(102);
  EXPECT_THAT(delivered(), ElementsAre(102));
}

TEST_F(BlockAckTest, ABlockAckRequestEndsTheWait) {
  agree(100);
  hear_data(102);
  hear_request(101);
  EXPECT_THAT(delivered(), IsEmpty());
  hear_request(102);
  EXPECT_THAT(delivered(), ElementsAre(102));
}

TEST_F(BlockAckTest, ASenderThatGivesAFrameUpSaysSo) {
  send_to_ap(1);
  run(1ms);
  delivered();
  bool lose = true;
  air.loses = [&](const FrameView& view) {
    return view.fc().is_qos_data() && view.fc().to_ds() && std::exchange(lose, false);
  };
  send_to_ap(2);
  send_to_ap(3);
  run(1ms);
  EXPECT_THAT(delivered(), ElementsAre(3));
  ASSERT_THAT(on_air(Subtype::kBlockAckRequest), SizeIs(1));
  // A BlockAckReq that is lost itself goes again behind the next frame that gets through.
  lose = true;
  air.loses = [&](const FrameView& view) {
    const bool first = view.fc().is_qos_data() && view.fc().to_ds() && std::exchange(lose, false);
    return first || (view.fc().is(Subtype::kBlockAckRequest) &&
                     on_air(Subtype::kBlockAckRequest).size() == 2);
  };
  send_to_ap(4);
  run(1ms);
  send_to_ap(5);
  run(1ms);
  EXPECT_THAT(on_air(Subtype::kBlockAckRequest), SizeIs(3));
  EXPECT_THAT(delivered(), ElementsAre(5));
}

TEST_F(BlockAckTest, EndsWithDelbaOrWithTheStation) {
  agree(100);
  hear_data(102);
  hear_action(Delba{.initiator = true, .tid = 0, .reason = 37});
  EXPECT_EQ(station_at_ap().block_ack.recipient(0), nullptr);
  EXPECT_EQ(ap.stack.drops().of(Drop::kRxReorder), 1u);
  EXPECT_THAT(actions(BlockAckAction::kDelba), IsEmpty());
  run(1s);
  EXPECT_THAT(delivered(), IsEmpty());

  agree(200);
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, payload));
  run(1ms);
  ap.driver.calls.clear();
  ASSERT_TRUE(cfg80211::delete_station(*ap.wdev, {.mac = sta.address}));
  EXPECT_EQ(ap.driver.calls[0], "ampdu 1 tid 0 start 0 size 0");
  EXPECT_EQ(ap.driver.calls[1], "ampdu 4 tid 0 start 0 size 0");
  run(2s);
}

TEST_F(BlockAckTest, PeerMayEndWhatWeOriginated) {
  send_to_ap(1);
  run(1ms);
  ap.stack.block_ack().stop_rx(station_at_ap(), 0, 39, /*tell=*/true);
  run(1ms);
  EXPECT_EQ(ap_at_station().block_ack.originator(0), nullptr);
  EXPECT_THAT(actions(BlockAckAction::kDelba), SizeIs(1));  // and none in return
  send_to_ap(2);
  run(1ms);
  EXPECT_THAT(delivered(), ElementsAre(1, 2));
  EXPECT_TRUE(ap_at_station().block_ack.is_operational(0)) << "the next frame asks again";
}

TEST_F(BlockAckTest, IdleAgreementsTimeOut) {
  agree(100, /*timeout_tu=*/100);
  run(tu(80));
  hear_data(100);
  run(tu(80));
  EXPECT_NE(station_at_ap().block_ack.recipient(0), nullptr);
  run(tu(30));
  EXPECT_EQ(station_at_ap().block_ack.recipient(0), nullptr);
  ASSERT_THAT(actions(BlockAckAction::kDelba), SizeIs(1));
  const auto delba = *Delba::parse(Reader(actions(BlockAckAction::kDelba)[0].body()));
  EXPECT_EQ(delba, (Delba{.initiator = false, .tid = 0, .reason = 39}));
}

TEST_F(BlockAckTest, ANewTokenReplacesAndTheSameConfirms) {
  agree(100, 0, 64, 1);
  agree(100, 0, 64, 1);
  EXPECT_THAT(ap.driver.calls, SizeIs(1));
  agree(300, 0, 16, 2);
  EXPECT_THAT(ap.driver.calls,
              ElementsAre("ampdu 0 tid 0 start 100 size 64", "ampdu 1 tid 0 start 0 size 0",
                          "ampdu 0 tid 0 start 300 size 16"));
  EXPECT_THAT(actions(BlockAckAction::kDelba), IsEmpty());
}

TEST_F(BlockAckTest, FragmentsUnderAnAgreementEndIt) {
  agree(100);
  Octets fragment = qos_data(sta.address, ap.address, 100, payload);
  fragment[22] |= 1;
  hear_at_ap(fragment);
  EXPECT_EQ(station_at_ap().block_ack.recipient(0), nullptr);
  EXPECT_EQ(Delba::parse(Reader(actions(BlockAckAction::kDelba).at(0).body()))->reason, 38);
}

TEST_F(BlockAckTest, TellsOnceOfBlockAckFramesWithoutAnAgreement) {
  Octets frame = qos_data(sta.address, ap.address, 5, msdu(0x0800, payload));
  frame[24] |= 0x60;
  hear_at_ap(frame);
  hear_request(7);
  EXPECT_THAT(actions(BlockAckAction::kDelba), SizeIs(1));
  EXPECT_THAT(delivered(), SizeIs(1));
}

TEST_F(BlockAckTest, ANewPairwiseKeyEndsAllOfThem) {
  set_keys();
  send_to_ap();
  run(1ms);
  ASSERT_TRUE(ap_at_station().block_ack.is_operational(0));
  const cfg80211::KeySlot slot{.index = 0, .pairwise = true, .peer = ap.address};
  ASSERT_TRUE(cfg80211::new_key(*sta.wdev, slot, ccmp_key(0x44)));
  run(1us);
  EXPECT_EQ(ap_at_station().block_ack.originator(0), nullptr);
  EXPECT_THAT(actions(BlockAckAction::kDelba), SizeIs(1));
}

TEST_F(BlockAckTest, SurvivesEveryPrefixAndFlipOfItsFrames) {
  agree(100);
  hear_data(103);
  std::vector<Octets> frames;
  for (const auto& body : {Octets{3, 0, 1, 3, 16, 0, 0, 16, 0}, Octets{3, 1, 1, 0, 0, 2, 16, 0, 0},
                           Octets{3, 2, 0, 8, 37, 0}}) {
    Octets frame;
    Writer(frame)
        .le16(0x00d0)
        .le16(0)
        .mac(ap.address)
        .mac(sta.address)
        .mac(ap.address)
        .le16(0)
        .bytes(body);
    frames.push_back(frame);
  }
  Octets request;
  Writer(request).le16(0x0084).le16(0).mac(ap.address).mac(sta.address).le16(5).le16(1600);
  frames.push_back(request);
  for (const Octets& frame : frames) {
    for (size_t size = 0; size <= frame.size(); ++size) hear_at_ap(std::span(frame).first(size));
    for (size_t bit = 0; bit < frame.size() * 8; ++bit) {
      Octets bad = frame;
      bad[bit / 8] = static_cast<uint8_t>(bad[bit / 8] ^ 1u << bit % 8);
      hear_at_ap(bad);
      hear_data(static_cast<uint16_t>(bit));
    }
  }
  run(1s);
}

}  // namespace
}  // namespace airloom::mac80211
