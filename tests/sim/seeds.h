// How many seeds a test of random stories plays: some in CI, many in the long run.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace airloom::lab {

/// 200; `in_the_long_run` with AIRLOOM_LONG=1.
inline uint64_t seed_count(uint64_t in_the_long_run) {
  const char* is_long = std::getenv("AIRLOOM_LONG");
  return is_long != nullptr && std::string_view(is_long) == "1" ? in_the_long_run : 200;
}

}  // namespace airloom::lab
