// CCMP's per-frame inputs to Aead: the 8-octet CCMP header, the nonce and the additional
// authentication data, all from the MPDU header. GCMP's nonce too; its header and AAD are CCMP's.
// [802.11-2020 12.5.3.2] [802.11-2020 12.5.3.3]
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/mac_address.h"
#include "base/result.h"

namespace airloom::crypto {

inline constexpr size_t kCcmpHeaderSize = 8;
inline constexpr uint64_t kPacketNumberMax = (uint64_t{1} << 48) - 1;

/// The CCMP header's fields. [802.11-2020 12.5.3.2]
struct CcmpHeader {
  uint64_t packet_number = 0;  // 48 bits
  uint8_t key_id = 0;          // 0 to 3

  /// @error kTruncated  fewer than 8 octets.
  /// @error kMalformed  the Ext IV bit is not set.
  static Result<CcmpHeader> parse(std::span<const uint8_t> octets);
  /// Writes the 8 octets; `out` must hold them.
  void emit(std::span<uint8_t> out) const;
};

/// At most 30 octets: a four-address QoS header.
struct Aad {
  std::array<uint8_t, 30> octets;
  uint8_t size = 0;
  std::span<const uint8_t> span() const { return {octets.data(), size}; }
};

/// The AAD of an MPDU whose header (from Frame Control, without the CCMP header) opens `mpdu`.
/// @error kTruncated  `mpdu` ends within the MAC header.
/// [802.11-2020 12.5.3.3.3]
Result<Aad> ccmp_aad(std::span<const uint8_t> mpdu);

/// @param priority    the TID of a QoS Data frame, else 0.
/// @param management  the frame is a protected Management frame.
/// [802.11-2020 12.5.3.3.4]
std::array<uint8_t, 13> ccmp_nonce(uint8_t priority, bool management, const MacAddress& transmitter,
                                   uint64_t packet_number);

/// [802.11-2020 12.5.5.3.4]
std::array<uint8_t, 12> gcmp_nonce(const MacAddress& transmitter, uint64_t packet_number);

}  // namespace airloom::crypto
