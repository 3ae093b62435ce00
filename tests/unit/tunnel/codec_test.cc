// The octets of the wire: the header, frame information, control messages, and fragments.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/event_queue.h"
#include "base/rng.h"
#include "tunnel/capwap.h"
#include "tunnel/control_message.h"
#include "tunnel/radiotap.h"
#include "tunnel/reassembler.h"

namespace airloom::tunnel {
namespace {

template <typename T>
Octets emitted(const T& value) {
  Octets octets;
  Writer writer(octets);
  value.emit(writer);
  return octets;
}

Octets count_up(size_t size) {
  Octets octets(size);
  for (size_t i = 0; i < size; ++i) octets[i] = static_cast<uint8_t>(i * 7);
  return octets;
}

TEST(CapwapHeader, IsLaidOutAsTheStandardHasIt) {
  const Octets wireless{0xce, 0x3a, 0x00, 0x0b};
  const CapwapHeader header{.native = true, .fragment_id = 0x1234, .wireless = wireless};
  // Four words, radio 1, binding 1, T and W.
  EXPECT_THAT(emitted(header), testing::ElementsAre(0x00, 0x20, 0x43, 0x20, 0x12, 0x34, 0, 0, 4,
                                                    0xce, 0x3a, 0, 0x0b, 0, 0, 0));
  EXPECT_EQ(header.length(), 16u);
}

TEST(CapwapHeader, ComesBackAsItWasWritten) {
  const Octets wireless = count_up(24), octets = emitted(CapwapHeader{.native = true,
                                                                      .fragment = true,
                                                                      .last = true,
                                                                      .fragment_id = 7,
                                                                      .fragment_offset = 8191,
                                                                      .wireless = wireless});
  Reader reader(octets);
  const auto header = CapwapHeader::parse(reader);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->native && header->fragment && header->last && !header->keep_alive);
  EXPECT_EQ(header->fragment_id, 7);
  EXPECT_EQ(header->fragment_offset, 8191);
  EXPECT_TRUE(std::ranges::equal(header->wireless, wireless));
  EXPECT_TRUE(reader.at_end());
}

TEST(CapwapHeader, RefusesOtherVersionsDtlsAndLengthsThatDoNotHold) {
  for (const Octets& octets : {Octets{0x10, 0x10, 0x42, 0, 0, 0, 0, 0},     // version 1
                               Octets{0x01, 0x10, 0x42, 0, 0, 0, 0, 0},     // DTLS
                               Octets{0x00, 0x08, 0x42, 0, 0, 0, 0, 0},     // one word
                               Octets{0x00, 0x10, 0x42, 0x20, 0, 0, 0, 0},  // W without a part
                               Octets{0x00, 0x20, 0x42, 0, 0, 0, 0, 0}}) {
    Reader reader(octets);
    EXPECT_FALSE(CapwapHeader::parse(reader));
  }
}

TEST(FrameInfo, BeginsWithTheBindingsFourOctets) {
  const RxInfo heard{.signal_dbm = -50,
                     .snr_db = 42,
                     .number = 5,
                     .tsf_us = 0x0102030405060708,
                     .mhz = 2412,
                     .rate = {.legacy_100kbps = 110}};
  const Octets octets = emitted(heard);
  EXPECT_THAT((std::vector<uint8_t>(octets.begin(), octets.begin() + 4)),
              testing::ElementsAre(0xce, 42, 0, 110));
  EXPECT_EQ(RxInfo::parse(Reader(octets)), heard);
  EXPECT_FALSE(RxInfo::parse(Reader(std::span(octets).first(octets.size() - 1))));
}

TEST(FrameInfo, KeepsEveryRate) {
  using Kind = mac80211::RateInfo::Kind;
  for (const mac80211::RateInfo& rate :
       {mac80211::RateInfo{.kind = Kind::kHt, .mcs = 15, .nss = 2, .width_mhz = 40},
        mac80211::RateInfo{
            .kind = Kind::kVht, .mcs = 9, .nss = 8, .width_mhz = 160, .short_gi = true},
        mac80211::RateInfo{
            .kind = Kind::kHe, .mcs = 11, .nss = 1, .width_mhz = 80, .he_gi = 2, .he_dcm = 1}}) {
    const TxInfo info{.number = 9, .mhz = 5180, .rate = rate, .tries = 4, .no_ack = true};
    EXPECT_EQ(TxInfo::parse(Reader(emitted(info))), info);
  }
}

TEST(FrameInfo, BecomesRadiotapAndBack) {
  const TxInfo info{.rate = {.kind = mac80211::RateInfo::Kind::kHt, .mcs = 7, .short_gi = true},
                    .tries = 3,
                    .no_ack = true};
  const auto header = injection_header(info);
  EXPECT_EQ(header.data_retries, 2);
  EXPECT_TRUE(*header.tx_flags & ieee80211::radiotap_tx::kNoAck);
  EXPECT_TRUE(*header.tx_flags & ieee80211::radiotap_tx::kNoSequence);
  auto heard = header;
  heard.signal_dbm = -40;
  heard.noise_dbm = -90;
  heard.channel = ieee80211::RadiotapChannel{2437, 0};
  const RxInfo back = reception_of(heard);
  EXPECT_EQ(back.rate.mcs, 7);
  EXPECT_TRUE(back.rate.short_gi);
  EXPECT_EQ(back.snr_db, 50);
  EXPECT_EQ(back.mhz, 2437);
}

TEST(ControlMessage, ComesBackAsItWasWritten) {
  const MacAddress address{{2, 0, 0, 0, 1, 0}};
  const ControlMessage message{
      .type = MessageType::kConfigurationUpdateRequest,
      .sequence = 200,
      .session = SessionId{1, 2, 3},
      .result = ResultCode::kJoinFailedBusy,
      .radio = RadioDescription{address},
      .channel = mac80211::ChannelDefinition::from_type(2437, ieee80211::ChannelType::kHt40Plus),
      .rules = ReceiveRules{.on = true, .filter = {.control = true}, .addresses = {address}},
      .reports = {{.number = 1, .acked = true, .tries = 2}, {.number = 70000}},
      .tsf_us = 123456789,
      .datagram_max = 1400};
  EXPECT_EQ(ControlMessage::parse(Reader(emitted(message))), message);
}

TEST(ControlMessage, PassesOverWhatItDoesNotKnowAndRefusesWhatCannotBe) {
  // Echo Request 5 with element 45 (a name) of two octets.
  const Octets named{0, 0, 0, 13, 5, 0, 9, 0, 0, 45, 0, 2, 'o', 'k'};
  const auto message = ControlMessage::parse(Reader(named));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->sequence, 5);
  EXPECT_FALSE(ControlMessage::parse(Reader(Octets{0, 0, 0, 99, 5, 0, 3, 0})));
  EXPECT_FALSE(ControlMessage::parse(Reader(Octets{0, 0, 0, 13, 5, 0, 2, 0})));
  EXPECT_FALSE(ControlMessage::parse(Reader(Octets{0, 0, 0, 13, 5, 0, 9, 0, 0, 45, 0, 3, 1, 2})));
}

