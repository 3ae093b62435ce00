// SIOCGIFHWADDR on a monitor. The kernel keeps no address for a TAP that is not of Ethernet and
// would answer zeros, where a Wi-Fi monitor has one; the host's sysfs, which the daemon lays over
// the kernel's, has it. Every other netdev's is the kernel's to tell.
#pragma once

#include <vector>

#include "interpose/module.h"

namespace airloom::interpose {

class AddressModule final : public Module {
 public:
  std::vector<FilterRule> rules() const override;
  bool handle(const Call& call) override;
};

}  // namespace airloom::interpose
