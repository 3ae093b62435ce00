// Flow queues by themselves: what is a flow, their order, limits, marks and counters.
#include "mac80211/flow_queues.h"

#include <gmock/gmock.h>

#include "ieee80211/ethernet.h"
#include "mac80211/ecn.h"
#include "mac80211/flow_hash.h"
#include "two_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

struct Ip {
  uint16_t from_port = 1, to_port = 2;
  uint8_t protocol = 17;
  uint16_t fragment = 0;
  uint8_t tos = 0;
  uint8_t last_octet = 1;
};

Octets ipv4_frame(const Ip& ip, size_t payload = 20, bool tagged = false) {
  Octets frame;
  Writer writer(frame);
  writer.mac({{2, 0, 0, 0, 0, 1}}).mac({{2, 0, 0, 0, 0, 2}});
  if (tagged) writer.be16(0x8100).be16(5);
  writer.be16(0x0800).u8(0x45).u8(ip.tos).be16(0).be16(0).be16(ip.fragment).u8(64).u8(ip.protocol);
  writer.be16(0).be32(0x0a000000u + ip.last_octet).be32(0x0a000002);
  writer.be16(ip.from_port).be16(ip.to_port).bytes(Octets(payload));
  return frame;
}

Octets ipv6_frame(uint16_t port, uint32_t label) {
  Octets frame;
  Writer writer(frame);
  writer.mac({{2, 0, 0, 0, 0, 1}}).mac({{2, 0, 0, 0, 0, 2}}).be16(0x86dd);
  writer.be32(0x60000000 | label).be16(8).u8(6).u8(64).bytes(Octets(32, 0xfd));
  writer.be16(port).be16(2).be32(0);
  return frame;
}

TEST(FlowHashTest, FollowsAddressesProtocolAndPorts) {
  const auto hash = [](const Ip& ip) { return flow_hash(ipv4_frame(ip), 7); };
  EXPECT_EQ(hash({}), flow_hash(ipv4_frame({}, 900), 7));
  EXPECT_NE(hash({}), hash({.from_port = 3}));
  EXPECT_NE(hash({}), hash({.to_port = 3}));
  EXPECT_NE(hash({}), hash({.protocol = 6}));
  EXPECT_NE(hash({}), hash({.last_octet = 9}));
  EXPECT_EQ(hash({.protocol = 1}), hash({.from_port = 3, .protocol = 1})) << "no ports in ICMP";
  EXPECT_EQ(hash({}), flow_hash(ipv4_frame({}, 20, /*tagged=*/true), 7));
  EXPECT_NE(hash({}), flow_hash(ipv4_frame({}), 8)) << "another key";
}

TEST(FlowHashTest, KeepsFragmentsTogether) {
  const auto hash = [](const Ip& ip) { return flow_hash(ipv4_frame(ip), 7); };
  EXPECT_EQ(hash({.fragment = 0x2000}), hash({.from_port = 77, .fragment = 0x00b9}));
  EXPECT_NE(hash({.fragment = 0x4000}), hash({.from_port = 77, .fragment = 0x4000}))
      << "Don't Fragment is no fragment";
}

TEST(FlowHashTest, TakesTheFlowLabelForThePorts) {
  EXPECT_NE(flow_hash(ipv6_frame(1, 0), 7), flow_hash(ipv6_frame(3, 0), 7));
  EXPECT_EQ(flow_hash(ipv6_frame(1, 5), 7), flow_hash(ipv6_frame(3, 5), 7));
  EXPECT_NE(flow_hash(ipv6_frame(1, 5), 7), flow_hash(ipv6_frame(1, 6), 7));
}

TEST(FlowHashTest, ReadsNoFurtherThanAFrameGoes) {
  for (const Octets& whole : {ipv4_frame({}), ipv4_frame({}, 20, true), ipv6_frame(1, 0)})
    for (size_t size = 0; size <= whole.size(); ++size) {
      const Octets part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      (void)flow_hash(part, 7);
    }
}

