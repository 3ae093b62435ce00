// airloom daemon: serves radios and hosts until it is ended.

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "cli/start_daemon.h"
#include "cli/verbs.h"
#include "daemon/runtime_dir.h"
#include "daemon/server.h"
#include "platform/log_sink.h"
#include "platform/namespace.h"
#include "platform/os_error.h"
#include "platform/process.h"
#include "platform/tap.h"

namespace airloom::cli {
namespace {

/// A daemon in the background has no terminal: what it has to say goes to a file.
Result<void> log_to_file(const std::string& runtime_dir) {
  const std::string path = daemon::log_dir(runtime_dir) + "/daemon.log";
  const platform::UniqueFd file(TRY(platform::checked(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), path)));
  TRY(platform::checked(::dup2(file.get(), STDOUT_FILENO), path));
  TRY(platform::checked(::dup2(file.get(), STDERR_FILENO), path));
  return {};
}

/// Makes TAPs possible. @return why they are not, in a sentence; empty: they are.
std::string prepare_for_taps() {
  auto prepared = platform::Tap::probe();
  if (prepared) prepared = platform::become_root_in_user_namespace();
  return prepared ? "" : prepared.error().text;
}

Result<void> serve(const DaemonArguments& arguments, bool& serves) {
  ::signal(SIGPIPE, SIG_IGN);
  platform::raise_descriptor_limit();
  const std::string path = daemon::runtime_dir();  // as the user who asked would find it
  const std::string why_emulated = prepare_for_taps();
  const auto dir = TRY(daemon::RuntimeDir::take(path));
  if (arguments.ready_fd >= 0) TRY(log_to_file(path));
  const auto log =
      platform::SpdlogSink::to_stderr(arguments.verbose ? LogLevel::kDebug : LogLevel::kInfo);
  const auto server = TRY(daemon::Server::create({.runtime_dir = path,
                                                  .exit_when_idle = arguments.exit_when_idle,
                                                  .why_emulated = why_emulated,
                                                  .first_radio = arguments.first_radio,
                                                  .loss_percent = arguments.loss_percent},
                                                 *log));
  serves = true;
  report_ready(arguments.ready_fd, {});
  server->run();
  return {};
}

}  // namespace

int daemon(const DaemonArguments& arguments) {
  bool serves = false;
  const auto outcome = serve(arguments, serves);
  if (!serves) report_ready(arguments.ready_fd, outcome);
  return outcome ? 0 : complain(outcome.error());
}

}  // namespace airloom::cli
