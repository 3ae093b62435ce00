// Copies of a socket: dup(), fork() and exec().
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "suite.h"

void check_copies() {
  const int fd = open_socket();
  const int copy = dup(fd);
  CHECK(copy >= 0 && copy != fd);
  CHECK(ask(copy, 21) && answered(fd, 21));
  const int high = fcntl(fd, F_DUPFD_CLOEXEC, 100);
  CHECK(high >= 100 && fcntl(high, F_GETFD) == FD_CLOEXEC);
  CHECK(dup2(fd, 120) == 120 && dup3(fd, 121, O_CLOEXEC) == 121);
  CHECK_ERROR(dup3(fd, fd, 0), EINVAL);
  close(fd);
  close(copy);
  CHECK(ask(high, 22) && answered(120, 22));
  CHECK(ask(121, 23) && answered(high, 23));
  close(high);
  close(120);
  close(121);
}

namespace {

// The exit status of this program, executed anew by a child with these arguments.
int status_of(const char* mode, int fd) {
  const std::string number = std::to_string(fd);
  const pid_t child = fork();
  if (child == 0) {
    execl("/proc/self/exe", "netlink_semantics", mode, family, number.c_str(), nullptr);
    _exit(99);
  }
  int status = 1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

// A socket goes along with exec(), unless it is to be closed there.
void check_exec() {
  const int fd = open_socket();
  const int kept = dup(fd);
  CHECK(status_of("--use", kept) == 0);
  CHECK(answered(fd, 31));
  CHECK(status_of("--closed", fd) == 0);
  CHECK(status_of("--closed", kept) != 0);
  const pid_t child = fork();
  if (child == 0) _exit(ask(fd, 32) ? 0 : 1);
  int status = 1;
  waitpid(child, &status, 0);
  CHECK(status == 0 && answered(fd, 32));
  close(fd);
  close(kept);
}
