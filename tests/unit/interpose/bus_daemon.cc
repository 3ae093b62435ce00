#include "unit/interpose/bus_daemon.h"

#include <linux/genetlink.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>

#include "genl/bus.h"
#include "interpose/protocol.h"
#include "netlink/errno.h"
#include "platform/event_loop.h"
#include "platform/unix_socket.h"

namespace airloom::interpose {
namespace {

using netlink::Kind;
using netlink::MessageWriter;
using platform::PacketSocket;

constexpr netlink::PolicyRow kRows[] = {{}, netlink::of(Kind::kU32)};
constexpr netlink::Policy kPolicy{kRows};
constexpr genl::Operation kOperations[] = {
    {.command = kFakeEcho, .can_do = true, .can_dump = true, .policy = &kPolicy},
    {.command = kFakeEvents, .can_do = true, .policy = &kPolicy},
    {.command = kFakeAdmin, .can_do = true, .permission = GENL_UNS_ADMIN_PERM, .policy = &kPolicy},
};
constexpr std::string_view kGroups[] = {"events"};

class CountDump final : public genl::Dump {
 public:
  explicit CountDump(uint32_t count) : count_(count) {}
  Result<std::optional<MessageWriter>> next(const genl::ReplyTo& make) override {
    if (next_ == count_) return std::nullopt;
    MessageWriter out = make.message(kFakeEcho);
    out.u32(1, next_++).bytes(2, Octets(100));
    return out;
  }

 private:
  uint32_t count_;
  uint32_t next_ = 0;
};

class FakeFamily final : public genl::Family {
 public:
  const genl::FamilyInfo& info() const override {
    static constexpr genl::FamilyInfo kInfo{
        .name = "fake", .max_attribute = 2, .operations = kOperations, .groups = kGroups};
    return kInfo;
  }
  Result<void> on_request(const genl::Operation& operation, genl::Request& request) override {
    const uint32_t value = request.attributes.u32(1).value_or(0);
    if (operation.command == kFakeEcho)
      request.send(std::move(request.reply(kFakeEcho).u32(1, value)));
    if (operation.command != kFakeEvents) return {};
    for (uint32_t i = 0; i < value; ++i) {
      MessageWriter event = request.bus.event(id).message(kFakeEvents);
      event.u32(1, i);
      request.bus.multicast(id, 0, request.ns, std::move(event));
    }
    return {};
  }
  Result<std::unique_ptr<genl::Dump>> start_dump(const genl::Operation&,
                                                 genl::Request& request) override {
    return std::make_unique<CountDump>(request.attributes.u32(1).value_or(0));
  }
  void on_client_closed(genl::NamespaceId, genl::PortId) override {}
  genl::FamilyId id = 0;
};

/// One connection: of a run, or of a socket.
class Session final : genl::ClientSink {
 public:
  Session(genl::Bus& bus, std::vector<Family> families, PacketSocket socket)
      : bus_(bus), families_(std::move(families)), socket_(std::move(socket)) {}
  ~Session() override {
    if (client_) bus_.close(client_);
  }
  int fd() const { return socket_.fd(); }

  bool is_full() const { return is_full_; }
  void on_writable() {
    while (!waiting_.empty() && socket_.send(waiting_.front())) waiting_.pop_front();
    is_full_ = !waiting_.empty();
    if (!is_full_ && client_) bus_.drain(client_);
  }
  /// False: the connection has ended.
  bool on_readable() {
    const auto packet = socket_.receive(kMaxMessage);
    if (!packet) return packet.error().code == Errc::kTryAgain;
    const auto envelope = parse_message(packet->octets);
    if (!envelope) return false;
    if (const auto* attach = std::get_if<Attach>(&envelope->message)) return on_attach(*attach);
    if (const auto* open = std::get_if<Open>(&envelope->message)) {
      client_ = bus_.open(*this, 0, {open->privileged, open->pid});
      return answer(Outcome{});
    }
    if (client_ == 0 || std::holds_alternative<Close>(envelope->message)) return false;
    return answer(handle(envelope->message));
  }

 private:
  bool on_attach(const Attach& attach) {
    if (attach.host != "host") return send(Refused{ENOENT, "no host " + attach.host});
    Attached attached;
    attached.participant = 1;
    attached.families = families_;
    return send(attached);
  }

  Outcome handle(const Message& message) {
    if (const auto* bind = std::get_if<Bind>(&message)) {
      const auto port = bus_.bind(client_, bind->port);
      return port ? Outcome{0, *port} : Outcome{netlink::to_errno(port.error().code), 0};
    }
    if (const auto* membership = std::get_if<Membership>(&message)) {
      const auto done = membership->join ? bus_.join(client_, membership->group)
                                         : bus_.leave(client_, membership->group);
      return {done ? 0 : netlink::to_errno(done.error().code), 0};
    }
    if (const auto* option = std::get_if<SetOption>(&message)) set_option(*option);
    if (const auto* request = std::get_if<Request>(&message)) {
      bus_.set_credentials(client_, {.net_admin = request->privileged});
      bus_.request(client_, request->datagram);
    }
    if (const auto* consumed = std::get_if<Consumed>(&message)) {
      unread_ -= std::min<size_t>(unread_, consumed->octets);
      bus_.drain(client_);
    }
    return {};
  }

