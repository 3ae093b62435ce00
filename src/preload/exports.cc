// The functions of the C library that this library stands in front of: sockets. Each asks whether
// the descriptor is the daemon's, and else calls the one behind.
#include "preload/exports.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "interpose/netlink_calls.h"
#include "preload/calls.h"
#include "preload/channel.h"
#include "preload/libc.h"
#include "preload/memory.h"

namespace airloom::preload {
namespace {

using interpose::kTypeMask;
using interpose::SocketKind;

Behind<int(int, int, int)> real_socket("socket");
Behind<int(int, const sockaddr*, socklen_t)> real_bind("bind");
Behind<int(int, const sockaddr*, socklen_t)> real_connect("connect");
Behind<int(int, sockaddr*, socklen_t*)> real_getsockname("getsockname");
Behind<int(int, sockaddr*, socklen_t*)> real_getpeername("getpeername");
Behind<int(int, int, int, const void*, socklen_t)> real_setsockopt("setsockopt");
Behind<int(int, int, int, void*, socklen_t*)> real_getsockopt("getsockopt");
Behind<ssize_t(int, const void*, size_t, int)> real_send("send");
Behind<ssize_t(int, const void*, size_t, int, const sockaddr*, socklen_t)> real_sendto("sendto");
Behind<ssize_t(int, const msghdr*, int)> real_sendmsg("sendmsg");
Behind<int(int, mmsghdr*, unsigned, int)> real_sendmmsg("sendmmsg");
Behind<ssize_t(int, void*, size_t, int)> real_recv("recv");
Behind<ssize_t(int, void*, size_t, int, sockaddr*, socklen_t*)> real_recvfrom("recvfrom");
Behind<ssize_t(int, msghdr*, int)> real_recvmsg("recvmsg");
Behind<int(int, mmsghdr*, unsigned, int, timespec*)> real_recvmmsg("recvmmsg");
Behind<ssize_t(int, void*, size_t)> real_read("read");
Behind<ssize_t(int, const void*, size_t)> real_write("write");
Behind<ssize_t(int, const iovec*, int)> real_readv("readv");
Behind<ssize_t(int, const iovec*, int)> real_writev("writev");
Behind<int(int)> real_close("close");
Behind<int(int)> real_dup("dup");
Behind<int(int, int)> real_dup2("dup2");
Behind<int(int, int, int)> real_dup3("dup3");
Behind<int(int, int, void*)> real_fcntl("fcntl");
Behind<int(unsigned, unsigned, int)> real_close_range("close_range");

msghdr message_of(iovec* parts, size_t count) {
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  return message;
}

ssize_t send_octets(int fd, Socket& socket, const void* octets, size_t size, int flags,
                    const sockaddr* to, socklen_t to_size) {
  iovec part{const_cast<void*>(octets), size};  // only read from
  msghdr message = message_of(&part, 1);
  message.msg_name = const_cast<sockaddr*>(to);
  message.msg_namelen = to_size;
  return send_message(fd, socket, message, flags);
}

ssize_t receive_octets(int fd, Socket& socket, void* octets, size_t size, int flags, sockaddr* from,
                       socklen_t* from_size) {
  iovec part{octets, size};
  msghdr message = message_of(&part, 1);
  sockaddr_storage sender;
  if (from != nullptr) {
    message.msg_name = &sender;
    message.msg_namelen = sizeof sender;
  }
  const ssize_t got = receive_message(fd, socket, message, flags, false);
  if (got < 0 || from == nullptr) return got;
  if (const int error = interpose::give(OwnMemory(), &sender, message.msg_namelen, address_of(from),
                                        address_of(from_size), true))
    return fail_with(error);
  return got;
}

// The parts that the program gives to readv() and writev().
int read_parts(const iovec* parts, int count, msghdr& out) {
  if (count < 0 || static_cast<size_t>(count) > interpose::kMaxParts) return EINVAL;
  out = message_of(const_cast<iovec*>(parts), static_cast<size_t>(count));
  return can_read(parts, out.msg_iovlen * sizeof(iovec)) ? 0 : EFAULT;
}

// dup2() and dup3(): `copy` makes the copy.
template <typename Copy>
int copy_to(int from, int to, Copy copy) {
  if (is_channel(to) && !is_in_anothers_memory()) leave_channel();
  Socket* over = from == to ? nullptr : forget(to);
  const int made = copy();
  if (made < 0 && over != nullptr) {
    restore(to, over);
    return made;
  }
  if (made >= 0) note_copy(from, made);
  release(over);
  return made;
}

bool is_ours(int domain, int type, int protocol, SocketKind& kind) {
  if (!settings.active) return false;
  if (domain == AF_NETLINK && protocol == NETLINK_GENERIC)
    return kind = SocketKind::kGenericNetlink, true;
  if (!settings.emulated) return false;
  if (domain == AF_NETLINK && protocol == NETLINK_ROUTE)
    return kind = SocketKind::kRouteNetlink, true;
  if (domain == AF_PACKET && (type == SOCK_RAW || type == SOCK_DGRAM))
    return kind = SocketKind::kPacket, true;
  return false;
}

}  // namespace

extern "C" {

int my_socket(int domain, int type, int protocol) IN_FRONT_OF(socket);
int my_socket(int domain, int type, int protocol) {
  SocketKind kind;
  if (!is_ours(domain, type & kTypeMask, protocol, kind))
    return real_socket(domain, type, protocol);
  if ((type & kTypeMask) != SOCK_RAW && (type & kTypeMask) != SOCK_DGRAM)
    return fail_with(ESOCKTNOSUPPORT);
  return open_socket(kind, type, protocol);
}

int my_bind(int fd, const sockaddr* address, socklen_t size) IN_FRONT_OF(bind);
int my_bind(int fd, const sockaddr* address, socklen_t size) {
  Socket* socket = find(fd);
  return socket ? bind_socket(fd, *socket, address, size) : real_bind(fd, address, size);
}

int my_connect(int fd, const sockaddr* address, socklen_t size) IN_FRONT_OF(connect);
int my_connect(int fd, const sockaddr* address, socklen_t size) {
  Socket* socket = find(fd);
  return socket ? connect_socket(fd, *socket, address, size) : real_connect(fd, address, size);
}

int my_getsockname(int fd, sockaddr* name, socklen_t* size) IN_FRONT_OF(getsockname);
int my_getsockname(int fd, sockaddr* name, socklen_t* size) {
  Socket* socket = find(fd);
  return socket ? get_name(fd, *socket, name, size, false) : real_getsockname(fd, name, size);
}

int my_getpeername(int fd, sockaddr* name, socklen_t* size) IN_FRONT_OF(getpeername);
int my_getpeername(int fd, sockaddr* name, socklen_t* size) {
  Socket* socket = find(fd);
  return socket ? get_name(fd, *socket, name, size, true) : real_getpeername(fd, name, size);
}

int my_setsockopt(int fd, int level, int name, const void* value, socklen_t size)
    IN_FRONT_OF(setsockopt);
int my_setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  Socket* socket = find(fd);
  return socket ? set_option(fd, *socket, level, name, value, size)
                : real_setsockopt(fd, level, name, value, size);
}

int my_getsockopt(int fd, int level, int name, void* value, socklen_t* size)
    IN_FRONT_OF(getsockopt);
int my_getsockopt(int fd, int level, int name, void* value, socklen_t* size) {
  Socket* socket = find(fd);
  return socket ? get_option(fd, *socket, level, name, value, size)
                : real_getsockopt(fd, level, name, value, size);
}

// --- sending -----------------------------------------------------------------------------------

ssize_t my_send(int fd, const void* octets, size_t size, int flags) IN_FRONT_OF(send);
ssize_t my_send(int fd, const void* octets, size_t size, int flags) {
  Socket* socket = find(fd);
  return socket ? send_octets(fd, *socket, octets, size, flags, nullptr, 0)
                : real_send(fd, octets, size, flags);
}

ssize_t my_sendto(int fd, const void* octets, size_t size, int flags, const sockaddr* to,
                  socklen_t to_size) IN_FRONT_OF(sendto);
ssize_t my_sendto(int fd, const void* octets, size_t size, int flags, const sockaddr* to,
                  socklen_t to_size) {
  Socket* socket = find(fd);
  return socket ? send_octets(fd, *socket, octets, size, flags, to, to_size)
                : real_sendto(fd, octets, size, flags, to, to_size);
}

ssize_t my_sendmsg(int fd, const msghdr* message, int flags) IN_FRONT_OF(sendmsg);
ssize_t my_sendmsg(int fd, const msghdr* message, int flags) {
  Socket* socket = find(fd);
  return socket ? send_program_message(fd, *socket, message, flags)
                : real_sendmsg(fd, message, flags);
}

int my_sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) IN_FRONT_OF(sendmmsg);
int my_sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
  Socket* socket = find(fd);
  return socket ? send_messages(fd, *socket, messages, count, flags)
                : real_sendmmsg(fd, messages, count, flags);
}