TEST(EcnTest, MarksWhoKnowsIt) {
  FramePool pool;
  auto checksum = [](std::span<const uint8_t> header) {
    uint32_t sum = 0;
    for (size_t i = 0; i < 20; i += 2) sum += static_cast<uint32_t>(header[i] << 8 | header[i + 1]);
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
  };
  for (const uint8_t tos : {1, 2, 3, 0xb9, 0xfe}) {
    Octets octets = ipv4_frame({.tos = tos});
    const uint32_t fill = 0xffff - checksum(std::span(octets).subspan(14));
    octets[24] = static_cast<uint8_t>(fill >> 8);
    octets[25] = static_cast<uint8_t>(fill);
    FrameBuffer frame = pool.from(octets);
    const FrameBuffer shared = frame;
    EXPECT_TRUE(mark_congestion(frame));
    EXPECT_EQ(frame.octets()[15], tos | 3);
    EXPECT_EQ(checksum(frame.octets().subspan(14)), 0xffffu);
    EXPECT_EQ(shared.octets()[15], tos) << "another's view of it stays";
  }
  FrameBuffer plain = pool.from(ipv4_frame({.tos = 0xb8}));
  EXPECT_FALSE(mark_congestion(plain));
  Octets octets = ipv6_frame(1, 0);
  FrameBuffer six = pool.from(octets);
  EXPECT_FALSE(mark_congestion(six));
  octets[15] = 0x20;
  six = pool.from(octets);
  EXPECT_TRUE(mark_congestion(six));
  EXPECT_EQ(six.octets()[15], 0x30);
  FrameBuffer arp = pool.from(Octets(60));
  EXPECT_FALSE(mark_congestion(arp));
}

class FlowQueuesTest : public TwoHosts {
 protected:
  void push(TxQueue& to, const Ip& ip, size_t payload = 20, TimePoint since = TimePoint{1s}) {
    flows.push(to, {.ethernet = pool.from(ipv4_frame(ip, payload)), .since = since});
  }
  /// The source ports of everything that comes out, in that order.
  std::vector<int> pop_all(TxQueue& from) {
    std::vector<int> ports;
    while (auto frame = flows.pop(from, TimePoint{1s}, nullptr))
      ports.push_back(frame->ethernet.octets()[34] << 8 | frame->ethernet.octets()[35]);
    return ports;
  }

  std::vector<Drop> drops;
  FlowQueues flows{7, [this](const QueuedFrame&, Drop why) { drops.push_back(why); }};
  TxQueue queue{ap.interface(), nullptr, 0}, other{ap.interface(), nullptr, 0};
};

TEST_F(FlowQueuesTest, NewFlowsGoFirstAndOldOnesTakeTurns) {
  for (int i = 0; i < 3; ++i) push(queue, {.from_port = 1}, 400);
  for (int i = 0; i < 3; ++i) push(queue, {.from_port = 2}, 400);
  EXPECT_EQ(queue.stats().flows, 2u);
  auto port = [&](const std::optional<QueuedFrame>& frame) { return frame->ethernet.octets()[35]; };
  EXPECT_EQ(port(flows.pop(queue, {}, nullptr)), 1);
  EXPECT_EQ(port(flows.pop(queue, {}, nullptr)), 2);
  EXPECT_EQ(port(flows.pop(queue, {}, nullptr)), 1);
  push(queue, {.from_port = 3}, 20);
  EXPECT_THAT(pop_all(queue), ElementsAre(3, 2, 1, 2));
  EXPECT_EQ(queue.stats().flows, 0u);
  EXPECT_EQ(queue.stats().tx_frames, 7u);
}

TEST_F(FlowQueuesTest, TheQuantumSaysHowMuchAFlowSendsAtATurn) {
  flows.limits.quantum = 1000;
  for (int i = 0; i < 4; ++i)
    for (const uint16_t from : {1, 2}) push(queue, {.from_port = from}, 962);  // 1,000 in all
  push(queue, {.from_port = 2}, 0);
  EXPECT_THAT(pop_all(queue), ElementsAre(1, 2, 1, 2, 1, 2, 1, 2, 2));
}

TEST_F(FlowQueuesTest, KeepsTheOrderWithinAFlow) {
  for (size_t i = 0; i < 100; ++i) push(queue, {}, 20 + i);
  for (size_t i = 0; i < 100; ++i)
    EXPECT_EQ(flows.pop(queue, {}, nullptr)->ethernet.size(), ipv4_frame({}, 20 + i).size());
}

TEST_F(FlowQueuesTest, AFlowThatAnotherQueueHasGoesToTheQueuesOwn) {
  push(queue, {});
  push(other, {});
  push(other, {});
  EXPECT_EQ(other.stats().collisions, 2u);
  EXPECT_EQ(flows.stats().collisions, 2u);
  EXPECT_THAT(pop_all(other), ElementsAre(1, 1));
  EXPECT_THAT(pop_all(queue), ElementsAre(1));
  push(other, {});
  EXPECT_EQ(other.stats().collisions, 2u);
  flows.clear(other, Drop::kTxPurged);
  EXPECT_THAT(drops, ElementsAre(Drop::kTxPurged));
}

