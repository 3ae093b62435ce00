// setsockopt() and getsockopt(). What AF_UNIX keeps just as well (buffer sizes, timeouts) is kept
// in the descriptor itself.
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <string.h>

#include "preload/calls.h"
#include "preload/channel.h"
#include "preload/libc.h"

namespace airloom::preload {
namespace {

using interpose::MessageType;
using interpose::Option;

constexpr size_t kGroupsMax = 256;

Behind<int(int, int, int, const void*, socklen_t)> real_setsockopt("setsockopt");
Behind<int(int, int, int, void*, socklen_t*)> real_getsockopt("getsockopt");

// @return false: no option of SOL_NETLINK that is a flag.
bool option_of(int name, Option& out) {
  switch (name) {
    case NETLINK_PKTINFO:
      return out = Option::kPacketInfo, true;
    case NETLINK_BROADCAST_ERROR:
      return out = Option::kBroadcastError, true;
    case NETLINK_NO_ENOBUFS:
      return out = Option::kNoEnobufs, true;
    case NETLINK_LISTEN_ALL_NSID:
      return out = Option::kListenAllNsid, true;
    case NETLINK_CAP_ACK:
      return out = Option::kCapAck, true;
    case NETLINK_EXT_ACK:
      return out = Option::kExtendedAck, true;
    case NETLINK_GET_STRICT_CHK:
      return out = Option::kStrictCheck, true;
    default:
      return false;
  }
}

int tell(Socket& socket, Option option, uint32_t value) {
  struct __attribute__((packed)) {
    uint8_t option;
    uint32_t value;
  } body{static_cast<uint8_t>(option), value};
  return ask(socket.cookie, MessageType::kSetOption, body).error;
}

int set_flag(Socket& socket, Option option, bool on) {
  const uint32_t bit = 1u << static_cast<unsigned>(option);
  if (on) {
    __atomic_or_fetch(&socket.options, bit, __ATOMIC_RELAXED);
  } else {
    __atomic_and_fetch(&socket.options, ~bit, __ATOMIC_RELAXED);
  }
  return tell(socket, option, on);
}

int set_netlink_option(Socket& socket, int name, const void* value, socklen_t size) {
  uint32_t number = 0;
  if (size >= sizeof number) {
    if (value == nullptr) return EFAULT;
    memcpy(&number, value, sizeof number);
  }
  if (name == NETLINK_ADD_MEMBERSHIP || name == NETLINK_DROP_MEMBERSHIP) {
    struct __attribute__((packed)) {
      uint32_t group;
      uint8_t join;
    } body{number, name == NETLINK_ADD_MEMBERSHIP};
    return ask(socket.cookie, MessageType::kMembership, body).error;
  }
  Option option;
  if (!option_of(name, option)) return ENOPROTOOPT;
  if (name == NETLINK_LISTEN_ALL_NSID && !settings.emulated && !has_net_admin()) return EPERM;
  return set_flag(socket, option, number != 0);
}

int set_socket_option(int fd, Socket& socket, int name, const void* value, socklen_t size) {
  // A filter would be run over the daemon's messages, not over datagrams.
  if (name == SO_ATTACH_FILTER || name == SO_ATTACH_BPF || name == SO_LOCK_FILTER)
    return ENOPROTOOPT;
  int number = 0;
  if (value != nullptr && size >= sizeof number) memcpy(&number, value, sizeof number);
  if (name == SO_PASSCRED) return set_flag(socket, Option::kPassCredentials, number != 0);
  if (real_setsockopt(fd, SOL_SOCKET, name, value, size) < 0) return errno;
  if (name != SO_RCVBUF && name != SO_RCVBUFFORCE) return 0;
  socklen_t room = sizeof number;
  if (real_getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &number, &room) < 0) return errno;
  socket.receive_buffer = static_cast<uint32_t>(number);
  return tell(socket, Option::kReceiveBuffer, static_cast<uint32_t>(number));
}

int set_packet_option(int name) {
  // All that comes to the interface is delivered anyway.
  return name == PACKET_ADD_MEMBERSHIP || name == PACKET_DROP_MEMBERSHIP ? 0 : ENOPROTOOPT;
}

int give(const void* from, socklen_t size, void* value, socklen_t* room) {
  *room = *room < size ? *room : size;
  memcpy(value, from, *room);
  return 0;
}

int give_int(int number, void* value, socklen_t* room) {
  return give(&number, sizeof number, value, room);
}

// The groups as a bit map of 32-bit words, as many as there is room for.
int list_memberships(const Socket& socket, void* value, socklen_t* room) {
  struct {
    uint32_t head[2];
    uint32_t groups[kGroupsMax];
  } state;
  iovec part{};
  const Answer answer = ask(socket.cookie, MessageType::kDescribe, &part, 1, &state, sizeof state);
  if (answer.error != 0) return answer.error;
  const size_t count = (answer.extra - sizeof state.head) / sizeof(uint32_t);
  uint32_t map[kGroupsMax]{};
  uint32_t words = 0;
  for (size_t i = 0; i < count && i < kGroupsMax; ++i) {
    const uint32_t word = (state.groups[i] - 1) / 32;
    if (word >= kGroupsMax) continue;
    map[word] |= 1u << ((state.groups[i] - 1) % 32);
    if (word + 1 > words) words = word + 1;
  }
  const auto size = static_cast<socklen_t>(words * sizeof(uint32_t));
  memcpy(value, map, size < *room ? size : *room / sizeof(uint32_t) * sizeof(uint32_t));
  *room = size;
  return 0;
}

int get_netlink_option(const Socket& socket, int name, void* value, socklen_t* room) {
  if (name == NETLINK_LIST_MEMBERSHIPS) return list_memberships(socket, value, room);
  Option option;
  if (!option_of(name, option)) return ENOPROTOOPT;
  if (*room < sizeof(int)) return EINVAL;
  return give_int(socket.is_on(option), value, room);
}

int get_socket_option(int fd, Socket& socket, int name, void* value, socklen_t* room) {
  switch (name) {
    case SO_DOMAIN:
      return give_int(socket.is_packet() ? AF_PACKET : AF_NETLINK, value, room);
    case SO_PROTOCOL:
      return give_int(socket.protocol, value, room);
    case SO_TYPE:
      return give_int(socket.type, value, room);
    case SO_PASSCRED:
      return give_int(socket.is_on(Option::kPassCredentials), value, room);
    case SO_ERROR:
      return give_int(take_error(fd, socket), value, room);
    default:
      return real_getsockopt(fd, SOL_SOCKET, name, value, room) < 0 ? errno : 0;
  }
}

}  // namespace

int set_option(int fd, Socket& socket, int level, int name, const void* value, socklen_t size) {
  if (size > static_cast<socklen_t>(INT32_MAX)) return fail_with(EINVAL);
  if (level == SOL_SOCKET) return outcome_of(set_socket_option(fd, socket, name, value, size));
  if (level == SOL_NETLINK && !socket.is_packet())
    return outcome_of(set_netlink_option(socket, name, value, size));
  if (level == SOL_PACKET && socket.is_packet()) return outcome_of(set_packet_option(name));
  return fail_with(ENOPROTOOPT);
}

int get_option(int fd, Socket& socket, int level, int name, void* value, socklen_t* room) {
  if (value == nullptr || room == nullptr) return fail_with(EFAULT);
  if (*room > static_cast<socklen_t>(INT32_MAX)) return fail_with(EINVAL);
  if (level == SOL_SOCKET) return outcome_of(get_socket_option(fd, socket, name, value, room));
  if (level == SOL_NETLINK && !socket.is_packet())
    return outcome_of(get_netlink_option(socket, name, value, room));
  return fail_with(ENOPROTOOPT);
}

}  // namespace airloom::preload
