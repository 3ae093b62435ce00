// Where the core's random octets come from. SeededRng gives a world its repeatable stream; the
// daemon hands in one that asks the operating system (platform/system_rng.h).
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace airloom {

class Rng {
 public:
  virtual ~Rng() = default;
  virtual void fill(std::span<uint8_t> octets) = 0;

  uint64_t next_u64();
  /// Uniform in [0, bound); bound > 0.
  uint64_t below(uint64_t bound);
};

/// xoshiro256**, seeded by SplitMix64: repeatable, not for secrets that matter.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(uint64_t seed);
  void fill(std::span<uint8_t> octets) override;

 private:
  uint64_t step();
  std::array<uint64_t, 4> state_;
};

}  // namespace airloom