/// Fragments of one payload, in order.
std::vector<Octets> cut_up(const Octets& wireless, const Octets& payload, size_t datagram_max) {
  std::vector<Octets> datagrams;
  Octets buffer;
  cut({.native = true, .fragment_id = 77, .wireless = wireless}, payload, datagram_max, buffer,
      [&](std::span<const uint8_t> datagram) {
        EXPECT_LE(datagram.size(), datagram_max);
        datagrams.emplace_back(datagram.begin(), datagram.end());
      });
  return datagrams;
}

class Fragments : public testing::Test {
 protected:
  std::optional<Reassembler::Whole> add(const Octets& datagram) {
    Reader reader(datagram);
    const auto header = CapwapHeader::parse(reader);
    return reassembler.add(*header, reader.rest());
  }
  EventQueue queue;
  Counters counters;
  Reassembler reassembler{queue, counters};
};

TEST_F(Fragments, OfEverySizeComeTogetherInAnyOrder) {
  const Octets wireless = count_up(24);
  SeededRng rng(1);
  for (const size_t datagram_max : {400u, 500u, 576u, 1280u, 1452u, 4000u}) {
    for (const size_t size : {409u, 1500u, 2304u, 7935u, 11454u}) {
      const Octets payload = count_up(size);
      auto datagrams = cut_up(wireless, payload, datagram_max);
      if (datagrams.size() == 1) continue;
      for (size_t i = datagrams.size(); i > 1; --i)
        std::swap(datagrams[i - 1], datagrams[rng.below(i)]);
      datagrams.insert(datagrams.begin() + 1, datagrams.front());  // one comes twice
      std::optional<Reassembler::Whole> whole;
      for (const Octets& datagram : datagrams) {
        EXPECT_FALSE(whole);
        whole = add(datagram);
      }
      ASSERT_TRUE(whole);
      EXPECT_EQ(whole->payload, payload);
      EXPECT_EQ(whole->wireless, wireless);
    }
  }
  EXPECT_EQ(counters.of(Count::kMalformed), 0u);
  EXPECT_EQ(counters.of(Count::kIncomplete), 0u);
}

TEST_F(Fragments, AreForgottenIfOneDoesNotCome) {
  const auto datagrams = cut_up({}, count_up(1000), 400);
  EXPECT_FALSE(add(datagrams[0]));
  queue.run_for(2 * Reassembler::kPatience);
  EXPECT_EQ(counters.of(Count::kIncomplete), 1u);
  for (size_t i = 1; i < datagrams.size(); ++i) EXPECT_FALSE(add(datagrams[i]));
}

TEST_F(Fragments, ThatContradictEachOtherSpoilTheirMessage) {
  auto datagrams = cut_up({}, count_up(1000), 400);
  EXPECT_FALSE(add(datagrams[0]));
  auto other = datagrams[0];
  other.back() ^= 1;
  EXPECT_FALSE(add(other));
  EXPECT_EQ(counters.of(Count::kMalformed), 1u);
  EXPECT_FALSE(add(datagrams[1]));
  EXPECT_FALSE(add(datagrams[2]));
}

TEST_F(Fragments, OfAFloodDoNotPileUp) {
  Octets buffer;
  const Octets payload = count_up(500);
  for (uint16_t id = 0; id < 1000; ++id)
    cut({.fragment_id = id}, payload, 400, buffer, [&](std::span<const uint8_t> datagram) {
      if (datagram.size() > 300) add(Octets(datagram.begin(), datagram.end()));
    });
  EXPECT_EQ(counters.of(Count::kIncomplete), 1000 - Reassembler::kPendingMax);
}

}  // namespace
}  // namespace airloom::tunnel
