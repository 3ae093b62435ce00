#include "lab/ip_endpoint.h"

#include <gtest/gtest.h>

#include "base/event_queue.h"

namespace airloom::lab {
namespace {

constexpr Ipv4 kA{10, 0, 0, 1}, kB{10, 0, 0, 2}, kNobody{10, 0, 0, 9};

/// Two endpoints on a wire between their netdevs.
class Wire {
 public:
  Wire() {
    EXPECT_TRUE(a.netdev->set_up(true));
    EXPECT_TRUE(b.netdev->set_up(true));
    a.peer = &b;
    b.peer = &a;
  }

  struct End final : cfg80211::NetdevClient {
    End(EventQueue& queue, uint8_t number)
        : factory(queue),
          made(*factory.create({.name = "eth0", .address = {{2, 0, 0, 0, 0, number}}}, *this)),
          netdev(factory.find("eth0")) {}
    Result<void> on_up() override { return {}; }
    void on_down() override {}
    Result<void> on_address_change(const MacAddress&) override { return {}; }
    void on_renamed() override {}
    void on_transmit(std::span<FrameBuffer> burst) override {
      for (auto& frame : burst) {
        ++sent;
        if (tamper) tamper(frame.writable());
        peer->made->receive(std::move(frame));
      }
    }
    MemoryNetdevFactory factory;
    std::unique_ptr<cfg80211::Netdev> made;
    MemoryNetdev* netdev;
    End* peer = nullptr;
    int sent = 0;
    std::function<void(std::span<uint8_t>)> tamper;
  };

  EventQueue queue;
  FramePool pool;
  End a{queue, 1}, b{queue, 2};
  IpEndpoint ip_a{queue, pool, *a.netdev, kA};
  IpEndpoint ip_b{queue, pool, *b.netdev, kB};

  std::optional<Duration> ping(Ipv4 to, bool& answered) {
    std::optional<Duration> round_trip;
    answered = false;
    ip_a.ping(to, [&](std::optional<Duration> result) {
      round_trip = result;
      answered = true;
    });
    queue.run_for(std::chrono::seconds(2));
    return round_trip;
  }
};

TEST(IpEndpoint, PingsByWayOfArpAndRemembersTheNeighbour) {
  Wire wire;
  bool answered = false;
  EXPECT_TRUE(wire.ping(kB, answered));
  EXPECT_TRUE(answered);
  EXPECT_EQ(wire.ip_b.echoes_answered(), 1u);
  EXPECT_EQ(wire.a.sent, 2);  // an ARP request, an echo request
  EXPECT_EQ(wire.b.sent, 2);
  EXPECT_TRUE(wire.ping(kB, answered));
  EXPECT_EQ(wire.a.sent, 3);  // no ARP again
}

TEST(IpEndpoint, TellsOfAPingThatNobodyAnswers) {
  Wire wire;
  bool answered = false;
  EXPECT_FALSE(wire.ping(kNobody, answered));
  EXPECT_TRUE(answered);
}

TEST(IpEndpoint, DropsEchoesWhoseChecksumIsWrong) {
  Wire wire;
  bool answered = false;
  ASSERT_TRUE(wire.ping(kB, answered));
  wire.a.tamper = [](std::span<uint8_t> frame) { frame.back() ^= 1; };
  EXPECT_FALSE(wire.ping(kB, answered));
  EXPECT_TRUE(answered);
  EXPECT_EQ(wire.ip_b.echoes_answered(), 1u);
}

TEST(IpEndpoint, SurvivesEveryTruncationAndAnyOctetChanged) {
  Wire wire;
  std::vector<Octets> frames;
  wire.a.tamper = [&](std::span<uint8_t> frame) {
    frames.emplace_back(frame.begin(), frame.end());
  };
  bool answered = false;
  ASSERT_TRUE(wire.ping(kB, answered));
  const auto receive = [&](const Octets& octets) {
    FrameBuffer frame = wire.pool.allocate(octets.size());
    std::copy(octets.begin(), octets.end(), frame.writable().begin());
    wire.b.made->receive(std::move(frame));
  };
  for (const auto& whole : frames) {
    for (size_t length = 0; length < whole.size(); ++length)
      receive(Octets(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length)));
    for (size_t at = 0; at < whole.size(); ++at) {
      for (const uint8_t value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
        Octets changed = whole;
        changed[at] = value;
        receive(changed);
      }
    }
  }
  wire.a.tamper = nullptr;
  EXPECT_TRUE(wire.ping(kB, answered));
}

}  // namespace
}  // namespace airloom::lab
