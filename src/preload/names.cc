// bind(), connect() and the names of sockets.
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

constexpr size_t kGroupsMax = 256;
constexpr uint32_t kGroupsInMask = 32;

struct State {
  uint32_t kind_and_type;
  uint32_t options;
  uint32_t groups[kGroupsMax];
};

struct Name {
  int error = 0;
  uint32_t port = 0;
  uint32_t groups = 0;  // the first 32 as a sockaddr_nl shows them
};

Name name_of(const Socket& socket) {
  State state;
  iovec part{};
  const Answer answer = ask(socket.cookie, MessageType::kDescribe, &part, 1, &state, sizeof state);
  Name name{.error = answer.error, .port = answer.value};
  const size_t fixed = offsetof(State, groups);
  for (size_t i = 0; fixed + (i + 1) * sizeof(uint32_t) <= answer.extra && i < kGroupsMax; ++i)
    if (state.groups[i] >= 1 && state.groups[i] <= kGroupsInMask)
      name.groups |= 1u << (state.groups[i] - 1);
  return name;
}

struct Bind {
  uint32_t port;
  uint32_t pid;
};

int bind_packet(const Socket& socket, const sockaddr* address, socklen_t size) {
  if (size < sizeof(sockaddr_ll)) return EINVAL;
  sockaddr_ll wanted;
  memcpy(&wanted, address, sizeof wanted);
  if (wanted.sll_family != AF_PACKET) return EINVAL;
  return ask(socket.cookie, MessageType::kBind,
             Bind{static_cast<uint32_t>(wanted.sll_ifindex),
                  __builtin_bswap16(wanted.sll_protocol)})
      .error;
}

int bind_netlink(const Socket& socket, const sockaddr* address, socklen_t size) {
  if (size < sizeof(sockaddr_nl)) return EINVAL;
  sockaddr_nl wanted;
  memcpy(&wanted, address, sizeof wanted);
  if (wanted.nl_family != AF_NETLINK) return EINVAL;
  const auto pid = static_cast<uint32_t>(getpid());
  const Answer bound = ask(socket.cookie, MessageType::kBind, Bind{wanted.nl_pid, pid});
  if (bound.error != 0) return bound.error;
  const uint32_t changed = name_of(socket).groups ^ wanted.nl_groups;
  for (uint32_t group = 1; group <= kGroupsInMask; ++group) {
    if (!(changed >> (group - 1) & 1)) continue;
    struct __attribute__((packed)) {
      uint32_t group;
      uint8_t join;
    } membership{group, static_cast<uint8_t>(wanted.nl_groups >> (group - 1) & 1)};
    (void)ask(socket.cookie, MessageType::kMembership, membership);
  }
  return 0;
}

// To no more than there is room for; the size told is the whole one's.
int give_name(const void* name, socklen_t name_size, sockaddr* into, socklen_t* size) {
  if (into == nullptr || size == nullptr) return EFAULT;
  if (*size > static_cast<socklen_t>(INT32_MAX)) return EINVAL;
  memcpy(into, name, *size < name_size ? *size : name_size);
  *size = name_size;
  return 0;
}

int give_packet_name(const Socket& socket, sockaddr* into, socklen_t* size) {
  struct {
    uint32_t kind_and_type;
    uint32_t options;
    sockaddr_ll name;
  } state{};
  iovec part{};
  const Answer answer = ask(socket.cookie, MessageType::kDescribe, &part, 1, &state, sizeof state);
  if (answer.error != 0) return answer.error;
  return give_name(&state.name, offsetof(sockaddr_ll, sll_addr) + state.name.sll_halen, into, size);
}

}  // namespace

int bind_socket(Socket& socket, const sockaddr* address, socklen_t size) {
  if (address == nullptr) return fail_with(size < sizeof(sockaddr_nl) ? EINVAL : EFAULT);
  return outcome_of(socket.is_packet() ? bind_packet(socket, address, size)
                                       : bind_netlink(socket, address, size));
}

int connect_socket(Socket& socket, const sockaddr* address, socklen_t size) {
  if (socket.is_packet()) return fail_with(EOPNOTSUPP);
  if (size < sizeof(sa_family_t)) return fail_with(EINVAL);
  if (address == nullptr) return fail_with(EFAULT);
  if (address->sa_family == AF_UNSPEC) {
    socket.connected_port = socket.connected_groups = 0;
    return 0;
  }
  if (address->sa_family != AF_NETLINK || size < sizeof(sockaddr_nl)) return fail_with(EINVAL);
  sockaddr_nl wanted;
  memcpy(&wanted, address, sizeof wanted);
  if ((wanted.nl_pid != 0 || wanted.nl_groups != 0) && !settings.emulated && !has_net_admin())
    return fail_with(EPERM);
  const auto pid = static_cast<uint32_t>(getpid());
  const Answer bound = ask(socket.cookie, MessageType::kBind, Bind{0, pid});
  if (bound.error != 0) return fail_with(bound.error);
  socket.connected_port = wanted.nl_pid;
  socket.connected_groups = wanted.nl_groups;
  return 0;
}

int get_name(Socket& socket, sockaddr* into, socklen_t* size, bool of_peer) {
  if (socket.is_packet())
    return outcome_of(of_peer ? EOPNOTSUPP : give_packet_name(socket, into, size));
  Name name{.port = socket.connected_port, .groups = socket.connected_groups};
  if (!of_peer) name = name_of(socket);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_pid = name.port;
  address.nl_groups = name.groups;
  return outcome_of(give_name(&address, sizeof address, into, size));
}

}  // namespace airloom::preload
