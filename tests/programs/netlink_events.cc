// Joins group GROUP of family "fake" (see tests/unit/interpose/bus_daemon.h) and checks what comes.
//
//   netlink_events GROUP flood   more events than the receive buffer holds: ENOBUFS once, and on
//   netlink_events GROUP wait    says "waiting", blocks, and prints the error that ends it
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "netlink_message.h"

namespace {

constexpr unsigned char kEvents = 2;  // the family's command: multicast attribute 1 messages

bool send_request(int fd, Octets& octets) {
  set_length(octets);
  return send(fd, octets.data(), octets.size(), 0) == static_cast<ssize_t>(octets.size());
}

/// Asks nlctrl for the id of family "fake".
uint16_t family_id(int fd) {
  Octets ask = make_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
  append_attribute(ask, CTRL_ATTR_FAMILY_NAME, "fake", 5);
  unsigned char answer[4096];
  if (!send_request(fd, ask) || recv(fd, answer, sizeof answer, 0) < 24) return 0;
  size_t at = sizeof(nlmsghdr) + sizeof(genlmsghdr);
  nlattr header;
  uint16_t id = 0;
  for (; at + sizeof header < sizeof answer; at += NLA_ALIGN(header.nla_len)) {
    std::memcpy(&header, answer + at, sizeof header);
    if (header.nla_len < NLA_HDRLEN) return 0;
    if (header.nla_type == CTRL_ATTR_FAMILY_ID) std::memcpy(&id, answer + at + 4, sizeof id);
    if (id != 0) break;
  }
  recv(fd, answer, sizeof answer, 0);  // the ACK
  return id;
}

bool ask_for_events(int fd, uint16_t family, uint32_t count) {
  Octets ask = make_request(family, kEvents, 1);
  append_attribute(ask, 1, &count, sizeof count);
  return send_request(fd, ask);
}

struct Tally {
  int events = 0;
  int acks = 0;
  int overruns = 0;
  bool groups_hold = true;
};

Tally receive_all(int fd, uint32_t group) {
  Tally tally;
  for (;;) {
    Inbox inbox;
    const ssize_t got = recvmsg(fd, &inbox.message, MSG_DONTWAIT);
    if (got < 0 && errno == ENOBUFS) {
      ++tally.overruns;
      continue;
    }
    if (got < 0) return tally;
    const bool is_ack = header_of(inbox.buffer).nlmsg_type == NLMSG_ERROR;
    ++(is_ack ? tally.acks : tally.events);
    nl_pktinfo info{77};
    if (const cmsghdr* part = CMSG_FIRSTHDR(&inbox.message))
      std::memcpy(&info, CMSG_DATA(part), sizeof info);
    tally.groups_hold &= info.group == (is_ack ? 0 : group);
  }
}

int flood(int fd, uint16_t family, uint32_t group) {
  int size = 8192;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (!ask_for_events(fd, family, 5000)) return 1;
  const Tally first = receive_all(fd, group);
  std::printf("lost some: %d, got some: %d, ENOBUFS: %d, groups hold: %d\n",
              first.events<5000, first.events> 0, first.overruns, first.groups_hold);
  if (!ask_for_events(fd, family, 3)) return 1;
  const Tally second = receive_all(fd, group);
  std::printf("then events: %d, ACKs: %d, ENOBUFS: %d\n", second.events, second.acks,
              second.overruns);
  return 0;
}

int wait_for_end(int fd) {
  std::puts("waiting");
  std::fflush(stdout);
  char octet;
  if (recv(fd, &octet, 1, 0) < 0) std::printf("error %d\n", errno);
  const int again = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
  std::printf("a new socket: %d\n", again < 0 ? errno : 0);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto group = static_cast<uint32_t>(std::atoi(argv[1]));
  const int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
  int one = 1;
  if (setsockopt(fd, SOL_NETLINK, NETLINK_PKTINFO, &one, sizeof one) < 0) return 3;
  const uint16_t family = family_id(fd);
  if (family == 0) return 4;
  if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0) return 5;
  return std::string(argv[2]) == "flood" ? flood(fd, family, group) : wait_for_end(fd);
}
