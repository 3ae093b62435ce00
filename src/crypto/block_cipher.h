// A block cipher under one key and in one mode, without authentication: what a program asks of the
// kernel's crypto API. The data ciphers of 802.11 are in aead.h.
// [FIPS 197] [NIST SP 800-38A] [NIST SP 800-67]
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"

namespace airloom::crypto {

enum class BlockCipher : uint8_t { kAes, kDes, kTripleDes };
enum class BlockMode : uint8_t { kEcb, kCbc, kCtr };

constexpr size_t block_size(BlockCipher cipher) {
  return cipher == BlockCipher::kAes ? 16 : 8;
}
constexpr size_t iv_size(BlockCipher cipher, BlockMode mode) {
  return mode == BlockMode::kEcb ? 0 : block_size(cipher);
}

class BlockCipherKey {
 public:
  /// @param key  AES: 16, 24 or 32 octets; DES: 8; triple DES: 24.
  /// @error kInvalid  any other size;  kUnsupported  no such mode of that cipher here.
  static Result<BlockCipherKey> create(BlockCipher cipher, BlockMode mode,
                                       std::span<const uint8_t> key);
  BlockCipherKey(BlockCipherKey&&) noexcept;
  BlockCipherKey& operator=(BlockCipherKey&&) noexcept;
  ~BlockCipherKey();

  /// Does `data` in place, and leaves in `iv` what the octets that follow are to begin with.
  /// @param iv  iv_size() octets.
  /// @param data  whole blocks; CTR takes any size, though only the last part may be odd.
  /// @error kInvalid  another size.
  Result<void> run(bool encrypt, std::span<uint8_t> iv, std::span<uint8_t> data);

 private:
  struct Context;
  explicit BlockCipherKey(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

}  // namespace airloom::crypto
