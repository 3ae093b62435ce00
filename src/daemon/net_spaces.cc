#include "daemon/net_spaces.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>

#include "platform/network_users.h"

namespace airloom::daemon {

namespace {

using platform::NetNamespace;
using platform::UniqueFd;

bool is_network_namespace(int fd) {
  return ::ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET;
}

/// A path of /proc as the namespace behind it.
/// @param absent  the error where there is no such path
Result<UniqueFd> open_network(const std::string& path, Errc absent) {
  // Not to be held up by what else a descriptor may stand for.
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd && (errno == ENOENT || errno == ESRCH)) return fail(absent);
  if (!fd || !is_network_namespace(fd.get())) return fail(Errc::kInvalid);
  return fd;
}

}  // namespace

Result<std::unique_ptr<NetSpaces>> NetSpaces::create(platform::EventLoop& loop,
                                                     const NetNamespace& own, OnLink on_link) {
  const uint64_t machine = TRY(TRY(NetNamespace::current()).id());
  std::unique_ptr<NetSpaces> spaces(new NetSpaces(loop, machine, std::move(on_link)));
  TRY(spaces->add(NetNamespace::adopt(UniqueFd(::fcntl(own.fd(), F_DUPFD_CLOEXEC, 0)))));
  return spaces;
}

Result<NetSpaces::Id> NetSpaces::add(NetNamespace network) {
  const auto id = static_cast<Id>(spaces_.size());
  const uint64_t inode = TRY(network.id());
  const auto entered = TRY(network.enter());
  auto rtnetlink = TRY(platform::Rtnetlink::open());
  auto monitor = std::make_unique<platform::LinkMonitor>(TRY(platform::LinkMonitor::open(
      [this, id](const platform::LinkEvent& event) { on_link_(id, event); })));
  platform::LinkMonitor* raw = monitor.get();
  auto space = std::make_unique<Space>(
      Space{std::move(network), inode, std::move(rtnetlink), std::move(monitor), {}});
  raw->on_lost = [this, id] {
    if (const auto links = spaces_[id]->rtnetlink.links())
      for (const auto& link : *links) on_link_(id, link);
  };
  space->readable = TRY(loop_.on_readable(raw->fd(), [raw] { raw->drain(); }));
  spaces_.push_back(std::move(space));
  if (id != 0) on_added();
  return id;
}

Result<NetSpaces::Id> NetSpaces::id_of(UniqueFd descriptor) {
  NetNamespace network = NetNamespace::adopt(std::move(descriptor));
  const uint64_t inode = TRY(network.id());
  for (size_t i = 0; i < spaces_.size(); ++i)
    if (spaces_[i] && spaces_[i]->inode == inode) return static_cast<Id>(i);
  if (inode == machine_ || is_foreign(inode)) return fail(Errc::kInvalid);
  return add(std::move(network));
}

Result<NetSpaces::Id> NetSpaces::of_process(pid_t pid) {
  return id_of(TRY(open_network(fmt::format("/proc/{}/ns/net", pid), Errc::kNoProcess)));
}

Result<NetSpaces::Id> NetSpaces::of_descriptor(pid_t pid, int descriptor) {
  return id_of(
      TRY(open_network(fmt::format("/proc/{}/fd/{}", pid, descriptor), Errc::kBadDescriptor)));
}

std::vector<uint64_t> NetSpaces::inodes() const {
  std::vector<uint64_t> all;
  for (const auto& space : spaces_)
    if (space) all.push_back(space->inode);
  return all;
}

bool NetSpaces::has_others() const {
  return std::any_of(spaces_.begin() + 1, spaces_.end(), [](const auto& space) { return !!space; });
}

std::vector<NetSpaces::Id> NetSpaces::forsaken(int mount_namespace) const {
  std::vector<Id> found;
  for (size_t i = 1; i < spaces_.size(); ++i)
    if (spaces_[i] && !platform::has_network_users(spaces_[i]->inode, mount_namespace))
      found.push_back(static_cast<Id>(i));
  return found;
}

void NetSpaces::drain() {
  // A link event may make a namespace known; those are drained when they have something.
  for (size_t i = 0; i < spaces_.size(); ++i)
    if (spaces_[i]) spaces_[i]->monitor->drain();
}

}  // namespace airloom::daemon
