// Who keeps a network namespace alive beside this process, which holds every one that it knows:
// the kernel cannot tell it when it is the last.
#pragma once

#include <cstdint>

namespace airloom::platform {

/// Whether a process is in the network namespace of this id, holds a descriptor of it, or sees a
/// mount of it (`ip netns add`). What only a socket keeps alive is not seen.
/// @param mount_namespace  a descriptor of one that may have such a mount and no process; -1: none.
bool has_network_users(uint64_t id, int mount_namespace);

}  // namespace airloom::platform
