// Takes the system calls that the filter holds back, one by one, to the modules; what none of them
// takes goes on to the kernel.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "interpose/call.h"
#include "interpose/module.h"
#include "platform/event_loop.h"

namespace airloom::interpose {

class Supervisor {
 public:
  /// @param modules  whose rules the filter was built from; they outlive the supervisor.
  /// @param on_finished  runs when no process lives under the filter any more.
  static Result<std::unique_ptr<Supervisor>> create(platform::EventLoop& loop,
                                                    platform::UniqueFd listener,
                                                    std::vector<Module*> modules,
                                                    std::function<void()> on_finished);

 private:
  Supervisor(platform::UniqueFd listener, std::vector<Module*> modules,
             std::function<void()> on_finished)
      : listener_(std::move(listener)),
        modules_(std::move(modules)),
        on_finished_(std::move(on_finished)) {}
  void on_readable();

  Listener listener_;
  std::vector<Module*> modules_;
  std::function<void()> on_finished_;
  platform::EventLoop::Watch watch_;
};

/// All rules of `modules`, each once, to build the filter from.
std::vector<FilterRule> rules_of(const std::vector<Module*>& modules);

}  // namespace airloom::interpose
