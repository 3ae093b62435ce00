#include "interpose/receive.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>

#include "interpose/netlink_calls.h"

namespace airloom::interpose {
namespace {

size_t room_in(const ReceiveTarget& target) {
  size_t room = 0;
  for (const RemoteSpan& part : target.parts) room += part.iov_len;
  return room;
}

ReceiveTarget target_of_recvfrom(const Call& call) {
  ReceiveTarget out;
  RemoteSpan buffer{nullptr, call.argument(2)};
  const uint64_t address = call.argument(1);
  std::memcpy(&buffer.iov_base, &address, sizeof address);
  out.parts = {buffer};
  if (call.number() == SYS_read) return out;
  out.flags = call.int_argument(3);
  out.name = call.argument(4);
  out.name_size = call.argument(5);
  return out;
}

}  // namespace

int write_name(const Call& call, const ReceiveTarget& target, const sockaddr_nl& sender) {
  if (target.name == 0) return 0;
  return give(call, &sender, sizeof sender, target.name, target.name_size, true);
}

bool write_header(const Call& call, const ReceiveTarget& target, std::span<const uint8_t> control,
                  int flags) {
  if (target.header == 0) return true;
  const size_t size = call.write(target.control, control) ? control.size() : 0;
  return call.write_struct(target.header + offsetof(msghdr, msg_controllen), size) &&
         call.write_struct(target.header + offsetof(msghdr, msg_flags), flags);
}

int read_parts(const Call& call, uint64_t address, uint64_t count, std::vector<RemoteSpan>& out) {
  Octets octets(count * sizeof(RemoteSpan));
  if (!call.read(address, octets)) return EFAULT;
  out.resize(count);
  if (count > 0) std::memcpy(out.data(), octets.data(), octets.size());
  size_t total = 0;
  for (const RemoteSpan& part : out) {
    if (part.iov_len > SSIZE_MAX || total > SSIZE_MAX - part.iov_len) return EINVAL;
    total += part.iov_len;
  }
  return 0;
}

int read_target_of_recvmsg(const Call& call, uint64_t header, int flags, ReceiveTarget& out) {
  const auto message = call.read_struct<msghdr>(header);
  if (!message) return EFAULT;
  if (message->msg_iovlen > kMaxParts) return EMSGSIZE;
  out = {};
  out.flags = flags;
  out.header = header;
  std::memcpy(&out.name, &message->msg_name, sizeof out.name);
  out.name_size = header + offsetof(msghdr, msg_namelen);
  std::memcpy(&out.control, &message->msg_control, sizeof out.control);
  out.control_room = message->msg_controllen;
  if (out.name != 0 && message->msg_namelen > static_cast<uint32_t>(INT32_MAX)) return EINVAL;
  uint64_t parts = 0;
  std::memcpy(&parts, &message->msg_iov, sizeof parts);
  return read_parts(call, parts, message->msg_iovlen, out.parts);
}

int read_target(const Call& call, ReceiveTarget& out) {
  switch (call.number()) {
    case SYS_recvmsg:
      return read_target_of_recvmsg(call, call.argument(1), call.int_argument(2), out);
    case SYS_readv:
      if (call.argument(2) > kMaxParts) return EINVAL;
      return read_parts(call, call.argument(1), call.argument(2), out.parts);
    default:
      out = target_of_recvfrom(call);
      return 0;
  }
}

std::optional<int64_t> receive(const Call& call, NetlinkSocket& socket,
                               const ReceiveTarget& target) {
  if (target.flags & MSG_OOB) return -EOPNOTSUPP;
  if (const int error = socket.take_error()) return -error;
  const NetlinkSocket::Datagram* datagram = socket.front();
  if (datagram == nullptr) return std::nullopt;

  const size_t room = room_in(target);
  socket.note_receive_size(room);
  const ControlMessages control =
      control_messages(socket.options(), datagram->group, target.control_room);
  const size_t size = datagram->octets.size();
  int error = call.scatter(target.parts, datagram->octets) ? 0 : EFAULT;
  const NetlinkAddress sender{.groups = mask_of(datagram->group)};
  if (error == 0) error = write_name(call, target, sender.as_sockaddr());
  const int flags = received_flags(target.flags, size, room, control);
  const std::span octets(control.octets(), control.size());
  if (error == 0 && !write_header(call, target, octets, flags)) error = EFAULT;
  if (!(target.flags & MSG_PEEK)) socket.pop();
  if (error != 0) return -error;
  return static_cast<int64_t>(received_size(target.flags, size, room));
}

}  // namespace airloom::interpose
