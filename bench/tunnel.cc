// The tunnel over UDP on loopback, both ends in this thread: a frame goes from the stack's end
// through the road to the radio's end, which injects it and reports, or (`_up`) one that the radio
// heard goes to the stack's end; in the clear and in DTLS. The yardstick copies equal frames
// through two plain UDP sockets. One item is one frame of SIZE octets. Beside it what strangers
// cost at the radio's end: one item is one of their datagrams, sent and refused; the yardstick is a
// frame of those that have the key.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "daemon/tunnel_road.h"
#include "ieee80211/radiotap.h"

namespace {

using namespace airloom;

constexpr int64_t kBurst = 32;
const MacAddress kRadio{{2, 0, 0, 0, 0, 0}}, kStation{{2, 0, 0, 0, 1, 0}};

platform::Endpoint loopback(uint16_t port) {
  return *platform::Endpoint::resolve("127.0.0.1:" + std::to_string(port), port);
}

Octets data_frame(size_t size) {
  Octets frame;
  Writer writer(frame);
  writer.le16(0x0208).le16(0).mac(kStation).mac(kRadio).mac(kRadio).le16(0);
  writer.zeros(size - writer.size());
  return frame;
}

/// One that the station sends, behind what a monitor interface says of it.
Octets heard_frame(size_t size) {
  Octets frame;
  Writer writer(frame);
  ieee80211::RadiotapHeader{.tsft_us = 1,
                            .flags = uint8_t{0},
                            .rate_500kbps = uint8_t{108},
                            .channel = ieee80211::RadiotapChannel{2412, 0},
                            .signal_dbm = int8_t{-50}}
      .emit(writer);
  const size_t end = writer.size() + size;
  writer.le16(0x0108).le16(0).mac(kRadio).mac(kStation).mac(kRadio).le16(0);
  writer.zeros(end - writer.size());
  return frame;
}

void udp_copier(benchmark::State& state) {
  auto receiver = *platform::UdpSocket::bind(loopback(15300));
  auto sender = *platform::UdpSocket::connect(loopback(15300));
  const auto frame = data_frame(static_cast<size_t>(state.range(0)));
  Octets copy;
  int64_t received = 0;
  for (auto _ : state) {
    for (int64_t i = 0; i < kBurst; ++i) sender.send(frame);
    for (const int64_t until = received + kBurst; received < until;)
      receiver.receive([&](const platform::Endpoint&, std::span<const uint8_t> datagram) {
        copy.assign(datagram.begin(), datagram.end());
        ++received;
      });
  }
  state.SetItemsProcessed(received);
}
BENCHMARK(udp_copier)->Arg(1500)->Arg(200);

class Ends final : public tunnel::Ac::Owner, public tunnel::RadioPort {
 public:
  Ends(uint16_t port, bool secured) {
    daemon::RoadOptions options{.address = loopback(port)};
    if (secured) options.credentials = platform::DtlsCredentials{.key = Octets(32, 7)};
    wtp_road_ = std::move(*daemon::WtpRoad::create(*loop_, options));
    ac_road_ = std::move(*daemon::AcRoad::create(*loop_, options));
    wtp_ = std::make_unique<tunnel::Wtp>(tunnel::WtpPorts{
        .scheduler = &queue_, .pool = &pool_, .wire = wtp_road_.get(), .radio = this, .log = {}});
    ac_ = std::make_unique<tunnel::Ac>(
        tunnel::AcPorts{
            .scheduler = &queue_, .rng = &rng_, .pool = &pool_, .wire = ac_road_.get(), .log = {}},
        *this);
    wtp_road_->set_wtp(*wtp_);
    ac_road_->set_ac(*ac_);
    ac_->set_rules({.on = true, .filter = {}, .addresses = {kRadio}});
    ac_->start();
    while (!ac_->is_joined() || !has_addresses_) loop_->run_ready();
  }
  /// Sends a burst, and runs until all of it is injected.
  void send_down(std::span<const uint8_t> frame) {
    for (int64_t i = 0; i < kBurst; ++i)
      ac_->send({.mhz = 2412, .rate = {.legacy_100kbps = 540}, .wants_report = true}, frame);
    await_burst();
  }
  /// The radio hears a burst; runs until the stack's end has all of it.
  void send_up(std::span<const uint8_t> frame) {
    for (int64_t i = 0; i < kBurst; ++i) wtp_->on_radio(frame);
    await_burst();
  }
  int64_t arrived() const { return arrived_; }

 private:
  void await_burst() {
    for (const int64_t until = arrived_ + kBurst; arrived_ < until;) loop_->run_ready();
  }
  void on_joined(const tunnel::RadioDescription&) override {}
  void on_lost() override { std::abort(); }
  void on_frame(const tunnel::RxInfo&, FrameBuffer) override { ++arrived_; }
  void on_reports(std::span<const tunnel::TxReport>) override {}
  void on_tsf(uint64_t) override {}
  tunnel::RadioDescription describe() const override { return {kRadio}; }
  bool inject(std::span<const uint8_t>) override {
    ++arrived_;
    return true;
  }
  Result<void> set_channel(const mac80211::ChannelDefinition&) override { return {}; }
  void set_addresses(std::span<const MacAddress>) override { has_addresses_ = true; }

