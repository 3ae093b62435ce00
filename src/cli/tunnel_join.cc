// airloom tunnel join: a host of the daemon has the radio that another machine serves, until ended.

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "cli/client.h"
#include "cli/interrupts.h"
#include "cli/tunnel_security.h"
#include "cli/verbs.h"
#include "platform/udp_socket.h"
#include "tunnel/capwap.h"

namespace airloom::cli {
namespace {

using nlohmann::json;

Result<json> command_of(const TunnelJoinArguments& arguments) {
  const auto to = TRY(platform::Endpoint::resolve(arguments.to, tunnel::kControlPort));
  json command{
      {"verb", "tunnel"}, {"host", arguments.host}, {"to", to.to_string()}, {"mtu", arguments.mtu}};
  if (const auto credentials = TRY(credentials_of(arguments.security, to)))
    command["credentials"] = {{"key", credentials->key},
                              {"certificate", credentials->certificate},
                              {"private_key", credentials->private_key},
                              {"authority", credentials->authority}};
  return command;
}

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

int tunnel_join(const TunnelJoinArguments& arguments) {
  const auto command = command_of(arguments);
  if (!command) return complain(command.error());
  auto client = Client::connect_or_start();
  if (!client) return complain(client.error());
  const auto outcome = run(*client, *command);
  return outcome ? 0 : complain(outcome.error());
}

}  // namespace airloom::cli
