// The end of a road that waits, at a socket of its own, and strangers who come there.
#include "daemon/tunnel_road.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace airloom::daemon {
namespace {

using platform::DtlsContext;
using platform::Endpoint;
using platform::UdpSocket;
using tunnel::Channel;
using tunnel::Count;

class NoRadio final : public tunnel::RadioPort {
  tunnel::RadioDescription describe() const override { return {}; }
  bool inject(std::span<const uint8_t>) override { return false; }
  Result<void> set_channel(const mac80211::ChannelDefinition&) override { return {}; }
  void set_addresses(std::span<const MacAddress>) override {}
};

/// Somebody who proves its address, and then says no more.
class Stranger {
 public:
  explicit Stranger(const Endpoint& to)
      : socket_(*UdpSocket::connect(to)),
        association_(context_->connect(kHandshakeDatagramMax, [this](auto record) {
          socket_.send(record, nullptr, kPreamble);
        })) {
    association_->poke();
  }
  void prove_address(platform::EventLoop& loop) {
    const Octets demand = next_answer(loop);
    association_->receive(record_in(demand), [](auto) {});
    next_answer(loop);  // the handshake has begun
  }

 private:
  Octets next_answer(platform::EventLoop& loop) {
    Octets answer;
    while (answer.empty()) {
      loop.run_ready();
      socket_.receive([&](const Endpoint&, std::span<const uint8_t> datagram) {
        answer.assign(datagram.begin(), datagram.end());
      });
    }
    return answer;
  }

  UdpSocket socket_;
  std::unique_ptr<DtlsContext> context_ =
      *DtlsContext::create(platform::DtlsRole::kClient, {.key = Octets(32, 8)});
  std::unique_ptr<platform::DtlsAssociation> association_;
};

class WtpRoadTest : public testing::Test {
 protected:
  WtpRoadTest() { road->set_wtp(wtp); }

  uint64_t refused() const { return wtp.counters().of(Count::kRefused); }

  EventQueue queue;
  std::unique_ptr<platform::EventLoop> loop = *platform::EventLoop::create(queue);
  // An address that no other process has.
  const Endpoint address = *Endpoint::resolve(
      fmt::format("127.9.{}.{}", ::getpid() >> 8 & 255, ::getpid() & 255), tunnel::kControlPort);
  std::unique_ptr<WtpRoad> road = *WtpRoad::create(
      *loop, {.address = address, .credentials = platform::DtlsCredentials{.key = Octets(32, 7)}});
  FramePool pool;
  NoRadio radio;
  tunnel::Wtp wtp{
      {.scheduler = &queue, .pool = &pool, .wire = road.get(), .radio = &radio, .log = {}}};
};

TEST_F(WtpRoadTest, FewHandshakesLastAndNoneForLong) {
  constexpr size_t kTooMany = 4;
  for (const Endpoint& to : {address, data_address(address)}) {
    const uint64_t before = refused();
    const TimePoint begin = queue.now();
    std::vector<std::unique_ptr<Stranger>> strangers;
    for (size_t i = 0; i < WtpRoad::kKnownMax + kTooMany; ++i) {
      strangers.push_back(std::make_unique<Stranger>(to));
      strangers.back()->prove_address(*loop);
    }
    EXPECT_EQ(refused() - before, kTooMany) << "the first gave way";
    queue.run_until(begin + kHandshakeTime - Duration(1));
    EXPECT_EQ(refused() - before, kTooMany);
    queue.run_for(kHandshakeTime);
    EXPECT_EQ(refused() - before, kTooMany + WtpRoad::kKnownMax);
  }
}

}  // namespace
}  // namespace airloom::daemon
