#include "preload/sockets.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "preload/channel.h"
#include "preload/libc.h"

namespace airloom::preload {
namespace {

using interpose::kTypeMask;
using interpose::MessageType;
using interpose::SocketKind;
using interpose::WireHeader;

constexpr int kDescriptors = 65536;  // beyond, nothing is interposed
constexpr int kSockets = 1024;
constexpr int kInheritable = 256;  // descriptors that are looked at after exec()

Socket sockets[kSockets];
Socket* by_descriptor[kDescriptors];

Socket* allocate() {
  for (Socket& socket : sockets) {
    uint32_t free = 0;
    if (__atomic_compare_exchange_n(&socket.copies, &free, 1, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_RELAXED))
      return &socket;
  }
  return nullptr;
}

void put(int fd, Socket* socket) {
  __atomic_store_n(&by_descriptor[fd], socket, __ATOMIC_RELEASE);
}

uint64_t cookie_of(int fd) {
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  return syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

int int_option(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return syscall(SYS_getsockopt, fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

bool is_connected_to_daemon(int fd) {
  if (int_option(fd, SO_DOMAIN) != AF_UNIX || int_option(fd, SO_TYPE) != SOCK_SEQPACKET)
    return false;
  sockaddr_un peer{};
  socklen_t size = sizeof peer;
  return syscall(SYS_getpeername, fd, &peer, &size) == 0 &&
         strcmp(peer.sun_path, settings.daemon_path) == 0;
}

// Another program's, from before exec(): the daemon knows what it is.
void adopt(int fd) {
  if (!is_connected_to_daemon(fd)) return;
  struct {
    uint8_t kind;
    uint8_t type;
    uint16_t zero;
    uint32_t options;
  } state{};
  const uint64_t cookie = cookie_of(fd);
  const Answer answer = ask(cookie, MessageType::kDescribe, &state, sizeof state);
  if (answer.error != 0) return;
  for (int other = 0; other < fd; ++other) {
    if (by_descriptor[other] == nullptr || by_descriptor[other]->cookie != cookie) continue;
    return note_copy(other, fd);
  }
  Socket* socket = allocate();
  if (socket == nullptr) return;
  *socket = {.copies = 1,
             .cookie = cookie,
             .kind = static_cast<SocketKind>(state.kind),
             .type = state.type,
             .options = {state.options},
             .receive_buffer = static_cast<uint32_t>(int_option(fd, SO_RCVBUF))};
  put(fd, socket);
}

// After the settings have been read.
__attribute__((constructor(102))) void adopt_inherited() {
  if (!settings.active) return;
  const int kept = errno;
  for (int fd = 0; fd < kInheritable; ++fd)
    if (!is_channel(fd)) adopt(fd);
  errno = kept;
}

// Says what the new connection is, and waits for the daemon's yes.
int introduce(int fd, Socket& socket) {
  struct __attribute__((packed)) {
    WireHeader header;
    uint32_t participant;
    uint32_t pid;
    uint8_t privileged;
    uint8_t kind;
    uint8_t type;
    uint8_t zero;
    uint64_t cookie;
  } open{header_of(MessageType::kOpen),
         settings.participant,
         static_cast<uint32_t>(getpid()),
         settings.emulated || has_net_admin(),
         static_cast<uint8_t>(socket.kind),
         static_cast<uint8_t>(socket.type),
         0,
         socket.cookie};
  if (syscall(SYS_sendto, fd, &open, sizeof open, MSG_NOSIGNAL, nullptr, 0) < 0) return errno;
  struct {
    WireHeader header;
    int32_t error;
  } answer;
  long got;
  do {
    got = syscall(SYS_recvfrom, fd, &answer, sizeof answer, 0, nullptr, nullptr);
  } while (got < 0 && errno == EINTR);
  if (got < static_cast<long>(sizeof answer)) return EPROTONOSUPPORT;
  return answer.error;
}

}  // namespace

Socket* find(int fd) {
  if (fd < 0 || fd >= kDescriptors) return nullptr;
  return __atomic_load_n(&by_descriptor[fd], __ATOMIC_ACQUIRE);
}

int open_socket(SocketKind kind, int type, int protocol) {
  const int kept = errno;
  const int fd = connect_to_daemon(type & SOCK_CLOEXEC);
  // As from a kernel without it.
  if (fd < 0) return fail_with(errno == EMFILE || errno == ENFILE ? errno : EPROTONOSUPPORT);
  Socket* socket = fd < kDescriptors ? allocate() : nullptr;
  int error = ENFILE;
  if (socket != nullptr) {
    *socket = {.copies = 1,
               .cookie = cookie_of(fd),
               .kind = kind,
               .type = type & kTypeMask,
               .protocol = protocol,
               .receive_buffer = static_cast<uint32_t>(int_option(fd, SO_RCVBUF))};
    error = introduce(fd, *socket);
  }
  if (error != 0) {
    if (socket != nullptr) __atomic_store_n(&socket->copies, 0, __ATOMIC_RELEASE);
    syscall(SYS_close, fd);
    return fail_with(error);
  }
  if (socket->is_packet() && protocol != 0) {
    struct {
      uint32_t ifindex;
      uint32_t protocol;
    } bind{0, __builtin_bswap16(static_cast<uint16_t>(protocol))};
    (void)ask(socket->cookie, MessageType::kBind, bind);
  }
  if (type & SOCK_NONBLOCK) {
    const int flags = static_cast<int>(syscall(SYS_fcntl, fd, 3 /* F_GETFL */, 0));
    syscall(SYS_fcntl, fd, 4 /* F_SETFL */, flags | SOCK_NONBLOCK);
  }
  put(fd, socket);
  errno = kept;
  return fd;
}

void note_copy(int from, int to) {
  Socket* socket = find(from);
  if (socket == nullptr || to < 0 || to >= kDescriptors || to == from) return;
  if (is_in_anothers_memory()) return;
  __atomic_add_fetch(&socket->copies, 1, __ATOMIC_ACQ_REL);
  put(to, socket);
}

Socket* forget(int fd) {
  Socket* socket = find(fd);
  if (socket == nullptr || is_in_anothers_memory()) return nullptr;
  put(fd, nullptr);
  return socket;
}

void restore(int fd, Socket* socket) {
  put(fd, socket);
}

void release(Socket* socket) {
  if (socket == nullptr) return;
  const uint64_t cookie = socket->cookie;
  if (__atomic_sub_fetch(&socket->copies, 1, __ATOMIC_ACQ_REL) == 0)
    (void)ask(cookie, MessageType::kClose);
}

void release_range(unsigned low, unsigned high) {
  for (unsigned fd = low; fd <= high && fd < kDescriptors; ++fd)
    release(forget(static_cast<int>(fd)));
}

}  // namespace airloom::preload