  void set_option(const SetOption& option) {
    constexpr std::array kOptions{genl::ClientOption::kExtAck, genl::ClientOption::kCapAck,
                                  genl::ClientOption::kNoEnobufs, genl::ClientOption::kStrictCheck};
    const auto index = static_cast<size_t>(option.option);
    if (index < kOptions.size()) bus_.set_option(client_, kOptions[index], option.value);
    if (option.option == Option::kReceiveSize) bus_.set_receive_size(client_, option.value);
    if (option.option != Option::kReceiveBuffer) return;
    receive_buffer_ = option.value;
    bus_.set_receive_buffer(client_, option.value);
  }

  bool deliver(std::span<const uint8_t> datagram, uint32_t group) override {
    if (unread_ > 0 && unread_ + datagram.size() > receive_buffer_) return false;
    if (!waiting_.empty() || !send(Deliver{group, datagram})) return false;
    unread_ += datagram.size();
    return true;
  }
  void overrun() override { answer(Overrun{}); }

  /// Sends now or, where there is no room, later.
  bool answer(const Message& message) {
    if (waiting_.empty() && send(message)) return true;
    waiting_.push_back(emit_message(message, {1, ++sequence_}));
    return true;
  }
  bool send(const Message& message) {
    is_full_ = !socket_.send(emit_message(message, {1, ++sequence_}));
    return !is_full_;
  }

  genl::Bus& bus_;
  std::vector<Family> families_;
  PacketSocket socket_;
  genl::ClientId client_ = 0;
  uint64_t sequence_ = 0;
  std::deque<Octets> waiting_;
  bool is_full_ = false;
  size_t unread_ = 0;
  size_t receive_buffer_ = 212992;
};

struct Server {
  EventQueue queue;
  std::unique_ptr<platform::EventLoop> loop = *platform::EventLoop::create(queue);
  FakeFamily family;
  genl::Bus bus{Log()};
  struct Served {
    std::unique_ptr<Session> session;
    platform::EventLoop::Watch readable;
    platform::EventLoop::Watch writable;
  };
  std::map<int, Served> sessions;

  // A bus call may have filled any connection.
  void watch_full() {
    for (auto& [fd, served] : sessions) {
      if (served.session->is_full() == static_cast<bool>(served.writable)) continue;
      served.writable.reset();
      if (!served.session->is_full()) continue;
      Session* session = served.session.get();
      served.writable = std::move(*loop->on_writable(fd, [this, session] {
        session->on_writable();
        watch_full();
      }));
    }
  }

  void accept(platform::PacketListener& listener) {
    auto socket = listener.accept();
    if (!socket) return;
    const uint32_t group = genl::Bus::kFirstGroup;
    auto session = std::make_unique<Session>(
        bus, std::vector<Family>{{family.id, "fake", {{group, "events"}}}}, std::move(*socket));
    const int fd = session->fd();
    auto watch = loop->on_readable(fd, [this, fd] {
      Served& served = sessions.at(fd);
      if (served.session->on_readable()) return watch_full();
      served.readable.reset();
      served.writable.reset();
      sessions.erase(fd);
    });
    sessions[fd] = {std::move(session), std::move(*watch), {}};
  }
};

[[noreturn]] void serve(const std::string& path, int ready) {
  Server server;
  server.family.id = server.bus.add(server.family);
  auto listener = platform::PacketListener::listen(path);
  const auto watch = server.loop->on_readable(listener->fd(), [&] { server.accept(*listener); });
  ::close(ready);
  server.loop->run();
  _exit(0);
}

}  // namespace

BusDaemon::BusDaemon() {
  folder_ = (std::filesystem::temp_directory_path() / "airloom-XXXXXX").string();
  if (!mkdtemp(folder_.data())) abort();
  std::array<int, 2> ready{};
  if (pipe(ready.data()) < 0) abort();
  process_ = fork();
  if (process_ == 0) {
    ::close(ready[0]);
    serve(path(), ready[1]);
  }
  ::close(ready[1]);
  char end;
  (void)!::read(ready[0], &end, 1);
  ::close(ready[0]);
}

void BusDaemon::kill() {
  if (process_ == 0) return;
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

BusDaemon::~BusDaemon() {
  kill();
  std::filesystem::remove_all(folder_);
}

}  // namespace airloom::interpose
