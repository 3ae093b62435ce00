// Sending: a datagram becomes one question to the daemon, which has processed it when it answers.
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <string.h>
#include <unistd.h>

#include "preload/calls.h"
#include "preload/kept_socket.h"
#include "preload/libc.h"

namespace airloom::preload {
namespace {

using interpose::MessageType;
using interpose::Option;

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
  if (interpose::fits_any_send_buffer(size)) return true;
  int room = 0;
  socklen_t room_size = sizeof room;
  if (real_getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &room_size) < 0) return false;
  return size + interpose::kBufferReserve <= static_cast<size_t>(room);
}

void tell_receive_size(Socket& socket) {
  struct __attribute__((packed)) {
    uint8_t option;
    uint32_t value;
  } body{static_cast<uint8_t>(Option::kReceiveSize), socket.receive_size};
  socket.receive_size_told = true;
  (void)ask(socket.cookie, MessageType::kSetOption, body);
}

// Gives what may be anything, where it does not lie in the first part.
// @return false: it cannot be read
bool read_first_header(const msghdr& message, nlmsghdr& header) {
  header = {.nlmsg_flags = NLM_F_DUMP};
  const iovec& part = message.msg_iov[0];
  return part.iov_len < sizeof header ||
         OwnMemory().read_octets(address_of(part.iov_base), &header, sizeof header);
}

ssize_t send_netlink(int fd, Socket& socket, const msghdr& message) {
  const size_t count = parts_of(message);
  const size_t size = total(message.msg_iov, count);
  if (size == 0) return fail_with(ENODATA);
  KeptSocket kept(fd, socket);
  if (const int error = interpose::check_destination(
          OwnMemory(), kept, address_of(message.msg_name), message.msg_namelen, socket.connected))
    return fail_with(error);
  if (!fits_send_buffer(fd, size)) return fail_with(EMSGSIZE);
  if (socket.receive_size != 0 && !socket.receive_size_told) tell_receive_size(socket);
  struct __attribute__((packed)) {
    interpose::WireHeader header;
    uint8_t privileged;
  } head{};
  iovec parts[count + 1];
  parts[0] = {&head, sizeof head};
  if (count > 0) memcpy(parts + 1, message.msg_iov, count * sizeof(iovec));
  nlmsghdr first;
  if (!read_first_header(message, first)) return fail_with(EFAULT);
  if (interpose::may_need_rights(first, size)) head.privileged = kept.has_rights();
  const Answer answer = ask(socket.cookie, MessageType::kRequest, parts, count + 1);
  if (answer.error != 0) return fail_with(answer.error);
  if ((first.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP) socket.dumping = true;
  return static_cast<ssize_t>(size);
}

ssize_t send_packet(Socket& socket, const msghdr& message) {
  const size_t count = parts_of(message);
  sockaddr_ll address{};
  if (message.msg_name != nullptr && message.msg_namelen != 0) {
    if (message.msg_namelen < offsetof(sockaddr_ll, sll_addr)) return fail_with(EINVAL);
    const size_t given = message.msg_namelen;
    if (!OwnMemory().read_octets(address_of(message.msg_name), &address,
                                 given < sizeof address ? given : sizeof address))
      return fail_with(EFAULT);
  }
  struct __attribute__((packed)) {
    interpose::WireHeader header;
    sockaddr_ll address;
  } head{{}, address};
  iovec parts[count + 1];
  parts[0] = {&head, sizeof head};
  if (count > 0) memcpy(parts + 1, message.msg_iov, count * sizeof(iovec));
  const Answer answer = ask(socket.cookie, MessageType::kFrame, parts, count + 1);
  if (answer.error != 0) return fail_with(answer.error);
  return static_cast<ssize_t>(total(message.msg_iov, count));
}

}  // namespace

ssize_t send_message(int fd, Socket& socket, const msghdr& message, int flags) {
  if (flags & MSG_OOB) return fail_with(EOPNOTSUPP);
  return socket.is_packet() ? send_packet(socket, message) : send_netlink(fd, socket, message);
}

ssize_t send_program_message(int fd, Socket& socket, const msghdr* message, int flags) {
  msghdr own;
  if (const int error = read_message(message, own)) return fail_with(error);
  return send_message(fd, socket, own, flags);
}

int send_messages(int fd, Socket& socket, mmsghdr* messages, unsigned count, int flags) {
  unsigned sent = 0;
  for (; sent < count && sent < interpose::kMaxMessages; ++sent) {
    const ssize_t size = send_program_message(fd, socket, &messages[sent].msg_hdr, flags);
    if (size < 0 || tell_size(messages[sent], size) < 0)
      return sent > 0 ? static_cast<int>(sent) : -1;
  }
  return static_cast<int>(sent);
}

}  // namespace airloom::preload
