// TKIP's own parts: Michael, which protects MSDUs, and the mixing of a key for each MPDU. What it
// encrypts with is rc4.h. [802.11-2020 12.5.2]
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/mac_address.h"

namespace airloom::crypto {

inline constexpr size_t kMichaelSize = 8;
using MichaelMic = std::array<uint8_t, kMichaelSize>;

/// Michael over octets alone. [802.11-2020 12.5.2.3.3]
MichaelMic michael(std::span<const uint8_t, 8> key, std::span<const uint8_t> data);

/// Michael of an MSDU: over its addresses and priority, then its octets. [802.11-2020 12.5.2.3.2]
MichaelMic michael_of_msdu(std::span<const uint8_t, 8> key, const MacAddress& destination,
                           const MacAddress& source, uint8_t priority,
                           std::span<const uint8_t> msdu);

/// What the upper 32 bits of the packet number and the transmitter make of a temporal key.
using TkipPhase1 = std::array<uint16_t, 5>;
TkipPhase1 tkip_phase1(std::span<const uint8_t, 16> temporal_key, const MacAddress& transmitter,
                       uint32_t iv32);
/// The RC4 key of an MPDU; its first three octets are those that the TKIP header shows.
/// [802.11-2020 12.5.2.5.5]
std::array<uint8_t, 16> tkip_phase2(std::span<const uint8_t, 16> temporal_key,
                                    const TkipPhase1& phase1, uint16_t iv16);

}  // namespace airloom::crypto
