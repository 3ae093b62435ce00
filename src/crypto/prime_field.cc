#include "crypto/prime_field.h"

#include "base/assert.h"

namespace airloom::crypto::internal {

Number make_number(uint64_t value) {
  Number number(BN_new());
  WLAN_ASSERT(number && BN_set_word(number.get(), value) == 1);
  return number;
}

Number number_of(std::span<const uint8_t> octets) {
  Number number(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
  WLAN_ASSERT(number);
  return number;
}

Number copy_of(const BIGNUM* number) {
  Number copy(BN_dup(number));
  WLAN_ASSERT(copy);
  return copy;
}

Octets octets_of(const BIGNUM* number, size_t size) {
  Octets octets(size);
  const int written = BN_bn2binpad(number, octets.data(), static_cast<int>(size));
  WLAN_ASSERT(written == static_cast<int>(size));
  return octets;
}

Octets select(bool first, const Octets& a, const Octets& b) {
  WLAN_ASSERT(a.size() == b.size());
  const auto mask = static_cast<uint8_t>(-static_cast<int>(first));
  Octets chosen(a.size());
  for (size_t i = 0; i < a.size(); ++i)
    chosen[i] = static_cast<uint8_t>((a[i] & mask) | (b[i] & ~mask));
  return chosen;
}

Number PrimeField::reduce(const Number& a) const {
  Number out = make_number();
  WLAN_ASSERT(BN_nnmod(out.get(), a.get(), p_.get(), context_) == 1);
  return out;
}

Number PrimeField::add(const Number& a, const Number& b) const {
  Number out = make_number();
  WLAN_ASSERT(BN_mod_add(out.get(), a.get(), b.get(), p_.get(), context_) == 1);
  return out;
}

Number PrimeField::multiply(const Number& a, const Number& b) const {
  Number out = make_number();
  WLAN_ASSERT(BN_mod_mul(out.get(), a.get(), b.get(), p_.get(), context_) == 1);
  return out;
}

Number PrimeField::negate(const Number& a) const {
  Number out = make_number();
  WLAN_ASSERT(BN_mod_sub(out.get(), out.get(), a.get(), p_.get(), context_) == 1);
  return out;
}

Number PrimeField::inverse(const Number& a) const {
  Number exponent = copy_of(p_.get());
  WLAN_ASSERT(BN_sub_word(exponent.get(), 2) == 1);
  return power(a, exponent);
}

Number PrimeField::root(const Number& a) const {
  Number exponent = copy_of(p_.get());
  WLAN_ASSERT(BN_add_word(exponent.get(), 1) == 1);
  WLAN_ASSERT(BN_rshift(exponent.get(), exponent.get(), 2) == 1);
  return power(a, exponent);
}

Number PrimeField::legendre(const Number& a) const {
  Number exponent = make_number();
  WLAN_ASSERT(BN_rshift1(exponent.get(), p_.get()) == 1);
  return power(a, exponent);
}

Number PrimeField::power(const Number& a, const Number& exponent) const {
  Number out = make_number();
  const int ok =
      BN_mod_exp_mont_consttime(out.get(), a.get(), exponent.get(), p_.get(), context_, nullptr);
  WLAN_ASSERT(ok == 1);
  return out;
}

}  // namespace airloom::crypto::internal
