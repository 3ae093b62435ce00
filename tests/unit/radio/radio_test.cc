#include "radio/radio.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/event_queue.h"
#include "fake_owner.h"
#include "ieee80211/mac_header.h"

namespace airloom::radio {
namespace {

using ieee80211::FrameControl;
using ieee80211::FrameView;
using ieee80211::Subtype;

const medium::Channel kOne = medium::Channel::of(2'412'000);
const medium::Channel kSix = medium::Channel::of(2'437'000);
const MacAddress kAlice{{2, 0, 0, 0, 0, 0}};
const MacAddress kBob{{2, 0, 0, 0, 1, 0}};
const MacAddress kCarol{{2, 0, 0, 0, 2, 0}};
constexpr uint64_t kEpochUs = 1'795'298'700'000'000;

/// Drops the first receptions, then behaves.
class DroppingPropagation final : public medium::PropagationModel {
 public:
  bool is_ideal() const override { return false; }
  Duration airtime(size_t, const medium::Rate&) const override {
    return std::chrono::microseconds(100);
  }
  std::optional<int> decode(const medium::Transmission& transmission, medium::ReceiverId) override {
    rates.push_back(transmission.rate.kbps);
    retry_bits.push_back(FrameView::of(transmission.frame.octets())->fc().retry());
    if (drop > 0 && drop-- > 0) return std::nullopt;
    return -60;
  }
  void on_begin(const medium::Transmission& transmission) override {
    const auto view = *FrameView::of(transmission.frame.octets());
    sent.push_back({view.fc(), view.duration()});
  }
  struct Sent {
    FrameControl fc;
    uint16_t duration_us;
  };
  int drop = 0;
  std::vector<uint32_t> rates;
  std::vector<bool> retry_bits;
  std::vector<Sent> sent;
};

struct Station {
  Station(Scheduler& scheduler, FramePool& pool, medium::Medium& medium, MacAddress address)
      : radio(scheduler, pool, medium, owner, {.tsf_at_zero_us = kEpochUs}) {
    radio.set_addresses({address});
    radio.tune({{kOne}});
  }
  FakeOwner owner;
  Radio radio;
};

class RadioTest : public testing::Test {
 protected:
  explicit RadioTest(medium::PropagationModel* model = nullptr)
      : medium(scheduler, model ? *model : ideal) {}

  FrameBuffer frame(Subtype subtype, const MacAddress& to, uint16_t sequence = 0,
                    uint16_t qos = 0) {
    Octets octets;
    Writer writer(octets);
    ieee80211::MacHeader header{.fc = subtype, .address1 = to, .address2 = kAlice};
    header.sequence = ieee80211::SequenceControl(sequence, 0);
    header.qos.bits = qos;
    header.emit(writer);
    writer.zeros(20);
    return pool.from(octets);
  }
  static TxRequest request(FrameBuffer frame, uint64_t cookie = 0) {
    return {.frame = std::move(frame), .channel = kOne, .rates = {}, .cookie = cookie};
  }
  void run() { scheduler.run_for(std::chrono::milliseconds(100)); }

