#include "base/mac_address.h"

#include <fmt/core.h>

#include <charconv>

namespace airloom {

Result<MacAddress> MacAddress::parse(std::string_view text) {
  MacAddress address;
  if (text.size() != 17) return fail(Errc::kMalformed, "a MAC address reads 02:00:00:00:01:00");
  for (size_t i = 0; i < 6; ++i) {
    const char* at = text.data() + 3 * i;
    auto [end, ec] = std::from_chars(at, at + 2, address.octets[i], 16);
    if (ec != std::errc{} || end != at + 2 || (i < 5 && at[2] != ':'))
      return fail(Errc::kMalformed, "a MAC address reads 02:00:00:00:01:00");
  }
  return address;
}

std::string MacAddress::to_string() const {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", octets[0], octets[1], octets[2],
                     octets[3], octets[4], octets[5]);
}

}  // namespace airloom
