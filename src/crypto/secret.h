// Handling of octets that must not leak: comparison in constant time and erasure.
#pragma once

#include <cstdint>
#include <span>

namespace airloom::crypto {

/// True if both hold the same octets; takes the same time wherever they differ.
bool equal_constant_time(std::span<const uint8_t> a, std::span<const uint8_t> b);

/// Overwrites a secret in a way that the compiler may not drop.
void erase(std::span<uint8_t> secret);

}  // namespace airloom::crypto
