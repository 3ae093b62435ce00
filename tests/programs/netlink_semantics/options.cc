// Options, and what they change in what comes.
#include <sys/uio.h>
#include <unistd.h>

#include "suite.h"

void check_options() {
  const int fd = open_socket();
  for (int name : {NETLINK_PKTINFO, NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_NO_ENOBUFS,
                   NETLINK_BROADCAST_ERROR, NETLINK_GET_STRICT_CHK}) {
    CHECK(int_option(fd, SOL_NETLINK, name) == 0);
    int one = 1;
    CHECK(setsockopt(fd, SOL_NETLINK, name, &one, sizeof one) == 0);
    CHECK(int_option(fd, SOL_NETLINK, name) == 1);
  }
  int value = 1;
  CHECK_ERROR(setsockopt(fd, SOL_NETLINK, 77, &value, sizeof value), ENOPROTOOPT);
  CHECK_ERROR(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, nullptr, sizeof value), EFAULT);
  value = 10000;
  CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof value) == 0);
  CHECK(int_option(fd, SOL_SOCKET, SO_RCVBUF) == 20000);
  CHECK(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value, sizeof value) == 0);
  CHECK(int_option(fd, SOL_SOCKET, SO_SNDBUF) == 20000);
  close(fd);
}

void check_control_messages() {
  const int fd = open_socket();
  CHECK(set_option(fd, SOL_NETLINK, NETLINK_PKTINFO, 1));
  CHECK(int_option(fd, SOL_SOCKET, SO_PASSCRED) == 0);
  CHECK(set_option(fd, SOL_SOCKET, SO_PASSCRED, 1));
  CHECK(int_option(fd, SOL_SOCKET, SO_PASSCRED) == 1);

  CHECK(ask(fd, 8));
  Inbox inbox;
  msghdr& message = inbox.message;
  CHECK(recvmsg(fd, &message, MSG_CMSG_CLOEXEC) > 36);
  CHECK(message.msg_flags == MSG_CMSG_CLOEXEC);
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  CHECK(part && part->cmsg_level == SOL_NETLINK && part->cmsg_type == NETLINK_PKTINFO &&
        part->cmsg_len == CMSG_LEN(sizeof(nl_pktinfo)));
  part = part ? CMSG_NXTHDR(&message, part) : nullptr;
  CHECK(part && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_CREDENTIALS);
  ucred who{1, 1, 1};
  if (part) std::memcpy(&who, CMSG_DATA(part), sizeof who);
  CHECK(who.pid == 0);
  message.msg_controllen = 4;
  CHECK(recvmsg(fd, &message, 0) == 36 && (message.msg_flags & MSG_CTRUNC));
  CHECK(message.msg_controllen == 0);
  close(fd);
}

namespace {

// A request that nlctrl refuses: its second attribute is too short.
Octets bad_request(uint32_t sequence) {
  Octets request = get_family(family, sequence);
  const unsigned char octet = 0;
  append_attribute(request, CTRL_ATTR_FAMILY_ID, &octet, sizeof octet);
  set_length(request);
  return request;
}

// The refusal of it, of which `size` octets are wanted.
nlmsghdr refusal(int fd, uint32_t sequence, unsigned char* answer, size_t size) {
  CHECK(send_all(fd, bad_request(sequence)));
  const ssize_t got = recv(fd, answer, size, 0);
  CHECK(got >= static_cast<ssize_t>(sizeof(nlmsghdr) + sizeof(nlmsgerr)));
  const nlmsghdr header = header_of(answer);
  CHECK(header.nlmsg_type == NLMSG_ERROR && header.nlmsg_seq == sequence);
  CHECK(header.nlmsg_len == static_cast<uint32_t>(got) && error_in(answer) < 0);
  CHECK(is_empty(fd));
  return header;
}

}  // namespace

// A refusal quotes the whole request, unless the program wants its header alone.
void check_capped_acks() {
  const int fd = open_socket();
  unsigned char answer[4096];
  const auto request = static_cast<uint32_t>(bad_request(1).size());
  nlmsghdr header = refusal(fd, 1, answer, sizeof answer);
  CHECK(header.nlmsg_len == sizeof(nlmsghdr) + sizeof(int) + request);
  CHECK(!(header.nlmsg_flags & NLM_F_CAPPED));
  CHECK(set_option(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1));
  header = refusal(fd, 2, answer, sizeof answer);
  CHECK(header.nlmsg_len == sizeof(nlmsghdr) + sizeof(nlmsgerr));
  CHECK(header.nlmsg_flags & NLM_F_CAPPED);
  CHECK(ask(fd, 3) && answered(fd, 3));
  close(fd);
}

// With NETLINK_EXT_ACK a refusal says where and why.
void check_extended_acks() {
  const int fd = open_socket();
  CHECK(set_option(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1));
  unsigned char answer[4096];
  CHECK(!(refusal(fd, 1, answer, sizeof answer).nlmsg_flags & NLM_F_ACK_TLVS));
  CHECK(set_option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1));
  const nlmsghdr header = refusal(fd, 2, answer, sizeof answer);
  CHECK(header.nlmsg_flags & NLM_F_ACK_TLVS);
  uint32_t offset = 0;
  bool has_text = false;
  nlattr attribute;
  for (size_t at = sizeof(nlmsghdr) + sizeof(nlmsgerr); at + sizeof attribute <= header.nlmsg_len;
       at += NLA_ALIGN(attribute.nla_len)) {
    std::memcpy(&attribute, answer + at, sizeof attribute);
    if (attribute.nla_len < NLA_HDRLEN) break;
    if (attribute.nla_type == NLMSGERR_ATTR_OFFS)
      std::memcpy(&offset, answer + at + NLA_HDRLEN, sizeof offset);
    has_text |= attribute.nla_type == NLMSGERR_ATTR_MSG && attribute.nla_len > NLA_HDRLEN + 1;
  }
  CHECK(has_text);
  CHECK(offset == get_family(family, 2).size());  // where the bad attribute begins
  close(fd);
}

namespace {

struct Tally {
  int messages = 0;
  int losses = 0;
};

// Asks far more often than the answers have room, and takes what there is.
Tally flood(int fd, int requests) {
  const Octets request = get_family(family, 9);
  for (int i = 0; i < requests; ++i) CHECK(send_all(fd, request));
  Tally tally;
  unsigned char buffer[16384];
  for (;;) {
    const ssize_t got = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && errno == ENOBUFS) ++tally.losses;
    if (got < 0 && errno != ENOBUFS) break;
    if (got > 0) ++tally.messages;
  }
  CHECK(errno == EAGAIN);
  return tally;
}

}  // namespace

// What has no room is lost, which is told once; then all is well again.
void check_overruns() {
  constexpr int kRequests = 300;
  const int fd = open_socket();
  CHECK(set_option(fd, SOL_SOCKET, SO_RCVBUF, 8192));
  Tally tally = flood(fd, kRequests);
  CHECK(tally.messages > 0 && tally.messages < 2 * kRequests);
  CHECK(tally.losses == 1);
  CHECK(ask(fd, 10) && answered(fd, 10));
  CHECK(set_option(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, 1));
  tally = flood(fd, kRequests);
  CHECK(tally.messages > 0 && tally.messages < 2 * kRequests);
  CHECK(tally.losses == 0);
  CHECK(ask(fd, 11) && answered(fd, 11));
  close(fd);
}
