// Ctrl-C and the like as something to wait for beside a connection, for verbs that end in order.
#pragma once

#include "base/result.h"
#include "platform/unique_fd.h"

namespace airloom::cli {

class Interrupts {
 public:
  /// Takes SIGINT, SIGTERM and SIGHUP for the rest of the process.
  static Result<Interrupts> take();

  enum class Ready { kInput, kInterrupt };
  /// Waits until `fd` has input or the user interrupts; input first.
  Result<Ready> wait(int fd) const;

 private:
  explicit Interrupts(platform::UniqueFd signals) : signals_(std::move(signals)) {}
  platform::UniqueFd signals_;
};

}  // namespace airloom::cli
