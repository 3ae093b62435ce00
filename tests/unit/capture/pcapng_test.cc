// Reads what the writers wrote with a reader of its own, down to the last octet.
#include "capture/pcapng.h"

#include <gmock/gmock.h>

#include <string>

#include "base/event_queue.h"
#include "bytes/writer.h"
#include "capture/air_capture.h"
#include "capture/netlink_capture.h"
#include "support/vector_sink.h"

namespace airloom::capture {
namespace {

using testing::ElementsAre;

struct Option {
  uint16_t code;
  std::string value;
  friend bool operator==(const Option&, const Option&) = default;
};

struct Block {
  uint32_t type = 0;
  Octets body;
};

std::vector<Block> read_blocks(const Octets& file) {
  std::vector<Block> blocks;
  Reader reader(file);
  while (!reader.at_end()) {
    Block block;
    block.type = reader.le32().value();
    const uint32_t length = reader.le32().value();
    EXPECT_EQ(length % 4, 0u);
    const auto body = reader.take(length - 12).value();
    block.body.assign(body.begin(), body.end());
    EXPECT_EQ(reader.le32().value(), length);
    blocks.push_back(block);
  }
  return blocks;
}

void skip_padding(Reader& reader, size_t length) {
  const auto padding = reader.take((4 - length % 4) % 4).value();
  for (const uint8_t octet : padding) EXPECT_EQ(octet, 0);
}

std::vector<Option> read_options(Reader reader) {
  std::vector<Option> options;
  while (!reader.at_end()) {
    const uint16_t code = reader.le16().value();
    const uint16_t length = reader.le16().value();
    if (code == 0) break;
    const auto value = reader.take(length).value();
    options.push_back({code, std::string(value.begin(), value.end())});
    skip_padding(reader, length);
  }
  EXPECT_TRUE(reader.at_end());
  return options;
}

struct Packet {
  uint32_t interface = 0;
  uint64_t time_ns = 0;
  Octets octets;
  std::vector<Option> options;
};

Packet read_packet(const Block& block) {
  EXPECT_EQ(block.type, 6u);
  Reader reader(block.body);
  Packet packet;
  packet.interface = reader.le32().value();
  packet.time_ns = uint64_t{reader.le32().value()} << 32;
  packet.time_ns |= reader.le32().value();
  const uint32_t captured = reader.le32().value();
  EXPECT_EQ(reader.le32().value(), captured);
  const auto octets = reader.take(captured).value();
  packet.octets.assign(octets.begin(), octets.end());
  skip_padding(reader, captured);
  packet.options = read_options(reader);
  return packet;
}

TEST(Pcapng, SectionAndInterfaces) {
  VectorSink sink;
  EventQueue events;
  PcapngWriter writer(events, sink, "airloom");
  EXPECT_EQ(writer.add_interface("ap/phy0", LinkType::kIeee80211Radiotap), 0u);
  EXPECT_EQ(writer.add_interface("", LinkType::kNetlink), 1u);
  EXPECT_EQ(sink.writes, 2);
  const auto blocks = read_blocks(sink.octets);
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(blocks[0].type, 0x0a0d0d0au);
  Reader section(blocks[0].body);
  EXPECT_EQ(section.le32().value(), 0x1a2b3c4du);
  EXPECT_EQ(section.le32().value(), 1u);  // version 1.0
  EXPECT_EQ(section.le64().value(), UINT64_MAX);
  EXPECT_THAT(read_options(section), ElementsAre(Option{4, "airloom"}));
  Reader interface(blocks[1].body);
  EXPECT_EQ(interface.le32().value(), 127u);
  EXPECT_EQ(interface.le32().value(), 0u);
  EXPECT_THAT(read_options(interface), ElementsAre(Option{2, "ap/phy0"}, Option{9, "\x09"}));
}

TEST(Pcapng, PacketsOfEveryLengthArePadded) {
  VectorSink sink;
  EventQueue events;
  PcapngWriter writer(events, sink, "airloom");
  const auto id = writer.add_interface("x", LinkType::kEthernet);
  const Octets header = {1, 2, 3};
  for (size_t length = 0; length < 9; ++length)
    writer.write_packet(id, 0x123456789abcdef0 + length, header, Octets(length, 7), "why");
  writer.flush();
  const auto blocks = read_blocks(sink.octets);
  ASSERT_EQ(blocks.size(), 2u + 9);
  for (size_t length = 0; length < 9; ++length) {
    const Packet packet = read_packet(blocks[2 + length]);
    Octets expected = header;
    expected.resize(3 + length, 7);
    EXPECT_EQ(packet.octets, expected);
    EXPECT_EQ(packet.time_ns, 0x123456789abcdef0 + length);
    EXPECT_THAT(packet.options, ElementsAre(Option{1, "why"}));
  }
}

TEST(Pcapng, AnOverlongNameIsCutNotWrongAboutItsLength) {
  VectorSink sink;
  EventQueue events;
  PcapngWriter writer(events, sink, "airloom");
  writer.add_interface(std::string(70000, 'n'), LinkType::kEthernet);
  writer.flush();
  const auto blocks = read_blocks(sink.octets);
  Reader interface(blocks[1].body);
  EXPECT_TRUE(interface.skip(8));
  EXPECT_EQ(read_options(interface)[0].value.size(), 65535u);
}

TEST(Pcapng, ManyBlocksAreHandedOverAtOnceAndNoneWaitsLong) {
  VectorSink sink;
  EventQueue events;
  PcapngWriter writer(events, sink, "airloom");
  const auto id = writer.add_interface("x", LinkType::kEthernet);
  for (int i = 0; i < 100; ++i) writer.write_packet(id, 0, {}, Octets(1000, 7));
  EXPECT_EQ(sink.writes, 2) << "what was announced, and a batch";
  EXPECT_EQ(sink.packets, read_blocks(sink.octets).size() - 2);
  events.run_for(PcapngWriter::kPatience);
  EXPECT_EQ(sink.writes, 3);
  EXPECT_EQ(sink.packets, 100u);
  EXPECT_EQ(read_blocks(sink.octets).size(), 102u);
  events.run_for(PcapngWriter::kPatience);
  EXPECT_EQ(sink.writes, 3) << "nothing waits";
  writer.write_packet(id, 0, {}, Octets(2 * VectorSink::kRoom, 7));
  writer.write_packet(id, 0, {}, Octets(1, 7), "longer than a batch, and behind it");
  writer.flush();
  const auto blocks = read_blocks(sink.octets);
  ASSERT_EQ(blocks.size(), 104u);
  EXPECT_EQ(read_packet(blocks[102]).octets.size(), 2 * VectorSink::kRoom);
  EXPECT_EQ(read_packet(blocks[103]).octets, Octets(1, 7));
}

TEST(AirCapture, AFrameStandsBehindItsRadiotapHeader) {
  VectorSink sink;
  EventQueue events;
  PcapngWriter writer(events, sink, "airloom");
  AirCapture capture(writer, std::chrono::seconds(100));
  const auto id = capture.add_interface("phy0");
  const Octets ack = {0xd4, 0, 0, 0, 2, 0, 0, 0, 0, 1};
  FrameMeta meta{.mhz = 2412, .signal_dbm = int8_t{-30}, .retries = uint8_t{2}};
  meta.rate = ieee80211::Rate{.legacy_100kbps = 110};
  Caption caption(id, meta);
  capture.on_frame(caption, TimePoint{std::chrono::microseconds(7)}, ack);
  EXPECT_EQ(capture.frames(), 1u);
  writer.flush();
  const Packet packet = read_packet(read_blocks(sink.octets)[2]);
  EXPECT_EQ(packet.time_ns, 100'000'007'000u);
  EXPECT_THAT(packet.octets, testing::ElementsAreArray(Octets{
                                 0,    0,  24,   0, 0x2f, 0, 2, 0,  // TSFT to signal, retries
                                 7,    0,  0,    0, 0,    0, 0, 0,  // TSFT
                                 0,    22,                          // flags, rate
                                 0x6c, 9,  0xa0, 0,                 // 2412, CCK
                                 0xe2, 2,                           // -30 dBm, two retries
                                 0xd4, 0,  0,    0, 2,    0, 0, 0, 0, 1}));
  EXPECT_TRUE(packet.options.empty());
}

TEST(AirCapture, OneCaptionServesAmpduAfterAmpdu) {
  using ieee80211::RateKind;
  for (const RateKind kind : {RateKind::kHt, RateKind::kVht, RateKind::kHe}) {
    VectorSink sink;
    EventQueue events;
    PcapngWriter writer(events, sink, "airloom");
    AirCapture capture(writer);
    FrameMeta meta{.mhz = 5180};
    meta.rate = ieee80211::Rate{.kind = kind, .mcs = 7};
    meta.ampdu = ieee80211::RadiotapAmpdu::of(1, /*last=*/true);
    Caption caption(capture.add_interface("phy0"), meta);
    for (const uint32_t reference : {1u, 0x12345678u}) {
      capture.on_frame(caption, TimePoint{}, Octets(10, 0xd4), reference);
      writer.flush();
      const Packet packet = read_packet(read_blocks(sink.octets).back());
      Reader reader(packet.octets);
      auto expected = to_radiotap(meta, 0);
      expected.ampdu->reference = reference;
      EXPECT_EQ(ieee80211::RadiotapHeader::parse(reader), expected);
    }
  }
}

TEST(AirCapture, RatesOfEveryKind) {
  FrameMeta meta{.mhz = 5180};
  meta.rate = ieee80211::Rate{
      .kind = ieee80211::RateKind::kHt, .mcs = 15, .width_mhz = 40, .short_gi = true};
  EXPECT_EQ(to_radiotap(meta, 0).mcs, (ieee80211::RadiotapMcs{7, 5, 15}));
  EXPECT_EQ(to_radiotap(meta, 0).channel, (ieee80211::RadiotapChannel{5180, 0x140}));
  meta.rate->kind = ieee80211::RateKind::kVht;
  meta.rate->mcs = 9;
  meta.rate->nss = 2;
  meta.rate->width_mhz = 80;
  const auto vht = to_radiotap(meta, 0).vht;
  ASSERT_TRUE(vht);
  EXPECT_EQ(vht->mcs_nss[0], 0x92);
  EXPECT_EQ(vht->bandwidth, 4);
  meta.rate->kind = ieee80211::RateKind::kHe;
  meta.rate->he_gi = ieee80211::HeGuardInterval::k1_6us;
  const auto he = to_radiotap(meta, 0).he;
  ASSERT_TRUE(he);
  EXPECT_EQ(he->data[2], 0x900);
  EXPECT_EQ(he->data[4], 0x12);
  EXPECT_EQ(he->data[5], 2);
  EXPECT_FALSE(to_radiotap(meta, 0).rate_500kbps);
}

TEST(NetlinkCapture, CooksItsHeader) {
  VectorSink sink;
  EventQueue events;
  PcapngWriter writer(events, sink, "airloom");
  NetlinkCapture capture(writer);
  const auto id = capture.add_interface("ap");
  capture.on_messages(id, TimePoint{}, NetlinkCapture::Direction::kToKernel, Octets(4, 9));
  writer.flush();
  EXPECT_THAT(read_packet(read_blocks(sink.octets)[2]).octets,
              ElementsAre(0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 9, 9, 9, 9));
}

}  // namespace
}  // namespace airloom::capture