  EventQueue queue_;
  std::unique_ptr<platform::EventLoop> loop_ = *platform::EventLoop::create(queue_);
  SeededRng rng_{1};
  FramePool pool_;
  std::unique_ptr<daemon::WtpRoad> wtp_road_;
  std::unique_ptr<daemon::AcRoad> ac_road_;
  std::unique_ptr<tunnel::Wtp> wtp_;
  std::unique_ptr<tunnel::Ac> ac_;
  int64_t arrived_ = 0;         // frames, at either end
  bool has_addresses_ = false;  // the radio's end knows what to hand over
};

template <typename Exchange>
void measure(benchmark::State& state, Ends& ends, Exchange exchange) {
  for (int i = 0; i < 100; ++i) exchange();  // pools reach their size
  const int64_t before = ends.arrived();
  for (auto _ : state) exchange();
  state.SetItemsProcessed(ends.arrived() - before);
}

void measure_down(benchmark::State& state, uint16_t port, bool secured) {
  Ends ends(port, secured);
  const Octets frame = data_frame(static_cast<size_t>(state.range(0)));
  measure(state, ends, [&] { ends.send_down(frame); });
}

void measure_up(benchmark::State& state, uint16_t port, bool secured) {
  Ends ends(port, secured);
  const Octets frame = heard_frame(static_cast<size_t>(state.range(0)));
  measure(state, ends, [&] { ends.send_up(frame); });
}

void tunnel_clear(benchmark::State& state) {
  measure_down(state, 15310, false);
}
BENCHMARK(tunnel_clear)->Arg(1500)->Arg(200);

void tunnel_dtls(benchmark::State& state) {
  measure_down(state, 15320, true);
}
BENCHMARK(tunnel_dtls)->Arg(1500)->Arg(200);

void tunnel_clear_up(benchmark::State& state) {
  measure_up(state, 15350, false);
}
BENCHMARK(tunnel_clear_up)->Arg(1500)->Arg(200);

void tunnel_dtls_up(benchmark::State& state) {
  measure_up(state, 15360, true);
}
BENCHMARK(tunnel_dtls_up)->Arg(1500)->Arg(200);

/// A road at the radio's end that nobody has joined, and a stranger.
class Stranger final : private tunnel::RadioPort {
 public:
  explicit Stranger(uint16_t port)
      : road_(*daemon::WtpRoad::create(
            *loop_, {.address = loopback(port),
                     .credentials = platform::DtlsCredentials{.key = Octets(32, 7)}})),
        wtp_({.scheduler = &queue_, .pool = &pool_, .wire = road_.get(), .radio = this, .log = {}}),
        socket_(*platform::UdpSocket::connect(loopback(port))) {
    road_->set_wtp(wtp_);
  }
  /// Sends a burst, and runs until `dealt_with` says that all of it was.
  template <typename DealtWith>
  void exchange(std::span<const uint8_t> datagram, DealtWith dealt_with) {
    for (int64_t i = 0; i < kBurst; ++i) socket_.send(datagram);
    while (!dealt_with()) loop_->run_ready();
  }
  int64_t refused() const {
    return static_cast<int64_t>(wtp_.counters().of(tunnel::Count::kRefused));
  }
  /// Of first messages, by demands to prove the sender's address.
  int64_t answered() {
    while (socket_.receive(
        [&](const platform::Endpoint&, std::span<const uint8_t>) { ++answered_; })) {
    }
    return answered_;
  }

 private:
  tunnel::RadioDescription describe() const override { return {kRadio}; }
  bool inject(std::span<const uint8_t>) override { return true; }
  Result<void> set_channel(const mac80211::ChannelDefinition&) override { return {}; }
  void set_addresses(std::span<const MacAddress>) override {}

  EventQueue queue_;
  std::unique_ptr<platform::EventLoop> loop_ = *platform::EventLoop::create(queue_);
  FramePool pool_;
  std::unique_ptr<daemon::WtpRoad> road_;
  tunnel::Wtp wtp_;
  platform::UdpSocket socket_;
  int64_t answered_ = 0;
};

/// A DTLS record behind CAPWAP's preamble. [RFC 5415 4.1] [RFC 6347 4.1]
Octets record(uint8_t type, uint16_t epoch, std::span<const uint8_t> body) {
  Octets out;
  Writer writer(out);
  writer.u8(tunnel::kPreambleDtls).zeros(3).u8(type).be16(0xfefd).be16(epoch).zeros(6);
  writer.be16(static_cast<uint16_t>(body.size())).bytes(body);
  return out;
}

/// A ClientHello without a cookie. [RFC 6347 4.2.1]
Octets client_hello() {
  Octets body;
  Writer writer(body);
  writer.be16(0xfefd).zeros(32).zeros(2).be16(2).be16(0x00aa).be16(0x0100);
  Octets message;
  const auto length = static_cast<uint8_t>(body.size());
  Writer(message).u8(1).zeros(2).u8(length).zeros(2).zeros(3).zeros(2).u8(length).bytes(body);
  return record(22, 0, message);
}

void stranger_hello(benchmark::State& state) {
  Stranger stranger(15330);
  const Octets hello = client_hello();
  int64_t sent = 0;
  for (auto _ : state) {
    sent += kBurst;
    stranger.exchange(hello, [&] { return stranger.answered() >= sent; });
  }
  state.SetItemsProcessed(sent);
}
BENCHMARK(stranger_hello)->Arg(200);

void stranger_noise(benchmark::State& state) {
  Stranger stranger(15340);
  const Octets noise = record(23, 1, Octets(static_cast<size_t>(state.range(0)), 0x5a));
  int64_t sent = 0;
  for (auto _ : state) {
    sent += kBurst;
    stranger.exchange(noise, [&] { return stranger.refused() >= sent; });
  }
  state.SetItemsProcessed(sent);
}
BENCHMARK(stranger_noise)->Arg(1500)->Arg(200);

}  // namespace
