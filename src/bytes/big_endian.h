// Numbers in network byte order at a place of their own within octets, for headers that are looked
// at or changed here and there; Reader and Writer go through from front to back. The octets must
// reach that far.
#pragma once

#include <cstdint>
#include <span>

namespace airloom {

inline uint16_t load_be16(std::span<const uint8_t> octets, size_t at) {
  return static_cast<uint16_t>(octets[at] << 8 | octets[at + 1]);
}
inline uint32_t load_be32(std::span<const uint8_t> octets, size_t at) {
  return uint32_t{load_be16(octets, at)} << 16 | load_be16(octets, at + 2);
}
inline void store_be16(std::span<uint8_t> octets, size_t at, uint16_t value) {
  octets[at] = static_cast<uint8_t>(value >> 8);
  octets[at + 1] = static_cast<uint8_t>(value);
}
inline void store_be32(std::span<uint8_t> octets, size_t at, uint32_t value) {
  store_be16(octets, at, static_cast<uint16_t>(value >> 16));
  store_be16(octets, at + 2, static_cast<uint16_t>(value));
}

}  // namespace airloom
