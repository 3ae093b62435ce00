#include "interpose/parked_call.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <utility>

#include "interpose/tasks.h"

namespace airloom::interpose {

bool ParkedCall::leave(TimePoint now) {
  constexpr int kRestart = 512;  // ERESTARTSYS: the kernel restarts the call, or makes it EINTR
  if (!call.is_waiting()) return true;
  if (deadline && *deadline <= now) {
    call.fail(EAGAIN);
    return true;
  }
  switch (pending_signal(call.thread())) {
    case PendingSignal::kNone:
      saw_shared_signal = false;
      return false;
    case PendingSignal::kOwn:
      call.fail(deadline ? EINTR : kRestart);
      return true;
    case PendingSignal::kShared:
      // Another thread may be about to take it. If none did within a tick, it is for this one; but
      // that is no certainty, and ERESTARTSYS without a signal would reach the program.
      if (!std::exchange(saw_shared_signal, true)) return false;
      call.fail(EINTR);
      return true;
  }
  return false;
}

std::optional<Duration> receive_timeout(int socket) {
  timeval timeout{};
  socklen_t size = sizeof timeout;
  if (getsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, &size) < 0) return std::nullopt;
  if (timeout.tv_sec == 0 && timeout.tv_usec == 0) return std::nullopt;
  return std::chrono::seconds(timeout.tv_sec) + std::chrono::microseconds(timeout.tv_usec);
}

bool is_non_blocking(int socket, int flags) {
  return (flags & MSG_DONTWAIT) || (fcntl(socket, F_GETFL) & O_NONBLOCK);
}

void answer(const Call& call, int64_t outcome) {
  if (outcome < 0) {
    call.fail(static_cast<int>(-outcome));
  } else {
    call.reply(outcome);
  }
}

}  // namespace airloom::interpose
