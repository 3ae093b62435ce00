#include "daemon/lab_runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "daemon/server.h"
#include "platform/os_error.h"
#include "platform/process.h"

namespace airloom::daemon {
namespace {

constexpr auto kReadyTime = std::chrono::seconds(60);
constexpr auto kEndTime = std::chrono::seconds(3);

/// The path of this very program, to start `airloom run` with.
std::string own_path() {
  std::string path(4096, '\0');
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  path.resize(length > 0 ? static_cast<size_t>(length) : 0);
  return path;
}

}  // namespace

LabRunner::LabRunner(Server& server)
    : server_(server),
      ready_timeout_(server.loop().queue(),
                     [this] {
                       const auto& program = *programs_[next_ - 1];
                       finish(fail(Errc::kTimedOut,
                                   fmt::format("{} on {} did not say '{}' within {} s; its "
                                               "output is in {}",
                                               program.run[0], program.host, program.ready,
                                               kReadyTime.count(), program.log_path)));
                     }),
      kill_timer_(server.loop().queue(), [this] { signal_all(SIGKILL); }) {
  auto watch = server_.loop().on_signal(SIGCHLD, [this] { on_child_ended(); });
  if (watch) child_ended_ = std::move(*watch);
}

LabRunner::~LabRunner() { signal_all(SIGKILL); }

void LabRunner::up(const lab::LabFile& lab, const std::string& directory, Reports reports) {
  if (is_up()) return reports.done(fail(Errc::kExists, "a lab is up already: airloom down ends it"));
  reports_ = std::move(reports);
  directory_ = directory;
  next_ = 0;
  server_.hold();
  if (auto made = make_hosts(lab); !made) return finish(std::move(made));
  for (const auto& host : lab.hosts) {
    for (const auto& entry : host.programs) {
      auto program = std::make_unique<Program>();
      program->host = host.name;
      program->run = entry.run;
      program->ready = entry.ready;
      programs_.push_back(std::move(program));
    }
  }
  start_next();
}

Result<void> LabRunner::make_hosts(const lab::LabFile& lab) {
  for (const auto& entry : lab.hosts) {
    HostRuntime* host = TRY(server_.add_host(entry.name, entry.radios));
    hosts_.push_back(entry.name);
    if (!entry.address.empty()) TRY(host->add_address("wlan0", entry.address));
    report(entry.name, fmt::format("{} radio{}{}", entry.radios, entry.radios == 1 ? "" : "s",
                                   entry.address.empty() ? "" : ", " + entry.address));
    if (entry.access_point || entry.station) TRY(host->start_sme(entry, [this, name = entry.name](
                                                     const std::string& what) {
      report(name, what);
    }));
  }
  return {};
}

void LabRunner::start_next() {
  if (next_ == programs_.size()) return finish({});
  Program& program = *programs_[next_++];
  if (auto started = start(program); !started) return finish(std::move(started));
  report(program.host, fmt::format("started {}", fmt::join(program.run, " ")));
  if (program.ready.empty()) return on_ready(program);
  ready_timeout_.arm(kReadyTime);
}

Result<void> LabRunner::start(Program& program) {
  const auto name = program.run[0].substr(program.run[0].rfind('/') + 1);
  program.log_path = fmt::format("{}/{}-{}-{}.log", server_.runtime_dir(), program.host, next_,
                                 name);
  program.log.reset(TRY(platform::checked(
      ::open(program.log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
      program.log_path)));
  int ends[2];
  TRY(platform::checked(::pipe2(ends, O_CLOEXEC), "pipe"));
  program.output.reset(ends[0]);
  platform::ChildOptions options;
  options.output.reset(ends[1]);
  TRY(platform::checked(::fcntl(ends[0], F_SETFL, O_NONBLOCK), "pipe"));
  options.argv = {own_path(), "run", "--host", program.host, "--"};
  options.argv.insert(options.argv.end(), program.run.begin(), program.run.end());
  options.before_exec = [this]() -> Result<void> {
    TRY(platform::checked(::chdir(directory_.c_str()), directory_));
    ::setenv("AIRLOOM_RUNTIME_DIR", server_.runtime_dir().c_str(), 1);
    return {};
  };
  program.output_readable = TRY(
      server_.loop().on_readable(program.output.get(), [this, &program] { on_output(program); }));
  program.pid = TRY(platform::spawn(std::move(options)));
  return {};
}

void LabRunner::on_output(Program& program) {
  char buffer[4096];
  const ssize_t count = ::read(program.output.get(), buffer, sizeof buffer);
  if (count <= 0) {
    if (count < 0 && errno == EAGAIN) return;
    program.output_readable.reset();
    program.output.reset();
    return;
  }
  // A full disk loses log lines, not the lab.
  if (::write(program.log.get(), buffer, static_cast<size_t>(count)) < 0)
    server_.log().warn("{} cannot be written", program.log_path);
  for (ssize_t i = 0; i < count; ++i) {
    if (buffer[i] == '\n') {
      on_line(program);
      program.line.clear();
    } else if (program.line.size() < 4096) {
      program.line += buffer[i];
    }
  }
}

void LabRunner::on_line(Program& program) {
  if (program.is_ready || program.ready.empty()) return;
  if (program.line.find(program.ready) == std::string::npos) return;
  report(program.host, program.line);
  on_ready(program);
}

void LabRunner::on_ready(Program& program) {
  program.is_ready = true;
  ready_timeout_.cancel();
  start_next();
}

void LabRunner::on_child_ended() {
  for (auto& program : programs_) {
    if (program->pid == 0 || program->status) continue;
    const auto ended = platform::reap(program->pid);
    if (!ended) continue;
    program->status = ended->status;
    report(program->host, fmt::format("{} ended with status {}", program->run[0], ended->status));
    const bool awaited = !program->is_ready && !program->ready.empty();
    // What was started is not what ended while a program daemonises itself: ask for its output.
    if (awaited && ended->status != 0)
      finish(fail(Errc::kInvalid,
                  fmt::format("{} on {} ended with status {} before it was ready; its output is "
                              "in {}",
                              program->run[0], program->host, ended->status, program->log_path)));
  }
  check_all_ended();
}

void LabRunner::finish(Result<void> outcome) {
  ready_timeout_.cancel();
  auto done = std::move(reports_.done);
  reports_.done = nullptr;
  if (!done) return;
  if (outcome) return done({});
  down([done, outcome] { done(outcome); });
}

void LabRunner::report(const std::string& host, const std::string& what) {
  server_.log().info("{}: {}", host, what);
  if (!reports_.progress) return;
  const double seconds = static_cast<double>(server_.now().since_epoch.count()) / 1e9;
  const nlohmann::json event{{"time", seconds}, {"host", host}, {"what", what}};
  reports_.progress(event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void LabRunner::signal_all(int signal) {
  for (const auto& program : programs_)
    if (program->pid > 0 && !program->status) ::kill(-program->pid, signal);
}

void LabRunner::down(std::function<void()> done) {
  on_down_ = std::move(done);
  signal_all(SIGTERM);
  kill_timer_.arm(kEndTime);
  check_all_ended();
}

void LabRunner::check_all_ended() {
  if (!on_down_) return;
  for (const auto& program : programs_)
    if (program->pid > 0 && !program->status) return;
  kill_timer_.cancel();
  const bool was_up = is_up();
  programs_.clear();
  for (const auto& host : hosts_) server_.remove_host(host);
  hosts_.clear();
  reports_ = {};
  if (was_up) server_.release();
  const auto done = std::exchange(on_down_, nullptr);
  done();
}

}  // namespace airloom::daemon
