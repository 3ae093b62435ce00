// Exercises one generic netlink socket with every system call that airloom interposes, and checks
// that each does what the kernel's netlink does: run it bare and it tests the kernel, under
// `airloom run` it tests airloom. Prints what failed; exit status 0 if nothing did.
//
//   netlink_semantics FAMILY        FAMILY is what is asked for, of nlctrl
//   netlink_semantics --use FAMILY FD      asks on an inherited descriptor
//   netlink_semantics --closed FAMILY FD   fails if the descriptor was inherited
#include <fcntl.h>

#include <cstdio>
#include <cstdlib>

#include "suite.h"

namespace {

int run_on_inherited(const char* mode, int fd) {
  if (std::strcmp(mode, "--use") == 0) return ask(fd, 31) ? 0 : 1;
  return fcntl(fd, F_GETFD) < 0 && errno == EBADF ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4) {
    family = argv[2];
    return run_on_inherited(argv[1], std::atoi(argv[3]));
  }
  if (argc > 1) family = argv[1];
  for (const auto part : {check_creation,         check_names,       check_autobinding,
                          check_groups,           check_request,     check_truncation,
                          check_bad_pointers,     check_other_calls, check_many_parts,
                          check_errors,           check_dump,        check_options,
                          check_control_messages, check_capped_acks, check_extended_acks,
                          check_overruns,         check_blocking,    check_threads_and_restart,
                          check_signal_storm,     check_copies,      check_exec,
                          check_waiting})
    part();
  std::printf("%d failed\n", failures);
  return failures == 0 ? 0 : 1;
}
