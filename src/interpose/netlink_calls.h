// The calls on a netlink socket that is the daemon's, once for both front ends: the supervisor and
// the preloaded library. They differ in two things, which they bring along: how the program's
// memory is reached, and how the socket is kept. Errors are positive errno values, and checks come
// in the kernel's order. Needs no library. [netlink(7)]
#pragma once

#include <cerrno>
#include <concepts>

#include "interpose/netlink_rules.h"

namespace airloom::interpose {

/// The program's memory; false: it may not be read or written there.
template <typename T>
concept ProgramMemory = requires(const T memory, uint64_t at, void* into, size_t size) {
  { memory.read_octets(at, into, size) } -> std::same_as<bool>;
  { memory.write_octets(at, into, size) } -> std::same_as<bool>;
};

/// A socket as a front end keeps it.
template <typename T>
concept KeptSocket = requires(T socket, uint32_t number, Option option, bool on, int name,
                              uint64_t at, uint32_t room, NetlinkAddress address) {
  { socket.bind(number) } -> std::same_as<int>;  // 0: to any port, if to none yet
  { socket.get_name(address) } -> std::same_as<int>;
  { socket.set_membership(number, on) } -> std::same_as<int>;
  { socket.set_flag(option, on) } -> std::same_as<int>;
  { socket.options() } -> std::same_as<OptionSet>;
  { socket.take_error() } -> std::same_as<int>;
  { socket.has_rights() } -> std::same_as<bool>;  // the caller has CAP_NET_ADMIN
  { socket.domain() } -> std::same_as<int>;
  { socket.protocol() } -> std::same_as<int>;
  { socket.type() } -> std::same_as<int>;
  // Of SOL_SOCKET, what AF_UNIX keeps just as well: buffer sizes, timeouts.
  { socket.set_kept_option(name, at, room) } -> std::same_as<int>;
  { socket.get_kept_option(name, at, at) } -> std::same_as<int>;
};

constexpr size_t kMaxAddress = sizeof(sockaddr_storage);

template <typename T>
bool read_value(const ProgramMemory auto& memory, uint64_t at, T& out) {
  return memory.read_octets(at, &out, sizeof out);
}
template <typename T>
bool write_value(const ProgramMemory auto& memory, uint64_t at, const T& value) {
  return memory.write_octets(at, const_cast<T*>(&value), sizeof value);  // only read from
}

/// Reads an address that the program gives, of which `out` holds as much as there is.
int read_address(const ProgramMemory auto& memory, uint64_t at, int size, sockaddr_nl& out) {
  out = {};
  if (size < 0 || static_cast<size_t>(size) > kMaxAddress) return EINVAL;
  const size_t wanted =
      static_cast<size_t>(size) < sizeof out ? static_cast<size_t>(size) : sizeof out;
  return memory.read_octets(at, &out, wanted) ? 0 : EFAULT;
}

int bind_netlink(const ProgramMemory auto& memory, KeptSocket auto& socket, uint64_t at, int size) {
  sockaddr_nl address;
  if (const int error = read_address(memory, at, size, address)) return error;
  if (static_cast<size_t>(size) < sizeof address || address.nl_family != AF_NETLINK) return EINVAL;
  if (const int error = socket.bind(address.nl_pid)) return error;
  NetlinkAddress own;
  if (const int error = socket.get_name(own)) return error;
  const uint32_t changed = own.groups ^ address.nl_groups;
  for (uint32_t group = 1; group <= kGroupsInMask; ++group)
    if (changed & mask_of(group))
      (void)socket.set_membership(group, address.nl_groups & mask_of(group));
  return 0;
}

/// @param connected  where the socket's datagrams go without an address; set here.
int connect_netlink(const ProgramMemory auto& memory, KeptSocket auto& socket, uint64_t at,
                    int size, NetlinkAddress& connected) {
  sockaddr_nl address;
  if (const int error = read_address(memory, at, size, address)) return error;
  if (static_cast<size_t>(size) < sizeof address.nl_family) return EINVAL;
  if (address.nl_family == AF_UNSPEC) {
    connected = {};
    return 0;
  }
  if (address.nl_family != AF_NETLINK || static_cast<size_t>(size) < sizeof address) return EINVAL;
  if ((address.nl_pid != 0 || address.nl_groups != 0) && !socket.has_rights()) return EPERM;
  if (const int error = socket.bind(0)) return error;
  connected = {address.nl_pid, address.nl_groups};
  return 0;
}

/// Gives a value of `size` octets to a program that has room for *`size_at`: as much as fits.
/// @param told  the size that the program is told: the whole one's.
int give(const ProgramMemory auto& memory, const void* value, size_t size, uint64_t at,
         uint64_t size_at, bool tell_whole) {
  int32_t room;
  if (!read_value(memory, size_at, room)) return EFAULT;
  if (room < 0) return EINVAL;
  const auto fits = size < static_cast<size_t>(room) ? size : static_cast<size_t>(room);
  const auto told = static_cast<uint32_t>(tell_whole ? size : fits);
  const bool written =
      memory.write_octets(at, const_cast<void*>(value), fits) && write_value(memory, size_at, told);
  return written ? 0 : EFAULT;
}

/// getsockname() and getpeername().
int give_name(const ProgramMemory auto& memory, const NetlinkAddress& name, uint64_t at,
              uint64_t size_at) {
  const sockaddr_nl address = name.as_sockaddr();
  return give(memory, &address, sizeof address, at, size_at, true);
}

/// Whom a datagram is for: only port 0, the kernel, is anybody. @return ECONNREFUSED for others
/// @param at, size  the address given with it; 0: none
int check_destination(const ProgramMemory auto& memory, KeptSocket auto& socket, uint64_t at,
                      uint32_t size, const NetlinkAddress& connected) {
  if (at == 0 || size == 0) return connected.port != 0 ? ECONNREFUSED : 0;
  sockaddr_nl address;
  const auto most = static_cast<uint32_t>(kMaxAddress);
  if (const int error =
          read_address(memory, at, static_cast<int>(size < most ? size : most), address))
    return error;
  if (size < sizeof address || address.nl_family != AF_NETLINK) return EINVAL;
  if ((address.nl_pid != 0 || address.nl_groups != 0) && !socket.has_rights()) return EPERM;
  return address.nl_pid != 0 ? ECONNREFUSED : 0;
}

// --- options -----------------------------------------------------------------------------------

int set_netlink_option(const ProgramMemory auto& memory, KeptSocket auto& socket, int name,
                       uint64_t at, size_t size) {
  uint32_t value = 0;
  if (size >= sizeof value && !read_value(memory, at, value)) return EFAULT;
  if (name == NETLINK_ADD_MEMBERSHIP || name == NETLINK_DROP_MEMBERSHIP)
    return value == 0 ? EINVAL : socket.set_membership(value, name == NETLINK_ADD_MEMBERSHIP);
  const auto flag = netlink_flag(name);
  if (!flag) return ENOPROTOOPT;
  if (*flag == Option::kListenAllNsid && !socket.has_rights()) return EPERM;
  return socket.set_flag(*flag, value != 0);
}

/// setsockopt().
int set_socket_option(const ProgramMemory auto& memory, KeptSocket auto& socket, int level,
                      int name, uint64_t at, int size) {
  if (size < 0) return EINVAL;
  if (level == SOL_NETLINK && socket.domain() == AF_NETLINK)
    return set_netlink_option(memory, socket, name, at, static_cast<size_t>(size));
  // A filter would be run over what carries datagrams here, not over datagrams.
  const bool is_filter =
      name == SO_ATTACH_FILTER || name == SO_ATTACH_BPF || name == SO_LOCK_FILTER;
  if (level != SOL_SOCKET || is_filter) return ENOPROTOOPT;
  if (name != SO_PASSCRED) return socket.set_kept_option(name, at, static_cast<uint32_t>(size));
  int32_t on;
  if (static_cast<size_t>(size) < sizeof on) return EINVAL;
  return read_value(memory, at, on) ? socket.set_flag(Option::kPassCredentials, on != 0) : EFAULT;
}

/// The groups as a bit map of 32-bit words, as many whole ones as there is room for.
int give_memberships(const ProgramMemory auto& memory, KeptSocket auto& socket, uint64_t at,
                     uint64_t size_at, size_t room) {
  constexpr uint32_t kWords = 256;
  uint32_t map[kWords]{};
  uint32_t words = 0;
  const int error = socket.each_group([&](uint32_t group) {
    const uint32_t word = (group - 1) / 32;
    if (word >= kWords) return;
    map[word] |= 1u << ((group - 1) % 32);
    if (word + 1 > words) words = word + 1;
  });
  if (error != 0) return error;
  const auto size = static_cast<uint32_t>(words * sizeof(uint32_t));
  const size_t fits = size < room ? size : room / sizeof(uint32_t) * sizeof(uint32_t);
  return memory.write_octets(at, map, fits) && write_value(memory, size_at, size) ? 0 : EFAULT;
}

int get_netlink_option(const ProgramMemory auto& memory, KeptSocket auto& socket, int name,
                       uint64_t at, uint64_t size_at, size_t room) {
  if (name == NETLINK_LIST_MEMBERSHIPS) return give_memberships(memory, socket, at, size_at, room);
  const auto flag = netlink_flag(name);
  if (!flag) return ENOPROTOOPT;
  if (room < sizeof(int)) return EINVAL;
  const int value = socket.options().is_on(*flag);
  return give(memory, &value, sizeof value, at, size_at, false);
}

/// getsockopt().
int get_socket_option(const ProgramMemory auto& memory, KeptSocket auto& socket, int level,
                      int name, uint64_t at, uint64_t size_at) {
  int32_t room;
  if (!read_value(memory, size_at, room)) return EFAULT;
  if (room < 0) return EINVAL;
  if (level == SOL_NETLINK && socket.domain() == AF_NETLINK)
    return get_netlink_option(memory, socket, name, at, size_at, static_cast<size_t>(room));
  if (level != SOL_SOCKET) return ENOPROTOOPT;
  int value;
  switch (name) {
    case SO_DOMAIN:
      value = socket.domain();
      break;
    case SO_PROTOCOL:
      value = socket.protocol();
      break;
    case SO_TYPE:
      value = socket.type();
      break;
    case SO_PASSCRED:
      value = socket.options().is_on(Option::kPassCredentials);
      break;
    case SO_ERROR:
      value = socket.take_error();
      break;
    default:
      return socket.get_kept_option(name, at, size_at);
  }
  return give(memory, &value, sizeof value, at, size_at, false);
}

}  // namespace airloom::interpose
