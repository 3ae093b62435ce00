#include "interpose/alg_module.h"

#include <fcntl.h>
#include <linux/if_alg.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "interpose/descriptors.h"
#include "interpose/parked_call.h"
#include "interpose/receive.h"
#include "interpose/send.h"

namespace airloom::interpose {
namespace {

constexpr size_t kMaxKey = 4096;
constexpr size_t kMaxControl = 4096;
constexpr size_t kMaxData = 1 << 20;  // what one call takes at most

template <size_t size>
std::string text_of(const uint8_t (&octets)[size]) {
  return {octets, std::find(octets, octets + size, 0)};
}

size_t total(const std::vector<RemoteSpan>& parts) {
  size_t size = 0;
  for (const RemoteSpan& part : parts) size += part.iov_len;
  return size;
}

// One control message. @return a positive errno, or 0.
int take_control(int type, std::span<const uint8_t> value, AlgInput& out) {
  uint32_t number = 0;
  if (value.size() < sizeof number) return EINVAL;
  std::memcpy(&number, value.data(), sizeof number);
  if (type == ALG_SET_OP) {
    if (number != ALG_OP_DECRYPT && number != ALG_OP_ENCRYPT) return EINVAL;
    out.encrypt = number == ALG_OP_ENCRYPT;
    return 0;
  }
  if (type != ALG_SET_IV) return EINVAL;
  value = value.subspan(sizeof number);
  if (value.size() < number) return EINVAL;
  out.iv = Octets(value.begin(), value.begin() + number);
  return 0;
}

int take_controls(Octets& octets, AlgInput& out) {
  msghdr header{};
  header.msg_control = octets.data();
  header.msg_controllen = octets.size();
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
    const auto at = static_cast<size_t>(CMSG_DATA(part) - octets.data());
    if (part->cmsg_len < CMSG_LEN(0) || at + part->cmsg_len - CMSG_LEN(0) > octets.size())
      return EINVAL;
    if (part->cmsg_level != SOL_ALG) continue;
    const auto value = std::span(octets).subspan(at, part->cmsg_len - CMSG_LEN(0));
    if (const int error = take_control(part->cmsg_type, value, out)) return error;
  }
  return 0;
}

}  // namespace

bool kernel_has_alg() {
  constexpr std::pair<const char*, const char*> kNeeded[] = {
      {"hash", "hmac(sha256)"}, {"hash", "cmac(aes)"}, {"skcipher", "ecb(aes)"}};
  return std::all_of(std::begin(kNeeded), std::end(kNeeded), [](const auto& needed) {
    const platform::UniqueFd fd(::socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_alg address{};
    address.salg_family = AF_ALG;
    std::strcpy(reinterpret_cast<char*>(address.salg_type), needed.first);
    std::strcpy(reinterpret_cast<char*>(address.salg_name), needed.second);
    const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    return fd && ::bind(fd.get(), generic, sizeof address) == 0;
  });
}

std::vector<FilterRule> AlgModule::rules() const {
  std::vector<FilterRule> rules = rules_of_descriptors();
  rules.push_back({SYS_socket, {{0, AF_ALG, AF_ALG}}});
  return rules;
}

bool AlgModule::handle(const Call& call) {
  if (call.number() == SYS_socket) return open(call);
  const platform::UniqueFd program_end =
      tasks_.copy_descriptor(call.thread(), call.int_argument(0));
  if (!program_end) return false;
  const uint64_t inode = inode_of(program_end.get());
  const auto found = sockets_.find(inode);
  if (found == sockets_.end()) return false;
  answer(call, found->second, inode, program_end.get());
  return true;
}

bool AlgModule::open(const Call& call) {
  if (call.int_argument(0) != AF_ALG) return false;
  if ((call.int_argument(1) & kTypeMask) != SOCK_SEQPACKET) {
    call.fail(ESOCKTNOSUPPORT);
  } else if (call.int_argument(2) != 0) {
    call.fail(EPROTONOSUPPORT);
  } else {
    add(call, {}, call.int_argument(1) & ~kTypeMask);
  }
  return true;
}

void AlgModule::add(const Call& call, Entry entry, int flags) {
  std::array<int, 2> pair{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) < 0)
    return call.fail(errno);
  const platform::UniqueFd program_end(pair[0]);
  entry.token.reset(pair[1]);
  if (flags & SOCK_NONBLOCK) fcntl(program_end.get(), F_SETFL, O_RDWR | O_NONBLOCK);
  // To poll() it is always readable: a receive never waits.
  constexpr uint8_t kToken = 1;
  (void)!::send(entry.token.get(), &kToken, sizeof kToken, MSG_NOSIGNAL);
  const uint64_t inode = inode_of(program_end.get());
  auto watch = loop_.on_readable(entry.token.get(), [this, inode] { on_readable(inode); });
  if (!watch) return call.fail(ENOMEM);
  entry.watch = std::move(*watch);
  sockets_.insert_or_assign(inode, std::move(entry));
  reply_with_descriptor(call, program_end.get(), flags & SOCK_CLOEXEC);
}

void AlgModule::on_readable(uint64_t inode) {
  const auto found = sockets_.find(inode);
  if (found == sockets_.end()) return;
  std::array<uint8_t, 4096> spliced;  // nobody reads it
  const auto got = ::recv(found->second.token.get(), spliced.data(), spliced.size(), MSG_DONTWAIT);
  if (got > 0 || (got < 0 && errno == EAGAIN)) return;
  sockets_.erase(found);
  tasks_.forget_gone();
}