ssize_t my_write(int fd, const void* octets, size_t size) IN_FRONT_OF(write);
ssize_t my_write(int fd, const void* octets, size_t size) {
  Socket* socket = find(fd);
  return socket ? send_octets(fd, *socket, octets, size, 0, nullptr, 0)
                : real_write(fd, octets, size);
}

ssize_t my_writev(int fd, const iovec* parts, int count) IN_FRONT_OF(writev);
ssize_t my_writev(int fd, const iovec* parts, int count) {
  Socket* socket = find(fd);
  if (socket == nullptr) return real_writev(fd, parts, count);
  msghdr message;
  if (const int error = read_parts(parts, count, message)) return fail_with(error);
  return send_message(fd, *socket, message, 0);
}

// --- receiving ---------------------------------------------------------------------------------

ssize_t my_recv(int fd, void* octets, size_t size, int flags) IN_FRONT_OF(recv);
ssize_t my_recv(int fd, void* octets, size_t size, int flags) {
  Socket* socket = find(fd);
  return socket ? receive_octets(fd, *socket, octets, size, flags, nullptr, nullptr)
                : real_recv(fd, octets, size, flags);
}

ssize_t my_recvfrom(int fd, void* octets, size_t size, int flags, sockaddr* from,
                    socklen_t* from_size) IN_FRONT_OF(recvfrom);
