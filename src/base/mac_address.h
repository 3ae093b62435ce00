// A 48-bit MAC address (EUI-48). [802-2014 8.2]
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace airloom {

struct MacAddress {
  std::array<uint8_t, 6> octets{};

  friend auto operator<=>(const MacAddress&, const MacAddress&) = default;

  static constexpr MacAddress broadcast() { return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
  /// Copies the first six octets; `from` must hold them.
  static MacAddress from(std::span<const uint8_t> from);
  /// Reads "02:00:00:00:01:00".
  static Result<MacAddress> parse(std::string_view text);

  bool is_group() const { return octets[0] & 1; }
  bool is_broadcast() const { return *this == broadcast(); }
  bool is_zero() const { return *this == MacAddress{}; }
  bool is_unicast() const { return !is_group() && !is_zero(); }
  std::string to_string() const;
};

}  // namespace airloom