  FramePool pool;
  EventQueue scheduler;
  medium::IdealPropagation ideal;
  medium::Medium medium;
  Station alice{scheduler, pool, medium, kAlice};
  Station bob{scheduler, pool, medium, kBob};
};

class LossyRadioTest : public RadioTest {
 protected:
  LossyRadioTest() : RadioTest(&dropping) {}
  DroppingPropagation dropping;
};

TEST_F(RadioTest, UnicastIsAcknowledgedAtOnceAndTheStatusIsALaterEvent) {
  alice.radio.transmit(request(frame(Subtype::kData, kBob, 7), 42));
  EXPECT_TRUE(alice.owner.statuses.empty());
  scheduler.run_for(Duration{0});
  ASSERT_EQ(alice.owner.statuses.size(), 1u);
  const TxStatus& status = alice.owner.statuses[0];
  EXPECT_TRUE(status.acked);
  EXPECT_EQ(status.cookie, 42u);
  EXPECT_EQ(status.tries[0], 1);
  EXPECT_EQ(status.ack_signal_dbm, -30);
  EXPECT_EQ(FrameView::of(status.frame.octets())->sequence().number(), 7);
  ASSERT_EQ(bob.owner.received.size(), 1u);
  EXPECT_EQ(bob.owner.received[0].info.signal_dbm, -30);
  EXPECT_EQ(bob.owner.received[0].info.channel, kOne);
  EXPECT_TRUE(alice.owner.received.empty()) << "an ACK stays in the low MAC";
  EXPECT_EQ(medium.transmissions(), 2u) << "the ACK is a frame on the air";
}

TEST_F(RadioTest, NobodyThereMeansNoAckAndNoRetryOnTheIdealMedium) {
  TxRequest to_nobody = request(frame(Subtype::kData, kCarol));
  to_nobody.rates[0].tries = 7;
  alice.radio.transmit(std::move(to_nobody));
  run();
  ASSERT_EQ(alice.owner.statuses.size(), 1u);
  EXPECT_FALSE(alice.owner.statuses[0].acked);
  EXPECT_EQ(alice.owner.statuses[0].tries[0], 1);
  EXPECT_EQ(medium.transmissions(), 1u);
}

TEST_F(RadioTest, ARadioOffTheChannelIsSilent) {
  bob.radio.tune({{kSix}});
  alice.radio.transmit(request(frame(Subtype::kData, kBob)));
  alice.radio.transmit(request(frame(Subtype::kBeacon, MacAddress::broadcast())));
  run();
  EXPECT_TRUE(bob.owner.received.empty());
  EXPECT_FALSE(alice.owner.statuses[0].acked);

  bob.radio.tune({{kSix, kOne}});
  alice.radio.transmit(request(frame(Subtype::kData, kBob)));
  run();
  EXPECT_EQ(bob.owner.received.size(), 1u);
  EXPECT_TRUE(alice.owner.statuses.back().acked);
}

TEST_F(RadioTest, ThePromiscuousReceiveAllAndAcknowledgeNothing) {
  Station carol(scheduler, pool, medium, kCarol);
  carol.radio.set_promiscuous(true);
  alice.radio.transmit(request(frame(Subtype::kData, kBob)));
  run();
  ASSERT_EQ(carol.owner.received.size(), 2u);
  EXPECT_TRUE(FrameView::of(carol.owner.received[1].frame.octets())->fc().is(Subtype::kAck));
  EXPECT_EQ(medium.transmissions(), 2u);
  carol.radio.set_promiscuous(false);
  alice.radio.transmit(request(frame(Subtype::kData, kBob)));
  run();
  EXPECT_EQ(carol.owner.received.size(), 2u);
}

TEST_F(RadioTest, WhatIsAcknowledged) {
  auto acked = [&](FrameBuffer what) {
    const auto before = medium.transmissions();
    alice.radio.transmit(request(std::move(what)));
    run();
    return medium.transmissions() - before == 2;
  };
  EXPECT_TRUE(acked(frame(Subtype::kAuthentication, kBob)));
  EXPECT_TRUE(acked(frame(Subtype::kNull, kBob)));
  EXPECT_TRUE(acked(frame(Subtype::kPsPoll, kBob)));
  EXPECT_TRUE(acked(frame(Subtype::kQosData, kBob, 0, 6)));
  EXPECT_FALSE(acked(frame(Subtype::kQosData, kBob, 0, 1 << 5))) << "policy No Ack";
  EXPECT_FALSE(acked(frame(Subtype::kActionNoAck, kBob)));
  EXPECT_FALSE(acked(frame(Subtype::kRts, kBob)));
  EXPECT_FALSE(acked(frame(Subtype::kData, MacAddress::broadcast())));
}

TEST_F(RadioTest, ABurstIsAnsweredInOrderAndLimitedByTheQueue) {
  int queued = 0;
  while (alice.radio.has_room()) {
    alice.radio.transmit(request(frame(Subtype::kData, queued % 3 == 2 ? kCarol : kBob), queued));
    ++queued;
  }
  EXPECT_EQ(queued, static_cast<int>(Radio::kQueueMax));
  run();
  EXPECT_TRUE(alice.radio.has_room());
  EXPECT_EQ(alice.owner.rooms, 1);
  ASSERT_EQ(alice.owner.statuses.size(), Radio::kQueueMax);
  for (const TxStatus& status : alice.owner.statuses)
    EXPECT_EQ(status.acked, status.cookie % 3 != 2) << status.cookie;
}

TEST_F(RadioTest, OctetsThatAreNoFrameHarmNobody) {
  bob.radio.set_promiscuous(true);
  const Octets ones(40, 0xff), beacon_start(1, 0x80), data_start(23, 0x08);
  for (const Octets& garbage : {ones, beacon_start, data_start})
    for (size_t size = 0; size <= garbage.size(); ++size)
      alice.radio.transmit(request(pool.from({garbage.data(), size})));
  run();
  EXPECT_EQ(alice.owner.statuses.size(), 41u + 2 + 24);
  for (const TxStatus& status : alice.owner.statuses) EXPECT_FALSE(status.acked);
  EXPECT_EQ(bob.owner.received.size(), 31u + 14) << "what is long enough for an address";
}

TEST_F(RadioTest, TsfRunsFromTheEpochAndCanBeSet) {
  EXPECT_EQ(alice.radio.tsf_us(), kEpochUs + scheduler.now().us());
  alice.radio.set_tsf_us(5'000);
  scheduler.run_for(std::chrono::microseconds(300));
  EXPECT_EQ(alice.radio.tsf_us(), 5'300u);
  EXPECT_EQ(bob.radio.tsf_us(), kEpochUs + scheduler.now().us());
}

TEST_F(RadioTest, BeaconsAreStampedWithTheSendersTsf) {
  alice.radio.set_tsf_us(1'000'000);
  FrameBuffer template_frame = frame(Subtype::kBeacon, MacAddress::broadcast());
  alice.radio.transmit(request(template_frame));
  run();
  ASSERT_EQ(bob.owner.received.size(), 1u);
  const auto& [received, info] = bob.owner.received[0];
  Reader body(FrameView::of(received.octets())->body());
  EXPECT_EQ(*body.le64(), 1'000'000u + 24 * 8) << "24 octets at 1 Mb/s go before it";
  EXPECT_EQ(info.mactime_us, kEpochUs + info.begin.us());
  EXPECT_EQ(*Reader(FrameView::of(template_frame.octets())->body()).le64(), 0u)
      << "the shared original is untouched";
}

TEST_F(RadioTest, DroppedFramesGetNoStatus) {
  alice.radio.transmit(request(frame(Subtype::kData, kBob)));
  alice.radio.drop_all();
  run();
  EXPECT_TRUE(alice.owner.statuses.empty());
  alice.radio.transmit(request(frame(Subtype::kData, kBob)));
  run();
  EXPECT_EQ(alice.owner.statuses.size(), 1u);
}

TEST_F(RadioTest, TheSteadyStateAllocatesNoBlocks) {
  for (int i = 0; i < 10; ++i) alice.radio.transmit(request(frame(Subtype::kData, kBob)));
  run();
  alice.owner.statuses.clear();
  bob.owner.received.clear();
  const auto created = pool.blocks_created();
  for (int i = 0; i < 500; ++i) {
    alice.radio.transmit(request(frame(Subtype::kData, kBob)));
    run();
    alice.owner.statuses.clear();
    bob.owner.received.clear();
  }
  EXPECT_EQ(pool.blocks_created(), created);
}

TEST_F(LossyRadioTest, LostFramesAreRepeatedAlongTheChain) {
  TxRequest chain = request(frame(Subtype::kData, kBob));
  chain.rates[0] = {{.kbps = 54'000}, 2};
  chain.rates[1] = {{.kbps = 6'000}, 3};
  chain.rate_count = 2;
  dropping.drop = 3;
  alice.radio.transmit(std::move(chain));
  alice.radio.transmit(request(frame(Subtype::kData, kBob, 1), 1));
  run();
  ASSERT_EQ(alice.owner.statuses.size(), 2u);
  EXPECT_TRUE(alice.owner.statuses[0].acked);
  EXPECT_EQ(alice.owner.statuses[0].tries, (std::array<uint8_t, 4>{2, 2, 0, 0}));
  EXPECT_EQ(alice.owner.statuses[1].tries[0], 1);
  // Two at 54, two at 6, the ACK, then the second frame and its ACK.
  EXPECT_EQ(dropping.rates, (std::vector<uint32_t>{54000, 54000, 6000, 6000, 6000, 1000, 1000}));
  EXPECT_EQ(dropping.retry_bits, (std::vector<bool>{0, 1, 1, 1, 0, 0, 0}));
  ASSERT_EQ(bob.owner.received.size(), 2u) << "in order";
  EXPECT_EQ(FrameView::of(bob.owner.received[1].frame.octets())->sequence().number(), 1);
}

/// A station that has gone gets no data that was sealed for it, neither what waits nor a retry of
/// what is on the air; its Deauthentication and other stations' frames go out.
TEST_F(LossyRadioTest, DataForAReceiverCanBeAbandoned) {
  TxRequest tried = request(frame(Subtype::kData, kBob, 0), 1);
  tried.rates[0].tries = 3;
  dropping.drop = 1;
  alice.radio.transmit(std::move(tried));
  alice.radio.transmit(request(frame(Subtype::kData, kBob, 1), 2));
  alice.radio.transmit(request(frame(Subtype::kDeauthentication, kBob, 2), 3));
  alice.radio.transmit(request(frame(Subtype::kQosData, kBob, 3), 4));
  alice.radio.transmit(request(frame(Subtype::kData, kCarol, 4), 5));
  alice.radio.abandon_data_to(kBob);
  alice.radio.transmit(request(frame(Subtype::kData, kBob, 5), 6));  // of its next association
  run();
  std::vector<std::pair<uint64_t, bool>> acked;
  for (const TxStatus& status : alice.owner.statuses)
    acked.emplace_back(status.cookie, status.acked);
  const std::vector<std::pair<uint64_t, bool>> expected = {{1, false}, {2, false}, {3, true},
                                                           {4, false}, {5, false}, {6, true}};
  EXPECT_EQ(acked, expected);
  EXPECT_EQ(alice.owner.statuses[0].tries[0], 1);
  EXPECT_EQ(alice.owner.statuses[1].tries[0], 0);
  std::vector<uint16_t> heard;
  for (const auto& reception : bob.owner.received)
    heard.push_back(FrameView::of(reception.frame.octets())->sequence().number());
  EXPECT_EQ(heard, (std::vector<uint16_t>{2, 5}));
}

TEST_F(LossyRadioTest, ALostAckMeansADuplicateForTheReceiver) {
  TxRequest twice = request(frame(Subtype::kData, kBob));
  twice.rates[0].tries = 3;
  int receptions = 0;
  bob.owner.then = [&] { dropping.drop = ++receptions == 1 ? 1 : 0; };
  alice.radio.transmit(std::move(twice));
  run();
  EXPECT_EQ(bob.owner.received.size(), 2u);
  ASSERT_EQ(alice.owner.statuses.size(), 1u);
  EXPECT_TRUE(alice.owner.statuses[0].acked);
  EXPECT_EQ(alice.owner.statuses[0].tries[0], 2);
}

TEST_F(LossyRadioTest, TheChainEnds) {
  TxRequest chain = request(frame(Subtype::kData, kBob));
  chain.rates[0].tries = 2;
  chain.rates[1].tries = 1;
  chain.rate_count = 2;
  dropping.drop = 100;
  alice.radio.transmit(std::move(chain));
  run();
  ASSERT_EQ(alice.owner.statuses.size(), 1u);
  EXPECT_FALSE(alice.owner.statuses[0].acked);
  EXPECT_EQ(alice.owner.statuses[0].tries, (std::array<uint8_t, 4>{2, 1, 0, 0}));
  EXPECT_TRUE(bob.owner.received.empty());
}

class RtsTest : public LossyRadioTest {
 protected:
  static constexpr auto kRts = Subtype::kRts, kCts = Subtype::kCts, kAck = Subtype::kAck;
  TxRequest reserved(const MacAddress& to = kBob, uint8_t tries = 3) {
    TxRequest made = request(frame(Subtype::kData, to));
    made.rates[0] = {{.kbps = 54'000}, tries, /*rts=*/true};
    return made;
  }
  std::vector<Subtype> on_air() const {
    std::vector<Subtype> subtypes;
    for (const auto& one : dropping.sent) subtypes.push_back(one.fc.subtype());
    return subtypes;
  }
};

TEST_F(RtsTest, AReservedFrameWaitsForItsCts) {
  alice.radio.transmit(reserved());
  const TimePoint begin = scheduler.now();
  while (alice.owner.statuses.empty()) scheduler.run_for(std::chrono::microseconds(10));
  EXPECT_EQ(on_air(), (std::vector{kRts, kCts, Subtype::kData, kAck}));
  EXPECT_EQ(scheduler.now() - begin, std::chrono::microseconds(400)) << "twice as long as without";
  EXPECT_TRUE(alice.owner.statuses[0].acked);
  EXPECT_EQ(alice.owner.statuses[0].tries[0], 1);
  EXPECT_EQ(bob.owner.received.size(), 1u) << "RTS and CTS stay in the low MAC";
  EXPECT_EQ(dropping.rates, (std::vector<uint32_t>{24000, 24000, 54000, 24000}));
  // CTS, data and ACK, and the gaps before each; then without the CTS.
  EXPECT_EQ(dropping.sent[0].duration_us, 3 * (16 + 100));
  EXPECT_EQ(dropping.sent[1].duration_us, 2 * (16 + 100));
}

TEST_F(RtsTest, WithoutACtsTheRtsIsRepeatedAndTheFrameStays) {
  alice.radio.transmit(reserved(kCarol, 2));  // who is not there
  run();
  EXPECT_EQ(on_air(), (std::vector{kRts, kRts}));
  ASSERT_EQ(alice.owner.statuses.size(), 1u);
  EXPECT_FALSE(alice.owner.statuses[0].acked);
  EXPECT_EQ(alice.owner.statuses[0].tries[0], 2);
}

TEST_F(RtsTest, ALostCtsCostsATry) {
  alice.radio.transmit(reserved());
  scheduler.run_for(std::chrono::microseconds(100));  // the RTS has arrived
  dropping.drop = 1;
  run();
  EXPECT_EQ(on_air(), (std::vector{kRts, kCts, kRts, kCts, Subtype::kData, kAck}));
  EXPECT_TRUE(alice.owner.statuses.at(0).acked);
  EXPECT_EQ(alice.owner.statuses[0].tries[0], 2);
  EXPECT_EQ(bob.owner.received.size(), 1u);
}

TEST_F(RtsTest, WhatExpectsNoAckReservesNothing) {
  TxRequest group = reserved(MacAddress::broadcast());
  alice.radio.transmit(std::move(group));
  TxRequest no_ack = reserved();
  no_ack.no_ack = true;
  alice.radio.transmit(std::move(no_ack));
  run();
  EXPECT_EQ(on_air(), (std::vector{Subtype::kData, Subtype::kData, kAck})) << "Bob cannot know";
}

TEST_F(RadioTest, WhereFramesTakeNoTimeNothingIsReserved) {
  TxRequest made = request(frame(Subtype::kData, kBob));
  made.rates[0].rts = true;
  alice.radio.transmit(std::move(made));
  run();
  EXPECT_EQ(medium.transmissions(), 2u) << "the frame and its ACK";
}

TEST(ResponseRateTest, MandatoryRatesNotAboveTheFrames) {
  EXPECT_EQ(response_rate({.kbps = 1000}).kbps, 1000u);
  EXPECT_EQ(response_rate({.kbps = 11000}).kbps, 11000u);
  EXPECT_EQ(response_rate({.kbps = 9000}).kbps, 6000u);
  EXPECT_EQ(response_rate({.kbps = 54000}).kbps, 24000u);
  EXPECT_EQ(response_rate({.kind = medium::Rate::Kind::kHt, .kbps = 6500}).kbps, 6000u);
}

}  // namespace
}  // namespace airloom::radio
