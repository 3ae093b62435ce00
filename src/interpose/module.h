// A part of what `airloom run` interposes: the system calls it wants to see, and what it does with
// them. Modules share one filter and one supervisor.
#pragma once

#include <vector>

#include "interpose/call.h"
#include "interpose/filter.h"

namespace airloom::interpose {

class Module {
 public:
  virtual ~Module() = default;
  /// The calls it wants held back.
  virtual std::vector<FilterRule> rules() const = 0;
  /// Answers a call, now or (keeping a copy) later. False: not its business; the next module is
  /// asked, and after the last one the kernel.
  virtual bool handle(const Call& call) = 0;
};

}  // namespace airloom::interpose
