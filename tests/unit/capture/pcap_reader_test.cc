// Reads what the writer wrote, and pcap files of either byte order; broken ones end in an error.
#include "capture/pcap_reader.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/event_queue.h"
#include "bytes/writer.h"
#include "capture/pcapng.h"
#include "support/vector_sink.h"

namespace airloom::capture {
namespace {

Octets of(const CapturedPacket& packet) {
  return {packet.octets.begin(), packet.octets.end()};
}

Octets sample() {
  VectorSink sink;
  EventQueue events;
  PcapngWriter writer(events, sink, "airloom");
  const auto air = writer.add_interface("ap/phy0", LinkType::kIeee80211Radiotap);
  const auto netlink = writer.add_interface("ap", LinkType::kNetlink);
  writer.write_packet(air, 1'700'000'000'123'456'789, Octets{1, 2}, Octets{3, 4, 5}, "why");
  writer.write_packet(netlink, 1'700'000'001'000'000'000, {}, Octets{6});
  writer.flush();
  return sink.octets;
}

/// A pcap file with one packet of three octets, its integers put by `put`.
template <typename Put>
Octets pcap(uint32_t magic, Put put) {
  Octets file;
  for (const uint32_t word : {magic, 0u, 0u, 0u, 65535u, 105u}) put(file, word);
  for (const uint32_t word : {7u, 89u, 3u, 3u}) put(file, word);
  file.insert(file.end(), {9, 8, 7});
  return file;
}
void put_le(Octets& file, uint32_t word) {
  Writer(file).le32(word);
}
void put_be(Octets& file, uint32_t word) {
  Writer(file).be32(word);
}

TEST(PcapReader, ReadsWhatTheWriterWrote) {
  const Octets file = sample();
  auto reader = PcapReader::open(file);
  ASSERT_TRUE(reader);
  const auto first = reader->next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ(of(**first), (Octets{1, 2, 3, 4, 5}));
  EXPECT_EQ((*first)->time_ns, 1'700'000'000'123'456'789u);
  EXPECT_EQ((*first)->link_type, 127);
  EXPECT_FALSE((*first)->is_cut);
  const auto second = reader->next();
  ASSERT_TRUE(second && *second);
  EXPECT_EQ((*second)->link_type, 253);
  EXPECT_EQ((*second)->interface, 1u);
  const auto end = reader->next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST(PcapReader, ReadsPcapOfEitherByteOrderAndResolution) {
  for (const auto& [magic, ns] :
       {std::pair(0xa1b2c3d4u, 7'000'089'000u), std::pair(0xa1b23c4du, 7'000'000'089u)}) {
    for (const Octets& file : {pcap(magic, put_le), pcap(magic, put_be)}) {
      auto reader = PcapReader::open(file);
      ASSERT_TRUE(reader);
      const auto packet = reader->next();
      ASSERT_TRUE(packet && *packet);
      EXPECT_EQ((*packet)->time_ns, ns);
      EXPECT_EQ((*packet)->link_type, 105);
      EXPECT_EQ(of(**packet), (Octets{9, 8, 7}));
      EXPECT_FALSE(*reader->next());
    }
  }
}

TEST(PcapReader, WhatIsCutAnywhereEndsInAnErrorOrAtAPacketsEnd) {
  for (const Octets& whole : {sample(), pcap(0xa1b2c3d4, put_le)}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      auto reader = PcapReader::open(std::span(whole).first(size));
      for (int packets = 0; reader && packets < 3; ++packets) {
        const auto packet = reader->next();
        if (!packet || !*packet) break;
        EXPECT_LT(packets, 2);
      }
    }
  }
  EXPECT_FALSE(PcapReader::open(Octets{'n', 'o', 't', 'h', 'i', 'n', 'g'}));
}

TEST(PcapReader, APacketOfNoInterfaceIsAnError) {
  Octets file = sample();
  const Octets packet_block{6, 0, 0, 0};
  const auto at = std::search(file.begin(), file.end(), packet_block.begin(), packet_block.end());
  ASSERT_NE(at, file.end());
  at[8] = 9;  // the interface's number
  auto reader = PcapReader::open(file);
  EXPECT_FALSE(reader->next());
}

}  // namespace
}  // namespace airloom::capture
