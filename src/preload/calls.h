// The socket calls, on sockets of the daemon: what a system call of the same name would do on
// netlink and packet sockets of the kernel. -1 with errno set, as from the C library.
// [netlink(7)] [packet(7)]
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include "preload/sockets.h"

namespace airloom::preload {

int bind_socket(int fd, Socket& socket, const sockaddr* address, socklen_t size);
int connect_socket(int fd, Socket& socket, const sockaddr* address, socklen_t size);
int get_name(int fd, Socket& socket, sockaddr* name, socklen_t* size, bool of_peer);

int set_option(int fd, Socket& socket, int level, int name, const void* value, socklen_t size);
int get_option(int fd, Socket& socket, int level, int name, void* value, socklen_t* size);

/// @param message  ours, whose list of parts is known to be readable and not too long
ssize_t send_message(int fd, Socket& socket, const msghdr& message, int flags);
ssize_t send_program_message(int fd, Socket& socket, const msghdr* message, int flags);
int send_messages(int fd, Socket& socket, mmsghdr* messages, unsigned count, int flags);

/// @param message  ours, as in send_message()
/// @param with_control  flags and control messages are of interest, too.
ssize_t receive_message(int fd, Socket& socket, msghdr& message, int flags, bool with_control);
ssize_t receive_program_message(int fd, Socket& socket, msghdr* message, int flags);
int receive_messages(int fd, Socket& socket, mmsghdr* messages, unsigned count, int flags);
/// Into one of sendmmsg()'s or recvmmsg()'s messages. @return 0, or -1 with errno set
int tell_size(mmsghdr& message, ssize_t size);
/// The error that waits on the socket, which this ends. @return a positive errno, or 0.
int take_error(int fd, Socket& socket);

}  // namespace airloom::preload
