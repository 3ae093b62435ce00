// Two worlds on one air: what crosses and what does not, who acknowledges in whose place, and a
// network between them that loses, reorders and doubles.
#include "lab/shared_air.h"

#include <gmock/gmock.h>

#include "base/event_queue.h"
#include "ieee80211/mac_header.h"

namespace airloom::lab {
namespace {

using namespace std::chrono_literals;
using ieee80211::Subtype;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

constexpr uint16_t kMhz = 2437;
/// Where frames of a mark are sent that go through two channels in turn, and how fast.
constexpr uint16_t mhz_of(uint8_t mark) {
  return mark % 2 ? 5180 : 2412;
}
constexpr uint32_t kbps_of(uint8_t mark) {
  return mark % 2 ? 54'000 : 11'000;
}
const MacAddress kHere{{2, 0, 0, 0, 0, 0}}, kThere{{2, 0, 0, 0, 0x77, 0}}, kNobody{{2, 9}};

Octets data_frame(const MacAddress& to, const MacAddress& from, uint8_t mark = 0) {
  Octets out;
  Writer writer(out);
  ieee80211::MacHeader{.fc = Subtype::kData, .address1 = to, .address2 = from, .address3 = from}
      .emit(writer);
  writer.u8(mark).zeros(40);
  return out;
}

uint8_t mark_of(const Octets& frame) {
  return frame[24];
}

/// A world with one radio, which sends what a test wants and acknowledges nothing, and what was on
/// the air of all channels, beside what it sent itself.
class Side final : private medium::Receiver, private medium::Observer {
 public:
  explicit Side(EventQueue& queue) : world({.scheduler = &queue, .rng = &rng_, .log = {}}) {
    world.medium().add_observer(*this);
  }
  ~Side() override {
    world.medium().remove_observer(*this);
    world.medium().detach(id_);
  }
  void send(const Octets& frame, uint16_t mhz = kMhz, uint32_t kbps = 11'000) {
    world.medium().transmit(id_, {.frame = world.pool().from(frame),
                                  .channel = medium::Channel::of(mhz * 1000u),
                                  .rate = {.kbps = kbps}});
  }
  void forget() {
    frames.clear();
    mhz.clear();
    rates.clear();
  }

 private:
  SeededRng rng_{1};

 public:
  World world;
  std::vector<Octets> frames;  // with a sender's address
  std::vector<uint32_t> mhz;   // of each of them, and its rate
  std::vector<medium::Rate> rates;
  std::vector<MacAddress> acknowledged;  // whose frames

 private:
  void on_receive(const medium::Reception&) override {}
  void on_sent(const medium::Transmission&) override {}
  void on_end(const medium::Transmission& transmission, std::span<const Decoder>) override {
    if (transmission.sender == id_) return;
    const auto octets = transmission.frame.octets();
    const auto view = ieee80211::FrameView::of(octets);
    ASSERT_TRUE(view);
    if (view->fc().is(Subtype::kAck)) {
      acknowledged.push_back(view->address1());
      return;
    }
    frames.emplace_back(octets.begin(), octets.end());
    mhz.push_back(transmission.channel.primary_khz / 1000);
    rates.push_back(transmission.rate);
  }

  const medium::ReceiverId id_ = world.medium().attach(*this);
};

class AirPortTest : public testing::Test {
 protected:
  /// From the other side.
  void come(const Octets& frame) {
    port.send(frame, kMhz, {.legacy_100kbps = 110});
    queue.run_for(1ms);
  }
  void send(const Octets& frame) {
    side.send(frame);
    queue.run_for(1ms);
  }

