#include "base/rng.h"

#include <bit>
#include <cstring>

#include "base/assert.h"

namespace airloom {

uint64_t Rng::next_u64() {
  std::array<uint8_t, 8> octets;
  fill(octets);
  uint64_t value;
  std::memcpy(&value, octets.data(), sizeof value);
  return value;
}

uint64_t Rng::below(uint64_t bound) {
  WLAN_ASSERT(bound > 0);
  const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  uint64_t value;
  do value = next_u64();
  while (value >= limit);
  return value % bound;
}

SeededRng::SeededRng(uint64_t seed) {
  for (auto& word : state_) {
    seed += 0x9e3779b97f4a7c15;
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    word = z ^ (z >> 31);
  }
}

uint64_t SeededRng::step() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

void SeededRng::fill(std::span<uint8_t> octets) {
  for (size_t i = 0; i < octets.size(); i += 8) {
    const uint64_t word = step();
    std::memcpy(octets.data() + i, &word, std::min<size_t>(8, octets.size() - i));
  }
}

}  // namespace airloom
