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
#include "preload/memory.h"

namespace airloom::preload {
namespace {

using interpose::MessageType;
using interpose::Option;
using interpose::WireHeader;

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

// Where they have no place they are left out, as the kernel does.
void put_control(const Socket& socket, uint32_t group, msghdr& message, int flags, size_t size,
                 size_t room) {
  const auto control =
      interpose::control_messages(socket.is_packet() ? interpose::OptionSet() : socket.options,
                                  group, static_cast<uint32_t>(message.msg_controllen));
  const bool put =
      OwnMemory().write_octets(address_of(message.msg_control), control.octets(), control.size());
  message.msg_controllen = put ? control.size() : 0;
  message.msg_flags = interpose::received_flags(flags, size, room, control);
}

// @return false: it cannot be written to
bool put_name(const Socket& socket, const Head& head, msghdr& message) {
  if (message.msg_name == nullptr) return true;
  const interpose::NetlinkAddress sender{.groups = interpose::mask_of(head.group)};
  const sockaddr_nl netlink = sender.as_sockaddr();
  const void* name = socket.is_packet() ? static_cast<const void*>(&head.address) : &netlink;
  const socklen_t size = socket.is_packet() ? sizeof head.address : sizeof netlink;
  const bool put = OwnMemory().write_octets(
      address_of(message.msg_name), name, message.msg_namelen < size ? message.msg_namelen : size);
  message.msg_namelen = size;
  return put;
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

ssize_t receive_message(int fd, Socket& socket, msghdr& message, int flags, bool with_control) {
  const size_t count = static_cast<uint32_t>(message.msg_iovlen);
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
    if (!socket.options.is_on(Option::kNoEnobufs)) return fail_with(ENOBUFS);
  }
  if (got < static_cast<ssize_t>(head_size(socket))) return fail_with(EIO);
  const size_t size = static_cast<size_t>(got) - head_size(socket);
  const size_t room = room_in(message, count);
  note_receive_size(socket, room);
  if (with_control) put_control(socket, head.group, message, flags, size, room);
  if (!put_name(socket, head, message)) return fail_with(EFAULT);
  return static_cast<ssize_t>(interpose::received_size(flags, size, room));
}

ssize_t receive_program_message(int fd, Socket& socket, msghdr* message, int flags) {
  msghdr own;
  if (const int error = read_message(message, own)) return fail_with(error);
  const ssize_t got = receive_message(fd, socket, own, flags, true);
  if (got < 0) return got;
  if (const int error = write_message(own, message)) return fail_with(error);
  return got;
}

int tell_size(mmsghdr& message, ssize_t size) {
  const auto told = static_cast<unsigned>(size);
  const bool put = OwnMemory().write_octets(address_of(&message.msg_len), &told, sizeof told);
  return outcome_of(put ? 0 : EFAULT);
}

int receive_messages(int fd, Socket& socket, mmsghdr* messages, unsigned count, int flags) {
  const int each = flags & ~MSG_WAITFORONE;
  unsigned received = 0;
  for (; received < count; ++received) {
    const bool may_wait = received == 0 || !(flags & MSG_WAITFORONE);
    const ssize_t size = receive_program_message(fd, socket, &messages[received].msg_hdr,
                                                 may_wait ? each : each | MSG_DONTWAIT);
    if (size < 0 || tell_size(messages[received], size) < 0)
      return received > 0 ? static_cast<int>(received) : -1;
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