  EventQueue queue;
  Side side{queue};
  std::vector<Octets> crossing;
  AirPort port{side.world, [this](const AirPort::Heard& heard) {
                 EXPECT_EQ(heard.mhz, kMhz);
                 EXPECT_EQ(heard.rate.legacy_100kbps, 110);
                 const auto octets = heard.frame.octets();
                 crossing.emplace_back(octets.begin(), octets.end());
               }};
};

TEST_F(AirPortTest, GroupFramesCrossAndOthersOnceTheirReceiverIsKnown) {
  const Octets group = data_frame(MacAddress::broadcast(), kHere);
  const Octets single = data_frame(kThere, kHere);
  send(group);
  send(single);
  EXPECT_THAT(crossing, ElementsAre(group)) << "nobody there has sent";
  EXPECT_THAT(side.acknowledged, IsEmpty());
  come(data_frame(MacAddress::broadcast(), kThere));
  send(single);
  send(data_frame(kNobody, kHere));
  EXPECT_THAT(crossing, ElementsAre(group, single));
  EXPECT_THAT(side.acknowledged, ElementsAre(kHere)) << "the port, in place of the receiver";
}

TEST_F(AirPortTest, WhatComesIsSentOnceAsItWasAndNotBack) {
  const Octets beacon = [] {
    Octets out = data_frame(MacAddress::broadcast(), kThere);
    out[0] = 0x80;  // its Timestamp is that of its own side
    return out;
  }();
  come(beacon);
  come(data_frame(kHere, kThere));  // whom nobody here acknowledges
  EXPECT_THAT(side.frames, ElementsAre(beacon, data_frame(kHere, kThere)));
  EXPECT_THAT(side.mhz, Each(kMhz));
  EXPECT_EQ(side.rates[0].kbps, 11'000u);
  EXPECT_THAT(crossing, IsEmpty());
  come(Octets(5, 0xff));  // no frame
  EXPECT_THAT(side.frames, SizeIs(2));
}

TEST_F(AirPortTest, AnAddressOfBothSidesIsToldOfOnce) {
  std::vector<MacAddress> twins;
  port.on_twins = [&](const MacAddress& address) { twins.push_back(address); };
  send(data_frame(MacAddress::broadcast(), kHere));
  come(data_frame(MacAddress::broadcast(), kThere));
  EXPECT_THAT(twins, IsEmpty());
  for (int i = 0; i < 2; ++i) come(data_frame(MacAddress::broadcast(), kHere));
  EXPECT_THAT(twins, ElementsAre(kHere));
  send(data_frame(MacAddress::broadcast(), kThere));
  EXPECT_THAT(twins, ElementsAre(kHere, kThere));
}

TEST_F(AirPortTest, LearnsOnlySoManyAddresses) {
  const auto stranger = [](size_t i) {
    return MacAddress{{2, 1, 0, 0, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)}};
  };
  for (size_t i = 0; i <= AirPort::kLearntMax; ++i)
    come(data_frame(MacAddress::broadcast(), stranger(i)));
  send(data_frame(stranger(AirPort::kLearntMax - 1), kHere));
  send(data_frame(stranger(AirPort::kLearntMax), kHere));
  EXPECT_THAT(crossing, SizeIs(1));
}

/// Both ends, and the network between them.
class SharedAirTest : public testing::Test, public tunnel::AcWire, public tunnel::WtpWire {
 protected:
  void SetUp() override { joined.ac().start(); }
  bool join() {
    return queue.run_until([&] { return joined.ac().is_joined(); }, 30s);
  }
  /// Each side knows the other's radio.
  void introduce() {
    ASSERT_TRUE(join());
    ASSERT_TRUE(queue.run_until(
        [&] {
          here.send(data_frame(MacAddress::broadcast(), kHere));
          there.send(data_frame(MacAddress::broadcast(), kThere));
          queue.run_for(100ms);
          return !here.frames.empty() && !there.frames.empty();
        },
        10s));
    queue.run_for(1s);
    for (Side* side : {&here, &there}) side->forget();
  }
  static std::vector<uint8_t> marks(const Side& side) {
    std::vector<uint8_t> out;
    for (const Octets& frame : side.frames) out.push_back(mark_of(frame));
    return out;
  }

  /// What was sent in two channels came in the same, as fast.
  static void expect_two_channels(const Side& side) {
    for (size_t i = 0; i < side.frames.size(); ++i) {
      const uint8_t mark = mark_of(side.frames[i]);
      EXPECT_EQ(side.mhz[i], mhz_of(mark)) << "of frame " << +mark;
      EXPECT_EQ(side.rates[i].kbps, kbps_of(mark)) << "of frame " << +mark;
    }
  }
  void send_both_ways(uint8_t mark) {
    here.send(data_frame(kThere, kHere, mark), mhz_of(mark), kbps_of(mark));
    there.send(data_frame(kHere, kThere, mark), mhz_of(mark), kbps_of(mark));
  }

