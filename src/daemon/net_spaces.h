// The network namespaces of one host that the daemon knows: the host's own, and those that its
// programs made and spoke from, or named. Each has a number, and in each the daemon listens to what
// happens to links and can change them. The host's own stays for as long as it does; another one
// until nobody else uses it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "platform/event_loop.h"
#include "platform/link_monitor.h"
#include "platform/namespace.h"
#include "platform/rtnetlink.h"

namespace airloom::daemon {

class NetSpaces {
 public:
  using Id = uint32_t;  ///< 0: the host's own
  using OnLink = std::function<void(Id, const platform::LinkEvent&)>;

  /// @param own  the host's namespace; a copy of its descriptor is kept.
  static Result<std::unique_ptr<NetSpaces>> create(platform::EventLoop& loop,
                                                   const platform::NetNamespace& own,
                                                   OnLink on_link);

  /// Says that a namespace other than the host's own became known.
  std::function<void()> on_added = [] {};
  /// Says of a namespace, by its inode number, that it is another host's.
  std::function<bool(uint64_t)> is_foreign = [](uint64_t) { return false; };

  /// The number of a namespace; one that was not known is from now on.
  /// @error kInvalid  it is another host's, or the machine's own: no radio leaves its host.
  Result<Id> id_of(platform::UniqueFd descriptor);
  /// That of the namespace a process is in.
  /// @error kInvalid  as above  @error kNoProcess  there is none
  Result<Id> of_process(pid_t pid);
  /// That of the namespace which a descriptor of a process stands for.
  /// @error kInvalid  as above, or it stands for none  @error kBadDescriptor  there is none
  Result<Id> of_descriptor(pid_t pid, int descriptor);

  const platform::NetNamespace& network(Id id) const { return spaces_.at(id)->network; }
  platform::Rtnetlink& rtnetlink(Id id) const { return spaces_.at(id)->rtnetlink; }
  /// Those that nobody else uses any more, the host's own aside.
  /// @param mount_namespace  the host's, whose mounts may keep one alive
  std::vector<Id> forsaken(int mount_namespace) const;
  /// Lets go of one, so that it ends. Nothing of the host is left in it.
  void forget(Id id) { spaces_.at(id).reset(); }
  /// Whether there is any but the host's own.
  bool has_others() const;
  /// What tells them apart: their inode numbers.
  std::vector<uint64_t> inodes() const;
  /// Reports what has happened to links so far.
  void drain();

 private:
  struct Space {
    platform::NetNamespace network;
    uint64_t inode;
    platform::Rtnetlink rtnetlink;
    std::unique_ptr<platform::LinkMonitor> monitor;
    platform::EventLoop::Watch readable;
  };

  NetSpaces(platform::EventLoop& loop, uint64_t machine, OnLink on_link)
      : loop_(loop), machine_(machine), on_link_(std::move(on_link)) {}
  Result<Id> add(platform::NetNamespace network);

  platform::EventLoop& loop_;
  const uint64_t machine_;  // the daemon's own namespace
  OnLink on_link_;
  std::vector<std::unique_ptr<Space>> spaces_;  // by Id; null: forgotten
};

}  // namespace airloom::daemon
