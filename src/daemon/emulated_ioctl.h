// The ioctls on network devices that programs make of emulated interfaces. [netdevice(7)]
#pragma once

#include "daemon/emulated_netdev.h"
#include "interpose/protocol.h"

namespace airloom::daemon {

/// Does one and gives its struct ifreq back. The error is ENODEV where the host has no such device:
/// the kernel may.
interpose::Answer perform_ioctl(EmulatedNetwork& network, const interpose::Ioctl& call);

}  // namespace airloom::daemon
