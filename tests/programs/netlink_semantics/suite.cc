// The suite's own: requests, and what comes back.
#include "suite.h"

#include <unistd.h>

#include <cstdio>

int failures = 0;
const char* family = "nlctrl";

void check(bool holds, const char* what, const char* file, int line) {
  if (holds) return;
  ++failures;
  std::printf("%s:%d: %s (errno %d)\n", file, line, what, errno);
}

Octets get_family(const char* name, uint32_t sequence, uint16_t flags) {
  Octets out = make_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, sequence, flags);
  if (name) append_attribute(out, CTRL_ATTR_FAMILY_NAME, name, std::strlen(name) + 1);
  set_length(out);
  return out;
}

int error_in(const unsigned char* octets) {
  int error;
  std::memcpy(&error, octets + sizeof(nlmsghdr), sizeof error);
  return error;
}

int open_socket(int flags) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_GENERIC);
  CHECK(fd >= 0);
  return fd;
}

sockaddr_nl kernel_address() {
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  return address;
}

sockaddr* generic(sockaddr_nl& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

int int_option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(fd, level, name, &value, &size) == 0 && size == sizeof value ? value : -1;
}

bool set_option(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

bool send_all(int fd, const Octets& request) {
  return send(fd, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size());
}

bool ask(int fd, uint32_t sequence) {
  return send_all(fd, get_family(family, sequence));
}

bool answered(int fd, uint32_t sequence) {
  unsigned char buffer[16384];
  ssize_t got = recv(fd, buffer, sizeof buffer, 0);
  if (got < static_cast<ssize_t>(sizeof(nlmsghdr))) return false;
  if (header_of(buffer).nlmsg_type != GENL_ID_CTRL || header_of(buffer).nlmsg_seq != sequence)
    return false;
  got = recv(fd, buffer, sizeof buffer, 0);
  return got > 0 && header_of(buffer).nlmsg_type == NLMSG_ERROR &&
         header_of(buffer).nlmsg_seq == sequence;
}

bool is_empty(int fd) {
  char octet;
  return recv(fd, &octet, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
}