TEST_F(FlowQueuesTest, AFlowWhoseBucketIsSetFreeDoesNotOvertakeItself) {
  push(queue, {});
  push(other, {}, 21);
  EXPECT_THAT(pop_all(queue), ElementsAre(1));
  push(other, {}, 22);
  push(other, {.from_port = 3}, 23);
  std::vector<size_t> payloads;
  while (auto frame = flows.pop(other, TimePoint{1s}, nullptr))
    payloads.push_back(frame->ethernet.size() - ipv4_frame({}, 0).size());
  EXPECT_THAT(payloads, ElementsAre(21, 22, 23));
  EXPECT_EQ(other.stats().collisions, 2u);
  push(other, {}, 24);
  EXPECT_EQ(other.stats().collisions, 2u) << "the bucket is its own now";
  EXPECT_THAT(pop_all(other), ElementsAre(1));
}

TEST_F(FlowQueuesTest, LimitsAreOfFramesAndOfMemory) {
  flows.limits.frames = 10;
  for (int i = 0; i < 11; ++i) push(queue, {.from_port = 1}, 500);
  EXPECT_EQ(queue.size(), 6u) << "half of the fattest flow goes";
  EXPECT_EQ(queue.stats().over_limit, 1u);
  for (int i = 0; i < 20; ++i) push(queue, {.from_port = 2}, 20);
  EXPECT_LE(queue.size(), 10u);
  flows.clear(queue, Drop::kTxPurged);
  EXPECT_EQ(*flows.stats().backlog_frames, 0u);
  EXPECT_EQ(*flows.stats().backlog_octets, 0u);
  flows.limits = {.frames = 1000, .octets = 20'000, .quantum = 300};
  for (int i = 0; i < 50; ++i) push(queue, {.from_port = 1}, 1400);
  EXPECT_LE(*flows.stats().backlog_octets, 20'000u);
  EXPECT_GT(*flows.stats().over_memory, 0u);
  flows.limits.octets = 1;
  push(queue, {.from_port = 1});
  EXPECT_EQ(queue.size(), 0u);
}

TEST_F(FlowQueuesTest, TheOldestIsFoundAmongFlows) {
  push(queue, {.from_port = 3}, 20, TimePoint{3s});
  push(queue, {.from_port = 1}, 20, TimePoint{1s});
  push(queue, {.from_port = 2}, 20, TimePoint{2s});
  EXPECT_EQ(flows.pop_oldest(queue).since, TimePoint{1s});
  flows.drop_older(queue, TimePoint{3s}, Drop::kTxExpired);
  EXPECT_THAT(drops, ElementsAre(Drop::kTxExpired));
  EXPECT_THAT(pop_all(queue), ElementsAre(3));
}

TEST_F(FlowQueuesTest, CodelMarksOrDropsByFlow) {
  const CodelParameters codel;
  for (int i = 0; i < 1000; ++i)
    for (const uint8_t tos : {0, 1}) push(queue, {.from_port = uint16_t(1 + tos), .tos = tos});
  size_t marked = 0;
  for (int ms = 50; ms < 450; ++ms)
    for (int i = 0; i < 2; ++i) {
      const auto frame = flows.pop(queue, TimePoint{1s + std::chrono::milliseconds(ms)}, &codel);
      marked += (frame->ethernet.octets()[15] & 3) == 3;
    }
  EXPECT_GT(marked, 1u);
  EXPECT_EQ(queue.stats().ecn_marks, marked);
  EXPECT_GT(drops.size(), 1u);
  EXPECT_EQ(queue.stats().drops, drops.size());
}

TEST_F(FlowQueuesTest, ManyFlowsFindTheirBuckets) {
  for (uint16_t from = 0; from < 3000; ++from) push(queue, {.from_port = from});
  std::vector<int> ports = pop_all(queue);
  EXPECT_EQ(ports.size(), 3000u);
  std::ranges::sort(ports);
  for (int i = 0; i < 3000; ++i) EXPECT_EQ(ports[static_cast<size_t>(i)], i);
  EXPECT_EQ(queue.stats().flows, 0u);
}

}  // namespace
}  // namespace airloom::mac80211
