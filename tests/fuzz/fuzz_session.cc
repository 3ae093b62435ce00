// A program's sessions with the daemon, by either front end: on an attached host with emulated
// interfaces there are a generic netlink socket, a route socket and a packet socket, each once
// asked on its own connection and once by a channel. The input is what is said there, message after
// message: to whom, of which type, an octet with its length, the body. Each is answered once or
// ends its connection, and in the end the daemon serves the next program as ever.
#include <sys/socket.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "daemon/runtime_dir.h"
#include "daemon/server.h"
#include "law.h"

namespace airloom::fuzz {
namespace {

using namespace interpose;  // NOLINT: what is said

constexpr const char* kHost = "host";
constexpr uint64_t kFirstCookie = 7;
constexpr size_t kKinds = 3, kMessagesMax = 64, kInputsOfHost = 100;
constexpr uint8_t kLater = 0x80;  // of whom: the daemon is not let run yet

class NoLog final : public LogSink {
 public:
  LogLevel threshold() const override { return LogLevel::kError; }
  void write(TimePoint, LogLevel, std::string_view, std::string_view) override {}
};

/// A daemon with a folder of its own, kept from input to input, as its host is for a while.
class Daemon {
 public:
  Daemon()
      : folder_(make_folder()),
        dir_(*daemon::RuntimeDir::take(folder_)),
        server_(*daemon::Server::create({.runtime_dir = folder_, .why_emulated = "it is fuzzed"},
                                        log_)) {}
  ~Daemon() {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  platform::PacketSocket connect() {
    auto socket = platform::PacketSocket::connect(daemon::socket_path(folder_));
    expect(socket && socket->set_non_blocking(true), "the daemon can be reached");
    run();
    return std::move(*socket);
  }
  void run() { server_->loop().run_ready(); }
  /// After each input. @param sockets  how many there are to be.
  void end_input(size_t sockets) {
    expect(server_->sockets().size() == sockets, "a program's sockets end with it");
    if (++inputs_ % kInputsOfHost == 0) server_->remove_host(kHost);
  }
  /// The daemon's number for the program that attaches next.
  uint32_t count_program() { return ++programs_; }

 private:
  static std::string make_folder() {
    std::string path = (std::filesystem::temp_directory_path() / "airloom-fuzz-XXXXXX").string();
    expect(::mkdtemp(path.data()) != nullptr, "there is room for a folder");
    return path;
  }

  NoLog log_;
  const std::string folder_;
  daemon::RuntimeDir dir_;
  std::unique_ptr<daemon::Server> server_;
  uint32_t programs_ = 0;
  size_t inputs_ = 0;
};

/// One end of a connection, and how often it has been answered.
struct End {
  platform::PacketSocket socket;
  size_t asked = 0, answered = 0;
  bool open = true;
  bool is_channel = false;  // whose answers take another road

  bool is_settled() const { return !open || is_channel || answered == asked; }

  void send(std::span<const uint8_t> datagram) {
    if (!socket.send(datagram)) return;  // it has been ended, or has no room
    ++asked;
  }
  void take_in() {
    for (;;) {
      const auto packet = socket.receive(kMaxMessage);
      if (!packet) {
        open = open && packet.error().code == Errc::kTryAgain;
        return;
      }
      const auto whole = for_each_message(packet->octets, [&](const Envelope& envelope) {
        take(envelope.message);
        return Result<void>();
      });
      expect(whole.has_value(), "what the daemon says parses");
    }
  }

 private:
  void take(const Message& message) {
    answered += std::holds_alternative<Attached>(message) ||
                std::holds_alternative<Outcome>(message) || std::holds_alternative<Answer>(message);
  }
};

Octets message_of(MessageType type, uint64_t cookie, std::span<const uint8_t> body) {
  Octets octets;
  Writer writer(octets);
  emit_header(writer, {.type = type, .socket = cookie});
  writer.bytes(body);
  return octets;
}

class Program {
 public:
  explicit Program(Daemon& daemon) : daemon_(daemon) {
    const uint32_t participant = daemon.count_program();
    say(connect(), Attach{.host = kHost, .program = "fuzz", .pid = 1});
    for (size_t kind = 0; kind < kKinds; ++kind)
      for (const uint64_t cookie : {uint64_t{0}, kFirstCookie + kind})
        say(connect(), Open{.participant = participant,
                            .pid = 1,
                            .privileged = true,
                            .kind = static_cast<SocketKind>(kind),
                            .type = SOCK_RAW,
                            .cookie = cookie});
    say(connect(), Channel{.participant = participant, .pid = 1});
    for (const End& end : ends_) expect(end.open && end.answered == 1, "a program is served");
    ends_.back().is_channel = true;
  }

  /// Takes one message off the input and says it.
  void say_next(Reader& input) {
    const auto whom = input.u8(), type = input.u8(), length = input.u8();
    if (!whom || !type || !length) return;  // and nothing is left
    const auto body = input.take(std::min<size_t>(*length, input.remaining()));
    const size_t number = (*whom & ~kLater) % (ends_.size() + kKinds);
    const bool by_channel = number >= ends_.size();
    End& end = by_channel ? ends_.back() : ends_[number];
    const uint64_t cookie = by_channel ? kFirstCookie + number - ends_.size() : 0;
    end.send(message_of(static_cast<MessageType>(*type), cookie, *body));
    if (!(*whom & kLater)) settle();
  }
  void settle() {
    bool settled = false;
    for (size_t i = 0; i < 2 * kMessagesMax && !settled; ++i) {
      daemon_.run();
      settled = true;
      for (End& end : ends_) {
        end.take_in();
        settled = settled && end.is_settled();
      }
    }
    expect(settled, "a message is answered once, or ends its connection");
  }

 private:
  End& connect() { return ends_.emplace_back(End{.socket = daemon_.connect()}); }
  void say(End& end, const Message& message) {
    end.send(emit_message(message, {}));
    settle();
  }

  Daemon& daemon_;
  std::vector<End> ends_;  // the front end's, two of each kind of socket, and the channel's
};

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  std::signal(SIGPIPE, SIG_IGN);  // as the daemon does
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace airloom;
  if (size > 4096) return 0;
  static fuzz::Daemon daemon;
  {
    fuzz::Program program(daemon);
    Reader input(std::span(data, size));
    for (size_t i = 0; i < fuzz::kMessagesMax && !input.at_end(); ++i) program.say_next(input);
    program.settle();
  }
  // The connections' ends are seen while the next program is served.
  fuzz::Program next(daemon);
  daemon.end_input(fuzz::kKinds);
  return 0;
}
