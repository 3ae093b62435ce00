// The netlink edge's one map between airloom's error codes and Linux errno values.
#pragma once

#include "base/result.h"

namespace airloom::netlink {

/// The positive errno of a code, e.g. EBUSY.
int to_errno(Errc code);

/// The code of a positive errno; kInvalid for those that airloom has no code for.
Errc from_errno(int value);

}  // namespace airloom::netlink
