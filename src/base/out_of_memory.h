// Where memory ends, airloom ends: with one sentence and a status of its own, not with less than
// was asked for. Programs see then what they see when the daemon is killed.
#pragma once

namespace airloom {

constexpr int kOutOfMemoryStatus = 70;  // EX_SOFTWARE of sysexits.h

/// Ends the process. Also what `operator new` calls, once main() has made it the new-handler.
[[noreturn]] void out_of_memory();

}  // namespace airloom
