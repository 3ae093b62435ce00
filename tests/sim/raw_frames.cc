// Frames that programs write to monitors: their octets on the air, and what they cost others.

#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/radiotap.h"
#include "sim/network.h"
#include "sim/outsider.h"

namespace airloom::lab {
namespace {

using ieee80211::FrameControl;
using ieee80211::FrameView;
using ieee80211::RadiotapHeader;
using ieee80211::Subtype;
namespace tx = ieee80211::radiotap_tx;
namespace flag = ieee80211::radiotap_flag;

constexpr Duration kBeaconInterval = std::chrono::microseconds(102'400);
constexpr size_t kFcs = 4;

/// A frame behind a radiotap header.
Octets written(const RadiotapHeader& header, std::span<const uint8_t> frame) {
  Octets out;
  Writer writer(out);
  header.emit(writer);
  writer.bytes(frame);
  return out;
}

Octets fake_beacon(uint16_t number) {
  Octets out;
  Writer writer(out);
  const MacAddress nobody{
      {2, 0xbe, 0xac, 0, static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)}};
  writer.le16(0x0080).le16(0).mac(MacAddress::broadcast()).mac(nobody).mac(nobody).le16(0);
  writer.le64(0).le16(100).le16(1).u8(0).u8(4).bytes(Octets{'f', 'a', 'k', 'e'});
  writer.zeros(250);
  return out;
}

/// How long it takes from the Association Response to message 4, and how many of the flood's
/// beacons went out before and since.
struct Handshake final : medium::Observer {
  std::optional<TimePoint> began, ended;
  size_t eapol = 0, fakes = 0, fakes_before = 0;

  void on_end(const medium::Transmission& transmission, std::span<const Decoder>) override {
    const auto view = FrameView::of(transmission.frame.octets());
    if (!view || !view->has_address2()) return;
    if (view->fc().is(Subtype::kAssociationResponse)) began = transmission.end;
    if (ended) return;
    if (view->fc().is_beacon() && view->address2().octets[1] == 0xbe)
      ++(began ? fakes : fakes_before);
    if (!began) return;
    const auto body = view->body();
    const bool is_eapol = view->fc().is_data() && !view->fc().is_protected() && body.size() > 8 &&
                          body[6] == 0x88 && body[7] == 0x8e;
    if (is_eapol && ++eapol == 4) ended = transmission.end;
  }
  Duration duration() const { return *ended - *began; }
};

/// A network on an air whose frames take time. The access point's radio sends beacons of others, if
/// told so, as fast as it can.
Handshake handshake_beside(bool flood) {
  Handshake handshake;
  Network network(1, medium::Faults{});
  network.start_access_point();
  MemoryNetdev& monitor = network.ap().add_monitor("mon0");
  network.simulation.world().medium().add_observer(handshake);
  uint16_t number = 0;
  Timer writer(network.simulation.queue(), [&] {
    for (int i = 0; i < 100; ++i)
      monitor.send(network.simulation.world().pool().from(written({}, fake_beacon(number++))));
    writer.arm(std::chrono::milliseconds(10));  // 280 ms of air in each 10 ms
  });
  if (flood) writer.arm({});
  network.add_station();
  EXPECT_TRUE(network.wait_until_all_are_connected()) << network.log();
  EXPECT_TRUE(handshake.ended.has_value());
  network.simulation.world().medium().remove_observer(handshake);
  return handshake;
}

TEST(RawFrames, AFloodOfBeaconsDoesNotHoldUpAHandshake) {
  const Handshake alone = handshake_beside(false);
  const Handshake beside = handshake_beside(true);
  EXPECT_EQ(alone.fakes, 0u);
  EXPECT_GE(beside.fakes, 2u) << "one before each of messages 1 and 3";
  EXPECT_GE(beside.fakes_before, 20u) << "the air is full of them";
  EXPECT_LT(beside.duration() - alone.duration(), kBeaconInterval);
  RecordProperty("delay_us",
                 static_cast<int>((beside.duration() - alone.duration()).count() / 1000));
}

/// The two formats of a raw netdev: as `airloom tap --dlt` has them.
enum class Dlt : uint8_t { kIeee80211 = 105, kRadiotap = 127 };

/// Two hosts with a raw netdev each, what the second one's shows, and a radio that is nobody's.
class RawOctets : public testing::TestWithParam<Dlt> {
 protected:
  void SetUp() override {
    EXPECT_TRUE(from_.wlan0().set_up(true));
    writer_ = &from_.add_monitor("mon0", is_plain());
    reader_ = &to_.add_monitor("mon0", is_plain());
    reader_->on_receive = [this](FrameBuffer frame) {
      Reader reader(frame.octets());
      if (!is_plain()) {
        EXPECT_TRUE(RadiotapHeader::parse(reader));
      }
      const auto rest = reader.rest();
      heard_.emplace_back(rest.begin(), rest.end());
    };
  }
  static bool is_plain() { return GetParam() == Dlt::kIeee80211; }

