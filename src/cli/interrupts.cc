#include "cli/interrupts.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <array>
#include <cerrno>

#include "platform/os_error.h"

namespace airloom::cli {

Result<Interrupts> Interrupts::take() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return Interrupts(
      platform::UniqueFd(TRY(platform::checked(signalfd(-1, &set, SFD_CLOEXEC), "signalfd"))));
}

Result<Interrupts::Ready> Interrupts::wait(int fd) const {
  std::array<pollfd, 2> waits{{{fd, POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
  while (::poll(waits.data(), waits.size(), -1) < 0)
    if (errno != EINTR) return std::unexpected(platform::os_error(errno, "poll"));
  if (waits[0].revents) return Ready::kInput;
  signalfd_siginfo info{};
  (void)!::read(signals_.get(), &info, sizeof info);
  return Ready::kInterrupt;
}

}  // namespace airloom::cli
