// Key derivation: 802.11's PRF and KDF, and the passphrase-to-PSK mapping.
// [802.11-2020 12.7.1.2] [802.11-2020 12.7.1.6.2] [802.11-2020 J.4]
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "crypto/mac.h"

namespace airloom::crypto {

/// PRF-n over HMAC-SHA-1: fills `out`, whose size in bits is n. [802.11-2020 12.7.1.2]
void prf_sha1(std::span<const uint8_t> key, std::string_view label, std::span<const uint8_t> data,
              std::span<uint8_t> out);

/// KDF-Hash-Length: fills `out`, whose size in bits is Length (below 65,536).
/// [802.11-2020 12.7.1.6.2]
void kdf(Hash hash, std::span<const uint8_t> key, std::string_view label,
         std::span<const uint8_t> context, std::span<uint8_t> out);

/// KDF-Hash-Length of a length in bits that need not be whole octets: the last octet of `out` has
/// zeros behind the last bit.
void kdf(Hash hash, std::span<const uint8_t> key, std::string_view label,
         std::span<const uint8_t> context, std::span<uint8_t> out, size_t bits);

/// Fills `out` with HKDF's second half; its first is hmac(). [RFC 5869 2.3]
void hkdf_expand(Hash hash, std::span<const uint8_t> prk, std::string_view info,
                 std::span<uint8_t> out);

/// The PSK of a passphrase in an SSID: PBKDF2 of 4,096 rounds, some milliseconds.
/// @param passphrase  8 to 63 printable ASCII octets.
/// @param ssid        1 to 32 octets.
/// @error kInvalid  either is not so.
Result<std::array<uint8_t, 32>> psk_from_passphrase(std::string_view passphrase,
                                                    std::span<const uint8_t> ssid);

}  // namespace airloom::crypto
