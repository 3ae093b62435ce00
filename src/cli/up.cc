// airloom up, airloom down: a lab from its file, and the end of it.

#include <fmt/core.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/client.h"
#include "cli/interrupts.h"
#include "cli/verbs.h"
#include "lab/lab_file.h"
#include "platform/os_error.h"

namespace airloom::cli {

using nlohmann::json;

namespace {

constexpr int kInterrupted = 130;  // as a shell tells a SIGINT

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  // A folder opens, but does not read.
  if (!file.is_open() || file.bad() || std::filesystem::is_directory(path))
    return std::unexpected(platform::os_error(file.is_open() ? EISDIR : errno, path));
  return text;
}

class Up {
 public:
  explicit Up(Client& client) : client_(client) {}

  Result<void> run(const json& command) {
    const auto interrupts = TRY(Interrupts::take());
    TRY(client_.send(command));
    while (!done_) {
      if (TRY(interrupts.wait(client_.fd())) == Interrupts::Ready::kInput) {
        TRY(on_packet(TRY(client_.receive())));
      } else {
        if (std::exchange(interrupted_, true)) return fail(Errc::kInvalid, "interrupted twice");
        TRY(client_.send({{"verb", "interrupt"}}));
      }
    }
    return {};
  }
  bool interrupted() const { return interrupted_; }

 private:
  Result<void> on_packet(const platform::Packet& packet) {
    const auto message = TRY(daemon::parse_command_message(packet.octets));
    const json reply = TRY(parse_reply(message));
    done_ = message.type == daemon::kAnswer;
    if (!done_) print(reply);
    return {};
  }

  void print(const json& event) const {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin_;
    fmt::print("{:8.3f} s  {:<10} {}\n", elapsed.count(), event.value("host", ""),
               event.value("what", ""));
    std::fflush(stdout);
  }

  Client& client_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  bool done_ = false;
  bool interrupted_ = false;
};

Result<void> wait_for_end(int process) {
  pollfd wait{process, POLLIN, 0};
  while (::poll(&wait, 1, -1) < 0)
    if (errno != EINTR) return std::unexpected(platform::os_error(errno, "poll"));
  return {};
}

Result<void> take_down() {
  auto client = TRY(Client::connect());
  const pid_t pid = TRY(client.daemon_pid());
  const platform::UniqueFd process(TRY(platform::checked(
      static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)), "watching the daemon")));
  TRY(client.ask({{"verb", "down"}}));
  return wait_for_end(process.get());
}

}  // namespace

int up(const std::string& lab_path) {
  const auto text = read_file(lab_path);
  if (!text) return complain(text.error());
  // Read here as well, so that a slip in the file starts no daemon.
  if (auto lab = lab::LabFile::parse(*text, lab_path); !lab) return complain(lab.error());
  auto client = Client::connect_or_start();
  if (!client) return complain(client.error());
  const auto directory = std::filesystem::absolute(lab_path).parent_path();
  Up up(*client);
  const auto outcome = up.run(
      {{"verb", "up"}, {"lab", *text}, {"name", lab_path}, {"directory", directory.string()}});
  if (outcome) return 0;
  complain(outcome.error());
  return up.interrupted() ? kInterrupted : 1;
}

int down() {
  const auto outcome = take_down();
  return outcome ? 0 : complain(outcome.error());
}

}  // namespace airloom::cli
