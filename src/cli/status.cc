// airloom status: hosts, their radios and interfaces, a lab's programs, and what the air carried.

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "cli/client.h"
#include "cli/verbs.h"

namespace airloom::cli {

using nlohmann::json;

namespace {

/// An SSID or a name may hold anything; a terminal gets what it can show.
std::string printable(const std::string& text) {
  std::string shown;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    shown += octet < 0x20 || octet == 0x7f ? fmt::format("\\x{:02x}", octet) : std::string(1, c);
  }
  return shown;
}

void print_interface(const json& interface) {
  fmt::print("\t\tInterface {}\n", interface.value("name", "unnamed/non-netdev"));
  fmt::print("\t\t\taddr {}\n", interface.value("address", ""));
  if (interface.contains("ssid"))
    fmt::print("\t\t\tssid {}\n", printable(interface.value("ssid", "")));
  fmt::print("\t\t\ttype {}\n", interface.value("type", ""));
  if (interface.contains("frequency"))
    fmt::print("\t\t\tfrequency {} MHz\n", interface.value("frequency", 0u));
  fmt::print("\t\t\tstate {}\n", interface.value("state", ""));
  if (interface.contains("stations"))
    fmt::print("\t\t\tstations {}\n", interface.value("stations", 0u));
}

void print_tunnel(const json& tunnel) {
  fmt::print("\t\ttunnel {}, round trip {} us\n",
             tunnel.value("joined", false) ? "joined" : "without its peer",
             tunnel.value("round_trip_us", 0));
  const json counts = tunnel.value("counts", json::object());
  for (const auto& [what, count] : counts.items())
    fmt::print("\t\t\t{} {}\n", what, count.get<uint64_t>());
}

void print_host(const json& host) {
  fmt::print("Host {}\n", host.value("name", ""));
  for (const auto& radio : host.value("radios", json::array())) {
    fmt::print("\t{} {}\n", radio.value("name", ""), radio.value("address", ""));
    for (const auto& interface : radio.value("interfaces", json::array()))
      print_interface(interface);
    if (radio.contains("tunnel")) print_tunnel(radio["tunnel"]);
    const json drops = radio.value("drops", json::object());
    for (const auto& [reason, count] : drops.items())
      fmt::print("\t\tdropped {} {}\n", reason, count.get<uint64_t>());
  }
  if (const auto refused = host.value("refused", uint64_t{0}))
    fmt::print("\trefused {} frames whose offload header does not fit\n", refused);
}

void print_program(const json& program) {
  std::string words;
  for (const auto& word : program.value("run", json::array()))
    words += (words.empty() ? "" : " ") + word.get<std::string>();
  const std::string state = program.contains("status")
                                ? fmt::format("ended with status {}", program.value("status", 0))
                                : fmt::format("pid {}", program.value("pid", 0));
  fmt::print("\t{}: {}\n\t\t{}, log {}\n", program.value("host", ""), printable(words), state,
             program.value("log", ""));
}

void print_report(const json& report) {
  fmt::print("Daemon pid {} at {}\n", report.value("pid", 0), report.value("runtime_dir", ""));
  for (const auto& host : report.value("hosts", json::array())) print_host(host);
  const auto programs = report.value("programs", json::array());
  if (!programs.empty()) fmt::print("Programs\n");
  for (const auto& program : programs) print_program(program);
  const auto air = report.value("air", json::array());
  if (!air.empty()) fmt::print("Air\n");
  for (const auto& row : air)
    fmt::print("\t{:<32} {:>8} frames {:>12} octets\n", row.value("kind", ""),
               row.value("frames", 0u), row.value("octets", 0u));
}

}  // namespace

int status(bool as_json) {
  auto client = Client::connect();
  if (!client) return complain(client.error());
  const auto report = client->ask({{"verb", "status"}});
  if (!report) return complain(report.error());
  if (as_json) {
    fmt::print("{}\n", report->dump(2));
  } else {
    print_report(*report);
  }
  return 0;
}

}  // namespace airloom::cli
