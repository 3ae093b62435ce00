#include "interpose/options.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace airloom::interpose {
namespace {

constexpr size_t kMaxOption = 4096;

int set_netlink_option(const Call& call, NetlinkSocket& socket) {
  uint32_t value = 0;
  if (call.int_argument(4) >= static_cast<int>(sizeof value)) {
    const auto given = call.read_struct<uint32_t>(call.argument(3));
    if (!given) return EFAULT;
    value = *given;
  }
  const int name = call.int_argument(2);
  if (name == NETLINK_ADD_MEMBERSHIP) return socket.set_membership(value, true);
  if (name == NETLINK_DROP_MEMBERSHIP) return socket.set_membership(value, false);
  return socket.set_flag(name, value != 0);
}

std::optional<bool> flag_value(const NetlinkOptions& options, int name) {
  switch (name) {
    case NETLINK_PKTINFO:
      return options.packet_info;
    case NETLINK_BROADCAST_ERROR:
      return options.broadcast_error;
    case NETLINK_NO_ENOBUFS:
      return options.no_enobufs;
    case NETLINK_LISTEN_ALL_NSID:
      return options.listen_all_nsid;
    case NETLINK_CAP_ACK:
      return options.cap_ack;
    case NETLINK_EXT_ACK:
      return options.ext_ack;
    case NETLINK_GET_STRICT_CHK:
      return options.strict_check;
    default:
      return std::nullopt;
  }
}

// The groups as a bit map of 32-bit words, as many as there is room for.
int list_memberships(const Call& call, const NetlinkSocket& socket, uint32_t room) {
  const uint32_t highest = socket.groups().empty() ? 0 : *socket.groups().rbegin();
  const uint32_t words = (highest + 31) / 32;
  std::vector<uint32_t> map(words);
  for (uint32_t group : socket.groups()) map[(group - 1) / 32] |= 1u << ((group - 1) % 32);
  for (uint32_t i = 0; i < words && (i + 1) * sizeof(uint32_t) <= room; ++i)
    if (!call.write_struct(call.argument(3) + i * sizeof(uint32_t), map[i])) return EFAULT;
  const auto size = static_cast<uint32_t>(words * sizeof(uint32_t));
  return call.write_struct(call.argument(4), size) ? 0 : EFAULT;
}

int give(const Call& call, std::span<const uint8_t> value, uint32_t room) {
  const auto size = std::min<uint32_t>(static_cast<uint32_t>(value.size()), room);
  const bool written =
      call.write(call.argument(3), value.first(size)) && call.write_struct(call.argument(4), size);
  return written ? 0 : EFAULT;
}

int give_int(const Call& call, int value, uint32_t room) {
  std::array<uint8_t, sizeof value> octets;
  std::memcpy(octets.data(), &value, sizeof value);
  return give(call, octets, room);
}

int get_netlink_option(const Call& call, const NetlinkSocket& socket, uint32_t room) {
  const int name = call.int_argument(2);
  if (name == NETLINK_LIST_MEMBERSHIPS) return list_memberships(call, socket, room);
  const auto value = flag_value(socket.options(), name);
  if (!value) return ENOPROTOOPT;
  if (room < sizeof(int)) return EINVAL;
  return give_int(call, *value ? 1 : 0, room);
}

int get_kept_option(const Call& call, int program_end, uint32_t room) {
  std::vector<uint8_t> value(std::min<size_t>(room, kMaxOption));
  auto size = static_cast<socklen_t>(value.size());
  if (getsockopt(program_end, SOL_SOCKET, call.int_argument(2), value.data(), &size) < 0)
    return errno;
  value.resize(size);
  return give(call, value, room);
}

}  // namespace

int set_socket_option(const Call& call, NetlinkSocket& socket, int program_end) {
  const int level = call.int_argument(1);
  const int name = call.int_argument(2);
  if (call.int_argument(4) < 0) return EINVAL;
  if (level == SOL_NETLINK) return set_netlink_option(call, socket);
  if (level != SOL_SOCKET) return ENOPROTOOPT;
  // A filter would be run over the token, not over datagrams.
  if (name == SO_ATTACH_FILTER || name == SO_ATTACH_BPF || name == SO_LOCK_FILTER)
    return ENOPROTOOPT;
  std::vector<uint8_t> value(std::min<size_t>(call.argument(4) & 0xffffffffu, kMaxOption));
  if (!call.read(call.argument(3), value)) return EFAULT;
  if (setsockopt(program_end, level, name, value.data(), static_cast<socklen_t>(value.size())) < 0)
    return errno;
  if (name == SO_RCVBUF || name == SO_RCVBUFFORCE)
    socket.set_receive_buffer(static_cast<uint32_t>(kept_option(program_end, SO_RCVBUF)));
  return 0;
}

int get_socket_option(const Call& call, NetlinkSocket& socket, int program_end) {
  const auto room = call.read_struct<int32_t>(call.argument(4));
  if (!room) return EFAULT;
  if (*room < 0) return EINVAL;
  const auto size = static_cast<uint32_t>(*room);
  const int level = call.int_argument(1);
  if (level == SOL_NETLINK) return get_netlink_option(call, socket, size);
  if (level != SOL_SOCKET) return ENOPROTOOPT;
  switch (call.int_argument(2)) {
    case SO_DOMAIN:
      return give_int(call, AF_NETLINK, size);
    case SO_PROTOCOL:
      return give_int(call, NETLINK_GENERIC, size);
    case SO_TYPE:
      return give_int(call, socket.type(), size);
    case SO_ERROR:
      return give_int(call, socket.take_error(), size);
    default:
      return get_kept_option(call, program_end, size);
  }
}

int kept_option(int program_end, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(program_end, SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
}

}  // namespace airloom::interpose
