// Starts a daemon in the background, which ends when it is idle.
#pragma once

#include "base/result.h"

namespace airloom::cli {

/// Starts a daemon and waits until it serves.
/// @error kAddressInUse  one runs already;  else what it lacks, in its words.
Result<void> start_daemon();

/// The started daemon's side: says that it serves (no error), or why not, and closes `fd`.
void report_ready(int fd, const Result<void>& outcome);

}  // namespace airloom::cli