ssize_t my_recvfrom(int fd, void* octets, size_t size, int flags, sockaddr* from,
                    socklen_t* from_size) {
  Socket* socket = find(fd);
  return socket ? receive_octets(fd, *socket, octets, size, flags, from, from_size)
                : real_recvfrom(fd, octets, size, flags, from, from_size);
}

ssize_t my_recvmsg(int fd, msghdr* message, int flags) IN_FRONT_OF(recvmsg);
ssize_t my_recvmsg(int fd, msghdr* message, int flags) {
  Socket* socket = find(fd);
  return socket ? receive_program_message(fd, *socket, message, flags)
                : real_recvmsg(fd, message, flags);
}

int my_recvmmsg(int fd, mmsghdr* messages, unsigned count, int flags, timespec* timeout)
    IN_FRONT_OF(recvmmsg);
int my_recvmmsg(int fd, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
  Socket* socket = find(fd);
  return socket ? receive_messages(fd, *socket, messages, count, flags)
                : real_recvmmsg(fd, messages, count, flags, timeout);
}

ssize_t my_read(int fd, void* octets, size_t size) IN_FRONT_OF(read);
ssize_t my_read(int fd, void* octets, size_t size) {
  Socket* socket = find(fd);
  return socket ? receive_octets(fd, *socket, octets, size, 0, nullptr, nullptr)
                : real_read(fd, octets, size);
}

