// The `airloom` command: reads the command line and calls the verb.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <new>
#include <string>
#include <vector>

#include "base/out_of_memory.h"
#include "cli/verbs.h"

namespace airloom::cli {
namespace {

constexpr int kUsage = 2;
constexpr const char* kVersion = "airloom 0.1.0";

/// Everything a command line can say.
struct Words {
  DaemonArguments daemon;
  RunArguments run;
  std::string lab_path;
  CaptureArguments capture;
  TapArguments tap;
  TunnelServeArguments serve;
  TunnelJoinArguments join;
  AirServeArguments air_serve;
  bool json = false;
};

void add_daemon(CLI::App& app, Words& words) {
  auto* verb = app.add_subcommand("daemon", "Serve radios and hosts until ended (Ctrl-C)");
  verb->add_flag("-v,--verbose", words.daemon.verbose, "Log each frame and request");
  verb->add_option("--first-radio", words.daemon.first_radio,
                   "Number of the first radio, so that two daemons that share an air differ")
      ->check(CLI::Range(0, 65000));
  verb->add_option("--loss", words.daemon.loss_percent,
                   "Of what radios receive, so many in a hundred come with bit errors")
      ->check(CLI::Range(0, 99));
  verb->add_flag("--exit-when-idle", words.daemon.exit_when_idle)->group("");
  verb->add_option("--ready-fd", words.daemon.ready_fd)->group("");
}

void add_run_and_exec(CLI::App& app, Words& words) {
  auto* run = app.add_subcommand(
      "run", "Run a program on a host, made if need be: run -- PROGRAM [ARGUMENT...]");
  run->add_option("--host", words.run.host, "The host's name")->capture_default_str();
  auto* exec =
      app.add_subcommand("exec", "Run a program on a host: exec HOST -- PROGRAM [ARGUMENT...]");
  exec->add_option("HOST", words.run.host, "The host's name")->required();
  for (auto* verb : {run, exec})
    verb->add_option("--interpose", words.run.interpose, "How: auto, seccomp or preload")
        ->check(CLI::IsMember({"auto", "seccomp", "preload"}))
        ->capture_default_str();
}

void add_others(CLI::App& app, Words& words) {
  auto* up = app.add_subcommand("up", "Bring up the hosts and programs of a lab file");
  up->add_option("LAB.toml", words.lab_path, "The lab file")->required();
  app.add_subcommand("down", "End the lab, its hosts and the daemon");
  auto* status = app.add_subcommand("status", "Show hosts, radios, interfaces and the air");
  status->add_flag("--json", words.json, "As JSON, for programs");
  auto* capture = app.add_subcommand("capture", "Record the air until ended (Ctrl-C)");
  capture->add_flag("--nl80211", words.capture.nl80211,
                    "Generic netlink messages too, on an interface for each host");
  auto* output =
      capture->add_option("-o,--output", words.capture.path, "A pcapng file to make; -: stdout");
  capture->add_option("--host", words.capture.host, "Only what a radio of this host sent or heard");
  capture->add_option("--radio", words.capture.radio, "The same of one radio: phy0, host/phy0");
  auto* replay = capture->add_option("--replay", words.capture.replay_path,
                                     "A capture to put back on the air, with its timing");
  capture->add_option("--freq", words.capture.mhz, "MHz, for a replayed frame that does not say");
  replay->excludes(output);
}

void add_tap(CLI::App& app, Words& words) {
  auto* tap = app.add_subcommand(
      "tap", "A netdev with a radio's raw frames, to read and write, until ended (Ctrl-C)");
  tap->add_option("NAME", words.tap.name, "The netdev's name")->required();
  tap->add_option("--dlt", words.tap.dlt, "105: 802.11 frames; 127: behind a radiotap header")
      ->check(CLI::IsMember({105, 127}))
      ->capture_default_str();
  tap->add_option("--host", words.tap.host, "Its host; left out: the only one");
  tap->add_option("--radio", words.tap.radio, "phy0; left out: the host's first");
  tap->add_option("--freq", words.tap.mhz, "The channel, in MHz; left out: where the radio is");
}

int call_capture(const CaptureArguments& arguments) {
  if (!arguments.replay_path.empty()) return replay(arguments);
  if (!arguments.path.empty()) return capture(arguments);
  complain({Errc::kInvalid, "capture needs -o FILE, or --replay FILE"});
  return kUsage;
}

/// What both ends of a tunnel can be told.
template <typename Arguments>
void add_road(CLI::App* verb, Arguments& arguments) {
  auto& security = arguments.security;
  verb->add_option("--key", security.key_file, "A file with the key that both ends know");
  verb->add_option("--certificate", security.certificate, "PEM file: our certificate");
  verb->add_option("--private-key", security.private_key, "PEM file: its private key");
  verb->add_option("--authority", security.authority,
                   "PEM file: whose certificates the peer may have");
  verb->add_flag("--insecure", security.insecure, "In the clear, also beyond this machine");
  verb->add_option("--mtu", arguments.mtu, "What the road's IP packets may be, in octets")
      ->check(CLI::Range(576, 9000));
}

constexpr const char* kListen = "ADDRESS[:PORT] to wait at";
constexpr const char* kTo = "ADDRESS[:PORT] of the machine that serves";

void add_tunnel(CLI::App& app, Words& words) {
  auto* tunnel = app.add_subcommand("tunnel", "A radio of one machine for the stack of another");
  tunnel->require_subcommand(1);
  auto* serve =
      tunnel->add_subcommand("serve", "Give away what a monitor interface hears and sends");
  serve->add_option("INTERFACE", words.serve.interface, "The monitor interface")->required();
  serve->add_option("--listen", words.serve.listen, kListen);
  serve->add_flag("-v,--verbose", words.serve.verbose, "Log more");
  add_road(serve, words.serve);
  auto* join = tunnel->add_subcommand("join", "Give a host the radio that another machine serves");
  join->add_option("--host", words.join.host, "The host's name")->capture_default_str();
  join->add_option("ADDRESS", words.join.to, kTo)->required();
  add_road(join, words.join);
}

void add_air(CLI::App& app, Words& words) {
  auto* air = app.add_subcommand("air", "One air for the hosts of two daemons");
  air->require_subcommand(1);
  auto* serve = air->add_subcommand("serve", "Let another daemon join this one's air");
  serve->add_option("--listen", words.air_serve.listen, kListen);
  add_road(serve, words.air_serve);
  auto* join = air->add_subcommand("join", "Join the air of a daemon that serves it");
  join->add_option("ADDRESS", words.join.to, kTo)->required();
  add_road(join, words.join);
}

int call(const CLI::App& app, const Words& words) {
  const std::string verb = app.get_subcommands().at(0)->get_name();
  if (verb == "daemon") return daemon(words.daemon);
  if (verb == "up") return up(words.lab_path);
  if (verb == "down") return down();
  if (verb == "status") return status(words.json);
  if (verb == "capture") return call_capture(words.capture);
  if (verb == "tap") return tap(words.tap);
  if (verb == "tunnel")
    return app.get_subcommand("tunnel")->got_subcommand("serve") ? tunnel_serve(words.serve)
                                                                 : tunnel_join(words.join);
  if (verb == "air")
    return app.get_subcommand("air")->got_subcommand("serve") ? air_serve(words.air_serve)
                                                              : air_join(words.join);
  if (words.run.program.empty()) {
    complain({Errc::kInvalid, verb + " needs -- PROGRAM: see airloom " + verb + " --help"});
    return kUsage;
  }
  return verb == "run" ? run(words.run) : exec(words.run);
}

int main(std::vector<std::string> arguments) {
  Words words;
  // The program's words are its own: the parser never sees them.
  const auto separator = std::find(arguments.begin(), arguments.end(), "--");
  if (separator != arguments.end()) words.run.program.assign(separator + 1, arguments.end());
  arguments.erase(separator, arguments.end());

  CLI::App app("The Linux Wi-Fi stack in userspace: radios, hosts and the air between them");
  app.name("airloom");
  app.require_subcommand(1);
  app.set_version_flag("-V,--version", kVersion);
  add_daemon(app, words);
  add_run_and_exec(app, words);
  add_others(app, words);
  add_tap(app, words);
  add_tunnel(app, words);
  add_air(app, words);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  return call(app, words);
}

}  // namespace
}  // namespace airloom::cli

int main(int argc, char** argv) {
  std::set_new_handler(airloom::out_of_memory);
  return airloom::cli::main({argv + 1, argv + argc});
}
