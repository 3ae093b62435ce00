// A 48-bit MAC address (EUI-48). [802-2014 8.2]
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/result.h"

namespace airloom {

struct MacAddress {
  std::array<uint8_t, 6> octets{};

  /// A number that no other address has, in the machine's order: every frame's addresses are
  /// compared and hashed, and as octets that would be calls of memcmp().
  constexpr uint64_t number() const {
    const auto words = std::bit_cast<std::array<uint16_t, 3>>(octets);
    return words[0] | uint64_t{words[1]} << 16 | uint64_t{words[2]} << 32;
  }
  friend constexpr bool operator==(const MacAddress& a, const MacAddress& b) {
    return a.number() == b.number();
  }
  friend constexpr auto operator<=>(const MacAddress& a, const MacAddress& b) {
    return a.octets <=> b.octets;
  }

  static constexpr MacAddress broadcast() { return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
  /// Copies the first six octets; `from` must hold them.
  static MacAddress from(std::span<const uint8_t> from) {
    WLAN_ASSERT(from.size() >= 6);
    MacAddress address;
    std::copy_n(from.begin(), 6, address.octets.begin());
    return address;
  }
  /// Reads "02:00:00:00:01:00".
  static Result<MacAddress> parse(std::string_view text);

  bool is_group() const { return octets[0] & 1; }
  bool is_broadcast() const { return *this == broadcast(); }
  bool is_zero() const { return *this == MacAddress{}; }
  bool is_unicast() const { return !is_group() && !is_zero(); }
  std::string to_string() const;
};

struct MacAddressHash {
  size_t operator()(const MacAddress& address) const {
    return static_cast<size_t>(address.number() * 0x9e3779b97f4a7c15u >> 16);
  }
};

}  // namespace airloom
