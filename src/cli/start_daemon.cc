#include "cli/start_daemon.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "platform/os_error.h"
#include "platform/process.h"

namespace airloom::cli {
namespace {

// What the daemon writes: one octet, then a sentence if it is not the first.
constexpr char kServes = '+', kRunsAlready = '=', kFailed = '-';
constexpr int kReadyFd = 3;

/// Away from the terminal, holding nothing open that a pipeline would wait for.
Result<void> detach(int ready) {
  ::setsid();
  const platform::UniqueFd null(
      TRY(platform::checked(::open("/dev/null", O_RDWR | O_CLOEXEC), "/dev/null")));
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null.get(), fd);
  if (ready == kReadyFd) {
    TRY(platform::checked(::fcntl(ready, F_SETFD, 0), "F_SETFD"));
  } else {
    TRY(platform::checked(::dup2(ready, kReadyFd), "dup2"));
  }
  ::close_range(kReadyFd + 1, ~0u, 0);
  return {};
}

std::string read_to_end(int fd) {
  std::string text;
  char buffer[512];
  for (;;) {
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count > 0) text.append(buffer, static_cast<size_t>(count));
    if (count == 0 || (count < 0 && errno != EINTR)) return text;
  }
}

}  // namespace

Result<void> start_daemon() {
  int ends[2];
  TRY(platform::checked(::pipe2(ends, O_CLOEXEC), "pipe"));
  const platform::UniqueFd read_end(ends[0]);
  platform::UniqueFd write_end(ends[1]);
  platform::ChildOptions options;
  options.argv = {platform::own_path(), "daemon", "--exit-when-idle", "--ready-fd",
                  std::to_string(kReadyFd)};
  options.own_group = false;  // setsid() makes one
  options.before_exec = [&] { return detach(write_end.get()); };
  TRY(platform::spawn(std::move(options)));
  write_end.reset();
  const std::string report = read_to_end(read_end.get());
  if (report.empty()) return fail(Errc::kIo, "the daemon ended before it served");
  if (report[0] == kServes) return {};
  return fail(report[0] == kRunsAlready ? Errc::kAddressInUse : Errc::kInvalid, report.substr(1));
}

void report_ready(int fd, const Result<void>& outcome) {
  if (fd < 0) return;
  std::string report(1, kServes);
  if (!outcome) {
    report = outcome.error().code == Errc::kAddressInUse ? kRunsAlready : kFailed;
    report += outcome.error().text;
  }
  // Nobody reads where the command that asked was ended meanwhile.
  (void)!::write(fd, report.data(), report.size());
  ::close(fd);
}

}  // namespace airloom::cli
