#include "daemon/lab_runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "daemon/runtime_dir.h"
#include "daemon/server.h"
#include "platform/os_error.h"
#include "platform/process.h"

namespace airloom::daemon {
namespace {

constexpr auto kReadyTime = std::chrono::seconds(60);
constexpr size_t kLineMax = 4096;    // octets of a line that are looked at
constexpr size_t kLastLinesMax = 5;  // lines told of a program that failed

std::string last_words(const LabRunner::Program& program) {
  std::string text;
  for (const auto& line : program.last_lines) text += "\n  " + line;
  return text.empty() ? "; it printed nothing" : "; its last lines:" + text;
}

}  // namespace

LabRunner::LabRunner(Server& server)
    : server_(server),
      started_(server.now()),
      ready_timeout_(server.loop().queue(), [this] { on_ready_timeout(); }),
      sme_changed_(server.loop().queue(), [this] { on_sme_changed(); }),
      kill_timer_(server.loop().queue(), [this] { signal_all(SIGKILL); }) {
  auto watch = server_.loop().on_signal(SIGCHLD, [this] { on_child_ended(); });
  if (watch) child_ended_ = std::move(*watch);
}

LabRunner::~LabRunner() {
  signal_all(SIGKILL);
}

void LabRunner::up(const lab::LabFile& lab, const std::string& directory, Reports reports) {
  if (is_up() || is_going_down())
    return reports.done(fail(Errc::kExists, "a lab is up already: airloom down ends it"));
  reports_ = std::move(reports);
  directory_ = directory;
  next_ = 0;
  awaits_smes_ = false;
  server_.hold();
  holds_daemon_ = true;
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
    HostRuntime* host = TRY(
        server_.add_host(entry.name, entry.radios, entry.driver, {.tx_queues = entry.tx_queues}));
    hosts_.push_back(entry.name);
    if (!entry.address.empty()) TRY(host->add_address("wlan0", entry.address));
    report(entry.name, fmt::format("{} radio{}{}", entry.radios, entry.radios == 1 ? "" : "s",
                                   entry.address.empty() ? "" : ", " + entry.address));
    if (entry.access_point || entry.station) TRY(start_sme(entry));
  }
  return {};
}

Result<void> LabRunner::start_sme(const lab::HostEntry& entry) {
  return server_.find_host(entry.name)
      ->start_sme(entry, [this, name = entry.name](const std::string& what) {
        report(name, what);
        sme_changed_.arm(Duration{0});
      });
}

void LabRunner::start_next() {
  if (next_ == programs_.size()) {
    awaits_smes_ = true;
    ready_timeout_.arm(kReadyTime);
    return check_smes();
  }
  Program& program = *programs_[next_++];
  if (auto started = start(program); !started) return finish(std::move(started));
  report(program.host, fmt::format("started {}", fmt::join(program.run, " ")));
  if (program.ready.empty()) return on_ready(program);
  ready_timeout_.arm(kReadyTime);
}

Result<void> LabRunner::start(Program& program) {
  platform::ChildOptions options;
  TRY(open_output(program, options.output));
  options.argv = {platform::own_path(), "run", "--host", program.host, "--"};
  options.argv.insert(options.argv.end(), program.run.begin(), program.run.end());
  options.before_exec = [this]() -> Result<void> {
    TRY(platform::checked(::chdir(directory_.c_str()), directory_));
    ::setenv("AIRLOOM_RUNTIME_DIR", server_.runtime_dir().c_str(), 1);
    return {};
  };
  program.pid = TRY(platform::spawn(std::move(options)));
  return {};
}

Result<void> LabRunner::open_output(Program& program, platform::UniqueFd& write_end) {
  const auto name = program.run[0].substr(program.run[0].rfind('/') + 1);
  program.log_path =
      fmt::format("{}/{}-{}-{}.log", log_dir(server_.runtime_dir()), program.host, next_, name);
  program.log.reset(TRY(platform::checked(
      ::open(program.log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
      program.log_path)));
  int ends[2];
  TRY(platform::checked(::pipe2(ends, O_CLOEXEC), "pipe"));
  program.output.reset(ends[0]);
  write_end.reset(ends[1]);
  TRY(platform::checked(::fcntl(ends[0], F_SETFL, O_NONBLOCK), "pipe"));
  program.output_readable = TRY(
      server_.loop().on_readable(program.output.get(), [this, &program] { on_output(program); }));
  return {};
}

void LabRunner::on_output(Program& program) {
  read_output(program);
  check_awaited(program);
}

void LabRunner::read_output(Program& program) {
  char buffer[4096];
  while (program.output) {
    const ssize_t count = ::read(program.output.get(), buffer, sizeof buffer);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) {
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
      } else if (program.line.size() < kLineMax) {
        program.line += buffer[i];
      }
    }
  }
}

