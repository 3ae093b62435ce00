#include "crypto/tkip.h"

#include <bit>

namespace airloom::crypto {

namespace {

uint32_t le32(std::span<const uint8_t> octets) {
  return octets[0] | uint32_t{octets[1]} << 8 | uint32_t{octets[2]} << 16 |
         uint32_t{octets[3]} << 24;
}

/// Michael as octets arrive. [802.11-2020 12.5.2.3.3]
class Michael {
 public:
  explicit Michael(std::span<const uint8_t, 8> key) : l_(le32(key)), r_(le32(key.subspan(4))) {}

  void add(uint8_t octet) {
    word_ |= uint32_t{octet} << (8 * filled_);
    if (++filled_ < 4) return;
    mix(word_);
    word_ = 0;
    filled_ = 0;
  }
  void add(std::span<const uint8_t> octets) {
    for (const uint8_t octet : octets) add(octet);
  }
  /// Padding: 0x5a, then zeros to a multiple of four octets, at least four of them.
  MichaelMic finish() {
    add(0x5a);
    while (filled_ != 0) add(0);
    mix(0);
    MichaelMic mic;
    for (size_t i = 0; i < 4; ++i) {
      mic[i] = static_cast<uint8_t>(l_ >> (8 * i));
      mic[4 + i] = static_cast<uint8_t>(r_ >> (8 * i));
    }
    return mic;
  }

 private:
  static uint32_t swap_pairs(uint32_t v) { return (v & 0x00ff00ff) << 8 | (v >> 8 & 0x00ff00ff); }
  void mix(uint32_t word) {
    l_ ^= word;
    r_ ^= std::rotl(l_, 17);
    l_ += r_;
    r_ ^= swap_pairs(l_);
    l_ += r_;
    r_ ^= std::rotl(l_, 3);
    l_ += r_;
    r_ ^= std::rotr(l_, 2);
    l_ += r_;
  }

  uint32_t l_, r_;
  uint32_t word_ = 0;
  unsigned filled_ = 0;
};

/// The AES S-box, computed: the inverse in GF(2^8), then the affine map. [FIPS 197 5.1.1]
constexpr std::array<uint8_t, 256> make_sbox() {
  std::array<uint8_t, 256> box{};
  uint8_t p = 1, q = 1;
  do {
    p = static_cast<uint8_t>(p ^ p << 1 ^ (p & 0x80 ? 0x1b : 0));  // p times 3
    q = static_cast<uint8_t>(q ^ q << 1);                          // q divided by 3
    q = static_cast<uint8_t>(q ^ q << 2);
    q = static_cast<uint8_t>(q ^ q << 4);
    if (q & 0x80) q ^= 0x09;
    const uint8_t x = static_cast<uint8_t>(q ^ std::rotl(q, 1) ^ std::rotl(q, 2) ^ std::rotl(q, 3) ^
                                           std::rotl(q, 4));
    box[p] = x ^ 0x63;
  } while (p != 1);
  box[0] = 0x63;
  return box;
}
constexpr auto kSbox = make_sbox();

/// TKIP's S-box of 16 bits: AES's, times 2 and 3. [802.11-2020 12.5.2.5.3]
uint16_t substitute_octet(uint8_t octet) {
  const uint8_t s = kSbox[octet];
  const auto twice = static_cast<uint8_t>(s << 1 ^ (s & 0x80 ? 0x1b : 0));
  return static_cast<uint16_t>(twice << 8 | (twice ^ s));
}
uint16_t substitute(uint16_t v) {
  const uint16_t high = substitute_octet(static_cast<uint8_t>(v >> 8));
  return substitute_octet(static_cast<uint8_t>(v)) ^ std::rotl(high, 8);
}

uint16_t word(uint8_t high, uint8_t low) {
  return static_cast<uint16_t>(high << 8 | low);
}
/// The i-th word of the temporal key, low octet first.
uint16_t key_word(std::span<const uint8_t, 16> key, size_t i) {
  return word(key[2 * i + 1], key[2 * i]);
}
void add_to(uint16_t& sum, uint16_t v) {
  sum = static_cast<uint16_t>(sum + v);
}

}  // namespace

MichaelMic michael(std::span<const uint8_t, 8> key, std::span<const uint8_t> data) {
  Michael state(key);
  state.add(data);
  return state.finish();
}

MichaelMic michael_of_msdu(std::span<const uint8_t, 8> key, const MacAddress& destination,
                           const MacAddress& source, uint8_t priority,
                           std::span<const uint8_t> msdu) {
  Michael state(key);
  state.add(destination.octets);
  state.add(source.octets);
  state.add(std::array<uint8_t, 4>{priority, 0, 0, 0});
  state.add(msdu);
  return state.finish();
}

// [802.11-2020 12.5.2.5.4]
TkipPhase1 tkip_phase1(std::span<const uint8_t, 16> key, const MacAddress& transmitter,
                       uint32_t iv32) {
  const auto& ta = transmitter.octets;
  TkipPhase1 p = {static_cast<uint16_t>(iv32), static_cast<uint16_t>(iv32 >> 16),
                  word(ta[1], ta[0]), word(ta[3], ta[2]), word(ta[5], ta[4])};
  for (uint16_t i = 0; i < 8; ++i) {
    const size_t odd = i & 1;
    add_to(p[0], substitute(p[4] ^ key_word(key, 0 + odd)));
    add_to(p[1], substitute(p[0] ^ key_word(key, 2 + odd)));
    add_to(p[2], substitute(p[1] ^ key_word(key, 4 + odd)));
    add_to(p[3], substitute(p[2] ^ key_word(key, 6 + odd)));
    add_to(p[4], substitute(p[3] ^ key_word(key, 0 + odd)));
    add_to(p[4], i);
  }
  return p;
}

std::array<uint8_t, 16> tkip_phase2(std::span<const uint8_t, 16> key, const TkipPhase1& phase1,
                                    uint16_t iv16) {
  std::array<uint16_t, 6> p;
  std::copy(phase1.begin(), phase1.end(), p.begin());
  p[5] = static_cast<uint16_t>(phase1[4] + iv16);
  for (size_t i = 0; i < 6; ++i) add_to(p[i], substitute(p[(i + 5) % 6] ^ key_word(key, i)));
  add_to(p[0], std::rotr(static_cast<uint16_t>(p[5] ^ key_word(key, 6)), 1));
  add_to(p[1], std::rotr(static_cast<uint16_t>(p[0] ^ key_word(key, 7)), 1));
  for (size_t i = 2; i < 6; ++i) add_to(p[i], std::rotr(p[i - 1], 1));

  std::array<uint8_t, 16> rc4;
  rc4[0] = static_cast<uint8_t>(iv16 >> 8);
  rc4[1] = static_cast<uint8_t>((rc4[0] | 0x20) & 0x7f);  // keeps clear of RC4's weak keys
  rc4[2] = static_cast<uint8_t>(iv16);
  rc4[3] = static_cast<uint8_t>((p[5] ^ key_word(key, 0)) >> 1);
  for (size_t i = 0; i < 6; ++i) {
    rc4[4 + 2 * i] = static_cast<uint8_t>(p[i]);
    rc4[5 + 2 * i] = static_cast<uint8_t>(p[i] >> 8);
  }
  return rc4;
}

}  // namespace airloom::crypto
