// Message authentication codes: HMAC, AES-CMAC and AES-GMAC.
// [RFC 2104] [RFC 4493] [NIST SP 800-38D]
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "crypto/aead.h"

namespace airloom::crypto {

enum class Hash : uint8_t { kSha1, kSha256, kSha384, kSha512 };

constexpr size_t digest_size(Hash hash) {
  switch (hash) {
    case Hash::kSha1:
      return 20;
    case Hash::kSha256:
      return 32;
    case Hash::kSha384:
      return 48;
    case Hash::kSha512:
      return 64;
  }
  return 0;
}

/// HMAC of `data`, one digest long at most; `out` may be shorter and then truncates.
void hmac(Hash hash, std::span<const uint8_t> key, std::span<const uint8_t> data,
          std::span<uint8_t> out);

/// AES-CMAC under a kept key, as BIP-CMAC and EAPOL-Key descriptor version 3 use it.
class Cmac {
 public:
  /// @param key  16 or 32 octets.
  /// @error kInvalid  any other size.
  static Result<Cmac> create(std::span<const uint8_t> key);
  Cmac(Cmac&&) noexcept;
  Cmac& operator=(Cmac&&) noexcept;
  ~Cmac();

  /// The full 16 octets; users truncate.
  std::array<uint8_t, 16> compute(std::span<const uint8_t> data);

 private:
  struct Context;
  explicit Cmac(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

/// AES-GMAC under a kept key, as BIP-GMAC uses it: GCM that encrypts nothing.
class Gmac {
 public:
  /// @param key  16 or 32 octets.
  /// @error kInvalid  any other size.
  static Result<Gmac> create(std::span<const uint8_t> key);

  std::array<uint8_t, 16> compute(std::span<const uint8_t, 12> nonce,
                                  std::span<const uint8_t> data);

 private:
  explicit Gmac(Aead aead) : aead_(std::move(aead)) {}
  Aead aead_;
};

}  // namespace airloom::crypto