void AlgModule::answer(const Call& call, Entry& entry, uint64_t inode, int program_end) {
  if (is_duplication(call)) return duplicate(call, program_end);
  switch (call.number()) {
    case SYS_bind:
      return bind(call, entry, inode);
    case SYS_setsockopt:
      return interpose::answer(call, -set_option(call, entry, inode));
#ifdef SYS_accept
    case SYS_accept:
#endif
    case SYS_accept4:
      return accept(call, entry, inode);
    case SYS_sendmsg:
    case SYS_sendto:
    case SYS_write:
    case SYS_writev:
      return interpose::answer(call, send(call, entry));
    case SYS_recvmsg:
    case SYS_recvfrom:
    case SYS_read:
    case SYS_readv:
      return interpose::answer(call, receive(call, entry));
    default:
      return call.fail(EOPNOTSUPP);
  }
}

void AlgModule::bind(const Call& call, Entry& entry, uint64_t inode) {
  if (entry.operation) return call.fail(EOPNOTSUPP);
  if (call.int_argument(2) < static_cast<int>(sizeof(sockaddr_alg))) return call.fail(EINVAL);
  const auto address = call.read_struct<sockaddr_alg>(call.argument(1));
  if (!address) return call.fail(EFAULT);
  if (address->salg_family != AF_ALG) return call.fail(EINVAL);
  if (address->salg_feat != 0 || address->salg_mask != 0) return call.fail(EINVAL);
  const auto algorithm =
      find_algorithm(library_, text_of(address->salg_type), text_of(address->salg_name));
  if (!algorithm) return call.fail(ENOENT);
  if (has_operations(inode)) return call.fail(EBUSY);
  entry.algorithm = algorithm;
  entry.key.reset();
  call.reply(0);
}

int AlgModule::set_option(const Call& call, Entry& entry, uint64_t inode) {
  if (entry.operation) return EOPNOTSUPP;
  if (has_operations(inode)) return EBUSY;
  if (call.int_argument(1) != SOL_ALG || !entry.algorithm) return ENOPROTOOPT;
  if (call.int_argument(2) != ALG_SET_KEY) return ENOPROTOOPT;
  const auto size = static_cast<uint32_t>(call.int_argument(4));
  if (size > kMaxKey) return ENOMEM;
  Octets key(size);
  if (!call.read(call.argument(3), key)) return EFAULT;
  if (const int error = check_key(library_, *entry.algorithm, key)) return error;
  entry.key = std::move(key);
  return 0;
}

void AlgModule::accept(const Call& call, Entry& entry, uint64_t inode) {
  const int flags = call.number() == SYS_accept4 ? call.int_argument(3) : 0;
  if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) return call.fail(EINVAL);
  Entry accepted;
  if (entry.operation) {
    accepted.operation = entry.operation->clone();
    accepted.bound_socket = entry.bound_socket;
    if (!accepted.operation) return call.fail(EOPNOTSUPP);
    return add(call, std::move(accepted), flags);
  }
  if (!entry.algorithm) return call.fail(EINVAL);
  auto started = start_operation(library_, *entry.algorithm, entry.key);
  if (!started) return call.fail(ENOMEM);
  accepted.operation = std::move(*started);
  accepted.bound_socket = inode;
  add(call, std::move(accepted), flags);
}

int64_t AlgModule::send(const Call& call, Entry& entry) {
  if (!entry.operation) return -EOPNOTSUPP;
  Outgoing message;
  if (const int error = read_outgoing(call, message)) return -error;
  if (message.control_size > kMaxControl) return -ENOBUFS;
  if (total(message.parts) > kMaxData) return -EMSGSIZE;
  Octets control(message.control_size);
  Octets data;
  if (!call.read(message.control, control) || !call.gather(message.parts, data)) return -EFAULT;
  AlgInput input{.data = data, .more = (message.flags & MSG_MORE) != 0, .encrypt = {}, .iv = {}};
  if (const int error = take_controls(control, input)) return -error;
  if (const int error = entry.operation->send(input)) return -error;
  return static_cast<int64_t>(data.size());
}

int64_t AlgModule::receive(const Call& call, Entry& entry) {
  if (!entry.operation) return -EOPNOTSUPP;
  ReceiveTarget target;
  if (const int error = read_target(call, target)) return -error;
  const auto output = entry.operation->receive(std::min(total(target.parts), kMaxData));
  if (output.error) return -output.error;
  if (!call.scatter(target.parts, output.octets)) return -EFAULT;
  if (target.header == 0) return static_cast<int64_t>(output.octets.size());
  const int flags = output.truncated ? MSG_TRUNC : 0;
  const bool written =
      call.write_struct(target.header + offsetof(msghdr, msg_namelen), uint32_t{0}) &&
      call.write_struct(target.header + offsetof(msghdr, msg_controllen), size_t{0}) &&
      call.write_struct(target.header + offsetof(msghdr, msg_flags), flags);
  return written ? static_cast<int64_t>(output.octets.size()) : -EFAULT;
}

bool AlgModule::has_operations(uint64_t inode) const {
  return std::any_of(sockets_.begin(), sockets_.end(),
                     [&](const auto& item) { return item.second.bound_socket == inode; });
}

}  // namespace airloom::interpose
