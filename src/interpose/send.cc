#include "interpose/send.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "interpose/receive.h"
#include "interpose/tasks.h"

namespace airloom::interpose {
namespace {

constexpr size_t kMaxMessagesPerCall = 1024;  // of sendmmsg, as in the kernel
constexpr size_t kBufferReserve = 32;         // what netlink keeps of SO_SNDBUF

int read_message(const Call& call, uint64_t header, int flags, Outgoing& out) {
  const auto message = call.read_struct<msghdr>(header);
  if (!message) return EFAULT;
  if (message->msg_iovlen > kMaxParts) return EMSGSIZE;
  out.flags = flags;
  std::memcpy(&out.name, &message->msg_name, sizeof out.name);
  out.name_size = message->msg_namelen;
  std::memcpy(&out.control, &message->msg_control, sizeof out.control);
  out.control_size = message->msg_controllen;
  uint64_t parts = 0;
  std::memcpy(&parts, &message->msg_iov, sizeof parts);
  return read_parts(call, parts, message->msg_iovlen, out.parts);
}

// Who the message is for: only port 0, the kernel, is anybody.
int check_destination(const Call& call, const NetlinkSocket& socket, const Outgoing& message,
                      bool privileged) {
  uint32_t port = socket.connected_port;
  uint32_t groups = socket.connected_groups;
  if (message.name != 0 && message.name_size != 0) {
    if (message.name_size < sizeof(sockaddr_nl)) return EINVAL;
    const auto address = call.read_struct<sockaddr_nl>(message.name);
    if (!address) return EFAULT;
    if (address->nl_family != AF_NETLINK) return EINVAL;
    port = address->nl_pid;
    groups = address->nl_groups;
    if ((port != 0 || groups != 0) && !privileged) return EPERM;
  }
  return port != 0 ? ECONNREFUSED : 0;
}

int64_t send_one(const Call& call, NetlinkSocket& socket, const Outgoing& message,
                 size_t send_buffer) {
  if (message.flags & MSG_OOB) return -EOPNOTSUPP;
  const bool privileged = has_net_admin(call.thread());
  size_t size = 0;
  for (const RemoteSpan& part : message.parts) size += part.iov_len;
  if (size == 0) return -ENODATA;
  if (const int error = check_destination(call, socket, message, privileged)) return -error;
  if (size > send_buffer - std::min(send_buffer, kBufferReserve)) return -EMSGSIZE;
  Octets datagram;
  if (!call.gather(message.parts, datagram)) return -EFAULT;
  if (const int error = socket.send(datagram, privileged)) return -error;
  return static_cast<int64_t>(size);
}

int64_t send_many(const Call& call, NetlinkSocket& socket, size_t send_buffer) {
  const size_t count = std::min<size_t>(call.argument(2) & 0xffffffffu, kMaxMessagesPerCall);
  int64_t sent = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t header = call.argument(1) + i * sizeof(mmsghdr);
    Outgoing message;
    const int error = read_message(call, header, call.int_argument(3), message);
    const int64_t outcome = error ? -error : send_one(call, socket, message, send_buffer);
    if (outcome < 0) return sent > 0 ? sent : outcome;
    const auto size = static_cast<uint32_t>(outcome);
    if (!call.write_struct(header + offsetof(mmsghdr, msg_len), size)) return -EFAULT;
    ++sent;
  }
  return sent;
}

}  // namespace

int read_outgoing(const Call& call, Outgoing& out) {
  switch (call.number()) {
    case SYS_sendmsg:
      return read_message(call, call.argument(1), call.int_argument(2), out);
    case SYS_writev:
      if (call.argument(2) > kMaxParts) return EINVAL;
      return read_parts(call, call.argument(1), call.argument(2), out.parts);
    default:
      break;
  }
  RemoteSpan buffer{nullptr, call.argument(2)};
  const uint64_t address = call.argument(1);
  std::memcpy(&buffer.iov_base, &address, sizeof address);
  out.parts = {buffer};
  if (call.number() == SYS_write) return 0;
  out.flags = call.int_argument(3);
  out.name = call.argument(4);
  out.name_size = call.argument(5) & 0xffffffffu;
  return 0;
}

int64_t send(const Call& call, NetlinkSocket& socket, size_t send_buffer) {
  if (call.number() == SYS_sendmmsg) return send_many(call, socket, send_buffer);
  Outgoing message;
  if (const int error = read_outgoing(call, message)) return -error;
  return send_one(call, socket, message, send_buffer);
}

}  // namespace airloom::interpose
