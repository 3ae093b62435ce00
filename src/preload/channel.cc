#include "preload/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "preload/libc.h"

namespace airloom::preload {
namespace {

using interpose::MessageType;
using interpose::WireHeader;

constexpr int kAbovePrograms = 900;  // descriptors that few programs count up to

Settings its_settings;

// Lies in a page that a child of fork() finds zeroed: it has no channel, and nobody in it.
struct State {
  int lock;  // 0: free, 1: taken, 2: taken and waited for
  void* owner;
  int descriptor_plus_1;
  pid_t process;  // whose memory this is; 0: not asked yet
  uint64_t sequence;
};
State fallback;
State* state = &fallback;
int last_descriptor = -1;  // in the parent's hands, where the state has been zeroed

uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

void take_lock() {
  int expected = 0;
  if (__atomic_compare_exchange_n(&state->lock, &expected, 1, false, __ATOMIC_ACQUIRE,
                                  __ATOMIC_RELAXED))
    return;
  while (__atomic_exchange_n(&state->lock, 2, __ATOMIC_ACQUIRE) != 0)
    syscall(SYS_futex, &state->lock, FUTEX_WAIT_PRIVATE, 2, nullptr);
}

void release_lock() {
  if (__atomic_exchange_n(&state->lock, 0, __ATOMIC_RELEASE) == 2)
    syscall(SYS_futex, &state->lock, FUTEX_WAKE_PRIVATE, 1);
}

// What tells a thread from others, without a system call.
void* this_thread() {
  return &errno;
}

void close_descriptor(int fd) {
  syscall(SYS_close, fd);
}

// The message that makes a connection a channel is not answered.
int open_channel() {
  int fd = connect_to_daemon(true);
  if (fd < 0) return -1;
  const long higher = syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, kAbovePrograms);
  if (higher >= 0) {
    close_descriptor(fd);
    fd = static_cast<int>(higher);
  }
  const int room = interpose::kMaxMessage;
  syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  struct {
    WireHeader header;
    uint32_t participant;
    uint32_t pid;
  } hello{header_of(MessageType::kChannel), settings.participant, static_cast<uint32_t>(getpid())};
  syscall(SYS_sendto, fd, &hello, sizeof hello, MSG_NOSIGNAL, nullptr, 0);
  return fd;
}

bool is_socket_of(int fd, const char* path) {
  sockaddr_un peer{};
  socklen_t size = sizeof peer;
  return syscall(SYS_getpeername, fd, &peer, &size) == 0 && peer.sun_family == AF_UNIX &&
         strcmp(peer.sun_path, path) == 0;
}

int own_channel() {
  if (state->descriptor_plus_1 == 0) {
    // The parent's, inherited: nothing of ours.
    if (last_descriptor >= 0 && is_socket_of(last_descriptor, settings.daemon_path))
      close_descriptor(last_descriptor);
    last_descriptor = open_channel();
    state->descriptor_plus_1 = last_descriptor + 1;
  }
  return state->descriptor_plus_1 - 1;
}

long send_to(int fd, iovec* parts, size_t count) {
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  long sent;
  do {
    sent = syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

Answer receive_answer(int fd, void* into, size_t room) {
  struct {
    WireHeader header;
    int32_t error;
    uint32_t value;
  } head;
  iovec parts[2] = {{&head, sizeof head}, {into, room}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  long got;
  do {
    got = room > 0 ? syscall(SYS_recvmsg, fd, &message, 0)
                   : syscall(SYS_recvfrom, fd, &head, sizeof head, 0, nullptr, nullptr);
  } while (got < 0 && errno == EINTR);
  if (got < static_cast<long>(sizeof head)) return {.error = ECONNREFUSED};
  return {head.error, head.value, static_cast<size_t>(got) - sizeof head};
}

// @return false: the channel is of no more use.
bool ask_on(int fd, iovec* parts, size_t count, void* into, size_t room, Answer& answer) {
  const int kept = errno;
  if (send_to(fd, parts, count) < 0) {
    // What the caller gave is at fault, or the daemon has gone.
    const bool bad_caller = errno == EFAULT || errno == EMSGSIZE || errno == ENOBUFS;
    answer.error = bad_caller ? errno : ECONNREFUSED;
    errno = kept;
    return bad_caller;
  }
  answer = receive_answer(fd, into, room);
  errno = kept;
  return answer.error != ECONNREFUSED;
}

__attribute__((constructor(101))) void prepare() {
  const char* path = getenv(interpose::kDaemonVariable);
  const char* participant = getenv(interpose::kParticipantVariable);
  if (path == nullptr || participant == nullptr) return;
  if (strlen(path) >= sizeof its_settings.daemon_path) return;
  strcpy(its_settings.daemon_path, path);
  its_settings.participant = static_cast<uint32_t>(strtoul(participant, nullptr, 10));
  if (const char* sysfs = getenv(interpose::kSysfsVariable)) {
    its_settings.emulated = true;
    if (strlen(sysfs) < sizeof its_settings.sysfs) strcpy(its_settings.sysfs, sysfs);
  }
  void* page =
      mmap(nullptr, sizeof(State), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  madvise(page, sizeof(State), MADV_WIPEONFORK);
  state = static_cast<State*>(page);
  state->process = getpid();
  its_settings.active = true;
}

}  // namespace

const Settings& settings = its_settings;

WireHeader header_of(MessageType type) {
  return {static_cast<uint16_t>(type), interpose::kProtocolVersion, 0, now_ns(), 1, 0};
}

int connect_to_daemon(bool close_on_exec) {
  const int type = SOCK_SEQPACKET | (close_on_exec ? SOCK_CLOEXEC : 0);
  const long fd = syscall(SYS_socket, AF_UNIX, type, 0);
  if (fd < 0) return -1;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strcpy(address.sun_path, settings.daemon_path);
  if (syscall(SYS_connect, fd, &address, sizeof address) == 0) return static_cast<int>(fd);
  const int error = errno;
  syscall(SYS_close, fd);
  return fail_with(error);
}

Answer ask(uint64_t socket, MessageType type, iovec* parts, size_t count, void* into, size_t room) {
  WireHeader header = header_of(type);
  header.socket = socket;
  parts[0] = {&header, sizeof header};
  Answer answer;
  if (state->owner == this_thread()) {
    // A signal handler has come between this thread's question and its answer.
    const int own = open_channel();
    if (own < 0) return {.error = ECONNREFUSED};
    (void)ask_on(own, parts, count, into, room, answer);
    close_descriptor(own);
    return answer;
  }
  take_lock();
  state->owner = this_thread();
  if (state->process == 0) state->process = static_cast<pid_t>(syscall(SYS_getpid));
  header.sequence = ++state->sequence;
  const int fd = own_channel();
  if (fd < 0) {
    answer.error = ECONNREFUSED;
  } else if (!ask_on(fd, parts, count, into, room, answer)) {
    close_descriptor(fd);
    last_descriptor = -1;
    state->descriptor_plus_1 = 0;
  }
  state->owner = nullptr;
  release_lock();
  return answer;
}

Answer ask(uint64_t socket, MessageType type) {
  iovec part{};
  return ask(socket, type, &part, 1);
}

bool is_in_anothers_memory() {
  const auto own = static_cast<pid_t>(syscall(SYS_getpid));
  if (state->process == 0) state->process = own;
  return state->process != own;
}

int channel_descriptor() {
  return state->descriptor_plus_1 - 1;
}

void leave_channel() {
  take_lock();
  if (state->descriptor_plus_1 > 0) close_descriptor(state->descriptor_plus_1 - 1);
  last_descriptor = -1;
  state->descriptor_plus_1 = 0;
  release_lock();
}

}  // namespace airloom::preload
