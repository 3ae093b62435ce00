// An access point that has a block-ack agreement with a client which sleeps: nothing of the session
// goes on the air meanwhile, and afterwards it goes on where it was.
#include <gmock/gmock.h>

#include "ieee80211/tim_element.h"
#include "joined_hosts.h"

namespace airloom::mac80211 {
namespace {

using ieee80211::FrameControl;
using ieee80211::FrameView;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint16_t kAsleep = FrameControl::kPowerManagement;

class SleepingBlockAckTest : public JoinedHosts {
 protected:
  void SetUp() override {
    join(/*control_port=*/false);
    make_ht();
    send(1);
    run(1ms);
    ASSERT_TRUE(station_at_ap().block_ack.is_operational(0));
    EXPECT_THAT(told(), ElementsAre("data 0", "addba 1"));
    EXPECT_THAT(delivered(), ElementsAre(1));
  }
  /// To the station; `mark` is the first octet of the packet, `tos` chooses the TID.
  void send(uint8_t mark, uint8_t tos = 0) {
    Octets packet(20, mark);
    packet[1] = tos;
    ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, packet));
  }
  /// The access point hears a Null frame of its client, whose stack itself stays awake.
  void hear_null(uint16_t flags) {
    Octets frame;
    Writer writer(frame);
    writer.le16(static_cast<uint16_t>(0x0148 | flags)).le16(0);
    writer.mac(ap.address).mac(sta.address).mac(ap.address).le16(0);
    hear_at_ap(frame);
  }
  void hear_poll() {
    Octets frame;
    Writer(frame).le16(0x00a4).le16(0xc001).mac(ap.address).mac(sta.address);
    hear_at_ap(frame);
    run(1ms);
  }
  void lose_the_next_data_frame() {
    air.loses = [lost = false](const FrameView& view) mutable {
      return view.fc().is_qos_data() && view.fc().from_ds() && !std::exchange(lost, true);
    };
  }
  /// What the access point said since the last call: what it is, its (starting) sequence number,
  /// and whether more waits.
  std::vector<std::string> told() {
    std::vector<std::string> lines;
    for (const FrameBuffer& frame : air.frames) {
      const auto view = *FrameView::of(frame.octets());
      if (view.address2() != ap.address) continue;
      std::string line = describe(view);
      if (!line.empty()) lines.push_back(line + (view.fc().more_data() ? " more" : ""));
    }
    air.frames.clear();
    return lines;
  }
  /// The first octet of what the client's host got since the last call.
  std::vector<int> delivered() {
    std::vector<int> marks;
    for (const FrameBuffer& frame : sta.netdev().received) marks.push_back(frame.octets()[14]);
    sta.netdev().received.clear();
    return marks;
  }

 private:
  static std::string describe(const FrameView& view) {
    if (view.fc().is_beacon()) {
      const auto tim = ieee80211::find_element<ieee80211::TimElement>(view.body().subspan(12));
      return tim->has(1) ? "beacon tim" : "beacon";
    }
    if (view.fc().is(Subtype::kBlockAckRequest)) {
      const auto body = ieee80211::BlockAckRequestBody::parse(Reader(view.body()));
      return fmt::format("bar {}", body->starting_sequence);
    }
    if (view.fc().is_action()) {
      if (const auto request = ieee80211::AddbaRequest::parse(Reader(view.body())))
        return fmt::format("addba {}", request->starting_sequence);
      return ieee80211::Delba::parse(Reader(view.body())) ? "delba" : "";
    }
    if (view.fc().is_null()) return "null";
    return view.fc().is_qos_data() ? fmt::format("data {}", view.sequence().number()) : "";
  }
};

TEST_F(SleepingBlockAckTest, WaitsAnnouncedAndGoesOnInOrder) {
  const TxBlockAck* session = station_at_ap().block_ack.originator(0);
  hear_null(kAsleep);
  for (uint8_t mark = 2; mark <= 4; ++mark) send(mark);
  run(tu(200));
  EXPECT_THAT(told(), ElementsAre("beacon tim", "beacon tim"));
  EXPECT_THAT(delivered(), IsEmpty());
  hear_null(0);
  run(1ms);
  EXPECT_THAT(told(), ElementsAre("data 1", "data 2", "data 3"));
  EXPECT_THAT(delivered(), ElementsAre(2, 3, 4));
  EXPECT_EQ(station_at_ap().block_ack.originator(0), session);
  EXPECT_TRUE(station_at_ap().block_ack.is_operational(0));
  EXPECT_EQ(ap.stack.drops().total(), 0u);
  run(tu(100));
  EXPECT_THAT(told(), ElementsAre("beacon"));
}

