#include "interpose/netlink_module.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "interpose/descriptors.h"
#include "interpose/netlink_calls.h"
#include "interpose/program_socket.h"
#include "interpose/send.h"
#include "netlink/errno.h"

namespace airloom::interpose {
namespace {

constexpr FilterRule::Test equals(uint8_t argument, uint32_t value) {
  return {argument, value, value};
}

void answer_error(const Call& call, int error) {
  answer(call, -error);
}

}  // namespace

NetlinkModule::NetlinkModule(platform::EventLoop& loop, SocketContext context,
                             std::function<void()> on_daemon_lost)
    : loop_(loop),
      context_(std::move(context)),
      on_daemon_lost_(std::move(on_daemon_lost)),
      ticker_(loop.queue(), [this] { tick(); }) {
  context_.buffer = buffer_;
}

std::vector<FilterRule> NetlinkModule::rules() const {
  std::vector<FilterRule> rules{{SYS_socket, {equals(0, AF_NETLINK), equals(2, NETLINK_GENERIC)}}};
  for (FilterRule& rule : rules_of_descriptors()) rules.push_back(std::move(rule));
  return rules;
}

bool NetlinkModule::handle(const Call& call) {
  if (call.number() == SYS_socket) return handle_socket(call);
  Found found = find(call, call.int_argument(0));
  if (found.entry == nullptr) return false;
  const uint64_t inode = found.entry->socket->inode();
  handle_found(call, found);
  const auto still = sockets_.find(inode);
  if (still == sockets_.end()) return true;
  watch_kernel(still->second);
  settle(still->second, found.program_end.get());
  return true;
}

NetlinkModule::Found NetlinkModule::find(const Call& call, int fd) {
  Found found;
  found.program_end = tasks_.copy_descriptor(call.thread(), fd);
  if (!found.program_end) return found;
  const auto entry = sockets_.find(inode_of(found.program_end.get()));
  if (entry != sockets_.end()) found.entry = &entry->second;
  return found;
}

void NetlinkModule::handle_found(const Call& call, Found& found) {
  NetlinkSocket& socket = *found.entry->socket;
  const int end = found.program_end.get();
  ProgramSocket kept(call, socket, end);
  switch (call.number()) {
    case SYS_recvmsg:
    case SYS_recvfrom:
    case SYS_read:
    case SYS_readv:
      receive_or_park(call, found);
      break;
    case SYS_recvmmsg:
      receive_many(call, found);
      break;
    case SYS_sendmsg:
    case SYS_sendto:
    case SYS_sendmmsg:
    case SYS_write:
    case SYS_writev: {
      close_abandoned();
      const int64_t outcome = send(call, socket, end);
      settle(*found.entry, end);
      answer(call, outcome);
      break;
    }
    case SYS_bind:
      close_abandoned();
      answer_error(call, bind_netlink(call, kept, call.argument(1), call.int_argument(2)));
      break;
    case SYS_connect:
      answer_error(call, connect_netlink(call, kept, call.argument(1), call.int_argument(2),
                                         socket.connected));
      break;
    case SYS_getsockname:
      answer_error(call, give_name(call, socket.name(), call.argument(1), call.argument(2)));
      break;
    case SYS_getpeername:
      answer_error(call, give_name(call, socket.connected, call.argument(1), call.argument(2)));
      break;
    case SYS_setsockopt:
      answer_error(call, set_socket_option(call, kept, call.int_argument(1), call.int_argument(2),
                                           call.argument(3), call.int_argument(4)));
      break;
    case SYS_getsockopt:
      answer_error(call, get_socket_option(call, kept, call.int_argument(1), call.int_argument(2),
                                           call.argument(3), call.argument(4)));
      break;
    default:
      // accept() is left: nobody connects to a netlink socket.
      if (!is_duplication(call)) return call.fail(EOPNOTSUPP);
      duplicate(call, end);
      break;
  }
}

bool NetlinkModule::handle_socket(const Call& call) {
  if (call.int_argument(0) != AF_NETLINK || call.int_argument(2) != NETLINK_GENERIC) return false;
  const int type = call.int_argument(1) & kTypeMask;
  const int flags = call.int_argument(1) & ~kTypeMask;
  if (type != SOCK_RAW && type != SOCK_DGRAM) {
    call.fail(ESOCKTNOSUPPORT);
    return true;
  }
  close_abandoned();
  auto made = NetlinkSocket::create(
      context_, {static_cast<uint32_t>(process_of(call.thread())), has_net_admin(call.thread()),
                 type, other_network_namespace(call.thread())});
  if (!made) {
    const bool full = made.error().code == Errc::kTooMany;
    if (!full) on_daemon_lost_();
    call.fail(full ? ENFILE : EPROTONOSUPPORT);  // the latter as from a kernel without the family
    return true;
  }
  const platform::UniqueFd program_end = (*made)->take_program_end();
  if (flags & SOCK_NONBLOCK) fcntl(program_end.get(), F_SETFL, O_RDWR | O_NONBLOCK);
  const uint64_t inode = (*made)->inode();
  Entry& entry = sockets_[inode];
  entry.socket = std::move(*made);
  if (auto watched = watch(entry); !watched) {
    sockets_.erase(inode);
    call.fail(netlink::to_errno(watched.error().code));
    return true;
  }
  reply_with_descriptor(call, program_end.get(), flags & SOCK_CLOEXEC);
  return true;
}

void NetlinkModule::receive_or_park(const Call& call, Found& found) {
  NetlinkSocket& socket = *found.entry->socket;
  const int end = found.program_end.get();
  ReceiveTarget target;
  if (const int error = read_target(call, target)) return call.fail(error);
  const auto outcome = receive(call, socket, target);
  settle(*found.entry, end);
  if (outcome) return answer(call, *outcome);
  if (is_non_blocking(end, target.flags)) return call.fail(EAGAIN);
  park(call, found, std::move(target));
}

// DEVIATES: without MSG_WAITFORONE the kernel blocks until all headers are filled; here the call
// returns with what there is, as it may after a signal.
void NetlinkModule::receive_many(const Call& call, Found& found) {
  NetlinkSocket& socket = *found.entry->socket;
  const int end = found.program_end.get();
  const int flags = call.int_argument(3) & ~MSG_WAITFORONE;
  const size_t count = std::min<size_t>(call.argument(2) & 0xffffffffu, kMaxParts);
  int64_t received = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t header = call.argument(1) + i * sizeof(mmsghdr);
    ReceiveTarget target;
    const int error = read_target_of_recvmsg(call, header, flags, target);
    const auto outcome = error ? std::optional<int64_t>(-error) : receive(call, socket, target);
    if (!outcome && received == 0 && !is_non_blocking(end, flags))
      return park(call, found, std::move(target));
    if (!outcome || *outcome < 0) {
      settle(*found.entry, end);
      return answer(call, received > 0 ? received : outcome.value_or(-EAGAIN));
    }
    const auto size = static_cast<uint32_t>(*outcome);
    if (!call.write_struct(header + offsetof(mmsghdr, msg_len), size)) return call.fail(EFAULT);
    ++received;
  }
  settle(*found.entry, end);
  answer(call, received);
}

