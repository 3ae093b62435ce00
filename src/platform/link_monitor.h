// What happens to the netdevs of one network namespace, as rtnetlink tells it (RTNLGRP_LINK). The
// kernel queues a notice before the call that caused it returns, so drain() has seen a finished
// `ip link set up`. It only listens; rtnetlink.h changes things.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/mac_address.h"
#include "base/result.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

struct LinkEvent {
  uint32_t ifindex = 0;
  bool gone = false;  ///< deleted, or moved to another namespace
  std::string name;
  uint32_t flags = 0;  ///< IFF_*
  /// None where the kernel tells none: netdevs whose link layer has no addresses (radiotap).
  std::optional<MacAddress> address;
  uint8_t operstate = 0;  ///< IF_OPER_*
  uint8_t linkmode = 0;
  uint32_t master = 0;  ///< ifindex of its bridge or bond; 0: none
  bool moved = false;   ///< gone to another namespace: `new_ifindex` is its index there
  uint32_t new_ifindex = 0;

  bool is_up() const { return flags & 1; }
};

class LinkMonitor {
 public:
  /// Opens in the calling thread's network namespace. `on_event` runs from within drain().
  static Result<LinkMonitor> open(std::function<void(const LinkEvent&)> on_event);

  /// Readable when drain() has something to do.
  int fd() const { return fd_.get(); }
  /// Reports everything queued, without blocking. After an overrun `on_lost` runs (if set): ask
  /// rtnetlink.h for the links as they are.
  void drain();
  std::function<void()> on_lost;

 private:
  LinkMonitor(UniqueFd fd, std::function<void(const LinkEvent&)> on_event)
      : on_event_(std::move(on_event)), fd_(std::move(fd)) {}

  std::function<void(const LinkEvent&)> on_event_;
  UniqueFd fd_;
};

}  // namespace airloom::platform
