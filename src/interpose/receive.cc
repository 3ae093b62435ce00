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

// Adds one control message, cut where there is no room, as the kernel's put_cmsg() would.
// @return false: it was cut or left out.
bool append_control(Octets& control, size_t room, int level, int type,
                    std::span<const uint8_t> value) {
  if (room < control.size() + sizeof(cmsghdr)) return false;
  cmsghdr header{};
  header.cmsg_level = level;
  header.cmsg_type = type;
  const size_t fits = std::min(value.size(), room - control.size() - sizeof header);
  header.cmsg_len = CMSG_LEN(fits);
  const size_t at = control.size();
  control.resize(std::min(at + CMSG_SPACE(fits), room));
  std::memcpy(control.data() + at, &header, sizeof header);
  std::copy_n(value.begin(), fits, control.begin() + static_cast<ptrdiff_t>(at + sizeof header));
  return fits == value.size();
}

template <typename T>
std::array<uint8_t, sizeof(T)> octets_of(const T& value) {
  std::array<uint8_t, sizeof(T)> octets;
  std::memcpy(octets.data(), &value, sizeof value);
  return octets;
}

// @return false: not all of it had room (MSG_CTRUNC).
bool build_control(const NetlinkSocket& socket, uint32_t group, bool pass_credentials, size_t room,
                   Octets& out) {
  bool whole = true;
  if (socket.options().packet_info)
    whole &= append_control(out, room, SOL_NETLINK, NETLINK_PKTINFO, octets_of(nl_pktinfo{group}));
  // The kernel is the sender: process 0, user 0. NetworkManager insists on it.
  if (pass_credentials)
    whole &= append_control(out, room, SOL_SOCKET, SCM_CREDENTIALS, octets_of(ucred{0, 0, 0}));
  return whole;
}

sockaddr_nl sender_of(uint32_t group) {
  sockaddr_nl sender{};
  sender.nl_family = AF_NETLINK;
  if (group >= 1 && group <= 32) sender.nl_groups = 1u << (group - 1);
  return sender;
}

bool write_name(const Call& call, const ReceiveTarget& target, uint32_t group) {
  if (target.name == 0) return true;
  const auto sender = octets_of(sender_of(group));
  const size_t fits = std::min<size_t>(sender.size(), target.name_room);
  return call.write(target.name, std::span(sender).first(fits)) &&
         call.write_struct(target.name_size, static_cast<uint32_t>(sender.size()));
}

bool write_header(const Call& call, const ReceiveTarget& target, const Octets& control, int flags) {
  if (target.header == 0) return true;
  return call.write(target.control, control) &&
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

std::optional<int64_t> receive(const Call& call, NetlinkSocket& socket, const ReceiveTarget& target,
                               bool pass_credentials) {
  if (target.flags & MSG_OOB) return -EOPNOTSUPP;
  if (const int error = socket.take_error()) return -error;
  const NetlinkSocket::Datagram* datagram = socket.front();
  if (datagram == nullptr) return std::nullopt;

  const size_t room = room_in(target);
  socket.note_receive_size(room);
  Octets control;
  int flags = target.flags & MSG_CMSG_CLOEXEC;
  if (datagram->octets.size() > room) flags |= MSG_TRUNC;
  if (!build_control(socket, datagram->group, pass_credentials, target.control_room, control))
    flags |= MSG_CTRUNC;
  const bool written = call.scatter(target.parts, datagram->octets) &&
                       write_name(call, target, datagram->group) &&
                       write_header(call, target, control, flags);
  const size_t size = datagram->octets.size();
  if (!(target.flags & MSG_PEEK)) socket.pop();
  if (!written) return -EFAULT;
  return static_cast<int64_t>(target.flags & MSG_TRUNC ? size : std::min(size, room));
}

}  // namespace airloom::interpose
