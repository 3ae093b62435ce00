// `airloom run -- PROGRAM`: runs a program on one of the daemon's hosts, in the host's namespaces
// and with its generic netlink sockets moved to the daemon: by a supervisor, to which seccomp hands
// its system calls, or by a library that is loaded into it (src/preload).
//
// Three processes: the caller, who waits and passes signals on; the supervisor, which lives until
// the last process under the filter has ended (a program that puts itself into the background keeps
// working); and the program, in the caller's process group, so that the terminal's keys reach it.
#pragma once

#include <string>
#include <vector>

namespace airloom::interpose {

enum class FrontEnd : uint8_t {
  kAuto,     ///< the supervisor, or the library where a seccomp listener is refused
  kSeccomp,  ///< the supervisor: sees every program, static ones too
  kPreload,  ///< the library: faster, and blind to static programs and raw system calls
};

struct RunOptions {
  std::string host;
  std::vector<std::string> argv;
  std::string daemon_path;  ///< of the daemon's socket
  FrontEnd front_end = FrontEnd::kAuto;
};

/// What run() returns when the program could not be started by airloom's own fault.
constexpr int kRunFailed = 125;

/// Runs a program to its end. Call it with one thread only.
/// @return its exit status; 128 + the signal that ended it; 127: no such program; 126: it cannot be
///         executed; kRunFailed, after a sentence on stderr that says what is missing.
int run(const RunOptions& options);

}  // namespace airloom::interpose
