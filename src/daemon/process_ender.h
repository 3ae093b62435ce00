// Ends the processes on hosts: whatever is in their network namespaces, however it came there and
// whoever its parent is.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <vector>

#include "base/scheduler.h"

namespace airloom::daemon {

class ProcessEnder {
 public:
  explicit ProcessEnder(Scheduler& scheduler)
      : scheduler_(scheduler), look_(scheduler, [this] { look(); }) {}

  /// Asks every process in these network namespaces to end, kills what is left after kGrace, and
  /// calls `done`, from the loop, when there is none.
  void end(std::vector<uint64_t> networks, std::function<void()> done);

  static constexpr auto kGrace = std::chrono::seconds(3);

 private:
  /// A look reads all of /proc, which takes milliseconds, more on a busy machine: looks that follow
  /// each other closely would leave the world no time.
  static constexpr auto kLookEvery = std::chrono::milliseconds(100);
  struct Ending {
    std::vector<uint64_t> networks;
    std::function<void()> done;
    TimePoint patience;
  };
  void look();

  Scheduler& scheduler_;
  std::list<Ending> endings_;
  Timer look_;
};

}  // namespace airloom::daemon
