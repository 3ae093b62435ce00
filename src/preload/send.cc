// Sending: a datagram becomes one question to the daemon, which has processed it when it answers.
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <string.h>
#include <unistd.h>

#include "preload/calls.h"
#include "preload/channel.h"
#include "preload/libc.h"

namespace airloom::preload {
namespace {

using interpose::MessageType;
using interpose::Option;

constexpr size_t kPartsMax = 1024;        // iovecs of one call, as in the kernel
constexpr unsigned kMessagesMax = 1024;   // of sendmmsg, the same
constexpr size_t kBufferReserve = 32;     // what netlink keeps of SO_SNDBUF
constexpr size_t kSmallestBuffer = 4608;  // SOCK_MIN_SNDBUF

Behind<int(int, int, int, void*, socklen_t*)> real_getsockopt("getsockopt");

// Musl's fields are narrower, with padding that may hold anything.
size_t parts_of(const msghdr& message) {
  return static_cast<uint32_t>(message.msg_iovlen);
}

size_t total(const iovec* parts, size_t count) {
  size_t size = 0;
  for (size_t i = 0; i < count; ++i) size += parts[i].iov_len;
  return size;
}

bool fits_send_buffer(int fd, size_t size) {
  if (size <= kSmallestBuffer - kBufferReserve) return true;
  int room = 0;
  socklen_t room_size = sizeof room;
  if (real_getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &room_size) < 0) return false;
  return size + kBufferReserve <= static_cast<size_t>(room);
}

// Who a datagram is for: only port 0, the kernel, is anybody.
int check_destination(const Socket& socket, const msghdr& message, bool privileged) {
  uint32_t port = socket.connected_port;
  if (message.msg_name != nullptr && message.msg_namelen != 0) {
    sockaddr_nl address;
    if (message.msg_namelen < sizeof address) return EINVAL;
    memcpy(&address, message.msg_name, sizeof address);
    if (address.nl_family != AF_NETLINK) return EINVAL;
    port = address.nl_pid;
    if ((port != 0 || address.nl_groups != 0) && !privileged) return EPERM;
  }
  return port != 0 ? ECONNREFUSED : 0;
}

void tell_receive_size(Socket& socket) {
  struct __attribute__((packed)) {
    uint8_t option;
    uint32_t value;
  } body{static_cast<uint8_t>(Option::kReceiveSize), socket.receive_size};
  socket.receive_size_told = true;
  (void)ask(socket.cookie, MessageType::kSetOption, body);
}

bool asks_for_dump(const iovec* parts, size_t count) {
  nlmsghdr header;
  if (count == 0 || parts[0].iov_len < sizeof header) return true;  // for all one knows
  memcpy(&header, parts[0].iov_base, sizeof header);
  return (header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

ssize_t send_netlink(int fd, Socket& socket, const msghdr& message) {
  const bool privileged = settings.emulated || has_net_admin();
  const size_t count = parts_of(message);
  const size_t size = total(message.msg_iov, count);
  if (size == 0) return fail_with(ENODATA);
  if (const int error = check_destination(socket, message, privileged)) return fail_with(error);
  if (!fits_send_buffer(fd, size)) return fail_with(EMSGSIZE);
  if (socket.receive_size != 0 && !socket.receive_size_told) tell_receive_size(socket);
  uint8_t rights = privileged;
  iovec parts[count + 2];
  parts[1] = {&rights, sizeof rights};
  if (count > 0) memcpy(parts + 2, message.msg_iov, count * sizeof(iovec));
  const Answer answer = ask(socket.cookie, MessageType::kRequest, parts, count + 2);
  if (answer.error != 0) return fail_with(answer.error);
  if (asks_for_dump(message.msg_iov, count)) socket.dumping = true;
  return static_cast<ssize_t>(size);
}

ssize_t send_packet(Socket& socket, const msghdr& message) {
  const size_t count = parts_of(message);
  sockaddr_ll address{};
  if (message.msg_name != nullptr && message.msg_namelen != 0) {
    if (message.msg_namelen < offsetof(sockaddr_ll, sll_addr)) return fail_with(EINVAL);
    const size_t given = message.msg_namelen;
    memcpy(&address, message.msg_name, given < sizeof address ? given : sizeof address);
  }
  iovec parts[count + 2];
  parts[1] = {&address, sizeof address};
  if (count > 0) memcpy(parts + 2, message.msg_iov, count * sizeof(iovec));
  const Answer answer = ask(socket.cookie, MessageType::kFrame, parts, count + 2);
  if (answer.error != 0) return fail_with(answer.error);
  return static_cast<ssize_t>(total(message.msg_iov, count));
}

}  // namespace

ssize_t send_message(int fd, Socket& socket, const msghdr& message, int flags) {
  if (parts_of(message) > kPartsMax) return fail_with(EMSGSIZE);
  if (flags & MSG_OOB) return fail_with(EOPNOTSUPP);
  return socket.is_packet() ? send_packet(socket, message) : send_netlink(fd, socket, message);
}

int send_messages(int fd, Socket& socket, mmsghdr* messages, unsigned count, int flags) {
  unsigned sent = 0;
  for (; sent < count && sent < kMessagesMax; ++sent) {
    const ssize_t size = send_message(fd, socket, messages[sent].msg_hdr, flags);
    if (size < 0) return sent > 0 ? static_cast<int>(sent) : -1;
    messages[sent].msg_len = static_cast<unsigned>(size);
  }
  return static_cast<int>(sent);
}

}  // namespace airloom::preload
