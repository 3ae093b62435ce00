// bind(), connect() and the names of sockets.
#include <errno.h>
#include <linux/if_packet.h>

#include "preload/calls.h"
#include "preload/kept_socket.h"
#include "preload/libc.h"

namespace airloom::preload {
namespace {

using interpose::MessageType;

int bind_packet(const Socket& socket, uint64_t address, socklen_t size) {
  sockaddr_ll wanted;
  if (size < sizeof wanted) return EINVAL;
  if (!OwnMemory().read_octets(address, &wanted, sizeof wanted)) return EFAULT;
  if (wanted.sll_family != AF_PACKET) return EINVAL;
  struct {
    uint32_t ifindex;
    uint32_t protocol;
  } body{static_cast<uint32_t>(wanted.sll_ifindex), __builtin_bswap16(wanted.sll_protocol)};
  return ask(socket.cookie, MessageType::kBind, body).error;
}

int give_packet_name(const Socket& socket, sockaddr* into, socklen_t* size) {
  struct {
    uint32_t kind_and_type;
    uint32_t options;
    sockaddr_ll name;
  } state{};
  const Answer answer = ask(socket.cookie, MessageType::kDescribe, &state, sizeof state);
  if (answer.error != 0) return answer.error;
  return interpose::give(OwnMemory(), &state.name,
                         offsetof(sockaddr_ll, sll_addr) + state.name.sll_halen, address_of(into),
                         address_of(size), true);
}

}  // namespace

int bind_socket(int fd, Socket& socket, const sockaddr* address, socklen_t size) {
  if (socket.is_packet()) return outcome_of(bind_packet(socket, address_of(address), size));
  KeptSocket kept(fd, socket);
  return outcome_of(
      interpose::bind_netlink(OwnMemory(), kept, address_of(address), static_cast<int>(size)));
}

int connect_socket(int fd, Socket& socket, const sockaddr* address, socklen_t size) {
  if (socket.is_packet()) return fail_with(EOPNOTSUPP);
  KeptSocket kept(fd, socket);
  return outcome_of(interpose::connect_netlink(OwnMemory(), kept, address_of(address),
                                               static_cast<int>(size), socket.connected));
}

int get_name(int fd, Socket& socket, sockaddr* into, socklen_t* size, bool of_peer) {
  if (socket.is_packet())
    return outcome_of(of_peer ? EOPNOTSUPP : give_packet_name(socket, into, size));
  interpose::NetlinkAddress name = socket.connected;
  if (!of_peer)
    if (const int error = KeptSocket(fd, socket).get_name(name)) return fail_with(error);
  return outcome_of(interpose::give_name(OwnMemory(), name, address_of(into), address_of(size)));
}

}  // namespace airloom::preload