void NetlinkModule::park(const Call& call, Found& found, ReceiveTarget target) {
  Parked parked{{call, {}}, std::move(target)};
  const int end = found.program_end.get();
  if (const auto timeout = receive_timeout(end)) parked.deadline = loop_.real_now() + *timeout;
  found.entry->parked.push_back(std::move(parked));
  if (!ticker_.is_armed()) ticker_.arm(kParkedTick);
}

Result<void> NetlinkModule::watch(Entry& entry) {
  const uint64_t inode = entry.socket->inode();
  entry.token_watch =
      TRY(loop_.on_readable(entry.socket->token_fd(), [this] { close_abandoned(); }));
  entry.daemon_watch =
      TRY(loop_.on_readable(entry.socket->daemon_fd(), [this, inode] { on_ready(inode); }));
  return {};
}

// The kernel socket comes into being when it is first needed.
void NetlinkModule::watch_kernel(Entry& entry) {
  if (entry.kernel_watch || entry.socket->kernel_fd() < 0) return;
  const uint64_t inode = entry.socket->inode();
  if (auto watch = loop_.on_readable(entry.socket->kernel_fd(), [this, inode] { on_ready(inode); }))
    entry.kernel_watch = std::move(*watch);
}

void NetlinkModule::on_ready(uint64_t inode) {
  const auto found = sockets_.find(inode);
  if (found == sockets_.end()) return;
  Entry& entry = found->second;
  entry.socket->collect();
  if (!entry.socket->daemon_is_alive()) {
    entry.daemon_watch.reset();
    on_daemon_lost_();
  }
  settle(entry, -1);
}

// After the queue may have changed, and before the caller that changed it runs on: it may poll.
void NetlinkModule::settle(Entry& entry, int program_end) {
  serve_parked(entry);
  entry.socket->update_token(program_end);
}

void NetlinkModule::serve_parked(Entry& entry) {
  while (!entry.parked.empty() && entry.socket->is_readable()) {
    const Parked parked = std::move(entry.parked.front());
    entry.parked.pop_front();
    if (!parked.call.is_waiting()) continue;
    auto outcome = receive(parked.call, *entry.socket, parked.target);
    if (outcome && *outcome >= 0 && parked.call.number() == SYS_recvmmsg) {
      const auto size = static_cast<uint32_t>(*outcome);
      const uint64_t at = parked.target.header + offsetof(mmsghdr, msg_len);
      outcome = parked.call.write_struct(at, size) ? 1 : -EFAULT;
    }
    entry.socket->update_token(-1);
    if (outcome) answer(parked.call, *outcome);
  }
}

void NetlinkModule::tick() {
  const TimePoint now = loop_.real_now();
  bool any = false;
  for (auto& [inode, entry] : sockets_) {
    std::erase_if(entry.parked, [now](Parked& parked) { return parked.leave(now); });
    any |= !entry.parked.empty();
  }
  if (any) ticker_.arm(kParkedTick);
}

void NetlinkModule::close_abandoned() {
  std::vector<pollfd> tokens;
  for (const auto& [inode, entry] : sockets_)
    tokens.push_back({entry.socket->token_fd(), POLLIN, 0});
  if (poll(tokens.data(), tokens.size(), 0) <= 0) return;
  size_t i = 0;
  for (auto entry = sockets_.begin(); entry != sockets_.end(); ++i) {
    if (!(tokens[i].revents & (POLLHUP | POLLERR))) {
      ++entry;
      continue;
    }
    for (const Parked& parked : entry->second.parked) parked.call.fail(EBADF);
    entry->second.token_watch.reset();
    entry->second.daemon_watch.reset();
    entry->second.kernel_watch.reset();
    entry->second.socket->close();
    entry = sockets_.erase(entry);
  }
  tasks_.forget_gone();
}

}  // namespace airloom::interpose
