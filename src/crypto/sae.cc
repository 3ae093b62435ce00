#include "crypto/sae.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <algorithm>

#include "base/assert.h"
#include "crypto/kdf.h"
#include "crypto/prime_field.h"

namespace airloom::crypto {

using internal::copy_of;
using internal::make_number;
using internal::Number;
using internal::number_of;
using internal::NumberContext;
using internal::octets_of;
using internal::PrimeField;
using internal::select;

namespace {

constexpr int kHuntingRounds = 40;  // k of the standard
constexpr int kHuntingLimit = 200;

struct FreeCurve {
  void operator()(EC_GROUP* p) const { EC_GROUP_free(p); }
  void operator()(EC_POINT* p) const { EC_POINT_clear_free(p); }
};
using Point = std::unique_ptr<EC_POINT, FreeCurve>;

void append(Octets& to, std::span<const uint8_t> octets) {
  to.insert(to.end(), octets.begin(), octets.end());
}

/// The greater address first.
Octets ordered(const MacAddress& a, const MacAddress& b) {
  Octets both;
  Writer(both).mac(std::max(a, b)).mac(std::min(a, b));
  return both;
}

Octets hmac_of(Hash hash, std::span<const uint8_t> key, std::span<const uint8_t> data) {
  Octets out(digest_size(hash));
  hmac(hash, key, data, out);
  return out;
}

/// Moves all bits to the right, as a number of so many bits stands in whole octets.
void shift_right(Octets& octets, size_t bits) {
  if (bits == 0) return;
  for (size_t i = octets.size(); i-- > 0;)
    octets[i] = static_cast<uint8_t>(octets[i] >> bits | (i > 0 ? octets[i - 1] << (8 - bits) : 0));
}

/// Whether a < b, both of one size, in a time that tells nothing.
bool is_less(const Octets& a, const Octets& b) {
  int borrow = 0;
  for (size_t i = a.size(); i-- > 0;) borrow = (a[i] - b[i] - borrow) < 0 ? 1 : 0;
  return borrow == 1;
}

}  // namespace

struct SaeGroup::Curve {
  std::unique_ptr<EC_GROUP, FreeCurve> group;
  NumberContext context;
  std::unique_ptr<PrimeField> field;
  Number a, b;
  const BIGNUM* order = nullptr;
  int z = 0;  // of SSWU: a small negative number [802.11-2020 Table 12-2]

  size_t prime_bits() const { return static_cast<size_t>(BN_num_bits(field->prime())); }
  size_t prime_size() const { return (prime_bits() + 7) / 8; }
  size_t order_size() const { return static_cast<size_t>(BN_num_bytes(order)); }

