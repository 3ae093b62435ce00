// Exercises one generic netlink socket with every system call that airloom interposes, and checks
// that each does what the kernel's netlink does: run it bare and it tests the kernel, under
// `airloom run` it tests airloom. Prints what failed; exit status 0 if nothing did.
//
//   netlink_semantics FAMILY        FAMILY is what is asked for, of nlctrl
//   netlink_semantics --use FAMILY FD   asks on an inherited descriptor (the exec check)
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace {

int failures = 0;
const char* family = "nlctrl";

void check(bool holds, const char* what, int line) {
  if (holds) return;
  ++failures;
  std::printf("line %d: %s (errno %d)\n", line, what, errno);
}
#define CHECK(cond) check((cond), #cond, __LINE__)
#define CHECK_ERROR(call, error)                                    \
  do {                                                              \
    errno = 0;                                                      \
    const auto value_ = (call);                                     \
    check(value_ < 0, #call " fails", __LINE__);                    \
    check(errno == (error), #call " fails with " #error, __LINE__); \
  } while (0)

using Octets = std::vector<unsigned char>;

void append_attribute(Octets& out, uint16_t type, const void* value, size_t size) {
  const nlattr header{static_cast<uint16_t>(NLA_HDRLEN + size), type};
  const size_t at = out.size();
  out.resize(at + NLA_HDRLEN + NLA_ALIGN(size));
  std::memcpy(out.data() + at, &header, sizeof header);
  std::memcpy(out.data() + at + NLA_HDRLEN, value, size);
}

/// A CTRL_CMD_GETFAMILY request for `name` (none: for all).
Octets get_family(const char* name, uint32_t sequence, uint16_t flags = NLM_F_ACK) {
  Octets out(sizeof(nlmsghdr) + sizeof(genlmsghdr));
  const genlmsghdr genl{CTRL_CMD_GETFAMILY, 1, 0};
  std::memcpy(out.data() + sizeof(nlmsghdr), &genl, sizeof genl);
  if (name) append_attribute(out, CTRL_ATTR_FAMILY_NAME, name, std::strlen(name) + 1);
  const nlmsghdr header{static_cast<uint32_t>(out.size()), GENL_ID_CTRL,
                        static_cast<uint16_t>(NLM_F_REQUEST | flags), sequence, 0};
  std::memcpy(out.data(), &header, sizeof header);
  return out;
}

nlmsghdr header_of(const unsigned char* octets) {
  nlmsghdr header;
  std::memcpy(&header, octets, sizeof header);
  return header;
}

int open_socket(int flags = 0) {
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

bool ask(int fd, uint32_t sequence) {
  const Octets request = get_family(family, sequence);
  return send(fd, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size());
}

/// Takes the reply and the ACK to `sequence`.
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

int int_option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(fd, level, name, &value, &size) == 0 && size == sizeof value ? value : -1;
}

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
  CHECK_ERROR(recvmsg(fd, nullptr, 0), EFAULT);
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
  value = 1;
  CHECK(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &value, sizeof value) == 0);

  CHECK(ask(fd, 8));
  unsigned char buffer[16384];
  alignas(cmsghdr) unsigned char control[256];
  iovec in{buffer, sizeof buffer};
  msghdr message{};
  message.msg_iov = &in;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
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

volatile sig_atomic_t alarms = 0;
void on_alarm(int) {
  alarms = alarms + 1;
}

void arm_alarm(int flags, int after_ms) {
  struct sigaction action {};
  action.sa_handler = on_alarm;
  action.sa_flags = flags;
  sigaction(SIGALRM, &action, nullptr);
  itimerspec when{};
  when.it_value.tv_nsec = after_ms * 1'000'000;
  static timer_t timer;
  static bool made = false;
  if (!made) timer_create(CLOCK_MONOTONIC, nullptr, &timer);
  made = true;
  timer_settime(timer, 0, &when, nullptr);
}

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void check_blocking() {
  const int fd = open_socket();
  char octet;
  timeval timeout{0, 60'000};
  CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) == 0);
  const double start = now();
  CHECK_ERROR(recv(fd, &octet, 1, 0), EAGAIN);
  CHECK(now() - start >= 0.05 && now() - start < 0.5);
  arm_alarm(SA_RESTART, 10);
  timeout.tv_usec = 500'000;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  CHECK_ERROR(recv(fd, &octet, 1, 0), EINTR);  // with a timeout it is never restarted
  timeout = {};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  arm_alarm(0, 10);
  CHECK_ERROR(recv(fd, &octet, 1, 0), EINTR);
  CHECK(alarms == 2);
  close(fd);
}

// Under a storm of signals each request is sent once, and each answer received once.
void check_signal_storm() {
  const int fd = open_socket();
  struct sigaction action {};
  action.sa_handler = on_alarm;
  action.sa_flags = SA_RESTART;
  sigaction(SIGVTALRM, &action, nullptr);
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGVTALRM;
  timer_t timer;
  CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
  itimerspec when{};
  when.it_value.tv_nsec = when.it_interval.tv_nsec = 150'000;
  timer_settime(timer, 0, &when, nullptr);
  bool exact = true;
  for (uint32_t sequence = 1000; sequence < 2000; ++sequence)
    exact &= ask(fd, sequence) && answered(fd, sequence);
  timer_delete(timer);
  CHECK(exact && is_empty(fd));
  close(fd);
}

void* ask_later(void* argument) {
  usleep(60'000);
  return ask(*static_cast<int*>(argument), 11) ? argument : nullptr;
}

void check_threads_and_restart() {
  int fd = open_socket();
  pthread_t thread;
  pthread_create(&thread, nullptr, ask_later, &fd);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGALRM);
  CHECK(answered(fd, 11));  // blocks until the other thread has asked
  pthread_join(thread, nullptr);

  const pid_t child = fork();
  if (child == 0) {
    usleep(80'000);
    _exit(ask(fd, 12) ? 0 : 1);
  }
  arm_alarm(SA_RESTART, 10);
  CHECK(answered(fd, 12));  // restarted after the alarm
  CHECK(alarms == 3);
  int status = 1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  close(fd);
}

void check_copies() {
  const int fd = open_socket();
  const int copy = dup(fd);
  CHECK(copy >= 0 && copy != fd);
  CHECK(ask(copy, 21) && answered(fd, 21));
  const int high = fcntl(fd, F_DUPFD_CLOEXEC, 100);
  CHECK(high >= 100 && fcntl(high, F_GETFD) == FD_CLOEXEC);
  CHECK(dup2(fd, 120) == 120 && dup3(fd, 121, O_CLOEXEC) == 121);
  CHECK_ERROR(dup3(fd, fd, 0), EINVAL);
  close(fd);
  close(copy);
  CHECK(ask(high, 22) && answered(120, 22));
  CHECK(ask(121, 23) && answered(high, 23));
  const pid_t child = fork();
  if (child == 0) {
    const std::string number = std::to_string(120);
    execl("/proc/self/exe", "netlink_semantics", "--use", family, number.c_str(), nullptr);
    _exit(1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(answered(high, 31));
  close(high);
  close(120);
  close(121);
}

void check_waiting() {
  const int fd = open_socket(SOCK_NONBLOCK);
  const int queue = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
  for (uint32_t sequence = 40; sequence < 43; ++sequence) {
    CHECK(epoll_wait(queue, &event, 1, 0) == 0);
    CHECK(ask(fd, sequence));
    CHECK(epoll_wait(queue, &event, 1, 0) == 1 && event.events == EPOLLIN);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fd, &set);
    timeval none{};
    CHECK(select(fd + 1, &set, nullptr, nullptr, &none) == 1);
    CHECK(answered(fd, sequence));
    CHECK(is_empty(fd));
  }
  close(queue);
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

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "--use") == 0) {
    family = argv[2];
    return ask(std::atoi(argv[3]), 31) ? 0 : 1;
  }
  if (argc > 1) family = argv[1];
  check_creation();
  check_names();
  check_request();
  check_truncation();
  check_other_calls();
  check_errors();
  check_options();
  check_groups();
  check_blocking();
  check_threads_and_restart();
  check_signal_storm();
  check_copies();
  check_waiting();
  check_dump();
  std::printf("%d failed\n", failures);
  return failures == 0 ? 0 : 1;
}
