// The operating system's random octets (getrandom), for worlds that run in real time.
#pragma once

#include "base/rng.h"

namespace airloom::platform {

class SystemRng final : public Rng {
 public:
  void fill(std::span<uint8_t> octets) override;
};

}  // namespace airloom::platform