  EventQueue queue;
  unsigned loss = 0, duplication = 0, reorder = 0;  // thousandths of datagrams
  bool is_there = true;                             // the end that waits
  Side here{queue}, there{queue};
  std::unique_ptr<ServedAir> served = std::make_unique<ServedAir>(here.world, *this, Log());
  JoinedAir joined{there.world, *this, Log()};

 private:
  void carry(std::span<const uint8_t> datagram, std::function<void(const Octets&)> deliver) {
    if (rng_.below(1000) < loss) return;
    const unsigned copies = 1 + (rng_.below(1000) < duplication);
    for (unsigned i = 0; i < copies; ++i) {
      const Duration delay = rng_.below(1000) < reorder ? 0ms : 20ms;
      queue.schedule_at(
          queue.now() + delay,
          [deliver, octets = Octets(datagram.begin(), datagram.end())] { deliver(octets); });
    }
  }
  void open() override {
    queue.post([this] { joined.ac().on_open(); });
  }
  void send(tunnel::Channel channel, std::span<const uint8_t> datagram) override {
    carry(datagram, [this, channel](const Octets& octets) {
      const tunnel::Peer peer{.id = 1 + static_cast<uint64_t>(channel), .host = 1};
      if (is_there) served->wtp().on_datagram(channel, peer, octets);
    });
  }
  void send(tunnel::Channel channel, uint64_t, std::span<const uint8_t> datagram) override {
    carry(datagram,
          [this, channel](const Octets& octets) { joined.ac().on_datagram(channel, octets); });
  }
  size_t datagram_max() const override { return tunnel::kDatagramMaxDefault; }

  SeededRng rng_{7};
};

TEST_F(SharedAirTest, FramesCrossBothWaysWithTheirRateAndChannel) {
  introduce();
  for (uint8_t mark = 0; mark < 4; ++mark) {
    send_both_ways(mark);
    queue.run_for(1ms);  // more are on their way at once
  }
  queue.run_for(1s);
  for (const Side* side : {&here, &there}) {
    EXPECT_THAT(marks(*side), ElementsAre(0, 1, 2, 3));
    expect_two_channels(*side);
  }
  EXPECT_THAT(here.acknowledged, AllOf(SizeIs(4), Each(kHere)));
  EXPECT_THAT(there.acknowledged, AllOf(SizeIs(4), Each(kThere)));
}

TEST_F(SharedAirTest, ANetworkThatLosesReordersAndDoublesOnlyLoses) {
  loss = 50;
  duplication = 20;
  reorder = 250;
  introduce();
  constexpr uint8_t kFrames = 250;
  for (uint8_t i = 0; i < kFrames; ++i) {
    send_both_ways(i);
    queue.run_for(5ms);
  }
  queue.run_for(1s);
  for (const Side* side : {&here, &there}) {
    auto arrived = marks(*side);
    expect_two_channels(*side);
    EXPECT_THAT(arrived, SizeIs(AllOf(Ge(kFrames * 85 / 100), Le(kFrames))));
    std::ranges::sort(arrived);
    EXPECT_EQ(std::ranges::adjacent_find(arrived), arrived.end()) << "a frame came twice";
  }
}

TEST_F(SharedAirTest, TheEndThatWaitsMayRestart) {
  introduce();
  std::vector<bool> news;
  joined.on_session = [&](bool is_joined) { news.push_back(is_joined); };
  is_there = false;
  ASSERT_TRUE(queue.run_until([&] { return !news.empty(); }, 60s));
  here.send(data_frame(kThere, kHere, 1));  // apart
  served = std::make_unique<ServedAir>(here.world, *this, Log());
  is_there = true;
  ASSERT_TRUE(join());
  EXPECT_THAT(news, ElementsAre(false, true));
  introduce();
  here.send(data_frame(kThere, kHere, 2));
  queue.run_for(1s);
  EXPECT_THAT(marks(there), ElementsAre(2));
}

}  // namespace
}  // namespace airloom::lab
