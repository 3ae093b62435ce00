// Arithmetic modulo a prime p with p mod 4 = 3, in values. What the steps are does not depend on
// the numbers: inverse, square root and the test for squares are exponentiations of fixed length.
// Private to src/crypto.
#pragma once

#include <openssl/bn.h>

#include <memory>
#include <span>

#include "bytes/writer.h"

namespace airloom::crypto::internal {

struct FreeNumber {
  void operator()(BIGNUM* p) const { BN_clear_free(p); }
  void operator()(BN_CTX* p) const { BN_CTX_free(p); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;
using NumberContext = std::unique_ptr<BN_CTX, FreeNumber>;

Number make_number(uint64_t value = 0);
Number number_of(std::span<const uint8_t> octets);  // most significant first
Number copy_of(const BIGNUM* number);
Octets octets_of(const BIGNUM* number, size_t size);
/// One of the two, by a choice that leaves no trace in time.
Octets select(bool first, const Octets& a, const Octets& b);

class PrimeField {
 public:
  PrimeField(const BIGNUM* prime, BN_CTX* context) : p_(copy_of(prime)), context_(context) {}

  Number reduce(const Number& a) const;
  Number add(const Number& a, const Number& b) const;
  Number multiply(const Number& a, const Number& b) const;
  Number negate(const Number& a) const;
  /// 0 for 0.
  Number inverse(const Number& a) const;
  /// One root of a square.
  Number root(const Number& a) const;
  /// a^((p - 1) / 2): 1 for a square, p - 1 for another number, 0 for 0.
  Number legendre(const Number& a) const;
  bool is_square(const Number& a) const { return BN_is_one(legendre(a).get()) == 1; }
  const BIGNUM* prime() const { return p_.get(); }

 private:
  Number power(const Number& a, const Number& exponent) const;

  Number p_;
  BN_CTX* context_;
};

}  // namespace airloom::crypto::internal
