// The checksum of IP, TCP and UDP: the ones' complement sum of 16-bit words. [RFC 1071]
#pragma once

#include <cstdint>
#include <span>

namespace airloom::platform {

/// A running sum, in network order whatever the machine's; any number of parts, of which all but
/// the last have an even number of octets.
class InternetSum {
 public:
  InternetSum& add(std::span<const uint8_t> octets);
  InternetSum& add16(uint16_t value);
  /// All words added, folded into one: 0xffff if what was added holds its own checksum.
  uint16_t folded() const;
  /// What a header's checksum field holds for the octets added (the field itself being 0).
  uint16_t checksum() const { return static_cast<uint16_t>(~folded()); }

 private:
  uint64_t sum_ = 0;  // of 16-bit words in the machine's order: its octets swap at the end
};

}  // namespace airloom::platform
