#include "interpose/netlink_socket.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "interpose/tasks.h"
#include "netlink/message.h"
#include "platform/namespace.h"
#include "platform/os_error.h"

namespace airloom::interpose {
namespace {

using platform::UniqueFd;

constexpr uint32_t kOverhead = 512;  // of a message in a receive buffer, about

struct KernelOption {
  Option option;
  int name;
};
// Those that change what the kernel, or the daemon, sends; the others change how it is received.
constexpr KernelOption kKernelOptions[] = {{Option::kExtendedAck, NETLINK_EXT_ACK},
                                           {Option::kCapAck, NETLINK_CAP_ACK},
                                           {Option::kStrictCheck, NETLINK_GET_STRICT_CHK},
                                           {Option::kNoEnobufs, NETLINK_NO_ENOBUFS}};

}  // namespace

Result<std::unique_ptr<NetlinkSocket>> NetlinkSocket::create(const SocketContext& context,
                                                             Owner owner) {
  const Open open{context.participant, owner.process, owner.privileged};
  DaemonSocket daemon = TRY(make_in_network(owner.other_network, [&] {
    return DaemonSocket::open(context.daemon_path, open, context.buffer);
  }));
  std::unique_ptr<NetlinkSocket> made(
      new NetlinkSocket(context, std::move(owner), std::move(daemon)));
  std::array<int, 2> pair{};
  TRY(platform::checked(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()),
                        "socketpair"));
  made->program_end_.reset(pair[0]);
  made->token_.reset(pair[1]);
  made->inode_ = inode_of(pair[0]);
  return made;
}

NetlinkSocket::NetlinkSocket(const SocketContext& context, Owner owner, DaemonSocket daemon)
    : context_(context), owner_(std::move(owner)), daemon_(std::move(daemon)) {}

int NetlinkSocket::transact(const Message& message, uint32_t* value) {
  const auto outcome = daemon_.transact(message, *this);
  if (!outcome) return ECONNREFUSED;  // what a netlink socket says when nobody is at port 0
  if (value) *value = outcome->value;
  return outcome->error;
}

int NetlinkSocket::bind(uint32_t port) {
  if (port_ != 0) return port == 0 || port == port_ ? 0 : EINVAL;
  return transact(Bind{port, owner_.process}, &port_);
}

NetlinkAddress NetlinkSocket::name() const {
  NetlinkAddress name{.port = port_};
  for (uint32_t group : groups_) name.groups |= mask_of(group);
  return name;
}

Result<KernelSocket*> NetlinkSocket::kernel() {
  if (kernel_) return &*kernel_;
  kernel_ = TRY(make_in_network(owner_.other_network, [&] {
    const WithoutRights as_owner(!owner_.privileged);
    return KernelSocket::open(port_);
  }));
  for (const auto& [option, name] : kKernelOptions)
    if (options_.is_on(option)) (void)kernel_->set_option(name, 1);
  return &*kernel_;
}

int NetlinkSocket::set_membership(uint32_t group, bool join) {
  const Route route = context_.router.route_group(group);
  int error = 0;
  if (route != Route::kDaemon) {
    const auto real = kernel();
    const WithoutRights as_owner(!owner_.privileged);
    error = real ? (*real)->set_option(join ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP,
                                       static_cast<int>(group))
                 : EINVAL;
  }
  if (route != Route::kKernel) error = transact(Membership{group, join});
  if (error != 0) return error;
  if (join) {
    groups_.insert(group);
  } else {
    groups_.erase(group);
  }
  return 0;
}

int NetlinkSocket::set_flag(Option option, bool on) {
  options_.set(option, on);
  if (option == Option::kNoEnobufs && on && error_ == ENOBUFS) error_ = 0;
  for (const auto& [known, name] : kKernelOptions) {
    if (known != option) continue;
    if (kernel_) (void)kernel_->set_option(name, on);
    return transact(SetOption{option, on});
  }
  return 0;
}

void NetlinkSocket::set_receive_buffer(uint32_t octets) {
  receive_buffer_ = octets;
  (void)transact(SetOption{Option::kReceiveBuffer, octets});
}

void NetlinkSocket::note_receive_size(size_t octets) {
  const auto size = static_cast<uint32_t>(std::min<size_t>(octets, kMaxMessage));
  if (size <= receive_size_) return;
  receive_size_ = size;
  receive_size_told_ = false;  // told with the next request: only a dump makes use of it
}

int NetlinkSocket::send(std::span<const uint8_t> datagram, bool privileged) {
  if (const int error = bind(0)) return error;
  if (!std::exchange(receive_size_told_, true))
    (void)transact(SetOption{Option::kReceiveSize, receive_size_});
  // Neighbours of one destination travel together; nearly always that is the whole datagram.
  netlink::MessageReader reader(datagram);
  size_t begin = 0;
  size_t end = 0;
  std::optional<Route> run;
  while (const auto message = reader.next()) {
    const Route route = context_.router.route(*message);
    const auto at = static_cast<size_t>(message->octets.data() - datagram.data());
    if (run && (route != *run || route == Route::kBoth)) {
      if (const int error = send_to(*run, datagram.subspan(begin, end - begin), privileged))
        return error;
      begin = at;
    }
    run = route;
    end = std::min(netlink::align4(at + message->octets.size()), datagram.size());
  }
  return run ? send_to(*run, datagram.subspan(begin, end - begin), privileged) : 0;
}

