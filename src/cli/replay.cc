// airloom capture --replay: reads a capture and has the daemon put it on the air. It hands frames
// over shortly before they are due, so that neither side keeps the whole.

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "capture/pcap_reader.h"
#include "cli/client.h"
#include "cli/verbs.h"
#include "lab/air_replay.h"
#include "platform/os_error.h"

namespace airloom::cli {
namespace {

constexpr uint16_t kIeee80211 = 105, kRadiotap = 127;
constexpr Duration kAhead = std::chrono::milliseconds(500);

Result<Octets> read_file(const std::string& path) {
  const platform::UniqueFd fd(
      TRY(platform::checked(::open(path.c_str(), O_RDONLY | O_CLOEXEC), path)));
  Octets octets;
  size_t used = 0;
  for (;;) {
    octets.resize(used + (1u << 20));
    const ssize_t got = ::read(fd.get(), octets.data() + used, octets.size() - used);
    used += static_cast<size_t>(TRY(platform::checked(static_cast<int>(got), path)));
    if (got == 0) break;
  }
  octets.resize(used);
  return octets;
}

class Replay {
 public:
  explicit Replay(const CaptureArguments& arguments) : arguments_(arguments) {}

  Result<void> run() {
    const Octets file = TRY(read_file(arguments_.replay_path));
    auto reader = capture::PcapReader::open(file);
    if (!reader) return wrong(reader.error().text);
    client_ = std::make_unique<Client>(TRY(Client::connect()));
    TRY(client_->send({{"verb", "replay"}}));
    TRY(receive());
    began_ = std::chrono::steady_clock::now();
    for (;;) {
      const auto packet = reader->next();
      if (!packet)
        return wrong(packet.error().text.empty() ? "it ends within a packet" : packet.error().text);
      if (!*packet) break;
      TRY(send(**packet));
    }
    const auto reply = client_->ask({{"verb", "stop"}});
    if (!reply) return wrong(reply.error().text);
    fmt::print(stderr, "{} frames replayed\n", reply->value("frames", 0u));
    return {};
  }

 private:
  Result<void> send(const capture::CapturedPacket& packet) {
    ++number_;
    if (packet.link_type != kIeee80211 && packet.link_type != kRadiotap) return {};
    if (packet.is_cut) return wrong(fmt::format("packet {} was cut when captured", number_));
    if (!first_ns_) first_ns_ = packet.time_ns;
    // A capture of several interfaces need not be in order: what comes late goes at once.
    const uint64_t since = packet.time_ns > *first_ns_ ? packet.time_ns - *first_ns_ : 0;
    if (since > static_cast<uint64_t>(lab::AirReplay::kLongest.count()))
      return wrong(fmt::format("packet {} is more than ten years after the first", number_));
    const Duration at(static_cast<int64_t>(since));
    TRY(wait_until(at - kAhead));
    const lab::ReplayFrame frame{.at = at,
                                 .interface = packet.interface,
                                 .has_radiotap = packet.link_type == kRadiotap,
                                 .mhz = arguments_.mhz,
                                 .octets = packet.octets};
    return client_->send(frame);
  }

  /// Waits for the time; what the daemon says meanwhile is an error.
  Result<void> wait_until(Duration at) {
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          began_ + at - std::chrono::steady_clock::now());
      pollfd ready{.fd = client_->fd(), .events = POLLIN, .revents = 0};
      const int got =
          ::poll(&ready, 1, static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1000)));
      if (got > 0) TRY(receive());
      if (got <= 0 && left.count() <= 0) return {};
    }
  }

  Result<void> receive() {
    const auto packet = TRY(client_->receive());
    auto reply = parse_reply(TRY(daemon::parse_command_message(packet.octets)));
    if (!reply) return wrong(reply.error().text);
    return {};
  }

  Result<void> wrong(const std::string& why) const {
    return fail(Errc::kInvalid,
                fmt::format("{} cannot be replayed: {}", arguments_.replay_path, why));
  }

  const CaptureArguments arguments_;
  std::unique_ptr<Client> client_;
  std::chrono::steady_clock::time_point began_;
  std::optional<uint64_t> first_ns_;
  size_t number_ = 0;
};

}  // namespace

int replay(const CaptureArguments& arguments) {
  const auto outcome = Replay(arguments).run();
  return outcome ? 0 : complain(outcome.error());
}

}  // namespace airloom::cli
