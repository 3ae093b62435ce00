#include "interpose/send.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "interpose/program_socket.h"
#include "interpose/receive.h"
#include "interpose/tasks.h"

namespace airloom::interpose {
namespace {

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

bool fits_send_buffer(size_t size, int program_end) {
  return fits_any_send_buffer(size) ||
         size + kBufferReserve <= static_cast<size_t>(kept_option(program_end, SO_SNDBUF));
}

bool is_privileged(const Call& call, std::span<const uint8_t> datagram) {
  nlmsghdr first{};
  if (datagram.size() >= sizeof first) std::memcpy(&first, datagram.data(), sizeof first);
  return may_need_rights(first, datagram.size()) && has_net_admin(call.thread());
}

int64_t send_one(const Call& call, NetlinkSocket& socket, const Outgoing& message,
                 int program_end) {
  if (message.flags & MSG_OOB) return -EOPNOTSUPP;
  size_t size = 0;
  for (const RemoteSpan& part : message.parts) size += part.iov_len;
  if (size == 0) return -ENODATA;
  ProgramSocket kept(call, socket, program_end);
  if (const int error = check_destination(
          call, kept, message.name, static_cast<uint32_t>(message.name_size), socket.connected))
    return -error;
  if (!fits_send_buffer(size, program_end)) return -EMSGSIZE;
  Octets datagram;
  if (!call.gather(message.parts, datagram)) return -EFAULT;
  if (const int error = socket.send(datagram, is_privileged(call, datagram))) return -error;
  return static_cast<int64_t>(size);
}

int64_t send_many(const Call& call, NetlinkSocket& socket, int program_end) {
  const size_t count = std::min<size_t>(call.argument(2) & 0xffffffffu, kMaxMessages);
  int64_t sent = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t header = call.argument(1) + i * sizeof(mmsghdr);
    Outgoing message;
    const int error = read_message(call, header, call.int_argument(3), message);
    const int64_t outcome = error ? -error : send_one(call, socket, message, program_end);
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

int64_t send(const Call& call, NetlinkSocket& socket, int program_end) {
  if (call.number() == SYS_sendmmsg) return send_many(call, socket, program_end);
  Outgoing message;
  if (const int error = read_outgoing(call, message)) return -error;
  return send_one(call, socket, message, program_end);
}

}  // namespace airloom::interpose
