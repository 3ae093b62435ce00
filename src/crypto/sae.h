// The maths of SAE over the NIST curves: password element, commit, shared secret, keys and confirm.
// Points are octets, x then y; what is secret is drawn from the Rng that is handed in.
// [802.11-2020 12.4.4, 12.4.5]
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/mac_address.h"
#include "base/result.h"
#include "base/rng.h"
#include "bytes/writer.h"
#include "crypto/mac.h"

namespace airloom::crypto {

/// What one end draws and sends. [802.11-2020 12.4.5.3]
struct SaeCommit {
  Octets rand;  // secret
  Octets scalar;
  Octets element;
};

/// [802.11-2020 12.4.5.4]
struct SaeKeys {
  Octets kck;
  std::array<uint8_t, 32> pmk{};
  std::array<uint8_t, 16> pmkid{};
};

/// A finite cyclic group.
class SaeGroup {
 public:
  /// @param number  19 (P-256), 20 (P-384) or 21 (P-521). [IANA IKEv2 Transform Type 4]
  /// @error kUnsupported  any other.
  static Result<SaeGroup> create(uint16_t number);
  SaeGroup(SaeGroup&&) noexcept;
  SaeGroup& operator=(SaeGroup&&) noexcept;
  ~SaeGroup();

  uint16_t number() const { return number_; }
  size_t scalar_size() const;
  size_t element_size() const;
  /// That of hash-to-element; hunting and pecking takes SHA-256 in every group.
  Hash hash() const;

  /// The password element by hunting and pecking. Always 40 rounds at least.
  /// @param rng  blinds the test for squares; the element does not depend on it.
  /// @error kInvalid  no element was found, which no password should ever see.
  /// [802.11-2020 12.4.4.2.2]
  Result<Octets> hunt(std::span<const uint8_t> password, const MacAddress& a, const MacAddress& b,
                      Rng& rng) const;
  /// PT: what of a password element does not depend on addresses. [802.11-2020 12.4.4.2.3]
  /// @param identifier  of the password; empty: it has none.
  Octets derive_pt(std::span<const uint8_t> ssid, std::span<const uint8_t> password,
                   std::span<const uint8_t> identifier = {}) const;
  /// The password element by hash-to-element.
  Octets hash_to_element(const Octets& pt, const MacAddress& a, const MacAddress& b) const;

  SaeCommit commit(const Octets& pwe, Rng& rng) const;
  /// With given numbers; both between 1 and the order.
  SaeCommit commit(const Octets& pwe, const Octets& rand, const Octets& mask) const;

  /// k, from what the peer sent.
  /// @error kInvalid  scalar or element are none that an honest peer sends.
  Result<Octets> shared_secret(const Octets& pwe, const Octets& rand,
                               std::span<const uint8_t> peer_scalar,
                               std::span<const uint8_t> peer_element) const;
  /// @param hash  hash() with hash-to-element, else SHA-256.
  /// @param rejected_groups  as on the air; empty: none.
  SaeKeys derive_keys(Hash hash, const Octets& secret, std::span<const uint8_t> rejected_groups,
                      std::span<const uint8_t> scalar_a, std::span<const uint8_t> scalar_b) const;

 private:
  struct Curve;
  SaeGroup(uint16_t number, std::unique_ptr<Curve> curve);

  uint16_t number_;
  std::unique_ptr<Curve> curve_;
};

/// The Confirm field. [802.11-2020 12.4.5.5]
/// @param own, peer  scalar and element.
Octets sae_confirm(Hash hash, const Octets& kck, uint16_t send_confirm,
                   std::span<const uint8_t> own_scalar, std::span<const uint8_t> own_element,
                   std::span<const uint8_t> peer_scalar, std::span<const uint8_t> peer_element);

}  // namespace airloom::crypto
