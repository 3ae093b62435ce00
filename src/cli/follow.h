// A command whose effect lasts as long as the one who gave it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace airloom::cli {

/// Gives the daemon, which is started if none runs, a command, and prints what it has to tell, line
/// by line, until the user interrupts. @return the exit status
int follow(const Result<nlohmann::json>& command);

}  // namespace airloom::cli