ssize_t my_readv(int fd, const iovec* parts, int count) IN_FRONT_OF(readv);
ssize_t my_readv(int fd, const iovec* parts, int count) {
  Socket* socket = find(fd);
  if (socket == nullptr) return real_readv(fd, parts, count);
  msghdr message;
  if (const int error = read_parts(parts, count, message)) return fail_with(error);
  return receive_message(fd, *socket, message, 0, false);
}

// What glibc's headers make of the above where the size of a buffer is known at build time.
ssize_t my_read_chk(int fd, void* octets, size_t size, size_t room) IN_FRONT_OF(__read_chk);
ssize_t my_read_chk(int fd, void* octets, size_t size, size_t room) {
  if (size > room) __builtin_trap();
  return my_read(fd, octets, size);
}
ssize_t my_recv_chk(int fd, void* octets, size_t size, size_t room, int flags)
    IN_FRONT_OF(__recv_chk);
ssize_t my_recv_chk(int fd, void* octets, size_t size, size_t room, int flags) {
  if (size > room) __builtin_trap();
  return my_recv(fd, octets, size, flags);
}
ssize_t my_recvfrom_chk(int fd, void* octets, size_t size, size_t room, int flags, sockaddr* from,
                        socklen_t* from_size) IN_FRONT_OF(__recvfrom_chk);
ssize_t my_recvfrom_chk(int fd, void* octets, size_t size, size_t room, int flags, sockaddr* from,
                        socklen_t* from_size) {
  if (size > room) __builtin_trap();
  return my_recvfrom(fd, octets, size, flags, from, from_size);
}

// --- descriptors -------------------------------------------------------------------------------

int my_close(int fd) IN_FRONT_OF(close);
int my_close(int fd) {
  if (is_channel(fd) && !is_in_anothers_memory())
    return fail_with(EBADF);  // it is not the program's
  Socket* socket = forget(fd);
  const int outcome = real_close(fd);
  release(socket);
  return outcome;
}

int my_close_range(unsigned low, unsigned high, int flags) IN_FRONT_OF(close_range);
int my_close_range(unsigned low, unsigned high, int flags) {
  constexpr int kCloseOnExec = 1 << 2;
  const int outcome = real_close_range(low, high, flags);
  if (outcome != 0 || flags & kCloseOnExec || !settings.active) return outcome;
  if (is_in_anothers_memory()) return outcome;
  leave_channel_within(low, high);
  release_range(low, high);
  return outcome;
}

void my_closefrom(int low) IN_FRONT_OF(closefrom);
void my_closefrom(int low) {
  my_close_range(low < 0 ? 0 : static_cast<unsigned>(low), ~0u, 0);
}

int my_dup(int fd) IN_FRONT_OF(dup);
int my_dup(int fd) {
  const int made = real_dup(fd);
  note_copy(fd, made);
  return made;
}

int my_dup2(int fd, int to) IN_FRONT_OF(dup2);
int my_dup2(int fd, int to) {
  return copy_to(fd, to, [&] { return real_dup2(fd, to); });
}

int my_dup3(int fd, int to, int flags) IN_FRONT_OF(dup3);
int my_dup3(int fd, int to, int flags) {
  return copy_to(fd, to, [&] { return real_dup3(fd, to, flags); });
}

int my_fcntl(int fd, int command, ...) IN_FRONT_OF(fcntl);
int my_fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const int outcome = real_fcntl(fd, command, argument);
  if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) note_copy(fd, outcome);
  return outcome;
}

int my_fcntl64(int fd, int command, ...) IN_FRONT_OF(fcntl64);
int my_fcntl64(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  return my_fcntl(fd, command, argument);
}

}  // extern "C"

}  // namespace airloom::preload