TEST_F(SleepingBlockAckTest, WhatWasLostAsItFellAsleepMovesTheWindowWhenItWakes) {
  lose_the_next_data_frame();
  send(2);
  hear_null(kAsleep);  // before the frame's fate is known
  send(3);
  run(tu(100));
  EXPECT_THAT(told(), ElementsAre("data 1", "beacon tim"));
  hear_null(0);
  run(1ms);
  EXPECT_THAT(told(), ElementsAre("bar 2", "data 2"));
  EXPECT_THAT(delivered(), ElementsAre(3)) << "the recipient need not wait for what is lost";
}

TEST_F(SleepingBlockAckTest, PollsFetchFramesOfTheSessionInOrder) {
  hear_null(kAsleep);
  for (uint8_t mark = 2; mark <= 4; ++mark) send(mark);
  hear_poll();
  hear_poll();
  EXPECT_THAT(told(), ElementsAre("data 1 more", "data 2 more"));
  hear_null(0);
  run(1ms);
  EXPECT_THAT(told(), ElementsAre("data 3"));
  EXPECT_THAT(delivered(), ElementsAre(2, 3, 4));
}

TEST_F(SleepingBlockAckTest, ARequestToMoveTheWindowCountsAsItsTidsCategory) {
  station_at_ap().uapsd_acs = kUapsd[0];  // voice alone is delivery-enabled
  lose_the_next_data_frame();
  send(2);
  hear_null(kAsleep);
  run(tu(100));
  EXPECT_THAT(told(), ElementsAre("data 1", "beacon tim"));
  send(3);
  hear_poll();
  hear_poll();
  EXPECT_THAT(told(), ElementsAre("bar 2 more", "data 2"));
  EXPECT_THAT(delivered(), ElementsAre(3));
}

TEST_F(SleepingBlockAckTest, AnAgreementIsAskedForWhenItWakes) {
  constexpr uint8_t kVideo = 0xa0;  // TID 5
  send(2, kVideo);
  hear_null(kAsleep);  // after the frame, before the request
  send(3, kVideo);
  run(tu(100));
  EXPECT_THAT(told(), ElementsAre("data 0", "beacon tim"));
  hear_null(0);
  run(1ms);
  EXPECT_THAT(told(), ElementsAre("addba 1", "data 1"));
  EXPECT_THAT(delivered(), ElementsAre(2, 3));
  EXPECT_TRUE(station_at_ap().block_ack.is_operational(5));
}

TEST_F(SleepingBlockAckTest, ARequestThatItSleepsThroughIsWithdrawn) {
  constexpr uint8_t kVideo = 0xa0;
  send(2, kVideo);
  hear_null(kAsleep);
  send(3, kVideo);
  run(1100ms);  // longer than an answer may take
  told();
  EXPECT_EQ(station_at_ap().block_ack.originator(5), nullptr);
  hear_null(0);
  run(1us);
  EXPECT_THAT(told(), ElementsAre("addba 1", "delba", "data 1", "addba 2"));
  run(1ms);
  EXPECT_THAT(delivered(), ElementsAre(2, 3));
  EXPECT_TRUE(station_at_ap().block_ack.is_operational(5));
}

TEST_F(SleepingBlockAckTest, WhatWaitsForItsAnswerIsNotPromised) {
  constexpr uint8_t kVideo = 0xa0;
  air.loses = [this](const FrameView& view) {  // the client's answer
    return view.fc().is_action() && view.address2() == sta.address;
  };
  send(2, kVideo);
  run(1us);
  hear_null(kAsleep);
  send(3, kVideo);
  run(tu(100));
  EXPECT_THAT(told(), ElementsAre("data 0", "addba 1", "beacon"));
  hear_poll();
  EXPECT_THAT(told(), ElementsAre("null"));
  run(1s);
  told();
  run(tu(100));
  EXPECT_THAT(told(), ElementsAre("beacon tim")) << "it waits no longer";
  hear_poll();
  hear_poll();
  EXPECT_THAT(told(), ElementsAre("delba more", "data 1"));
}

}  // namespace
}  // namespace airloom::mac80211
