#include "preload/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

/// Where questions leave and answers come; -1: closed.
struct Road {
  int questions = -1;
  int answers = -1;
  ino_t pipe = 0;  // what `answers` is

  bool is_open() const { return questions >= 0; }
};

// Lies in a page that a child of fork() finds zeroed: it has no channel, and nobody in it.
struct State {
  int lock;  // 0: free, 1: taken, 2: taken and waited for
  void* owner;
  bool has_road;
  pid_t process;  // whose memory this is; 0: not asked yet
  uint64_t sequence;
};
State fallback;
State* state = &fallback;
Road road;  // in the parent's hands, where the state has been zeroed

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

// Out of the way of the numbers that programs use.
int moved_up(int fd) {
  const long higher = syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, kAbovePrograms);
  if (higher < 0) return fd;
  close_descriptor(fd);
  return static_cast<int>(higher);
}

ino_t pipe_behind(int fd) {
  struct stat status {};
  const bool is_pipe = syscall(SYS_fstat, fd, &status) == 0 && S_ISFIFO(status.st_mode);
  return is_pipe ? status.st_ino : 0;
}

// The daemon's answer to the first message: the pipe. @return -1: it has none
int receive_pipe(int fd) {
  unsigned char answer[interpose::kHeaderSize + sizeof(uint64_t)];
  alignas(cmsghdr) unsigned char control[CMSG_SPACE(sizeof(int))];
  iovec part{answer, sizeof answer};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  long got;
  do {
    got = syscall(SYS_recvmsg, fd, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  const cmsghdr* rights = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS) return -1;
  int pipe;
  memcpy(&pipe, CMSG_DATA(rights), sizeof pipe);
  return pipe;
}

void close_road(Road& its) {
  if (its.questions >= 0) close_descriptor(its.questions);
  if (its.answers >= 0) close_descriptor(its.answers);
  its = {};
}

Road open_road() {
  Road made{.questions = connect_to_daemon(true)};
  if (!made.is_open()) return made;
  const int room = interpose::kMaxMessage;
  syscall(SYS_setsockopt, made.questions, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  struct {
    WireHeader header;
    uint32_t participant;
    uint32_t pid;
  } hello{header_of(MessageType::kChannel), settings.participant, static_cast<uint32_t>(getpid())};
  syscall(SYS_sendto, made.questions, &hello, sizeof hello, MSG_NOSIGNAL, nullptr, 0);
  made.answers = receive_pipe(made.questions);
  made.pipe = pipe_behind(made.answers);
  if (made.pipe == 0) {
    close_road(made);
    return made;
  }
  made.questions = moved_up(made.questions);
  made.answers = moved_up(made.answers);
  return made;
}

bool is_socket_of(int fd, const char* path) {
  sockaddr_un peer{};
  socklen_t size = sizeof peer;
  return syscall(SYS_getpeername, fd, &peer, &size) == 0 && peer.sun_family == AF_UNIX &&
         strcmp(peer.sun_path, path) == 0;
}

// The parent's, inherited, if the numbers still stand for it: nothing of ours.
void close_inherited() {
  if (road.questions >= 0 && !is_socket_of(road.questions, settings.daemon_path))
    road.questions = -1;
  if (road.answers >= 0 && pipe_behind(road.answers) != road.pipe) road.answers = -1;
  close_road(road);
}

const Road& own_road() {
  if (!state->has_road) {
    close_inherited();
    road = open_road();
    state->has_road = road.is_open();
  }
  return road;
}

long send_to(int fd, iovec* parts, size_t count) {
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  long sent;
  do {
    sent = count > 1 ? syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL)
                     : syscall(SYS_sendto, fd, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL,
                               nullptr, 0);
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
  long got;
  do {
    got = room > 0 ? syscall(SYS_readv, fd, parts, 2) : syscall(SYS_read, fd, &head, sizeof head);
  } while (got < 0 && errno == EINTR);
  if (got < static_cast<long>(sizeof head)) return {.error = ECONNREFUSED};
  return {head.error, head.value, static_cast<size_t>(got) - sizeof head};
}

// @return false: the road is of no more use.
bool ask_on(const Road& its, iovec* parts, size_t count, void* into, size_t room, Answer& answer) {
  const int kept = errno;
  if (send_to(its.questions, parts, count) < 0) {
    // What the caller gave is at fault, or the daemon has gone.
    const bool bad_caller = errno == EFAULT || errno == EMSGSIZE || errno == ENOBUFS;
    answer.error = bad_caller ? errno : ECONNREFUSED;
    errno = kept;
    return bad_caller;
  }
  answer = receive_answer(its.answers, into, room);
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
  Answer answer;
  if (state->owner == this_thread()) {
    // A signal handler has come between this thread's question and its answer.
    Road own = open_road();
    if (!own.is_open()) return {.error = ECONNREFUSED};
    memcpy(parts[0].iov_base, &header, sizeof header);
    (void)ask_on(own, parts, count, into, room, answer);
    close_road(own);
    return answer;
  }
  take_lock();
  state->owner = this_thread();
  if (state->process == 0) state->process = static_cast<pid_t>(syscall(SYS_getpid));
  header.sequence = ++state->sequence;
  memcpy(parts[0].iov_base, &header, sizeof header);
  const Road& own = own_road();
  if (!own.is_open()) {
    answer.error = ECONNREFUSED;
  } else if (!ask_on(own, parts, count, into, room, answer)) {
    close_road(road);
    state->has_road = false;
  }
  state->owner = nullptr;
  release_lock();
  return answer;
}

Answer ask(uint64_t socket, MessageType type, void* into, size_t room) {
  WireHeader header;
  iovec part{&header, sizeof header};
  return ask(socket, type, &part, 1, into, room);
}

bool is_in_anothers_memory() {
  const auto own = static_cast<pid_t>(syscall(SYS_getpid));
  if (state->process == 0) state->process = own;
  return state->process != own;
}

bool is_channel(int fd) {
  return fd >= 0 && state->has_road && (fd == road.questions || fd == road.answers);
}

void leave_channel() {
  take_lock();
  if (state->has_road) close_road(road);
  state->has_road = false;
  release_lock();
}

void leave_channel_within(unsigned low, unsigned high) {
  const auto is_within = [low, high](int fd) {
    return static_cast<unsigned>(fd) >= low && static_cast<unsigned>(fd) <= high;
  };
  if (state->has_road && (is_within(road.questions) || is_within(road.answers))) leave_channel();
}

}  // namespace airloom::preload
