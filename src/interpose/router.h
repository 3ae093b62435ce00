// Which generic netlink messages are the daemon's and which the kernel's own: the daemon's are
// those of its families, and what nlctrl is asked about them. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "interpose/protocol.h"
#include "netlink/message.h"

namespace airloom::interpose {

enum class Route : uint8_t {
  kDaemon,
  kKernel,
  kBoth,  ///< a dump of all families: the daemon's part, then the kernel's
};

class Router {
 public:
  explicit Router(std::vector<Family> families) : families_(std::move(families)) {}

  Route route(const netlink::Message& message) const;
  /// Where a multicast group is to be joined. nlctrl's own is both's.
  Route route_group(uint32_t group) const;

 private:
  Route route_to_controller(const netlink::Message& message) const;
  std::vector<Family> families_;
};

}  // namespace airloom::interpose