  uint32_t roll(uint32_t below) {
    std::array<uint8_t, 4> octets;
    rng_.fill(octets);
    return (octets[0] | octets[1] << 8 | octets[2] << 16 | (octets[3] & 0x7fu) << 24) % below;
  }

  /// Frame Control and everything behind it at random; every fourth from our own address. No ACK is
  /// made up, which would not be told from one that a radio sends.
  Octets random_frame() {
    Octets frame(roll(8) == 0 ? roll(30) : 10 + roll(1400));
    rng_.fill(frame);
    if (frame.size() >= 2 && roll(8) != 0) frame[0] &= 0xfc;  // the protocol's version
    if (frame.size() >= 2 && (frame[0] & 0xfc) == 0xd4) frame[0] = 0x08;
    if (frame.size() >= 16 && roll(4) == 0) {
      const auto& own = from_.wlan0().address().octets;
      std::copy(own.begin(), own.end(), frame.begin() + 10);
    }
    if (frame.size() >= 10) frame[9] = 0x77;  // to none of ours
    return frame;
  }

  RadiotapHeader random_header() {
    RadiotapHeader header;
    if (is_plain()) return header;
    if (roll(2) == 0) header.flags = roll(3) == 0 ? flag::kFcsAtEnd : uint8_t{0};
    if (roll(2) == 0) header.rate_500kbps = static_cast<uint8_t>(roll(256));
    if (roll(2) == 0)
      header.tx_flags = static_cast<uint16_t>(roll(2) * tx::kNoSequence | roll(2) * tx::kNoAck |
                                              roll(2) * tx::kOrder);
    if (roll(4) == 0)
      header.mcs = ieee80211::RadiotapMcs{0x07, static_cast<uint8_t>(roll(8)),
                                          static_cast<uint8_t>(roll(256))};
    if (roll(4) == 0) header.data_retries = static_cast<uint8_t>(roll(256));
    if (roll(4) == 0) header.tsft_us = roll(1u << 31);
    if (roll(8) == 0)
      header.vht = ieee80211::RadiotapVht{.known = static_cast<uint16_t>(roll(65536)),
                                          .mcs_nss = {static_cast<uint8_t>(roll(256))}};
    return header;
  }

  /// On the air, whatever it is.
  void send(const Octets& octets) { stranger_.send(octets); }
  void write(const Octets& octets) { writer_->send(simulation_.world().pool().from(octets)); }
  void settle() { simulation_.run_for(std::chrono::milliseconds(10)); }
  uint64_t malformed() {
    const auto& radio = *from_.host().all_radios().begin()->second;
    return radio.stack->drops().of(mac80211::Drop::kTxMalformed);
  }
  MacAddress own() { return from_.wlan0().address(); }
  const std::vector<Octets>& heard() const { return heard_; }

