// `airloom run -- PROGRAM`: runs a program on one of the daemon's hosts, in the host's namespaces
// and with its generic netlink sockets moved to the daemon.
//
// Three processes: the caller, who waits and passes signals on; the supervisor, which lives until
// the last process under the filter has ended (a program that puts itself into the background keeps
// working); and the program, in the caller's process group, so that the terminal's keys reach it.
#pragma once

#include <string>
#include <vector>

namespace airloom::interpose {

struct RunOptions {
  std::string host;
  std::vector<std::string> argv;
  std::string daemon_path;  ///< of the daemon's socket
};

/// What run() returns when the program could not be started by airloom's own fault.
constexpr int kRunFailed = 125;

/// Runs a program to its end. Call it with one thread only.
/// @return its exit status; 128 + the signal that ended it; 127: no such program; 126: it cannot be
///         executed; kRunFailed, after a sentence on stderr that says what is missing.
int run(const RunOptions& options);

}  // namespace airloom::interpose
