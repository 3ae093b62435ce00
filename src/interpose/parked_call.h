// A blocking receive that the supervisor keeps waiting: how long, and what else ends it. The filter
// hides signals from the caller (WAIT_KILLABLE_RECV), so somebody has to look for them.
#pragma once

#include <optional>

#include "base/time.h"
#include "interpose/call.h"

namespace airloom::interpose {

/// How often a parked call is to be looked at.
constexpr Duration kParkedTick = std::chrono::milliseconds(20);

struct ParkedCall {
  Call call;
  std::optional<TimePoint> deadline;
  bool saw_shared_signal = false;

  /// Ends the call if it has timed out or a signal waits for it. @return true: it has ended.
  bool leave(TimePoint now);
};

/// SO_RCVTIMEO; none: for ever.
std::optional<Duration> receive_timeout(int socket);
/// Whether a receive with these flags would not wait.
bool is_non_blocking(int socket, int flags);
/// The value of a held-back call: zero and more, or a negative errno.
void answer(const Call& call, int64_t outcome);

}  // namespace airloom::interpose