 private:
  Simulation simulation_{3};
  SeededRng rng_{11};
  SimulatedHost &from_ = simulation_.add_host("a"), &to_ = simulation_.add_host("b");
  Outsider stranger_{simulation_.world(), 2412};
  MemoryNetdev *writer_ = nullptr, *reader_ = nullptr;
  std::vector<Octets> heard_;
};

/// Whether octets hold the header that their Frame Control implies; as the standard says, not as
/// the stack does. [802.11-2020 9.2.3, 9.3.1]
bool is_whole(const Octets& frame) {
  if (frame.size() < 10) return false;
  const unsigned type = frame[0] >> 2 & 3, subtype = frame[0] >> 4;
  const bool order = frame[1] & 0x80;
  if (type == 3) return true;
  if (type == 1) return frame.size() >= (subtype == 12 || subtype == 13 ? 10 : 16);
  const bool qos = type == 2 && (subtype & 8);
  size_t header = 24;
  if (type == 2 && (frame[1] & 3) == 3) header += 6;
  if (qos) header += 2;
  if (order && (qos || type == 0)) header += 4;
  return frame.size() >= header;
}

/// Makes octets that no radiotap header may be of what was written with a good one.
void spoil_header(Octets& octets, uint32_t how, uint32_t length) {
  switch (how) {
    case 0:
      octets[0] = 1;  // another version
      break;
    case 1:
      octets[3] = 0x80;  // longer than what is there
      break;
    case 2:
      octets.resize(length);
      break;
    default:
      octets[2] = 7;  // shorter than its own fixed part
      octets[3] = 0;
  }
}

TEST_P(RawOctets, TenThousandAtRandomGoOutAsWrittenOrNotAtAll) {
  std::vector<Octets> expected;
  std::vector<bool> may_differ;
  uint64_t invalid = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Octets frame = random_frame();
    const RadiotapHeader header = random_header();
    Octets octets = is_plain() ? frame : written(header, frame);
    if (header.fcs_at_end()) octets.resize(octets.size() + kFcs, 0xfc);
    bool valid = is_whole(frame);
    if (!is_plain() && roll(5) == 0) {
      valid = false;
      spoil_header(octets, roll(4), roll(8));
    }
    write(octets);
    if (i % 100 == 99) settle();
    if (!valid) {
      ++invalid;
      continue;
    }
    expected.push_back(frame);
    const bool ours =
        frame.size() >= 16 && MacAddress::from(std::span(frame).subspan(10, 6)) == own();
    may_differ.push_back(ours && (header.tx_flags.value_or(0) & tx::kNoSequence) == 0);
  }
  settle();
  EXPECT_EQ(malformed(), invalid);
  ASSERT_EQ(heard().size(), expected.size());
  size_t renumbered = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    Octets octets = heard()[i];
    ASSERT_EQ(octets.size(), expected[i].size()) << i;
    if (may_differ[i] && octets.size() >= 24 && octets != expected[i]) {
      ++renumbered;
      std::copy_n(expected[i].begin() + 22, 2, octets.begin() + 22);
    }
    ASSERT_EQ(octets, expected[i]) << "frame " << i;
  }
  EXPECT_GT(renumbered, 100u);
  EXPECT_GT(invalid, 500u);
}

TEST_P(RawOctets, TenThousandAtRandomOnTheAirAreReadAsTheyAre) {
  constexpr size_t kShortest = 10;  // an ACK's: what is shorter has no receiver's address
  std::vector<Octets> expected;
  size_t invalid = 0, unheard = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Octets frame = random_frame();
    send(frame);
    if (i % 100 == 99) settle();
    invalid += !is_whole(frame);
    if (frame.size() < kShortest)
      ++unheard;
    else
      expected.push_back(frame);
  }
  settle();
  EXPECT_GT(invalid, unheard + 100) << "invalid ones are shown";
  EXPECT_GT(unheard, 100u);
  ASSERT_EQ(heard().size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(heard()[i], expected[i]) << "frame " << i;
}

INSTANTIATE_TEST_SUITE_P(RawFrames, RawOctets, testing::Values(Dlt::kIeee80211, Dlt::kRadiotap),
                         [](const auto& info) {
                           return info.param == Dlt::kRadiotap ? "Radiotap" : "Ieee80211";
                         });

}  // namespace
}  // namespace airloom::lab
