#include "interpose/run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "interpose/address_module.h"
#include "interpose/alg_module.h"
#include "interpose/daemon_socket.h"
#include "interpose/netlink_module.h"
#include "interpose/router.h"
#include "interpose/rtnetlink_module.h"
#include "interpose/supervisor.h"
#include "platform/event_loop.h"
#include "platform/namespace.h"
#include "platform/os_error.h"
#include "platform/process.h"
#include "platform/unix_socket.h"

namespace airloom::interpose {
namespace {

using platform::PacketSocket;
using platform::UniqueFd;

constexpr size_t kMaxReport = 4096;
// How long programs have to end by themselves when their host has gone.
constexpr auto kGrace = std::chrono::seconds(2);
// What the supervisor tells the caller: one octet of kind, then the rest.
constexpr uint8_t kReportPid = 'P';     // the program's process id
constexpr uint8_t kReportStatus = 'S';  // its exit status: the last report
constexpr uint8_t kReportText = 'T';    // a sentence for the user

void complain(const std::string& text) {
  std::fprintf(stderr, "airloom: %s\n", text.c_str());
}

Result<std::array<PacketSocket, 2>> socket_pair() {
  std::array<int, 2> ends{};
  TRY(platform::checked(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()),
                        "socketpair"));
  return std::array{PacketSocket(UniqueFd(ends[0])), PacketSocket(UniqueFd(ends[1]))};
}

// The descriptor of one kind of namespace; -1 if the host has none of its own.
int descriptor_of(const Attachment& attachment, Namespace kind) {
  for (size_t i = 0; i < attachment.descriptors.size(); ++i)
    if (attachment.attached.descriptors[i] == kind) return attachment.descriptors[i].get();
  return -1;
}

void report_number(const PacketSocket& caller, uint8_t kind, int value) {
  Octets octets;
  Writer(octets).u8(kind).le32(static_cast<uint32_t>(value));
  (void)caller.send(octets);
}

void report_text(const PacketSocket& caller, const std::string& text) {
  Octets octets{kReportText};
  octets.insert(octets.end(), text.begin(), text.end());
  (void)caller.send(octets);
}

// --- the program -------------------------------------------------------------------------------

// Puts the program, which is this process, under the supervisor. Its listener is sent there.
Result<void> install_listener(const std::vector<FilterRule>& rules,
                              const PacketSocket& supervisor) {
  // What the supervisor cannot do without; no filter can be taken off again.
  if (syscall(SYS_pidfd_getfd, -1, -1, 0) < 0 && (errno == ENOSYS || errno == EPERM))
    return fail(Errc::kUnsupported,
                "a supervisor needs pidfd_getfd(), which this kernel lacks or a container forbids: "
                "use --interpose preload");
  const UniqueFd listener = TRY(install_filter(build_filter(rules)));
  return supervisor.send(Octets{0}, std::array{listener.get()});
}

// What the library finds in the environment (src/preload/channel.cc).
Result<void> load_library(const RunOptions& options, const Attached& attached,
                          const PacketSocket& supervisor) {
  if (attached.preload.empty() || attached.preload.find_first_of(": ") != std::string::npos)
    return fail(Errc::kUnsupported, "no library can be preloaded from '" + attached.preload +
                                        "': set AIRLOOM_RUNTIME_DIR to a path without blanks");
  if (platform::is_static(options.argv.at(0)))
    complain(options.argv.at(0) +
             " is linked statically: a preloaded library cannot serve it, and "
             "it finds no Wi-Fi");
  const char* others = getenv("LD_PRELOAD");
  setenv("LD_PRELOAD",
         (attached.preload + (others && *others ? ":" + std::string(others) : "")).c_str(), 1);
  setenv(kDaemonVariable, options.daemon_path.c_str(), 1);
  setenv(kParticipantVariable, std::to_string(attached.participant).c_str(), 1);
  if (!attached.emulated.empty()) setenv(kSysfsVariable, attached.sysfs.c_str(), 1);
  return supervisor.send(Octets{0});
}

Result<void> interpose_on_self(const RunOptions& options, const Attached& attached,
                               const std::vector<FilterRule>& rules,
                               const PacketSocket& supervisor) {
  if (!attached.emulated.empty() && options.front_end == FrontEnd::kSeccomp)
    return fail(Errc::kUnsupported,
                "interfaces are emulated here, which the preloaded library alone does: "
                "leave out --interpose seccomp");
  if (!attached.emulated.empty() || options.front_end == FrontEnd::kPreload)
    return load_library(options, attached, supervisor);
  auto listening = install_listener(rules, supervisor);
  if (listening || options.front_end == FrontEnd::kSeccomp) return listening;
  return load_library(options, attached, supervisor);
}

[[noreturn]] void become_program(const RunOptions& options, const Attachment& attachment,
                                 const std::vector<FilterRule>& rules,
                                 const PacketSocket& supervisor) {
  const pid_t parent = getppid();
  const auto prepare = [&]() -> Result<void> {
    // Without its supervisor it would have no netlink any more.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) return fail(Errc::kIo, "the supervisor has gone");
    TRY(platform::join_namespaces(-1, -1, descriptor_of(attachment, Namespace::kMount)));
    return interpose_on_self(options, attachment.attached, rules, supervisor);
  };
  if (auto prepared = prepare(); !prepared) {
    complain(prepared.error().text);
    _exit(kRunFailed);
  }
  _exit(platform::exec_or_status(options.argv));
}

// --- the supervisor ----------------------------------------------------------------------------

// Out of the terminal's reach, and holding nothing open that a pipeline would wait for.
void leave_terminal() {
  setsid();
  for (int signal : {SIGINT, SIGQUIT, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null.get(), fd);
}

class Run {
 public:
  Run(const RunOptions& options, Attachment attachment, PacketSocket caller)
      : options_(options),
        attachment_(std::move(attachment)),
        caller_(std::move(caller)),
        router_(attachment_.attached.families),
        end_of_grace_(queue_, [this] { end_programs(SIGTERM); }),
        end_of_patience_(queue_, [this] { end_programs(SIGKILL); }) {}

  /// Starts the program and serves it and its children to the last. @return an error for the user.
  Result<void> supervise() {
    TRY(platform::join_namespaces(descriptor_of(attachment_, Namespace::kUser),
                                  descriptor_of(attachment_, Namespace::kNetwork), -1));
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0,
          0);  // all stay descendants: their memory is ours to read
    loop_ = TRY(platform::EventLoop::create(queue_));
    module_ = std::make_unique<NetlinkModule>(
        *loop_, SocketContext{options_.daemon_path, attachment_.attached.participant, router_},
        [this] { on_daemon_lost(); });
    std::vector<Module*> modules{&address_module_, module_.get(), &rtnetlink_.emplace(*loop_)};
    if (!kernel_has_alg()) modules.push_back(&alg_.emplace(*loop_));
    UniqueFd listener = TRY(start_program(rules_of(modules)));
    platform::raise_descriptor_limit();  // each netlink socket of the program takes some
    has_filter_ = static_cast<bool>(listener);
    std::unique_ptr<Supervisor> supervisor;
    if (has_filter_)
      supervisor = TRY(Supervisor::create(*loop_, std::move(listener), modules,
                                          [this] { filter_is_unused_ = true, stop_if_done(); }));
    // It carries nothing more: its end alone is news.
    daemon_lost_ = TRY(loop_->on_readable(attachment_.socket.fd(), [this] { on_daemon_lost(); }));
    const auto child = TRY(loop_->on_signal(SIGCHLD, [this] { reap_children(); }));
    const auto end = TRY(loop_->on_signal(SIGTERM, [this] { kill(program_, SIGTERM); }));
    leave_terminal();
    reap_children();  // who ended before the signal was watched
    if (!is_done()) loop_->run();
    return {};
  }

 private:
  /// @return the listener; empty: the program has the library instead.
  Result<UniqueFd> start_program(const std::vector<FilterRule>& rules) {
    auto pair = TRY(socket_pair());
    program_ = TRY(platform::checked(fork(), "fork"));
    if (program_ == 0) {
      pair[0].close();
      become_program(options_, attachment_, rules, pair[1]);
    }
    report_number(caller_, kReportPid, program_);
    pair[1].close();
    auto packet = pair[0].receive(1);
    if (packet) return packet->descriptors.empty() ? UniqueFd() : std::move(packet->descriptors[0]);
    waitpid(program_, nullptr, 0);  // it has said why
    return fail(Errc::kIo);
  }

  void reap_children() {
    while (const auto ended = platform::reap()) {
      if (ended->pid != program_) continue;
      module_->close_abandoned();
      report_number(caller_, kReportStatus, ended->status);
      caller_.close();
      program_has_ended_ = true;
    }
    stop_if_done();
  }

  void on_daemon_lost() {
    if (std::exchange(told_of_loss_, true)) return;
    daemon_lost_.reset();
    if (caller_) report_text(caller_, "the daemon has gone, and all Wi-Fi with it");
    end_of_grace_.arm(kGrace);
    end_of_patience_.arm(2 * kGrace);
  }

  /// Ends what is still on a host that has gone: where the host had a network namespace of its own,
  /// everything in it, else what descends from here.
  void end_programs(int signal) {
    if (!program_has_ended_) kill(program_, signal);
    if (descriptor_of(attachment_, Namespace::kNetwork) < 0) {
      for (const pid_t pid : platform::descendants_of(getpid())) kill(pid, signal);
      return;
    }
    const auto network = platform::NetNamespace::current();
    const auto id = network ? network->id() : std::unexpected(network.error());
    if (!id) return;
    for (const pid_t pid : platform::processes_in_network(*id))
      if (pid != getpid()) kill(pid, signal);
  }

  bool is_done() const {
    // All that has the library descends from here, and orphans come here.
    return program_has_ended_ && (has_filter_ ? filter_is_unused_ : !platform::has_children());
  }
  void stop_if_done() {
    if (is_done()) loop_->stop();
  }

  const RunOptions& options_;
  Attachment attachment_;
  PacketSocket caller_;
  Router router_;
  EventQueue queue_;
  std::unique_ptr<platform::EventLoop> loop_;
  AddressModule address_module_;
  std::unique_ptr<NetlinkModule> module_;
  std::optional<RtnetlinkModule> rtnetlink_;
  std::optional<AlgModule> alg_;
  Timer end_of_grace_;
  Timer end_of_patience_;
  platform::EventLoop::Watch daemon_lost_;
  pid_t program_ = 0;
  bool program_has_ended_ = false;
  bool has_filter_ = false;
  bool filter_is_unused_ = false;
  bool told_of_loss_ = false;
};

[[noreturn]] void become_supervisor(const RunOptions& options, Attachment attachment,
                                    PacketSocket caller) {
  Run run(options, std::move(attachment), std::move(caller));
  const auto done = run.supervise();
  if (!done && !done.error().text.empty()) complain(done.error().text);
  _exit(done ? 0 : kRunFailed);
}

// --- the caller --------------------------------------------------------------------------------

// Signals that end or tell something; the terminal's own go to the program without help.
UniqueFd take_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return UniqueFd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

void pass_signals_on(int signals, pid_t program) {
  signalfd_siginfo info{};
  while (::read(signals, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    const bool from_terminal = info.ssi_code == SI_KERNEL;
    if (!from_terminal) kill(program, static_cast<int>(info.ssi_signo));
  }
}

// Takes in one report. @return the exit status, if that is what it says.
std::optional<int> take_report(const platform::Packet& packet, pid_t& program) {
  Reader reader(packet.octets);
  const uint8_t kind = reader.u8().value_or(0);
  if (kind == kReportText) {
    complain(std::string(packet.octets.begin() + 1, packet.octets.end()));
    return std::nullopt;
  }
  const auto value = static_cast<int>(reader.le32().value_or(kRunFailed));
  if (kind == kReportStatus) return value;
  if (kind == kReportPid) program = value;
  return std::nullopt;
}

int wait_for_program(const PacketSocket& reports, pid_t supervisor) {
  const UniqueFd signals = take_signals();
  pid_t program = 0;
  for (;;) {
    std::array<pollfd, 2> waits{{{reports.fd(), POLLIN, 0}, {signals.get(), POLLIN, 0}}};
    if (program == 0) waits[1].fd = -1;  // a signal waits until there is someone to have it
    if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return kRunFailed;
    if (waits[0].revents) {
      const auto packet = reports.receive(kMaxReport);
      if (!packet) break;
      if (const auto status = take_report(*packet, program)) return *status;
    } else {
      pass_signals_on(signals.get(), program);
    }
  }
  waitpid(supervisor, nullptr, 0);  // it ended without a status, and has said why
  return kRunFailed;
}

}  // namespace

int run(const RunOptions& options) {
  auto attachment = attach(options.daemon_path,
                           {options.host, options.argv.at(0), static_cast<uint32_t>(getpid())});
  if (!attachment) {
    complain(attachment.error().text);
    return kRunFailed;
  }
  if (!attachment->attached.emulated.empty())
    complain("interfaces are emulated here and carry no IP: " + attachment->attached.emulated);
  auto pair = socket_pair();
  if (!pair) {
    complain(pair.error().text);
    return kRunFailed;
  }
  std::fflush(nullptr);
  const pid_t supervisor = fork();
  if (supervisor < 0) {
    complain(platform::os_error(errno, "fork").text);
    return kRunFailed;
  }
  if (supervisor == 0) {
    (*pair)[0].close();
    become_supervisor(options, std::move(*attachment), std::move((*pair)[1]));
  }
  (*pair)[1].close();
  attachment->socket.close();
  return wait_for_program((*pair)[0], supervisor);
}

}  // namespace airloom::interpose
