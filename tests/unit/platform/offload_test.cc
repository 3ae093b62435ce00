// Segmentation and checksums taken over from the host's stack, and TCP segments joined for it.
#include "platform/offload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/rng.h"
#include "bytes/big_endian.h"
#include "bytes/writer.h"
#include "platform/internet_checksum.h"
#include "platform/tcp_coalescer.h"
#include "platform/tcp_frame.h"

namespace airloom::platform {
namespace {

constexpr size_t kFrameMax = 2326;

/// The ones' complement sum, the slow way.
uint16_t plain_sum(std::span<const uint8_t> octets, uint32_t sum = 0) {
  for (size_t i = 0; i < octets.size(); ++i)
    sum += i % 2 == 0 ? uint32_t{octets[i]} << 8 : octets[i];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

/// How a TCP segment is to be made.
struct Segment {
  bool ipv6 = false;
  size_t tags = 0;
  size_t ip_options = 0;    ///< octets: IPv4 options, or a Hop-by-Hop header
  size_t tcp_options = 12;  ///< octets
  uint16_t port = 5201;
  uint32_t sequence = 1000;
  uint16_t id = 7;
  uint8_t flags = tcp_flag::kAck;
  Octets payload = {};
};

void put_ip(Writer& out, const Segment& made, size_t tcp_octets) {
  if (made.ipv6) {
    out.be32(0x60012345).be16(static_cast<uint16_t>(made.ip_options + tcp_octets));
    out.u8(made.ip_options ? 0 : 6).u8(64);
    for (uint8_t i = 0; i < 32; ++i) out.u8(i);
    if (made.ip_options == 0) return;
    out.u8(6).u8(static_cast<uint8_t>(made.ip_options / 8 - 1));
    for (size_t i = 2; i < made.ip_options; ++i) out.u8(0);
    return;
  }
  const size_t header = 20 + made.ip_options;
  out.u8(static_cast<uint8_t>(0x40 + header / 4)).u8(0);
  out.be16(static_cast<uint16_t>(header + tcp_octets)).be16(made.id).be16(0x4000);
  out.u8(64).u8(6).be16(0).be32(0x0a4d0001).be32(0x0a4d0002);
  for (size_t i = 0; i < made.ip_options; ++i) out.u8(1);
}

size_t ip_at(const Segment& made) {
  return 14 + 4 * made.tags;
}
size_t tcp_at(const Segment& made) {
  return ip_at(made) + (made.ipv6 ? 40 : 20) + made.ip_options;
}

/// The pseudo-header's sum of a frame whose TCP header is at `at`.
uint16_t pseudo(const Segment& made, const Octets& frame) {
  const auto addresses =
      std::span(frame).subspan(ip_at(made) + (made.ipv6 ? 8 : 12), made.ipv6 ? 32 : 8);
  return plain_sum(addresses, static_cast<uint32_t>(6 + frame.size() - tcp_at(made)));
}

/// An Ethernet frame; its TCP checksum left open (the pseudo-header's sum) or not.
Octets make(const Segment& made, bool open_checksum = false) {
  Octets frame;
  Writer out(frame);
  for (uint8_t i = 0; i < 12; ++i) out.u8(i);
  for (size_t i = 0; i < made.tags; ++i)
    out.be16(i == 0 && made.tags == 2 ? 0x88a8 : 0x8100).be16(5);
  out.be16(made.ipv6 ? 0x86dd : 0x0800);
  const size_t header = 20 + made.tcp_options;
  put_ip(out, made, header + made.payload.size());
  out.be16(40000).be16(made.port).be32(made.sequence).be32(99);
  out.u8(static_cast<uint8_t>(header / 4 * 16)).u8(made.flags).be16(502).be16(0).be16(0);
  for (size_t i = 0; i < made.tcp_options; ++i) out.u8(static_cast<uint8_t>(i));
  frame.insert(frame.end(), made.payload.begin(), made.payload.end());
  if (!made.ipv6) {
    const auto ip = std::span(frame).subspan(ip_at(made), 20 + made.ip_options);
    store_be16(ip, 10, static_cast<uint16_t>(~plain_sum(ip)));
  }
  uint16_t sum = pseudo(made, frame);
  if (!open_checksum)
    sum = static_cast<uint16_t>(~plain_sum(std::span(frame).subspan(tcp_at(made)), sum));
  store_be16(frame, tcp_at(made) + 16, sum);
  return frame;
}

OffloadHeader header_for(const Segment& made, size_t segment_octets) {
  return {.flags = OffloadHeader::kNeedsChecksum,
          .segmentation = made.ipv6 ? OffloadHeader::kTcpIpv6 : OffloadHeader::kTcpIpv4,
          .header_octets = static_cast<uint16_t>(tcp_at(made) + 20 + made.tcp_options),
          .segment_octets = static_cast<uint16_t>(segment_octets),
          .checksum_from = static_cast<uint16_t>(tcp_at(made)),
          .checksum_at = 16};
}

Octets random_octets(Rng& rng, size_t size) {
  Octets octets(size);
  rng.fill(octets);
  return octets;
}

std::vector<Octets> octets_of(std::span<const FrameBuffer> frames) {
  std::vector<Octets> all;
  for (const FrameBuffer& frame : frames)
    all.emplace_back(frame.octets().begin(), frame.octets().end());
  return all;
}

/// What TCP would have sent itself.
std::vector<Octets> sent_one_by_one(const Segment& large, size_t segment_octets) {
  std::vector<Octets> frames;
  for (size_t at = 0; at < large.payload.size(); at += segment_octets) {
    const size_t count = std::min(segment_octets, large.payload.size() - at);
    Segment one = large;
    const auto from = large.payload.begin() + static_cast<std::ptrdiff_t>(at);
    one.payload.assign(from, from + static_cast<std::ptrdiff_t>(count));
    one.sequence += static_cast<uint32_t>(at);
    one.id = static_cast<uint16_t>(large.id + at / segment_octets);
    if (at + count < large.payload.size())
      one.flags &= static_cast<uint8_t>(~(tcp_flag::kPsh | tcp_flag::kFin));
    if (at > 0) one.flags &= static_cast<uint8_t>(~tcp_flag::kCwr);
    frames.push_back(make(one));
  }
  return frames;
}

TEST(InternetSum, IsThatOfRfc1071) {
  const Octets example = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  EXPECT_EQ(InternetSum().add(example).folded(), 0xddf2);
  SeededRng rng(1);
  for (size_t size = 0; size < 200; ++size) {
    const Octets octets = random_octets(rng, size);
    EXPECT_EQ(InternetSum().add(octets).folded(), plain_sum(octets)) << size;
  }
  const Octets ones(65'535, 0xff);
  EXPECT_EQ(InternetSum().add(ones).folded(), plain_sum(ones));
}

TEST(CutSegments, GivesWhatTcpWouldHaveSentOneByOne) {
  FramePool pool;
  SeededRng rng(2);
  for (int round = 0; round < 150; ++round) {
    Segment large{.ipv6 = rng.below(2) == 1,
                  .tags = rng.below(3),
                  .ip_options = 8 * rng.below(3),
                  .tcp_options = 4 * rng.below(11),
                  .sequence = static_cast<uint32_t>(rng.next_u64()),
                  .id = static_cast<uint16_t>(rng.next_u64()),
                  .flags = static_cast<uint8_t>(rng.next_u64())};
    large.payload = random_octets(rng, 1 + rng.below(round < 20 ? 65'000 : 9'000));
    const size_t segment_octets = round % 7 == 0 ? 8 : 8 + rng.below(1440);
    OffloadHeader header = header_for(large, segment_octets);
    if (rng.below(2)) header.segmentation |= OffloadHeader::kEcn;
    std::vector<FrameBuffer> frames;
    const auto cut = cut_segments(header, make(large, true), kFrameMax, pool, frames);
    ASSERT_TRUE(cut) << cut.error().text;
    ASSERT_EQ(octets_of(frames), sent_one_by_one(large, segment_octets)) << round;
  }
}

TEST(CutSegments, RefusesAHeaderThatLies) {
  FramePool pool;
  const Segment large{.payload = Octets(5000, 1)};
  const Octets frame = make(large, true);
  const OffloadHeader good = header_for(large, 1448);
  auto refuses = [&](auto change) {
    OffloadHeader bad = good;
    change(bad);
    std::vector<FrameBuffer> out;
    return !cut_segments(bad, frame, kFrameMax, pool, out) && out.empty();
  };
  EXPECT_FALSE(refuses([](OffloadHeader&) {}));
  EXPECT_TRUE(refuses([](OffloadHeader& h) { h.segment_octets = 0; }));
  EXPECT_TRUE(refuses([](OffloadHeader& h) { h.segment_octets = 7; }));
  EXPECT_TRUE(refuses([](OffloadHeader& h) { h.segment_octets = 2300; }));
  EXPECT_TRUE(refuses([](OffloadHeader& h) { h.header_octets = 0xffff; }));
  EXPECT_TRUE(refuses([](OffloadHeader& h) { h.checksum_from += 2; }));
  EXPECT_TRUE(refuses([](OffloadHeader& h) { h.checksum_at = 6; }));
  EXPECT_TRUE(refuses([](OffloadHeader& h) { h.flags = 0; }));
  EXPECT_TRUE(refuses([](OffloadHeader& h) { h.segmentation = OffloadHeader::kTcpIpv6; }));
  EXPECT_TRUE(refuses([](OffloadHeader& h) { h.segmentation = 3; }));  // UDP fragmentation

  std::vector<FrameBuffer> out;
  for (size_t size = 0; size < frame.size(); ++size)
    EXPECT_FALSE(cut_segments(good, std::span(frame).first(size), kFrameMax, pool, out)) << size;
}

TEST(CutSegments, SurvivesAnyHeaderAndAnyOctets) {
  FramePool pool;
  SeededRng rng(3);
  for (int round = 0; round < 5'000; ++round) {
    const Segment base{.ipv6 = rng.below(2) == 1, .tags = rng.below(3), .payload = Octets(300, 1)};
    Octets frame = make(base, true);
    OffloadHeader header = header_for(base, 100);
    for (uint64_t changes = rng.below(4); changes > 0; --changes)
      frame[rng.below(frame.size())] = static_cast<uint8_t>(rng.next_u64());
    auto raw = header.store();
    for (uint64_t changes = rng.below(3); changes > 0; --changes)
      raw[rng.below(raw.size())] = static_cast<uint8_t>(rng.next_u64());
    header = OffloadHeader::load(raw);
    frame.resize(rng.below(5) == 0 ? rng.below(frame.size()) : frame.size());
    std::vector<FrameBuffer> out;
    (void)cut_segments(header, frame, kFrameMax, pool, out);
    for (const FrameBuffer& one : out) EXPECT_LE(one.size(), kFrameMax);
    FrameBuffer single = pool.from(frame);
    (void)complete_checksum(header, single);
  }
}

TEST(CompleteChecksum, SumsToTheEndAndNeverGivesZero) {
  FramePool pool;
  SeededRng rng(4);
  for (size_t size : {8u, 9u, 64u, 65u, 1481u}) {
    const Octets octets = random_octets(rng, 35 + size);
    FrameBuffer frame = pool.from(octets);
    // From an odd place, as behind a tunnel's header.
    ASSERT_TRUE(complete_checksum({.flags = 1, .checksum_from = 35, .checksum_at = 6}, frame));
    const auto sum = static_cast<uint16_t>(~plain_sum(std::span(octets).subspan(35)));
    EXPECT_EQ(load_be16(frame.octets(), 41), sum == 0 ? 0xffff : sum);
  }
  FrameBuffer zero = pool.from(Octets{0xff, 0xff});
  ASSERT_TRUE(complete_checksum({.flags = 1}, zero));
  EXPECT_EQ(load_be16(zero.octets(), 0), 0xffff);
  FrameBuffer untouched = pool.from(Octets(20));
  ASSERT_TRUE(complete_checksum({.checksum_from = 4}, untouched));
  EXPECT_EQ(load_be16(untouched.octets(), 4), 0);
  EXPECT_FALSE(complete_checksum({.flags = 1, .checksum_from = 19}, untouched));
  EXPECT_FALSE(complete_checksum({.flags = 1, .checksum_at = 0xffff}, untouched));
}

/// The host's side of a TAP: what was written, and cut again as a router would.
struct Host {
  FramePool pool;
  std::vector<Octets> frames;
  size_t writes = 0;
  TcpCoalescer coalescer{[this](const OffloadHeader& header, TcpCoalescer::Parts parts) {
    ++writes;
    Octets whole;
    for (const auto part : parts) whole.insert(whole.end(), part.begin(), part.end());
    if (header.segmentation == OffloadHeader::kNone) return frames.push_back(std::move(whole));
    std::vector<FrameBuffer> cut;
    const auto done = cut_segments(header, whole, kFrameMax, pool, cut);
    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(header.header_octets, TcpFrame::find(whole)->payload_at);
    for (Octets& frame : octets_of(cut)) frames.push_back(std::move(frame));
  }};

  void receive(const Octets& frame) { coalescer.add(pool.from(frame)); }
};

TEST(TcpCoalescer, WritesATrainAtOnce) {
  for (const bool ipv6 : {false, true}) {
    Host host;
    SeededRng rng(5);
    const Segment large{.ipv6 = ipv6,
                        .tags = ipv6 ? 1u : 0u,
                        .flags = tcp_flag::kAck | tcp_flag::kPsh,
                        .payload = random_octets(rng, 60'000)};
    const auto frames = sent_one_by_one(large, 1448);
    for (const Octets& frame : frames) host.receive(frame);
    EXPECT_EQ(host.writes, 1u) << "PSH ends it";
    EXPECT_EQ(host.frames, frames);
    EXPECT_TRUE(host.coalescer.is_empty());
  }
}

TEST(TcpCoalescer, LetsNoTrainExceedAnIpPacket) {
  Host host;
  const auto frames = sent_one_by_one({.payload = Octets(200'000, 3)}, 1448);
  for (const Octets& frame : frames) host.receive(frame);
  host.coalescer.flush();
  EXPECT_EQ(host.frames, frames);
  EXPECT_EQ(host.writes, 4u);
}

TEST(TcpCoalescer, NeitherMendsNorJoinsABadChecksum) {
  Host host;
  auto frames = sent_one_by_one({.payload = Octets(10'000, 3)}, 1000);
  frames[4].back() ^= 1;
  frames[7][24] ^= 1;  // the IPv4 header's
  for (const Octets& frame : frames) host.receive(frame);
  host.coalescer.flush();
  EXPECT_EQ(host.frames, frames);
  EXPECT_EQ(host.writes, 5u);
}

TEST(TcpCoalescer, KeepsOtherFramesInTheirPlace) {
  Host host;
  const auto frames = sent_one_by_one({.payload = Octets(3'000, 3)}, 1000);
  Octets eapol(40, 1);
  store_be16(eapol, 12, 0x888e);
  host.receive(frames[0]);
  host.receive(frames[1]);
  host.receive(eapol);
  EXPECT_EQ(host.writes, 2u);
  host.receive(frames[2]);
  host.coalescer.flush();
  EXPECT_EQ(host.frames, (std::vector<Octets>{frames[0], frames[1], eapol, frames[2]}));
}

/// Whatever arrives, in whatever mixture: each flow's frames come out as they went in.
TEST(TcpCoalescer, LosesNothingAndChangesNothing) {
  SeededRng rng(6);
  for (int round = 0; round < 30; ++round) {
    Host host;
    std::map<uint16_t, Segment> next;
    std::map<uint16_t, std::vector<Octets>> sent;
    const size_t flows = 1 + rng.below(12);
    for (int i = 0; i < 300; ++i) {
      const auto port = static_cast<uint16_t>(rng.below(flows));
      Segment& one =
          next.try_emplace(port,
                           Segment{.ipv6 = port % 3 == 1, .tags = port % 4 / 2u, .port = port})
              .first->second;
      const uint64_t kind = rng.below(40);
      one.payload = random_octets(rng, kind == 0 ? rng.below(1449) : kind == 1 ? 0 : 1448);
      one.flags = tcp_flag::kAck;
      if (kind == 2) one.flags = static_cast<uint8_t>(rng.next_u64());
      if (kind == 3) one.flags |= tcp_flag::kPsh;
      if (kind == 4) one.sequence += 1448;
      if (kind == 5) one.id += 3;
      one.tcp_options = kind == 6 ? 0 : 12;
      one.ip_options = kind == 7 ? 8 : 0;
      Octets frame = make(one);
      if (kind == 8) frame[rng.below(frame.size() - 14) + 14] ^= 0x10;
      if (kind == 9) frame.push_back(0);  // padding
      one.sequence += static_cast<uint32_t>(one.payload.size());
      ++one.id;
      sent[port].push_back(frame);
      host.receive(frame);
      if (rng.below(50) == 0) host.coalescer.flush();
    }
    host.coalescer.flush();
    ASSERT_TRUE(host.coalescer.is_empty());
    ASSERT_EQ(host.frames.size(), 300u);
    std::multiset<Octets> came(host.frames.begin(), host.frames.end()), went;
    for (const auto& [port, frames] : sent) went.insert(frames.begin(), frames.end());
    ASSERT_EQ(came, went) << round;
    EXPECT_LT(host.writes, 300u);
    // In order, but for those whose headers were damaged: they belong to no flow.
    for (const auto& [port, frames] : sent) {
      std::map<Octets, size_t> place;
      for (size_t i = 0; i < frames.size(); ++i) place[frames[i]] = i;
      size_t last = 0;
      for (const Octets& frame : host.frames) {
        const auto found = place.find(frame);
        const auto tcp = TcpFrame::find(frame);
        if (found == place.end() || !tcp || !tcp->checksums_hold(frame)) continue;
        EXPECT_GE(found->second, last) << round;
        last = found->second;
      }
    }
  }
}

}  // namespace
}  // namespace airloom::platform
