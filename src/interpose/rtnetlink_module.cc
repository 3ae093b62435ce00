#include "interpose/rtnetlink_module.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "interpose/descriptors.h"
#include "interpose/link_filter.h"
#include "interpose/program_socket.h"

namespace airloom::interpose {
namespace {

constexpr size_t kMaxControl = 512;

bool is_rtnetlink(int fd) {
  return kept_option(fd, SO_DOMAIN) == AF_NETLINK && kept_option(fd, SO_PROTOCOL) == NETLINK_ROUTE;
}

bool is_receive(const Call& call) {
  return call.number() == SYS_recvmsg || call.number() == SYS_recvfrom ||
         call.number() == SYS_read || call.number() == SYS_readv;
}

/// What the kernel gave.
struct Received {
  Octets datagram;
  sockaddr_nl sender{};
  std::array<uint8_t, kMaxControl> control_room;
  size_t control_size = 0;
  int flags = 0;
};

// Takes the next datagram whole, or leaves it with MSG_PEEK. @return 0, or an errno: EAGAIN: none.
int take_datagram(int fd, int flags, size_t control_room, Received& out) {
  const ssize_t size = recv(fd, nullptr, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
  if (size < 0) return errno;
  out.datagram.resize(static_cast<size_t>(size));
  iovec part{out.datagram.data(), out.datagram.size()};
  msghdr header{};
  header.msg_name = &out.sender;
  header.msg_namelen = sizeof out.sender;
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = out.control_room.data();
  header.msg_controllen = std::min(control_room, kMaxControl);
  if (recvmsg(fd, &header, (flags & MSG_PEEK) | MSG_DONTWAIT) < 0) return errno;
  out.control_size = header.msg_controllen;
  out.flags = header.msg_flags & ~MSG_PEEK;
  out.datagram = without_tap_kind(out.datagram);
  return 0;
}

// @return the call's value, or a negative errno; -EAGAIN: nothing waits.
int64_t receive(const Call& call, int fd, const ReceiveTarget& target) {
  Received received;
  if (const int error = take_datagram(fd, target.flags, target.control_room, received))
    return -error;
  size_t room = 0;
  for (const RemoteSpan& part : target.parts) room += part.iov_len;
  const size_t size = received.datagram.size();
  const int flags = received.flags | (size > room ? MSG_TRUNC : 0);
  const auto control = std::span(received.control_room).first(received.control_size);
  if (!call.scatter(target.parts, received.datagram)) return -EFAULT;
  if (const int error = write_name(call, target, received.sender)) return -error;
  if (!write_header(call, target, control, flags)) return -EFAULT;
  return static_cast<int64_t>(target.flags & MSG_TRUNC ? size : std::min(size, room));
}

}  // namespace

RtnetlinkModule::RtnetlinkModule(platform::EventLoop& loop)
    : loop_(loop), ticker_(loop.queue(), [this] { tick(); }) {}

std::vector<FilterRule> RtnetlinkModule::rules() const {
  std::vector<FilterRule> rules = rules_of_descriptors();
  rules.push_back({SYS_socket, {{0, AF_NETLINK, AF_NETLINK}, {2, NETLINK_ROUTE, NETLINK_ROUTE}}});
  return rules;
}

bool RtnetlinkModule::handle(const Call& call) {
  if (call.number() == SYS_socket) return open(call);
  if (!is_receive(call) && !is_duplication(call)) return false;
  platform::UniqueFd socket = tasks_.copy_descriptor(call.thread(), call.int_argument(0));
  if (!socket || !is_rtnetlink(socket.get())) return false;
  if (is_duplication(call)) {
    duplicate(call, socket.get());
    return true;
  }
  ReceiveTarget target;
  if (const int error = read_target(call, target)) {
    call.fail(error);
    return true;
  }
  if (target.flags & (MSG_ERRQUEUE | MSG_OOB)) return false;
  const int64_t outcome = receive(call, socket.get(), target);
  if (outcome != -EAGAIN || is_non_blocking(socket.get(), target.flags)) {
    answer(call, outcome);
  } else {
    park(call, std::move(target), std::move(socket));
  }
  return true;
}

bool RtnetlinkModule::open(const Call& call) {
  if (call.int_argument(0) != AF_NETLINK || call.int_argument(2) != NETLINK_ROUTE) return false;
  // Where no number is left in the range, the program gets a socket that is not looked at.
  if (!free_descriptor(call.thread(), kFirstDescriptor, kLastDescriptor)) return false;
  const platform::UniqueFd made = make_in_network(other_network_namespace(call.thread()), [&] {
    return platform::UniqueFd(
        ::socket(AF_NETLINK, call.int_argument(1) | SOCK_CLOEXEC, NETLINK_ROUTE));
  });
  if (made) {
    reply_with_descriptor(call, made.get(), call.int_argument(1) & SOCK_CLOEXEC);
  } else {
    call.fail(errno);
  }
  return true;
}

void RtnetlinkModule::park(const Call& call, ReceiveTarget target, platform::UniqueFd socket) {
  Parked parked{{call, {}}, std::move(target), std::move(socket), {}};
  const int fd = parked.socket.get();
  if (const auto timeout = receive_timeout(fd)) parked.deadline = loop_.real_now() + *timeout;
  auto watch = loop_.on_readable(fd, [this] { serve_parked(); });
  if (!watch) return call.fail(ENOMEM);
  parked.watch = std::move(*watch);
  parked_.push_back(std::move(parked));
  if (!ticker_.is_armed()) ticker_.arm(kParkedTick);
}

void RtnetlinkModule::serve_parked() {
  std::erase_if(parked_, [](Parked& parked) {
    if (!parked.call.is_waiting()) return true;
    const int64_t outcome = receive(parked.call, parked.socket.get(), parked.target);
    if (outcome == -EAGAIN) return false;
    answer(parked.call, outcome);
    return true;
  });
}

void RtnetlinkModule::tick() {
  const TimePoint now = loop_.real_now();
  std::erase_if(parked_, [now](Parked& parked) { return parked.leave(now); });
  if (!parked_.empty()) ticker_.arm(kParkedTick);
  tasks_.forget_gone();
}

}  // namespace airloom::interpose
