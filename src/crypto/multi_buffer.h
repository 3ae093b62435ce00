// AES-CCM and AES-GCM by intel-ipsec-mb, which runs the frames of a burst beside each other in the
// lanes of one core's AES units. Private to src/crypto: Aead uses it where the library was there
// at build time, the CPU is fit, and the burst is long enough to win. Same results as libcrypto's,
// octet for octet.
#pragma once

#include <memory>
#include <span>

#include "crypto/aead.h"

namespace airloom::crypto::internal {

/// One temporal key, as the library wants it.
class MultiBuffer {
 public:
  /// Nothing where the library or the CPU does not do it.
  static std::unique_ptr<MultiBuffer> create(AeadCipher cipher, std::span<const uint8_t> key);
  virtual ~MultiBuffer() = default;

  /// The smallest burst that it does faster than libcrypto.
  virtual size_t burst_min() const = 0;
  /// Whether it takes this job: nonce and MIC have the cipher's sizes, and nothing is empty.
  virtual bool takes(const AeadJob& job) const = 0;
  /// Seals or opens jobs that it takes, and sets `ok` of each.
  virtual void seal(std::span<AeadJob*> jobs) = 0;
  virtual void open(std::span<AeadJob*> jobs) = 0;
};

}  // namespace airloom::crypto::internal