void LabRunner::on_line(Program& program) {
  const std::string line = std::exchange(program.line, {});
  program.last_lines.push_back(line);
  if (program.last_lines.size() > kLastLinesMax) program.last_lines.pop_front();
  if (program.is_ready || program.ready.empty() || is_going_down()) return;
  if (line.find(program.ready) == std::string::npos) return;
  report(program.host, line);
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
    read_output(*program);
    check_awaited(*program);
  }
  check_all_ended();
}

/// Gives up on a program that ended without being ready. One that put itself into the background
/// may still speak.
void LabRunner::check_awaited(Program& program) {
  if (program.is_ready || program.ready.empty() || !program.status || is_going_down()) return;
  if (*program.status == 0 && program.output) return;
  finish(fail(Errc::kInvalid,
              fmt::format("{} on {} ended with status {} before it said '{}'{}", program.run[0],
                          program.host, *program.status, program.ready, last_words(program))));
}

/// One that gave up takes a lab that is on its way up with it.
void LabRunner::on_sme_changed() {
  for (const auto& name : hosts_) {
    const HostRuntime* host = server_.find_host(name);
    if (!host || !host->sme() || !host->sme()->failure()) continue;
    const std::string what = fmt::format("{}: {}", name, host->sme()->failure()->text);
    return finish(fail(host->sme()->failure()->code, what));
  }
  if (awaits_smes_) check_smes();
}

void LabRunner::check_smes() {
  for (const auto& name : hosts_)
    if (const HostRuntime* host = server_.find_host(name); host && !host->sme_is_up()) return;
  finish({});
}

void LabRunner::on_ready_timeout() {
  const auto seconds = kReadyTime.count();
  if (!awaits_smes_) {
    const Program& program = *programs_[next_ - 1];
    return finish(fail(Errc::kTimedOut,
                       fmt::format("{} on {} did not say '{}' within {} s{}", program.run[0],
                                   program.host, program.ready, seconds, last_words(program))));
  }
  std::string names;
  for (const auto& name : hosts_)
    if (const HostRuntime* host = server_.find_host(name); host && !host->sme_is_up())
      names += (names.empty() ? "" : ", ") + name;
  finish(fail(Errc::kTimedOut, fmt::format("not up within {} s: {}", seconds, names)));
}

void LabRunner::finish(Result<void> outcome) {
  ready_timeout_.cancel();
  awaits_smes_ = false;
  const auto done = std::exchange(reports_.done, nullptr);
  if (!done) return;
  if (outcome) return done({});
  down([done, outcome] { done(outcome); });
}

void LabRunner::interrupt() {
  finish(fail(Errc::kInvalid, "interrupted: all is undone"));
}

void LabRunner::report(const std::string& host, const std::string& what) {
  server_.log().info("{}: {}", host, what);
  if (!reports_.progress) return;
  const double seconds = static_cast<double>((server_.now() - started_).count()) / 1e9;
  const nlohmann::json event{{"time", seconds}, {"host", host}, {"what", what}};
  reports_.progress(event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void LabRunner::signal_all(int signal) {
  for (const auto& program : programs_)
    if (program->pid > 0 && !program->status) ::kill(-program->pid, signal);
}

void LabRunner::down(std::function<void()> done) {
  finish(fail(Errc::kInvalid, "the lab was ended before it was up"));  // if it is on its way
  on_down_.push_back(std::move(done));
  if (on_down_.size() > 1) return;  // it goes down already
  hosts_are_empty_ = hosts_.empty();
  signal_all(SIGTERM);
  kill_timer_.arm(ProcessEnder::kGrace);
  if (!hosts_are_empty_) {
    server_.end_processes(hosts_, [this] {
      hosts_are_empty_ = true;
      check_all_ended();
    });
  }
  check_all_ended();
}

void LabRunner::check_all_ended() {
  if (!is_going_down() || !hosts_are_empty_) return;
  for (const auto& program : programs_)
    if (program->pid > 0 && !program->status) return;
  kill_timer_.cancel();
  programs_.clear();
  for (const auto& host : hosts_) server_.remove_host(host);
  hosts_.clear();
  reports_ = {};
  const auto callbacks = std::exchange(on_down_, {});
  for (const auto& done : callbacks) done();
  if (std::exchange(holds_daemon_, false)) server_.release();
}

}  // namespace airloom::daemon
