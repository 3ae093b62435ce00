// Child processes: started with default signals, reaped by whoever watches SIGCHLD.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

struct ChildOptions {
  std::vector<std::string> argv;  ///< argv[0] is looked up in PATH
  UniqueFd output;                ///< becomes stdout and stderr; empty: inherited
  bool own_group = true;          ///< its own process group, so that it can be ended as a whole
  /// Runs in the child before exec; an error ends the child with status 126.
  std::function<Result<void>()> before_exec;
};

/// Starts a program. A program that cannot be executed ends with status 127 (not found) or 126,
/// after one line on stderr.
Result<pid_t> spawn(ChildOptions options);

/// Unblocks all signals and gives each its default action: for a child that does not come from
/// spawn().
void reset_signals();

struct ExitStatus {
  pid_t pid = 0;
  int status = 0;  ///< as a shell tells it: the exit status, or 128 + the signal
};

/// Reaps one ended child without waiting; `pid` -1: any.
std::optional<ExitStatus> reap(pid_t pid = -1);

/// True if there are children that have not been reaped.
bool has_children();
/// The children of a process, theirs, and so on.
std::vector<pid_t> descendants_of(pid_t process);

/// The processes that were started with this in their environment, as "NAME=value"; in order.
std::vector<pid_t> processes_with(const std::string& variable);

/// True if a program, looked up in PATH, is one that no library can be loaded into: linked
/// statically.
bool is_static(const std::string& program);

/// Lets this process have as many descriptors as it may. Programs that it runs get the limit that
/// it had itself: some take a large one amiss.
void raise_descriptor_limit();

/// The path of the program that this process runs.
std::string own_path();

/// execvp; returns the shell's status (127 or 126) after a line on stderr, if that fails.
int exec_or_status(const std::vector<std::string>& argv);

}  // namespace airloom::platform
