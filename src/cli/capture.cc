// airloom capture: the air, and netlink if asked, as pcapng, from the first frame after the file
// appears.

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "cli/client.h"
#include "cli/interrupts.h"
#include "cli/verbs.h"
#include "platform/os_error.h"
#include "platform/shared_slots.h"

namespace airloom::cli {
namespace {

class Capture {
 public:
  Capture(Client& client, CaptureArguments arguments)
      : client_(client), path_(arguments.path), arguments_(std::move(arguments)) {}

  Result<void> run() {
    const auto interrupts = TRY(Interrupts::take());
    TRY(client_.send({{"verb", "capture"},
                      {"nl80211", arguments_.nl80211},
                      {"host", arguments_.host},
                      {"radio", arguments_.radio}}));
    while (!done_) {
      if (TRY(interrupts.wait(client_.fd())) == Interrupts::Ready::kInput) {
        TRY(on_packet(TRY(client_.receive())));
      } else {
        TRY(client_.send({{"verb", "stop"}}));  // what is on its way still comes, then the answer
      }
    }
    return {};
  }

 private:
  Result<void> on_packet(platform::Packet packet) {
    const auto message = TRY(daemon::parse_command_message(packet.octets));
    if (message.type == daemon::kCaptureData) return write(message.body);
    if (message.type == daemon::kCaptureSlot && slots_) return write_slot(message.body);
    const auto reply = TRY(parse_reply(message));
    if (message.type == daemon::kProgress) return open(std::move(packet.descriptors));
    done_ = true;
    fmt::print(stderr, "{} frames captured, ", reply.value("frames", 0u));
    if (arguments_.nl80211)
      fmt::print(stderr, "{} netlink datagrams, ", reply.value("messages", 0u));
    fmt::print(stderr, "{} lost for want of room\n", reply.value("lost", 0u));
    return {};
  }

  /// Only once the daemon records: the file's presence says so.
  Result<void> open(std::vector<platform::UniqueFd> descriptors) {
    if (descriptors.empty()) return fail(Errc::kMalformed, "the daemon shares no memory");
    slots_.emplace(TRY(platform::SharedSlots::open(std::move(descriptors.front()))));
    const int fd = path_ == "-"
                       ? ::dup(STDOUT_FILENO)
                       : ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    output_.reset(TRY(platform::checked(fd, path_)));
    return {};
  }

  Result<void> write_slot(std::span<const uint8_t> body) {
    const auto [slot, octets] = TRY(daemon::parse_capture_slot(body));
    TRY(write(TRY(slots_->look(slot, octets))));
    slots_->release(slot);
    return {};
  }

  Result<void> write(std::span<const uint8_t> octets) {
    while (!octets.empty()) {
      const ssize_t written = ::write(output_.get(), octets.data(), octets.size());
      if (written < 0 && errno == EINTR) continue;
      octets = octets.subspan(
          static_cast<size_t>(TRY(platform::checked(static_cast<int>(written), path_))));
    }
    return {};
  }

  Client& client_;
  const std::string path_;
  const CaptureArguments arguments_;
  platform::UniqueFd output_;
  std::optional<platform::SharedSlots> slots_;
  bool done_ = false;
};

}  // namespace

int capture(const CaptureArguments& arguments) {
  auto client = Client::connect();
  if (!client) return complain(client.error());
  const auto outcome = Capture(*client, arguments).run();
  return outcome ? 0 : complain(outcome.error());
}

}  // namespace airloom::cli
