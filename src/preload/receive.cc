// Receiving: the daemon's messages wait in the descriptor itself, so blocking, timeouts, signals
// and MSG_PEEK are the kernel's own; what is put in front of a datagram is taken off here.
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/calls.h"
#include "preload/channel.h"
#include "preload/libc.h"

// The kernel's; the C library's headers show it to GNU programs only.
struct credentials {
  pid_t pid;
  uid_t uid;
  gid_t gid;
};

namespace airloom::preload {
namespace {

using interpose::MessageType;
using interpose::Option;
using interpose::WireHeader;

constexpr size_t kPartsMax = 1024;
constexpr uint32_t kOverhead = 512;  // of a message in a receive buffer, about

Behind<ssize_t(int, msghdr*, int)> real_recvmsg("recvmsg");

// What lies in front of a datagram: the header, then the group or the sender's address.
struct Head {
  WireHeader header;
  union {
    uint32_t group;
    sockaddr_ll address;
  };
};
size_t head_size(const Socket& socket) {
  return offsetof(Head, group) + (socket.is_packet() ? sizeof(sockaddr_ll) : sizeof(uint32_t));
}

bool is_overrun(const Head& head) {
  return head.header.type == static_cast<uint16_t>(MessageType::kOverrun);
}

// Adds one control message, cut where there is no room, as the kernel's put_cmsg() would.
// @return false: it was cut or left out.
bool append_control(msghdr& message, size_t& used, int level, int type, const void* value,
                    size_t size) {
  const size_t room = static_cast<uint32_t>(message.msg_controllen);
  if (room < used + sizeof(cmsghdr)) return false;
  cmsghdr header{};
  header.cmsg_level = level;
  header.cmsg_type = type;
  const size_t left = room - used - sizeof header;
  const size_t fits = size < left ? size : left;
  header.cmsg_len = CMSG_LEN(fits);
  auto* at = static_cast<uint8_t*>(message.msg_control) + used;
  memcpy(at, &header, sizeof header);
  memcpy(at + sizeof header, value, fits);
  used += CMSG_SPACE(fits);
  if (used > room) used = room;
  return fits == size;
}

// @return false: not all of it had room.
bool put_control(const Socket& socket, const Head& head, msghdr& message) {
  bool whole = true;
  size_t used = 0;
  if (!socket.is_packet()) {
    const nl_pktinfo info{head.group};
    if (socket.is_on(Option::kPacketInfo))
      whole &= append_control(message, used, SOL_NETLINK, NETLINK_PKTINFO, &info, sizeof info);
    // The kernel is the sender: process 0, user 0.
    const credentials kernel{};
    if (socket.is_on(Option::kPassCredentials))
      whole &= append_control(message, used, SOL_SOCKET, 2 /* SCM_CREDENTIALS */, &kernel,
                              sizeof kernel);
  }
  message.msg_controllen = static_cast<uint32_t>(used);
  return whole;
}

void put_name(const Socket& socket, const Head& head, msghdr& message) {
  if (message.msg_name == nullptr) return;
  sockaddr_nl netlink{};
  netlink.nl_family = AF_NETLINK;
  if (head.group >= 1 && head.group <= 32) netlink.nl_groups = 1u << (head.group - 1);
  const void* name = socket.is_packet() ? static_cast<const void*>(&head.address) : &netlink;
  const socklen_t size = socket.is_packet() ? sizeof head.address : sizeof netlink;
  memcpy(message.msg_name, name, message.msg_namelen < size ? message.msg_namelen : size);
  message.msg_namelen = size;
}

bool would_block(int fd, int flags) {
  return (flags & MSG_DONTWAIT) || (syscall(SYS_fcntl, fd, F_GETFL, 0) & O_NONBLOCK);
}

// The daemon may hold more than came through: the rest of a dump, or of what filled the buffer.
bool may_be_kept_back(const Socket& socket) {
  return socket.dumping || socket.burst >= socket.receive_buffer / 2;
}

// One message of the daemon, its datagram put into `parts` (of which the first is the head's).
ssize_t take(int fd, Socket& socket, iovec* parts, size_t count, int flags) {
  msghdr native{};
  native.msg_iov = parts;
  native.msg_iovlen = count;
  const int wanted = MSG_TRUNC | (flags & (MSG_PEEK | MSG_DONTWAIT));
  ssize_t got = real_recvmsg(fd, &native, wanted);
  if (got < 0 && errno == EAGAIN && may_be_kept_back(socket) && would_block(fd, flags)) {
    // What had no room has it now, and is to be here before this returns.
    socket.dumping = false;
    (void)ask(socket.cookie, MessageType::kConsumed, uint32_t{0});
    got = real_recvmsg(fd, &native, wanted);
  }
  if (got < 0) socket.burst = 0;
  if (got > 0 && !(flags & MSG_PEEK)) socket.burst += static_cast<uint32_t>(got) + kOverhead;
  return got == 0 ? fail_with(ECONNREFUSED) : got;  // the daemon has gone
}

// Takes the news of a loss off the queue.
void drop_overrun(int fd) {
  WireHeader header;
  (void)syscall(SYS_recvfrom, fd, &header, sizeof header, MSG_DONTWAIT, nullptr, nullptr);
}

size_t room_in(const msghdr& message, size_t count) {
  size_t room = 0;
  for (size_t i = 0; i < count; ++i) room += message.msg_iov[i].iov_len;
  return room;
}

void note_receive_size(Socket& socket, size_t room) {
  const auto size =
      static_cast<uint32_t>(room < interpose::kMaxMessage ? room : interpose::kMaxMessage);
  if (size <= socket.receive_size) return;
  socket.receive_size = size;
  socket.receive_size_told = false;  // told with the next request: only a dump makes use of it
}

}  // namespace

ssize_t receive_message(int fd, Socket& socket, msghdr& message, int flags, bool has_header) {
  const size_t count = static_cast<uint32_t>(message.msg_iovlen);
  if (count > kPartsMax) return fail_with(EMSGSIZE);
  if (flags & MSG_OOB) return fail_with(EOPNOTSUPP);
  Head head{};
  iovec parts[count + 1];
  parts[0] = {&head, head_size(socket)};
  if (count > 0) memcpy(parts + 1, message.msg_iov, count * sizeof(iovec));
  ssize_t got;
  for (;;) {
    got = take(fd, socket, parts, count + 1, flags);
    if (got < 0) return -1;
    if (!is_overrun(head)) break;
    if (flags & MSG_PEEK) drop_overrun(fd);
    if (!socket.is_on(Option::kNoEnobufs)) return fail_with(ENOBUFS);
  }
  if (got < static_cast<ssize_t>(head_size(socket))) return fail_with(EIO);
  const size_t size = static_cast<size_t>(got) - head_size(socket);
  const size_t room = room_in(message, count);
  note_receive_size(socket, room);
  put_name(socket, head, message);
  if (has_header) {
    message.msg_flags = flags & MSG_CMSG_CLOEXEC;
    if (size > room) message.msg_flags |= MSG_TRUNC;
    if (!put_control(socket, head, message)) message.msg_flags |= MSG_CTRUNC;
  }
  return static_cast<ssize_t>(flags & MSG_TRUNC || size < room ? size : room);
}

int receive_messages(int fd, Socket& socket, mmsghdr* messages, unsigned count, int flags) {
  const int each = flags & ~MSG_WAITFORONE;
  unsigned received = 0;
  for (; received < count; ++received) {
    const bool may_wait = received == 0 || !(flags & MSG_WAITFORONE);
    const ssize_t size = receive_message(fd, socket, messages[received].msg_hdr,
                                         may_wait ? each : each | MSG_DONTWAIT, true);
    if (size < 0) return received > 0 ? static_cast<int>(received) : -1;
    messages[received].msg_len = static_cast<unsigned>(size);
  }
  return static_cast<int>(received);
}

int take_error(int fd, Socket& socket) {
  Head head{};
  const int kept = errno;
  const long got = syscall(SYS_recvfrom, fd, &head, head_size(socket), MSG_PEEK | MSG_DONTWAIT,
                           nullptr, nullptr);
  const bool has_gone = got == 0 || (got < 0 && errno == ECONNRESET);
  errno = kept;
  if (has_gone) return ECONNREFUSED;
  if (got < static_cast<long>(sizeof head.header) || !is_overrun(head)) return 0;
  drop_overrun(fd);
  return ENOBUFS;
}

}  // namespace airloom::preload
