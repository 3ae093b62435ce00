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

constexpr uint32_t kGroupsInMask = 32;

std::optional<Option> option_of(int name) {
  switch (name) {
    case NETLINK_EXT_ACK:
      return Option::kExtendedAck;
    case NETLINK_CAP_ACK:
      return Option::kCapAck;
    case NETLINK_NO_ENOBUFS:
      return Option::kNoEnobufs;
    case NETLINK_GET_STRICT_CHK:
      return Option::kStrictCheck;
    default:
      return std::nullopt;
  }
}

bool* flag_of(NetlinkOptions& options, int name) {
  switch (name) {
    case NETLINK_PKTINFO:
      return &options.packet_info;
    case NETLINK_BROADCAST_ERROR:
      return &options.broadcast_error;
    case NETLINK_NO_ENOBUFS:
      return &options.no_enobufs;
    case NETLINK_LISTEN_ALL_NSID:
      return &options.listen_all_nsid;
    case NETLINK_CAP_ACK:
      return &options.cap_ack;
    case NETLINK_EXT_ACK:
      return &options.ext_ack;
    case NETLINK_GET_STRICT_CHK:
      return &options.strict_check;
    default:
      return nullptr;
  }
}

}  // namespace

Result<std::unique_ptr<NetlinkSocket>> NetlinkSocket::create(const SocketContext& context,
                                                             Owner owner) {
  const Open open{context.participant, owner.process, owner.privileged};
  DaemonSocket daemon = TRY(make_in_network(
      owner.other_network, [&] { return DaemonSocket::open(context.daemon_path, open); }));
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

int NetlinkSocket::bind(uint32_t port, uint32_t groups) {
  if (port_ != 0 && port != port_) return EINVAL;
  if (port_ == 0)
    if (const int error = transact(Bind{port, owner_.process}, &port_)) return error;
  for (uint32_t group = 1; group <= kGroupsInMask; ++group) {
    const bool wanted = groups >> (group - 1) & 1;
    if (wanted != groups_.contains(group)) (void)set_membership(group, wanted);
  }
  return 0;
}

int NetlinkSocket::ensure_bound() {
  return port_ != 0 ? 0 : transact(Bind{0, owner_.process}, &port_);
}

uint32_t NetlinkSocket::group_mask() const {
  uint32_t mask = 0;
  for (uint32_t group : groups_)
    if (group <= kGroupsInMask) mask |= 1u << (group - 1);
  return mask;
}

Result<KernelSocket*> NetlinkSocket::kernel() {
  if (kernel_) return &*kernel_;
  kernel_ = TRY(make_in_network(owner_.other_network, [&] {
    const WithoutRights as_owner(!owner_.privileged);
    return KernelSocket::open(port_);
  }));
  for (const auto& [name, on] : {std::pair{NETLINK_EXT_ACK, options_.ext_ack},
                                 {NETLINK_CAP_ACK, options_.cap_ack},
                                 {NETLINK_GET_STRICT_CHK, options_.strict_check},
                                 {NETLINK_NO_ENOBUFS, options_.no_enobufs}})
    if (on) (void)kernel_->set_option(name, 1);
  return &*kernel_;
}

int NetlinkSocket::set_membership(uint32_t group, bool join) {
  if (group == 0) return EINVAL;
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

int NetlinkSocket::set_flag(int name, bool on) {
  bool* flag = flag_of(options_, name);
  if (flag == nullptr) return ENOPROTOOPT;
  if (name == NETLINK_LISTEN_ALL_NSID && !owner_.privileged) return EPERM;
  *flag = on;
  if (name == NETLINK_NO_ENOBUFS && on && error_ == ENOBUFS) error_ = 0;
  const auto option = option_of(name);
  if (!option) return 0;
  if (kernel_) (void)kernel_->set_option(name, on);
  return transact(SetOption{*option, on});
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
  if (const int error = ensure_bound()) return error;
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

void NetlinkSocket::on_datagram(std::span<const uint8_t> datagram, uint32_t group) {
  Octets octets(datagram.begin(), datagram.end());
  if (merged_dump_ && receiving_from_daemon_ && group == 0) octets = without_end_of_dump(datagram);
  if (!octets.empty()) queue_.push_back({std::move(octets), group, receiving_from_daemon_});
  if (merged_dump_ && merged_dump_->ended) {
    const MergedDump dump = *std::exchange(merged_dump_, std::nullopt);
    (void)send_to_kernel(dump.request, owner_.privileged);
  }
}

void NetlinkSocket::on_overrun() {
  if (!options_.no_enobufs) error_ = ENOBUFS;
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
  if (from_daemon) consumed_ += size;
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
