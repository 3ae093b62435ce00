// airloom tap: a netdev through which any process reads and writes a radio's raw frames, for as
// long as this runs.

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "cli/client.h"
#include "cli/interrupts.h"
#include "cli/verbs.h"

namespace airloom::cli {
namespace {

/// Waits for the next message. False: the user wants an end first.
Result<bool> wait_for_reply(Client& client, const Interrupts& interrupts, nlohmann::json& reply) {
  if (TRY(interrupts.wait(client.fd())) == Interrupts::Ready::kInterrupt) return false;
  const auto packet = TRY(client.receive());
  reply = TRY(parse_reply(TRY(daemon::parse_command_message(packet.octets))));
  return true;
}

Result<void> run(const TapArguments& arguments) {
  const auto interrupts = TRY(Interrupts::take());
  auto client = TRY(Client::connect());
  TRY(client.send({{"verb", "tap"},
                   {"name", arguments.name},
                   {"host", arguments.host},
                   {"radio", arguments.radio},
                   {"dlt", arguments.dlt},
                   {"mhz", arguments.mhz}}));
  nlohmann::json reply;
  if (TRY(wait_for_reply(client, interrupts, reply))) {
    fmt::print("{} on {}: {}\n", arguments.name, reply.value("radio", ""),
               arguments.dlt == 105 ? "802.11 frames" : "802.11 frames behind radiotap");
    std::fflush(stdout);
    while (TRY(wait_for_reply(client, interrupts, reply))) {
    }
  }
  TRY(client.ask({{"verb", "stop"}}));  // so that the netdev has gone when we have
  return {};
}

}  // namespace

int tap(const TapArguments& arguments) {
  const auto outcome = run(arguments);
  return outcome ? 0 : complain(outcome.error());
}

}  // namespace airloom::cli