int NetlinkSocket::send_to(Route route, std::span<const uint8_t> messages, bool privileged) {
  switch (route) {
    case Route::kDaemon:
      return transact(Request{privileged, messages});
    case Route::kKernel:
      return send_to_kernel(messages, privileged);
    case Route::kBoth:
      return start_merged_dump(messages, privileged);
  }
  return EINVAL;
}

int NetlinkSocket::send_to_kernel(std::span<const uint8_t> messages, bool privileged) {
  const auto real = kernel();
  if (!real) return ECONNREFUSED;
  const int error = [&] {
    const WithoutRights as_sender(!privileged);
    return (*real)->send(messages);
  }();
  receiving_from_daemon_ = false;
  (*real)->receive_waiting(*this);
  receiving_from_daemon_ = true;
  return error;
}

int NetlinkSocket::start_merged_dump(std::span<const uint8_t> message, bool privileged) {
  const auto sequence = netlink::MessageReader(message).next()->header.sequence;
  if (kernel()) merged_dump_ = MergedDump{sequence, Octets(message.begin(), message.end())};
  return transact(Request{privileged, message});
}

// Takes the daemon's end of a merged dump out of the datagram and starts the kernel's part.
Octets NetlinkSocket::without_end_of_dump(std::span<const uint8_t> datagram) {
  Octets kept;
  netlink::MessageReader reader(datagram);
  while (const auto message = reader.next()) {
    if (message->header.sequence == merged_dump_->sequence && message->header.type == NLMSG_DONE) {
      merged_dump_->ended = true;
      continue;
    }
    // The controller itself is both's; the kernel will tell of it.
    const netlink::AttributeTable attributes(message->genl_attributes());
    if (attributes.u16(CTRL_ATTR_FAMILY_ID) == GENL_ID_CTRL) continue;
    kept.insert(kept.end(), message->octets.begin(), message->octets.end());
    kept.resize(netlink::align4(kept.size()));
  }
  return kept;
}

// What comes from the kernel has left its socket's buffer, so the program's is kept account of
// here, as the kernel does: when it is full all is lost until it has been emptied. Dumps wait for
// no buffer here: the kernel makes a part when the one before has been taken.
bool NetlinkSocket::is_lost(std::span<const uint8_t> datagram) {
  const auto first = netlink::MessageReader(datagram).next();
  if (first && first->header.flags & NLM_F_MULTI) return false;
  if (!is_congested_ && held_from_kernel_ <= receive_buffer_) return false;
  if (!std::exchange(is_congested_, true)) on_overrun();
  return true;
}

void NetlinkSocket::on_datagram(std::span<const uint8_t> datagram, uint32_t group) {
  if (!receiving_from_daemon_ && is_lost(datagram)) return;
  Octets octets(datagram.begin(), datagram.end());
  if (merged_dump_ && receiving_from_daemon_ && group == 0) octets = without_end_of_dump(datagram);
  if (!receiving_from_daemon_) held_from_kernel_ += octets.size() + kOverhead;
  if (!octets.empty()) queue_.push_back({std::move(octets), group, receiving_from_daemon_});
  if (merged_dump_ && merged_dump_->ended) {
    const MergedDump dump = *std::exchange(merged_dump_, std::nullopt);
    (void)send_to_kernel(dump.request, owner_.privileged);
  }
}

void NetlinkSocket::on_overrun() {
  if (!options_.is_on(Option::kNoEnobufs)) error_ = ENOBUFS;
}

void NetlinkSocket::collect() {
  if (daemon_.is_alive() && !daemon_.receive_waiting(*this)) error_ = ECONNREFUSED;
  if (!kernel_) return;
  receiving_from_daemon_ = false;
  kernel_->receive_waiting(*this);
  receiving_from_daemon_ = true;
}

void NetlinkSocket::pop() {
  const auto size = static_cast<uint32_t>(queue_.front().octets.size());
  const bool from_daemon = queue_.front().from_daemon;
  queue_.pop_front();
  if (from_daemon) {
    consumed_ += size;
  } else {
    held_from_kernel_ -= size + kOverhead;
  }
  if (queue_.empty()) is_congested_ = false;
  if (consumed_ > 0 && consumed_ >= receive_buffer_ / 2)
    (void)transact(Consumed{std::exchange(consumed_, 0)});
}

void NetlinkSocket::update_token(int program_end) {
  if (is_readable() == token_is_out_) return;
  uint8_t token = 1;
  if (!token_is_out_) {
    token_is_out_ = ::send(token_.get(), &token, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
  } else if (program_end >= 0) {
    token_is_out_ = ::recv(program_end, &token, 1, MSG_DONTWAIT) != 1;
  }
}

}  // namespace airloom::interpose
