// Datagrams there and back, by every system call that carries them.
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <string>

#include "suite.h"

void check_request() {
  const int fd = open_socket();
  sockaddr_nl to = kernel_address();
  Octets request = get_family(family, 7);
  iovec out[2] = {{request.data(), 10}, {request.data() + 10, request.size() - 10}};
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = sizeof to;
  message.msg_iov = out;
  message.msg_iovlen = 2;
  CHECK(sendmsg(fd, &message, 0) == static_cast<ssize_t>(request.size()));
  sockaddr_nl name{};
  socklen_t size = sizeof name;
  CHECK(getsockname(fd, generic(name), &size) == 0 && name.nl_pid != 0);  // bound by sending
  pollfd state{fd, POLLIN | POLLOUT, 0};
  CHECK(poll(&state, 1, 0) == 1 && state.revents == (POLLIN | POLLOUT));

  unsigned char buffer[16384];
  unsigned char copy[16384];
  sockaddr_nl from{};
  from.nl_pid = 99;
  iovec in{buffer, sizeof buffer};
  message = {};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &in;
  message.msg_iovlen = 1;
  const ssize_t peeked = recvmsg(fd, &message, MSG_PEEK | MSG_TRUNC);
  CHECK(peeked > static_cast<ssize_t>(sizeof(nlmsghdr)));
  CHECK(message.msg_namelen == 12 && from.nl_family == AF_NETLINK && from.nl_pid == 0);
  CHECK(message.msg_flags == 0 && message.msg_controllen == 0);
  CHECK(header_of(buffer).nlmsg_seq == 7 && header_of(buffer).nlmsg_pid == name.nl_pid);
  std::memcpy(copy, buffer, sizeof buffer);
  std::memset(buffer, 0, sizeof buffer);
  iovec parts[3] = {{buffer, 3}, {buffer + 3, 17}, {buffer + 20, sizeof buffer - 20}};
  message.msg_iov = parts;
  message.msg_iovlen = 3;
  message.msg_name = nullptr;
  CHECK(recvmsg(fd, &message, 0) == peeked);
  CHECK(std::memcmp(buffer, copy, static_cast<size_t>(peeked)) == 0);
  CHECK(recv(fd, buffer, sizeof buffer, 0) == 36);  // the ACK
  CHECK(header_of(buffer).nlmsg_type == NLMSG_ERROR);
  CHECK(is_empty(fd));
  CHECK(poll(&state, 1, 0) == 1 && state.revents == POLLOUT);
  close(fd);
}

void check_truncation() {
  const int fd = open_socket();
  unsigned char small[20];
  iovec in{small, sizeof small};
  msghdr message{};
  message.msg_iov = &in;
  message.msg_iovlen = 1;
  CHECK(ask(fd, 1));
  CHECK(recvmsg(fd, &message, MSG_PEEK) == 20 && message.msg_flags == MSG_TRUNC);
  CHECK(recvmsg(fd, &message, MSG_TRUNC) > 20 && message.msg_flags == MSG_TRUNC);
  CHECK(recv(fd, small, sizeof small, 0) == 20);  // the ACK, cut
  CHECK(is_empty(fd));
  CHECK(ask(fd, 2));
  CHECK(recv(fd, small, 0, MSG_PEEK | MSG_TRUNC) > 20);
  CHECK(answered(fd, 2));
  close(fd);
}

void check_other_calls() {
  const int fd = open_socket();
  const Octets request = get_family(family, 3);
  const auto size = static_cast<ssize_t>(request.size());
  unsigned char buffer[16384];
  sockaddr_nl address = kernel_address();
  socklen_t address_size = sizeof address;
  CHECK(sendto(fd, request.data(), request.size(), 0, generic(address), sizeof address) == size);
  CHECK(recvfrom(fd, buffer, sizeof buffer, 0, generic(address), &address_size) > 36);
  CHECK(address_size == 12 && address.nl_pid == 0);
  CHECK(read(fd, buffer, sizeof buffer) == 36);
  CHECK(write(fd, request.data(), request.size()) == size);
  iovec parts[2] = {{buffer, 16}, {buffer + 16, sizeof buffer - 16}};
  CHECK(readv(fd, parts, 2) > 36);
  CHECK(read(fd, buffer, sizeof buffer) == 36);
  Octets copy = request;
  iovec out[2] = {{copy.data(), 5}, {copy.data() + 5, copy.size() - 5}};
  CHECK(writev(fd, out, 2) == size);
  CHECK(answered(fd, 3));

  mmsghdr messages[2]{};
  for (auto& message : messages) {
    message.msg_hdr.msg_iov = out;
    message.msg_hdr.msg_iovlen = 2;
  }
  CHECK(sendmmsg(fd, messages, 2, 0) == 2);
  CHECK(messages[1].msg_len == request.size());
  static unsigned char buffers[4][16384];
  iovec into[4];
  mmsghdr received[5]{};
  for (int i = 0; i < 4; ++i) {
    into[i] = {buffers[i], sizeof buffers[i]};
    received[i].msg_hdr.msg_iov = &into[i];
    received[i].msg_hdr.msg_iovlen = 1;
  }
  CHECK(recvmmsg(fd, received, 4, MSG_WAITFORONE, nullptr) == 4);
  CHECK(received[1].msg_len == 36 && received[2].msg_len > 36);
  CHECK_ERROR(recvmmsg(fd, received, 4, MSG_DONTWAIT, nullptr), EAGAIN);
  close(fd);
}

