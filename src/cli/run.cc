// airloom run, airloom exec: a program on a host.

#include "interpose/run.h"

#include <nlohmann/json.hpp>

#include "cli/client.h"
#include "cli/verbs.h"
#include "daemon/runtime_dir.h"

namespace airloom::cli {
namespace {

interpose::FrontEnd front_end_of(const std::string& name) {
  if (name == "seccomp") return interpose::FrontEnd::kSeccomp;
  return name == "preload" ? interpose::FrontEnd::kPreload : interpose::FrontEnd::kAuto;
}

int run_program(const RunArguments& arguments) {
  return interpose::run({.host = arguments.host,
                         .argv = arguments.program,
                         .daemon_path = daemon::socket_path(daemon::runtime_dir()),
                         .front_end = front_end_of(arguments.interpose)});
}

}  // namespace

int run(const RunArguments& arguments) {
  // Held while the program runs: a daemon that has just become idle must not end under it.
  const auto client = Client::connect_or_start();
  if (!client) {
    complain(client.error());
    return interpose::kRunFailed;
  }
  return run_program(arguments);
}

int exec(const RunArguments& arguments) {
  auto client = Client::connect();
  if (!client) return complain(client.error());
  const auto held = client->ask({{"verb", "hold"}, {"host", arguments.host}});
  if (!held) return complain(held.error());
  return run_program(arguments);
}

}  // namespace airloom::cli
