// airloom tunnel serve: gives a peer what a monitor interface hears, and sends there what the peer
// wants sent, until ended. SIGUSR1 prints what it counted so far.

#include <fmt/core.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "cli/monitor_radio.h"
#include "cli/tunnel_security.h"
#include "cli/verbs.h"
#include "daemon/tunnel_road.h"
#include "platform/log_sink.h"

namespace airloom::cli {
namespace {

constexpr int kBurstsMax = 8;  // before others have their turn

void print_counts(const tunnel::Wtp& wtp) {
  nlohmann::json counts{{"joined", wtp.has_session()}};
  for (size_t i = 0; i < tunnel::kCountCount; ++i) {
    const auto what = static_cast<tunnel::Count>(i);
    if (const uint64_t count = wtp.counters().of(what))
      counts[std::string(to_string(what))] = count;
  }
  fmt::print("{}\n", counts.dump());
  std::fflush(stdout);
}

Result<daemon::RoadOptions> road_of(const TunnelServeArguments& arguments) {
  daemon::RoadOptions options{.address = TRY(listen_address(arguments.listen, arguments.security)),
                              .mtu = arguments.mtu};
  options.credentials = TRY(credentials_of(arguments.security, options.address));
  return options;
}

Result<void> serve(const TunnelServeArguments& arguments) {
  const auto options = TRY(road_of(arguments));
  EventQueue queue;
  const auto loop = TRY(platform::EventLoop::create(queue));
  const auto sink =
      platform::SpdlogSink::to_stderr(arguments.verbose ? LogLevel::kDebug : LogLevel::kInfo);
  const Log log(*sink, queue, arguments.interface);
  const auto radio = TRY(MonitorRadio::open(arguments.interface, log));
  const auto road = TRY(daemon::WtpRoad::create(*loop, options));
  FramePool pool;
  tunnel::Wtp wtp(
      {.scheduler = &queue, .pool = &pool, .wire = road.get(), .radio = radio.get(), .log = log});
  road->set_wtp(wtp);
  const auto heard = TRY(loop->on_readable(radio->capture().fd(), [&] {
    const auto visit = [&](std::span<const uint8_t> frame) { wtp.on_radio(frame); };
    for (int bursts = 0; bursts < kBurstsMax && radio->capture().receive(visit); ++bursts) {
    }
  }));
  const auto interrupted = TRY(loop->on_signal(SIGINT, [&] { loop->stop(); }));
  const auto terminated = TRY(loop->on_signal(SIGTERM, [&] { loop->stop(); }));
  const auto asked = TRY(loop->on_signal(SIGUSR1, [&] { print_counts(wtp); }));
  fmt::print("{} is served at {}\n", arguments.interface, options.address.to_string());
  std::fflush(stdout);
  loop->run();
  road->close();
  print_counts(wtp);
  return {};
}

}  // namespace

int tunnel_serve(const TunnelServeArguments& arguments) {
  const auto outcome = serve(arguments);
  return outcome ? 0 : complain(outcome.error());
}

}  // namespace airloom::cli
