// The `airloom` command: reads the command line and calls the verb.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

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
  bool json = false;
};

void add_daemon(CLI::App& app, Words& words) {
  auto* verb = app.add_subcommand("daemon", "Serve radios and hosts until ended (Ctrl-C)");
  verb->add_flag("-v,--verbose", words.daemon.verbose, "Log each frame and request");
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

int call(const CLI::App& app, const Words& words) {
  const std::string verb = app.get_subcommands().at(0)->get_name();
  if (verb == "daemon") return daemon(words.daemon);
  if (verb == "up") return up(words.lab_path);
  if (verb == "down") return down();
  if (verb == "status") return status(words.json);
  if (verb == "capture") return call_capture(words.capture);
  if (verb == "tap") return tap(words.tap);
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
  return airloom::cli::main({argv + 1, argv + argc});
}
