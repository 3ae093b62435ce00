#include "cli/follow.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "cli/client.h"
#include "cli/interrupts.h"
#include "cli/verbs.h"

namespace airloom::cli {
namespace {

using nlohmann::json;

Result<void> run(Client& client, const json& command) {
  const auto interrupts = TRY(Interrupts::take());
  TRY(client.send(command));
  while (TRY(interrupts.wait(client.fd())) == Interrupts::Ready::kInput) {
    const auto packet = TRY(client.receive());
    const json news = TRY(parse_reply(TRY(daemon::parse_command_message(packet.octets))));
    fmt::print("{}\n", news.value("what", ""));
    std::fflush(stdout);
  }
  return {};
}

}  // namespace

int follow(const Result<json>& command) {
  if (!command) return complain(command.error());
  auto client = Client::connect_or_start();
  if (!client) return complain(client.error());
  const auto outcome = run(*client, *command);
  return outcome ? 0 : complain(outcome.error());
}

}  // namespace airloom::cli
