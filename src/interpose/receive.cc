#include "interpose/receive.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

namespace airloom::interpose {
namespace {

bool write_name(const Call& call, const ReceiveTarget& target, uint32_t group) {
  if (target.name == 0) return true;
  const sockaddr_nl sender = NetlinkAddress{.groups = mask_of(group)}.as_sockaddr();
  const size_t fits = std::min<size_t>(sizeof sender, target.name_room);
  return call.write_octets(target.name, &sender, fits) &&
         call.write_struct(target.name_size, static_cast<uint32_t>(sizeof sender));
}

bool write_header(const Call& call, const ReceiveTarget& target, const ControlMessages& control,
                  int flags) {
  if (target.header == 0) return true;
  return call.write_octets(target.control, control.octets(), control.size()) &&
         call.write_struct(target.header + offsetof(msghdr, msg_controllen), control.size()) &&
         call.write_struct(target.header + offsetof(msghdr, msg_flags), flags);
}

size_t room_in(const ReceiveTarget& target) {
  size_t room = 0;
  for (const RemoteSpan& part : target.parts) room += part.iov_len;
  return room;
}

int read_target_of_recvfrom(const Call& call, ReceiveTarget& out) {
  RemoteSpan buffer{nullptr, call.argument(2)};
  const uint64_t address = call.argument(1);
  std::memcpy(&buffer.iov_base, &address, sizeof address);
  out.parts = {buffer};
  if (call.number() == SYS_read) return 0;
  out.flags = call.int_argument(3);
  out.name = call.argument(4);
  out.name_size = call.argument(5);
  if (out.name == 0) return 0;
  const auto room = call.read_struct<int32_t>(out.name_size);
  if (!room) return EFAULT;
  if (*room < 0) return EINVAL;
  out.name_room = static_cast<uint32_t>(*room);
  return 0;
}

}  // namespace

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
  out.name_room = message->msg_namelen;
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
      return read_target_of_recvfrom(call, out);
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
  const bool written =
      call.scatter(target.parts, datagram->octets) && write_name(call, target, datagram->group) &&
      write_header(call, target, control, received_flags(target.flags, size, room, control));
  if (!(target.flags & MSG_PEEK)) socket.pop();
  if (!written) return -EFAULT;
  return static_cast<int64_t>(received_size(target.flags, size, room));
}

}  // namespace airloom::interpose