  /// x^3 + ax + b
  Number curve_at(const Number& x) const {
    const Number cube = field->multiply(field->multiply(x, x), x);
    return field->add(field->add(cube, field->multiply(a, x)), b);
  }
  /// The point above x whose y is odd or even.
  Octets point_at(const Number& x, bool odd) const {
    const Number y = field->root(curve_at(x));
    const bool keep = (BN_is_odd(y.get()) == 1) == odd;
    Octets out = octets_of(x.get(), prime_size());
    append(out, select(keep, octets_of(y.get(), prime_size()),
                       octets_of(field->negate(y).get(), prime_size())));
    return out;
  }
  Point new_point() const {
    Point point(EC_POINT_new(group.get()));
    WLAN_ASSERT(point);
    return point;
  }
  /// Null: the octets are no point of the curve.
  Point parse(std::span<const uint8_t> octets) const {
    if (octets.size() != 2 * prime_size()) return nullptr;
    const Number x = number_of(octets.first(prime_size()));
    const Number y = number_of(octets.subspan(prime_size()));
    if (BN_cmp(x.get(), field->prime()) >= 0 || BN_cmp(y.get(), field->prime()) >= 0)
      return nullptr;
    Point point = new_point();
    // It refuses what is not on the curve.
    if (EC_POINT_set_affine_coordinates(group.get(), point.get(), x.get(), y.get(),
                                        context.get()) != 1)
      return nullptr;
    return point;
  }
  Point parse_own(const Octets& octets) const {
    Point point = parse(octets);
    WLAN_ASSERT(point);
    return point;
  }
  Octets emit(const Point& point) const {
    const Number x = make_number(), y = make_number();
    const int ok =
        EC_POINT_get_affine_coordinates(group.get(), point.get(), x.get(), y.get(), context.get());
    WLAN_ASSERT(ok == 1);
    Octets out = octets_of(x.get(), prime_size());
    append(out, octets_of(y.get(), prime_size()));
    return out;
  }
  Point multiply(const Point& point, const Number& by) const {
    Point out = new_point();
    WLAN_ASSERT(
        EC_POINT_mul(group.get(), out.get(), nullptr, point.get(), by.get(), context.get()) == 1);
    return out;
  }
  Point add(const Point& p, const Point& q) const {
    Point out = new_point();
    WLAN_ASSERT(EC_POINT_add(group.get(), out.get(), p.get(), q.get(), context.get()) == 1);
    return out;
  }
  /// A number from 1 to limit - 1.
  Number draw_below(const BIGNUM* limit, Rng& rng) const {
    const auto bits = static_cast<size_t>(BN_num_bits(limit));
    Octets octets((bits + 7) / 8);
    while (true) {
      rng.fill(octets);
      octets[0] &= static_cast<uint8_t>(0xff >> (octets.size() * 8 - bits));
      Number number = number_of(octets);
      if (BN_is_zero(number.get()) == 0 && BN_cmp(number.get(), limit) < 0) return number;
    }
  }
  Octets simplified_swu(const Number& u) const;
};

SaeGroup::SaeGroup(uint16_t number, std::unique_ptr<Curve> curve)
    : number_(number), curve_(std::move(curve)) {}
SaeGroup::SaeGroup(SaeGroup&&) noexcept = default;
SaeGroup& SaeGroup::operator=(SaeGroup&&) noexcept = default;
SaeGroup::~SaeGroup() = default;

Result<SaeGroup> SaeGroup::create(uint16_t number) {
  struct Known {
    uint16_t number;
    int nid;
    int z;
  };
  static constexpr Known kKnown[] = {
      {19, NID_X9_62_prime256v1, -10}, {20, NID_secp384r1, -12}, {21, NID_secp521r1, -4}};
  const auto* known = std::ranges::find(kKnown, number, &Known::number);
  if (known == std::end(kKnown)) return fail(Errc::kUnsupported, "SAE group");
  auto curve = std::make_unique<Curve>();
  curve->group.reset(EC_GROUP_new_by_curve_name(known->nid));
  curve->context.reset(BN_CTX_secure_new());
  if (!curve->group || !curve->context) return fail(Errc::kNoMemory, "SAE group");
  const Number p = make_number();
  curve->a = make_number();
  curve->b = make_number();
  const int ok = EC_GROUP_get_curve(curve->group.get(), p.get(), curve->a.get(), curve->b.get(),
                                    curve->context.get());
  WLAN_ASSERT(ok == 1);
  curve->field = std::make_unique<PrimeField>(p.get(), curve->context.get());
  curve->order = EC_GROUP_get0_order(curve->group.get());
  curve->z = known->z;
  return SaeGroup(number, std::move(curve));
}

size_t SaeGroup::scalar_size() const {
  return curve_->order_size();
}
size_t SaeGroup::element_size() const {
  return 2 * curve_->prime_size();
}

/// [802.11-2020 Table 12-1]
Hash SaeGroup::hash() const {
  if (curve_->prime_bits() <= 256) return Hash::kSha256;
  return curve_->prime_bits() <= 384 ? Hash::kSha384 : Hash::kSha512;
}

Result<Octets> SaeGroup::hunt(std::span<const uint8_t> password, const MacAddress& a,
                              const MacAddress& b, Rng& rng) const {
  constexpr std::string_view kLabel = "SAE Hunting and Pecking";
  const Curve& c = *curve_;
  const PrimeField& field = *c.field;
  const Octets prime = octets_of(field.prime(), c.prime_size());
  const Octets key = ordered(a, b);
  // A square and a number that is none, by which the numbers to test are disguised.
  Number square = c.draw_below(field.prime(), rng), other = c.draw_below(field.prime(), rng);
  while (!field.is_square(square)) square = c.draw_below(field.prime(), rng);
  while (field.is_square(other)) other = c.draw_below(field.prime(), rng);

  Octets base(password.begin(), password.end());
  Octets dummy(base.size());
  rng.fill(dummy);
  Octets x(c.prime_size()), odd(1);
  bool found = false;
  for (int counter = 1; counter <= kHuntingRounds || !found; ++counter) {
    if (counter > kHuntingLimit) return fail(Errc::kInvalid, "no password element");
    Octets input = base;
    input.push_back(static_cast<uint8_t>(counter));
    const Octets seed = hmac_of(Hash::kSha256, key, input);
    Octets value(c.prime_size());
    kdf(Hash::kSha256, seed, kLabel, prime, value, c.prime_bits());
    shift_right(value, c.prime_size() * 8 - c.prime_bits());
    // num = value * r^2 * (a square or not): the outcome tells nothing of value itself.
    const Number r = c.draw_below(field.prime(), rng);
    const bool by_square = BN_is_odd(r.get()) == 1;
    const Number disguise = field.multiply(field.multiply(r, r), by_square ? square : other);
    const Number at = c.curve_at(field.reduce(number_of(value)));
    const bool is_square = field.is_square(field.multiply(at, disguise)) == by_square;
    const bool take = !found && is_square && is_less(value, prime);
    x = select(take, value, x);
    odd = select(take, {static_cast<uint8_t>(seed.back() & 1)}, odd);
    base = select(take, dummy, base);
    found = found || take;
  }
  return c.point_at(number_of(x), odd[0] == 1);
}

/// [802.11-2020 12.4.4.2.3]: the simplified Shallue-Woestijne-Ulas method.
Octets SaeGroup::Curve::simplified_swu(const Number& u) const {
  const PrimeField& f = *field;
  const Number minus_z = make_number(static_cast<uint64_t>(-z));
  const Number z_number = f.negate(minus_z);
  const Number zu2 = f.multiply(z_number, f.multiply(u, u));
  const Number m = f.add(f.multiply(zu2, zu2), zu2);
  const bool is_zero = BN_is_zero(m.get()) == 1;
  const Number t = f.inverse(m);
  const Number ratio = f.multiply(f.negate(b), f.inverse(a));
  const Number x1_usual = f.multiply(ratio, f.add(make_number(1), t));
  const Number x1_zero = f.multiply(b, f.inverse(f.multiply(z_number, a)));
  const Number x1 = number_of(select(is_zero, octets_of(x1_zero.get(), prime_size()),
                                     octets_of(x1_usual.get(), prime_size())));
  const Number x2 = f.multiply(zu2, x1);
  const bool first = f.is_square(curve_at(x1));
  const Number x = number_of(
      select(first, octets_of(x1.get(), prime_size()), octets_of(x2.get(), prime_size())));
  return point_at(x, BN_is_odd(u.get()) == 1);
}

Octets SaeGroup::derive_pt(std::span<const uint8_t> ssid, std::span<const uint8_t> password,
                           std::span<const uint8_t> identifier) const {
  const Curve& c = *curve_;
  Octets secret(password.begin(), password.end());
  append(secret, identifier);
  const Octets seed = hmac_of(hash(), ssid, secret);
  const size_t length = c.prime_size() + c.prime_size() / 2;
  const auto point_of = [&](std::string_view label) {
    Octets value(length);
    hkdf_expand(hash(), seed, label, value);
    return c.parse_own(c.simplified_swu(c.field->reduce(number_of(value))));
  };
  return c.emit(
      c.add(point_of("SAE Hash to Element u1 P1"), point_of("SAE Hash to Element u2 P2")));
}

Octets SaeGroup::hash_to_element(const Octets& pt, const MacAddress& a, const MacAddress& b) const {
  const Curve& c = *curve_;
  const Octets zeros(digest_size(hash()));
  const Number value = number_of(hmac_of(hash(), zeros, ordered(a, b)));
  // val mod (r - 1) + 1
  const Number limit = copy_of(c.order);
  WLAN_ASSERT(BN_sub_word(limit.get(), 1) == 1);
  WLAN_ASSERT(BN_nnmod(value.get(), value.get(), limit.get(), c.context.get()) == 1);
  WLAN_ASSERT(BN_add_word(value.get(), 1) == 1);
  return c.emit(c.multiply(c.parse_own(pt), value));
}

SaeCommit SaeGroup::commit(const Octets& pwe, Rng& rng) const {
  while (true) {
    const Octets rand = octets_of(curve_->draw_below(curve_->order, rng).get(), scalar_size());
    const Octets mask = octets_of(curve_->draw_below(curve_->order, rng).get(), scalar_size());
    SaeCommit commit = this->commit(pwe, rand, mask);
    const Number scalar = number_of(commit.scalar);
    // [802.11-2020 12.4.5.2]: draw again, if the scalar is less than 2.
    if (BN_is_zero(scalar.get()) == 0 && BN_is_one(scalar.get()) == 0) return commit;
  }
}

SaeCommit SaeGroup::commit(const Octets& pwe, const Octets& rand, const Octets& mask) const {
  const Curve& c = *curve_;
  const Number scalar = make_number(), mask_number = number_of(mask);
  WLAN_ASSERT(BN_mod_add(scalar.get(), number_of(rand).get(), mask_number.get(), c.order,
                         c.context.get()) == 1);
  const Point element = c.multiply(c.parse_own(pwe), mask_number);
  WLAN_ASSERT(EC_POINT_invert(c.group.get(), element.get(), c.context.get()) == 1);
  return {rand, octets_of(scalar.get(), scalar_size()), c.emit(element)};
}

Result<Octets> SaeGroup::shared_secret(const Octets& pwe, const Octets& rand,
                                       std::span<const uint8_t> peer_scalar,
                                       std::span<const uint8_t> peer_element) const {
  const Curve& c = *curve_;
  // [802.11-2020 12.4.5.4]: 1 < scalar < r, and a point of the curve.
  const Number scalar = number_of(peer_scalar);
  if (peer_scalar.size() != scalar_size() || BN_is_zero(scalar.get()) == 1 ||
      BN_is_one(scalar.get()) == 1 || BN_cmp(scalar.get(), c.order) >= 0)
    return fail(Errc::kInvalid, "SAE scalar");
  const Point element = c.parse(peer_element);
  if (!element) return fail(Errc::kInvalid, "SAE element");
  const Point sum = c.add(c.multiply(c.parse_own(pwe), scalar), element);
  const Point shared = c.multiply(sum, number_of(rand));
  if (EC_POINT_is_at_infinity(c.group.get(), shared.get()) == 1)
    return fail(Errc::kInvalid, "SAE secret");
  Octets secret = c.emit(shared);
  secret.resize(c.prime_size());
  return secret;
}

SaeKeys SaeGroup::derive_keys(Hash hash, const Octets& secret,
                              std::span<const uint8_t> rejected_groups,
                              std::span<const uint8_t> scalar_a,
                              std::span<const uint8_t> scalar_b) const {
  const Number sum = make_number();
  WLAN_ASSERT(BN_mod_add(sum.get(), number_of(scalar_a).get(), number_of(scalar_b).get(),
                         curve_->order, curve_->context.get()) == 1);
  const Octets context = octets_of(sum.get(), scalar_size());
  Octets salt(rejected_groups.begin(), rejected_groups.end());
  if (salt.empty()) salt.resize(digest_size(hash));
  const Octets seed = hmac_of(hash, salt, secret);
  SaeKeys keys;
  Octets octets(digest_size(hash) + keys.pmk.size());
  kdf(hash, seed, "SAE KCK and PMK", context, octets);
  keys.kck.assign(octets.begin(), octets.begin() + static_cast<long>(digest_size(hash)));
  std::copy(octets.end() - static_cast<long>(keys.pmk.size()), octets.end(), keys.pmk.begin());
  std::copy_n(context.begin(), keys.pmkid.size(), keys.pmkid.begin());
  return keys;
}

Octets sae_confirm(Hash hash, const Octets& kck, uint16_t send_confirm,
                   std::span<const uint8_t> own_scalar, std::span<const uint8_t> own_element,
                   std::span<const uint8_t> peer_scalar, std::span<const uint8_t> peer_element) {
  Octets input;
  Writer(input).le16(send_confirm);
  for (const auto part : {own_scalar, own_element, peer_scalar, peer_element}) append(input, part);
  return hmac_of(hash, kck, input);
}

}  // namespace airloom::crypto
