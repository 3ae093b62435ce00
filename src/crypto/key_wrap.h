// AES key wrap with the default initial value, as EAPOL-Key frames protect their key data.
// [RFC 3394] [802.11-2020 12.7.2]
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "bytes/writer.h"

namespace airloom::crypto {

/// Wraps `plain` (a multiple of 8, at least 16 octets); the result is 8 octets longer.
/// @param kek  16, 24 or 32 octets.
/// @error kInvalid  either size is wrong.
Result<Octets> key_wrap(std::span<const uint8_t> kek, std::span<const uint8_t> plain);

/// Unwraps and checks `wrapped` (a multiple of 8, at least 24 octets).
/// @error kInvalid  a size is wrong.
/// @error kBadAuth  the integrity check failed.
Result<Octets> key_unwrap(std::span<const uint8_t> kek, std::span<const uint8_t> wrapped);

}  // namespace airloom::crypto