// More than the kernel takes, UIO_MAXIOV, and one less than that: the preloaded library has one of
// its own in front.
void check_many_parts() {
  constexpr int kPartsMax = 1024;
  constexpr int kMany = kPartsMax - 1;
  const int fd = open_socket();
  Octets request = get_family(family, 9);
  std::vector<iovec> out(kPartsMax + 1);
  out[kMany - 1] = {request.data(), request.size()};
  unsigned char buffer[16384];
  std::vector<iovec> in(kPartsMax + 1);
  in[kMany - 1] = {buffer, sizeof buffer};
  msghdr sent{};
  sent.msg_iov = out.data();
  sent.msg_iovlen = kMany;
  msghdr received{};
  received.msg_iov = in.data();
  received.msg_iovlen = kMany;
  CHECK(sendmsg(fd, &sent, 0) == static_cast<ssize_t>(request.size()));
  CHECK(recvmsg(fd, &received, 0) > 36);
  CHECK(readv(fd, in.data(), kMany) == 36);
  CHECK(writev(fd, out.data(), kMany) == static_cast<ssize_t>(request.size()));
  for (const int count : {kPartsMax + 1, 1 << 28}) {
    sent.msg_iovlen = received.msg_iovlen = count;
    CHECK_ERROR(sendmsg(fd, &sent, 0), EMSGSIZE);
    CHECK_ERROR(recvmsg(fd, &received, 0), EMSGSIZE);
    CHECK_ERROR(writev(fd, out.data(), count), EINVAL);
    CHECK_ERROR(readv(fd, in.data(), count), EINVAL);
  }
  CHECK(answered(fd, 9));
  CHECK(is_empty(fd));
  close(fd);
}

void check_errors() {
  const int fd = open_socket();
  const Octets request = get_family(family, 4);
  sockaddr_nl address = kernel_address();
  CHECK_ERROR(sendto(fd, request.data(), request.size(), 0, generic(address), 4), EINVAL);
  address.nl_family = AF_INET;
  CHECK_ERROR(sendto(fd, request.data(), request.size(), 0, generic(address), 12), EINVAL);
  address.nl_family = AF_NETLINK;
  address.nl_pid = 0x7ffffff0;
  const int refused = geteuid() == 0 ? ECONNREFUSED : EPERM;
  CHECK_ERROR(sendto(fd, request.data(), request.size(), 0, generic(address), 12), refused);
  CHECK_ERROR(send(fd, request.data(), request.size(), MSG_OOB), EOPNOTSUPP);
  char octet = 0;
  CHECK_ERROR(recv(fd, &octet, 1, MSG_OOB), EOPNOTSUPP);
  const void* volatile nowhere = nullptr;
  CHECK_ERROR(write(fd, nowhere, 8), EFAULT);
  const int buffer = int_option(fd, SOL_SOCKET, SO_SNDBUF);
  const Octets large(static_cast<size_t>(buffer));
  CHECK_ERROR(send(fd, large.data(), large.size(), 0), EMSGSIZE);
  CHECK(ask(fd, 5));
#ifdef __GLIBC__  // musl looks into the header itself
  CHECK_ERROR(recvmsg(fd, nullptr, 0), EFAULT);
#endif
  CHECK(answered(fd, 5));
  CHECK(send(fd, "short", 5, 0) == 5);  // not a message: ignored
  CHECK(is_empty(fd));
  Octets unknown = get_family(family, 6);
  unknown[4] = 0xfe;  // no family has this id
  unknown[5] = 0x7f;
  CHECK(send(fd, unknown.data(), unknown.size(), 0) == static_cast<ssize_t>(unknown.size()));
  unsigned char answer[256];
  CHECK(recv(fd, answer, sizeof answer, 0) >= 36);
  int error = 0;
  std::memcpy(&error, answer + sizeof(nlmsghdr), sizeof error);
  CHECK(header_of(answer).nlmsg_type == NLMSG_ERROR && error == -ENOENT);
  close(fd);
}

void check_dump() {
  const int fd = open_socket();
  const Octets request = get_family(nullptr, 50, NLM_F_DUMP);
  CHECK(send(fd, request.data(), request.size(), 0) > 0);
  bool controller = false;
  bool wanted = false;
  int ends = 0;
  unsigned char buffer[32768];
  while (ends == 0) {
    const ssize_t got = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    CHECK(got > 0);
    if (got <= 0) break;
    const std::string text(buffer, buffer + got);
    controller |= text.find("nlctrl") != std::string::npos;
    wanted |= text.find(family) != std::string::npos;
    for (size_t at = 0; at + sizeof(nlmsghdr) <= static_cast<size_t>(got);
         at += NLMSG_ALIGN(header_of(buffer + at).nlmsg_len)) {
      CHECK(header_of(buffer + at).nlmsg_flags & NLM_F_MULTI);
      CHECK(header_of(buffer + at).nlmsg_seq == 50);
      ends += header_of(buffer + at).nlmsg_type == NLMSG_DONE;
    }
  }
  CHECK(controller && wanted && ends == 1);
  CHECK(is_empty(fd));
  close(fd);
}
