// Authenticated encryption as 802.11 data ciphers use it: AES-CCM and AES-GCM, in place, a burst
// of frames per call. One Aead is one temporal key: its contexts are set up once and only the
// nonce changes per frame, so nothing is allocated or fetched on the data path. libcrypto does the
// work, or intel-ipsec-mb where it is there and faster (multi_buffer.h); nobody can tell but by
// the clock.
// It knows no frame formats; CCMP's nonce and AAD are in ccmp.h.
// [802.11-2020 12.5.3] [802.11-2020 12.5.5] [RFC 3610]
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"

namespace airloom::crypto {

/// The data ciphers, by the cipher suite that uses them.
enum class AeadCipher : uint8_t { kCcmp128, kCcmp256, kGcmp128, kGcmp256 };

constexpr size_t key_size(AeadCipher cipher) {
  return cipher == AeadCipher::kCcmp128 || cipher == AeadCipher::kGcmp128 ? 16 : 32;
}
constexpr size_t mic_size(AeadCipher cipher) {
  return cipher == AeadCipher::kCcmp128 ? 8 : 16;
}
constexpr size_t nonce_size(AeadCipher cipher) {
  return cipher == AeadCipher::kCcmp128 || cipher == AeadCipher::kCcmp256 ? 13 : 12;
}

/// One frame of a burst. `nonce` and `mic` have the cipher's sizes; `payload` is changed in place.
struct AeadJob {
  std::span<const uint8_t> nonce;
  std::span<const uint8_t> aad;
  std::span<uint8_t> payload;
  std::span<uint8_t> mic;  // written by seal, read by open
  bool ok = false;         // set by both; open: the MIC held
};

class Aead {
 public:
  /// @error kInvalid  `key` has not the cipher's size.
  static Result<Aead> create(AeadCipher cipher, std::span<const uint8_t> key);
  Aead(Aead&&) noexcept;
  Aead& operator=(Aead&&) noexcept;
  ~Aead();

  AeadCipher cipher() const { return cipher_; }
  /// Whether so many frames take less time in one call than each in its own.
  bool is_faster_together(size_t frames) const;

  /// Encrypts each payload and writes each MIC. Returns how many are ok; a job is not ok only if
  /// its nonce or MIC has the wrong size, and is then untouched.
  size_t seal(std::span<AeadJob> jobs);
  /// Decrypts each payload and checks each MIC. Returns how many are ok; where one is not, its
  /// payload holds unspecified octets and must not be used.
  size_t open(std::span<AeadJob> jobs);

 private:
  struct Contexts;
  Aead(AeadCipher cipher, std::unique_ptr<Contexts> contexts);
  bool run_one(AeadJob& job, bool sealing);
  size_t run(std::span<AeadJob> jobs, bool sealing);
  bool seal_one(AeadJob& job);
  bool open_one(AeadJob& job);

  AeadCipher cipher_;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace airloom::crypto
