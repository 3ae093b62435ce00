// A digest, HMAC or AES-CMAC whose data comes in pieces, and which can be copied on the way: what
// a program asks of the kernel's crypto API. For a message at hand there is mac.h.
// [FIPS 180-4] [RFC 1320] [RFC 1321] [RFC 2104] [RFC 4493]
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

namespace airloom::crypto {

enum class DigestAlgorithm : uint8_t { kMd4, kMd5, kSha1, kSha224, kSha256, kSha384, kSha512 };

class RunningDigest {
 public:
  RunningDigest(const RunningDigest& other);
  RunningDigest(RunningDigest&&) noexcept;
  RunningDigest& operator=(RunningDigest&&) noexcept;
  ~RunningDigest();

  /// Octets of what finish() gives.
  size_t size() const;
  void update(std::span<const uint8_t> data);
  /// The value of all since it began; then it begins anew, under the same key.
  std::vector<uint8_t> finish();
  /// Forgets what it has been given.
  void restart();

 private:
  friend class DigestLibrary;
  struct Context;
  explicit RunningDigest(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

/// Where they come from; it outlives them. MD4 lies in libcrypto's legacy provider, which is
/// loaded here and for nobody else.
class DigestLibrary {
 public:
  DigestLibrary();
  ~DigestLibrary();
  DigestLibrary(const DigestLibrary&) = delete;
  DigestLibrary& operator=(const DigestLibrary&) = delete;

  /// @error kUnsupported  libcrypto here lacks it (MD4 without the legacy provider).
  Result<RunningDigest> digest(DigestAlgorithm algorithm) const;
  /// @param key  of any size.  @error kUnsupported  as above.
  Result<RunningDigest> hmac(DigestAlgorithm algorithm, std::span<const uint8_t> key) const;
  /// @param key  16, 24 or 32 octets.
  /// @error kInvalid  any other size.
  Result<RunningDigest> aes_cmac(std::span<const uint8_t> key) const;

 private:
  struct Providers;
  std::unique_ptr<Providers> providers_;
};

}  // namespace airloom::crypto
