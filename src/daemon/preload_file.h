// The library of the other front end (src/preload), which this program carries in itself, as a file
// that programs can be started with.
#pragma once

#include <string>

#include "base/result.h"

namespace airloom::daemon {

/// Writes it to `path`. @error kIo  that cannot be done: the text says why.
Result<void> write_preload_library(const std::string& path);

}  // namespace airloom::daemon
