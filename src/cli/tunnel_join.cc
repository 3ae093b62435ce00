// What joins another machine, and lasts until ended: airloom tunnel join, for a radio; airloom air
// serve and airloom air join, for the whole air of two daemons.

#include <nlohmann/json.hpp>

#include "cli/follow.h"
#include "cli/tunnel_security.h"
#include "cli/verbs.h"
#include "tunnel/capwap.h"

namespace airloom::cli {
namespace {

using nlohmann::json;

/// @param verb  for the daemon
Result<json> command_of(const char* verb, const platform::Endpoint& address, size_t mtu,
                        const TunnelSecurity& security) {
  json command{{"verb", verb}, {"address", address.to_string()}, {"mtu", mtu}};
  if (const auto credentials = TRY(credentials_of(security, address)))
    command["credentials"] = {{"key", credentials->key},
                              {"certificate", credentials->certificate},
                              {"private_key", credentials->private_key},
                              {"authority", credentials->authority}};
  return command;
}

Result<json> joining_of(const char* verb, const TunnelJoinArguments& arguments) {
  const auto to = TRY(platform::Endpoint::resolve(arguments.to, tunnel::kControlPort));
  json command = TRY(command_of(verb, to, arguments.mtu, arguments.security));
  command["host"] = arguments.host;
  return command;
}

Result<json> serving_of(const AirServeArguments& arguments) {
  const auto at = TRY(listen_address(arguments.listen, arguments.security));
  return command_of("air_serve", at, arguments.mtu, arguments.security);
}

}  // namespace

int tunnel_join(const TunnelJoinArguments& arguments) {
  return follow(joining_of("tunnel", arguments));
}

int air_join(const TunnelJoinArguments& arguments) {
  return follow(joining_of("air_join", arguments));
}

int air_serve(const AirServeArguments& arguments) {
  return follow(serving_of(arguments));
}

}  // namespace airloom::cli
