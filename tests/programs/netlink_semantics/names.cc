// Sockets, their addresses and groups.
#include <fcntl.h>
#include <unistd.h>

#include "suite.h"

void check_creation() {
  CHECK_ERROR(socket(AF_NETLINK, SOCK_STREAM, NETLINK_GENERIC), ESOCKTNOSUPPORT);
  int fd = open_socket(SOCK_NONBLOCK);
  CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
  CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
  CHECK(int_option(fd, SOL_SOCKET, SO_DOMAIN) == AF_NETLINK);
  CHECK(int_option(fd, SOL_SOCKET, SO_PROTOCOL) == NETLINK_GENERIC);
  CHECK(int_option(fd, SOL_SOCKET, SO_TYPE) == SOCK_RAW);
  CHECK(int_option(fd, SOL_SOCKET, SO_ERROR) == 0);
  CHECK(is_empty(fd));
  close(fd);
  fd = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_GENERIC);
  CHECK(fcntl(fd, F_GETFD) == 0);
  CHECK(int_option(fd, SOL_SOCKET, SO_TYPE) == SOCK_DGRAM);
  close(fd);
  fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);  // others stay the kernel's
  CHECK(fd >= 0);
  CHECK(int_option(fd, SOL_SOCKET, SO_PROTOCOL) == NETLINK_ROUTE);
  close(fd);
}

void check_names() {
  const int fd = open_socket();
  const int other = open_socket();
  sockaddr_nl name{};
  socklen_t size = sizeof name;
  CHECK(getsockname(fd, generic(name), &size) == 0 && size == 12);
  CHECK(name.nl_family == AF_NETLINK && name.nl_pid == 0);
  name = kernel_address();
  CHECK_ERROR(bind(fd, generic(name), 8), EINVAL);
  name.nl_family = AF_INET;
  CHECK_ERROR(bind(fd, generic(name), sizeof name), EINVAL);
  name = kernel_address();
  CHECK(bind(fd, generic(name), sizeof name) == 0);
  size = 64;
  CHECK(getsockname(fd, generic(name), &size) == 0 && size == 12);
  CHECK(name.nl_pid == static_cast<uint32_t>(getpid()));
  CHECK_ERROR(bind(other, generic(name), sizeof name), EADDRINUSE);
  name.nl_pid += 0x400000;
  CHECK(bind(other, generic(name), sizeof name) == 0);
  CHECK(bind(other, generic(name), sizeof name) == 0);
  CHECK_ERROR(bind(fd, generic(name), sizeof name), EINVAL);
  size = sizeof name;
  CHECK(getpeername(other, generic(name), &size) == 0 && name.nl_pid == 0);
  name = kernel_address();
  CHECK(connect(other, generic(name), sizeof name) == 0);
  CHECK(close(fd) == 0);
  CHECK_ERROR(bind(fd, generic(name), sizeof name), EBADF);
  const int again = open_socket();  // the port is free as soon as close() has returned
  name.nl_pid = static_cast<uint32_t>(getpid());
  CHECK(bind(again, generic(name), sizeof name) == 0);
  close(again);
  close(other);
}

void check_autobinding() {
  const int first = open_socket();
  const int second = open_socket();
  CHECK(ask(first, 1) && answered(first, 1));
  CHECK(ask(second, 2) && answered(second, 2));
  sockaddr_nl one{};
  sockaddr_nl two{};
  socklen_t size = sizeof one;
  CHECK(getsockname(first, generic(one), &size) == 0);
  CHECK(getsockname(second, generic(two), &size) == 0);
  CHECK(one.nl_pid == static_cast<uint32_t>(getpid()));
  CHECK(two.nl_pid != 0 && two.nl_pid != one.nl_pid);
  close(first);
  close(second);
}

void check_groups() {
  const int fd = open_socket();
  int group = 0;
  CHECK_ERROR(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, 4), EINVAL);
  group = 0x40000000;
  CHECK_ERROR(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, 4), EINVAL);
  group = GENL_ID_CTRL;  // nlctrl's "notify"
  CHECK(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, 4) == 0);
  uint32_t map[8] = {};
  socklen_t size = sizeof map;
  CHECK(getsockopt(fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, map, &size) == 0);
  CHECK(size >= 4 && map[0] == 1u << (GENL_ID_CTRL - 1));
  sockaddr_nl name{};
  size = sizeof name;
  CHECK(getsockname(fd, generic(name), &size) == 0 && name.nl_groups == 1u << (GENL_ID_CTRL - 1));
  CHECK(setsockopt(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &group, 4) == 0);
  CHECK(getsockname(fd, generic(name), &size) == 0 && name.nl_groups == 0);
  name = kernel_address();
  name.nl_groups = 1u << (GENL_ID_CTRL - 1);
  CHECK(bind(fd, generic(name), sizeof name) == 0);
  CHECK(getsockname(fd, generic(name), &size) == 0 && name.nl_groups != 0);
  close(fd);
}
