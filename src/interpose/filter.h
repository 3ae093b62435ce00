// The seccomp filter that holds back a program's system calls for its supervisor, built from the
// rules of modules: adding what is interposed is adding a module, never a second filter (a second
// listener in one process is refused with EBUSY).
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace airloom::interpose {

/// Injected descriptors lie here: below select()'s and ell's limits, above what programs hold open.
/// The filter looks at no others.
constexpr uint32_t kFirstDescriptor = 64;
constexpr uint32_t kLastDescriptor = 127;

/// Holds back a system call if every test holds. An argument counts by its lower 32 bits.
struct FilterRule {
  struct Test {
    uint8_t argument = 0;
    uint32_t low = 0;
    uint32_t high = 0;
    friend bool operator==(const Test&, const Test&) = default;
  };
  int system_call = 0;
  std::vector<Test> tests;
  friend bool operator==(const FilterRule&, const FilterRule&) = default;
};

/// The filter's program: what no rule catches is allowed, as is every call of another ABI.
std::vector<sock_filter> build_filter(std::span<const FilterRule> rules);

/// Puts the filter on the calling process and what it will execute and fork.
/// @return the listener's descriptor, for the supervisor.
/// @error kBusy  there is a listener already;  kUnsupported  the kernel has none;  the text says.
Result<platform::UniqueFd> install_filter(std::span<const sock_filter> program);

}  // namespace airloom::interpose
