// RC4 with a CRC-32 behind the payload, as WEP and TKIP protect an MPDU: for peers that know
// nothing better. Broken as encryption; never offered by airloom's own access point and station.
// [802.11-2020 12.3.2, 12.5.2]
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"

namespace airloom::crypto {

/// The integrity check value: CRC-32, low octet first. [802.11-2020 12.3.2.2]
std::array<uint8_t, 4> crc32_icv(std::span<const uint8_t> data);

/// A context that takes another key with every frame.
class Rc4 {
 public:
  /// @param key_size  of every key, in octets.
  /// @error kUnsupported  libcrypto comes without its legacy provider.
  static Result<Rc4> create(size_t key_size);
  Rc4(Rc4&&) noexcept;
  Rc4& operator=(Rc4&&) noexcept;
  ~Rc4();

  /// Encrypts or decrypts `data` in place. @param key  of the size given.
  void apply(std::span<const uint8_t> key, std::span<uint8_t> data);

 private:
  struct Context;
  explicit Rc4(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

}  // namespace airloom::crypto
