// Where a daemon's socket and its hosts' files lie.
#pragma once

#include <string>

#include "base/result.h"

namespace airloom::daemon {

/// $AIRLOOM_RUNTIME_DIR, else /run/airloom for root, else $XDG_RUNTIME_DIR/airloom, else
/// /tmp/airloom-UID.
std::string runtime_dir();
inline std::string socket_path(const std::string& dir) { return dir + "/daemon.sock"; }

/// Creates the directory, for its owner alone.
/// @error kPermission  it is there and belongs to somebody else, or others may write to it.
Result<void> make_runtime_dir(const std::string& dir);

}  // namespace airloom::daemon
