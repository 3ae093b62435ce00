// What the supervisor asks the kernel about the programs it serves, by thread id: their
// descriptors, rights, signals and namespaces. A program that has gone has none of them.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "base/result.h"
#include "platform/namespace.h"
#include "platform/unique_fd.h"

namespace airloom::interpose {

class Tasks {
 public:
  /// A copy of the thread's descriptor `fd`; empty if it has none of that number.
  platform::UniqueFd copy_descriptor(pid_t thread, int fd);
  /// Forgets what it has kept about processes that have gone.
  void forget_gone();

 private:
  // Opens on a process; kept, as each costs a look into /proc.
  std::map<pid_t, platform::UniqueFd> by_thread_;
};

/// The thread group of a thread: what getpid() says in it.
pid_t process_of(pid_t thread);
/// The lowest number in [low, high] that the thread has no descriptor at.
std::optional<int> free_descriptor(pid_t thread, int low, int high);
/// True if the thread has CAP_NET_ADMIN in effect, in its user namespace.
bool has_net_admin(pid_t thread);

/// While it lives, the supervisor has no capabilities in effect: what it then does for a program
/// that lacks CAP_NET_ADMIN, the kernel judges as that program's doing.
class WithoutRights {
 public:
  /// @param wanted  false: changes nothing.
  explicit WithoutRights(bool wanted);
  ~WithoutRights();
  WithoutRights(const WithoutRights&) = delete;
  WithoutRights& operator=(const WithoutRights&) = delete;

 private:
  std::array<uint32_t, 2> effective_{};
  bool dropped_ = false;
};

enum class PendingSignal : uint8_t {
  kNone,
  kOwn,     ///< for this thread, or this process's only thread
  kShared,  ///< for the process: another of its threads may take it
};
/// A signal that waits for the thread and that it does not block.
PendingSignal pending_signal(pid_t thread);

/// The network namespace of the thread, if it is not the caller's own.
platform::UniqueFd other_network_namespace(pid_t thread);

/// Runs `make` in the network namespace behind `fd`, or where the supervisor is if that is empty or
/// refused.
template <typename Make>
auto make_in_network(const platform::UniqueFd& fd, Make make) {
  if (fd) {
    const auto there = platform::NetNamespace::adopt(platform::UniqueFd(dup(fd.get())));
    if (auto inside = there.enter()) return make();
  }
  return make();
}

/// The inode number of an open file: what tells sockets apart.
uint64_t inode_of(int fd);

}  // namespace airloom::interpose
