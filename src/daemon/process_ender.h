// Ends the processes on hosts, however they came there and whoever their parents are.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "base/scheduler.h"

namespace airloom::daemon {

/// What tells the processes on some hosts: their network namespaces, and where interfaces are
/// emulated a variable in their environment.
struct ProcessMarks {
  std::vector<uint64_t> networks;
  std::vector<std::string> variables;
};

class ProcessEnder {
 public:
  explicit ProcessEnder(Scheduler& scheduler)
      : scheduler_(scheduler), look_(scheduler, [this] { look(); }) {}

  /// Asks every process with one of these marks to end, kills what is left after kGrace, and calls
  /// `done`, from the loop, when there is none.
  void end(ProcessMarks marks, std::function<void()> done);

  static constexpr auto kGrace = std::chrono::seconds(3);

 private:
  /// A look reads all of /proc, which takes milliseconds, more on a busy machine: looks that follow
  /// each other closely would leave the world no time.
  static constexpr auto kLookEvery = std::chrono::milliseconds(100);
  struct Ending {
    ProcessMarks marks;
    std::function<void()> done;
    TimePoint patience;
  };
  void look();

  Scheduler& scheduler_;
  std::list<Ending> endings_;
  Timer look_;
};

}  // namespace airloom::daemon
