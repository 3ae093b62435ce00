// Ethernet as the 802.11 data path meets it: the 802.3 header, the LLC/SNAP headers that replace
// its type field on the air, and the subframes of an A-MSDU.
// [802.11-2020 5.1.4, 9.3.2.2] [802.1H 6.2] [RFC 1042]
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/assert.h"
#include "base/mac_address.h"
#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/writer.h"

namespace airloom::ieee80211 {

namespace ethertype {
constexpr uint16_t kIpv4 = 0x0800;
constexpr uint16_t kArp = 0x0806;
constexpr uint16_t kVlan = 0x8100;
constexpr uint16_t kAppleTalkArp = 0x80f3;
constexpr uint16_t kIpx = 0x8137;
constexpr uint16_t kIpv6 = 0x86dd;
constexpr uint16_t kMplsUnicast = 0x8847;
constexpr uint16_t kMplsMulticast = 0x8848;
constexpr uint16_t kEapol = 0x888e;
constexpr uint16_t kServiceVlan = 0x88a8;
constexpr uint16_t kPreauthentication = 0x88c7;
constexpr uint16_t kTdls = 0x890d;
constexpr uint16_t kMediaIndependentHandover = 0x8917;
/// Below this a type field is a length. [802.3 3.2.6]
constexpr uint16_t kFirst = 0x0600;
}  // namespace ethertype

constexpr size_t kEthernetHeaderLength = 14;
/// aa:aa:03, an OUI, and then comes the EtherType.
constexpr size_t kSnapLength = 6;
inline constexpr std::array<uint8_t, kSnapLength> kRfc1042Header = {0xaa, 0xaa, 0x03,
                                                                    0x00, 0x00, 0x00};
inline constexpr std::array<uint8_t, kSnapLength> kBridgeTunnelHeader = {0xaa, 0xaa, 0x03,
                                                                         0x00, 0x00, 0xf8};

struct EthernetHeader {
  MacAddress destination;
  MacAddress source;
  uint16_t type = 0;  // or, below ethertype::kFirst, a length

  static Result<EthernetHeader> parse(Reader& reader);
  void emit(Writer& writer) const { writer.mac(destination).mac(source).be16(type); }
  /// Reads the first 14 octets of `from`, which must hold them.
  static EthernetHeader load(std::span<const uint8_t> from) {
    WLAN_ASSERT(from.size() >= kEthernetHeaderLength);
    return {MacAddress::from(from), MacAddress::from(from.subspan(6)),
            static_cast<uint16_t>(from[12] << 8 | from[13])};
  }
  /// Writes the header into the first 14 octets of `out`, which must hold them.
  void store(std::span<uint8_t> out) const {
    WLAN_ASSERT(out.size() >= kEthernetHeaderLength);
    std::ranges::copy(destination.octets, out.begin());
    std::ranges::copy(source.octets, out.begin() + 6);
    out[12] = static_cast<uint8_t>(type >> 8);
    out[13] = static_cast<uint8_t>(type);
  }
  friend bool operator==(const EthernetHeader&, const EthernetHeader&) = default;
};

/// The SNAP header that an EtherType travels behind; empty if `type` is a length, because such a
/// frame has its own LLC header already.
std::span<const uint8_t> snap_header_for(uint16_t type);

/// The EtherType of an MSDU whose SNAP header can be replaced by it (the 8 octets SNAP and type
/// then go). Nothing if the MSDU is to keep its LLC header behind a length field: another LLC, or
/// AppleTalk ARP and IPX under RFC 1042, which must be told from their bridge-tunnel forms.
std::optional<uint16_t> ethertype_behind_snap(std::span<const uint8_t> msdu);

/// One MSDU of an A-MSDU: addresses and its octets, which begin with LLC.
struct AmsduSubframe {
  MacAddress destination;
  MacAddress source;
  std::span<const uint8_t> msdu;
};

/// Walks the subframes of an A-MSDU (the body after the MAC header and security header).
class AmsduReader {
 public:
  /// @error kMalformed  the first DA is aa:aa:03:00:00:00, so an attacker may have turned an MSDU
  ///                    into an A-MSDU by flipping a bit (CVE-2020-24588)
  static Result<AmsduReader> open(std::span<const uint8_t> body);

  /// The next subframe, nothing at the end.
  /// @error kMalformed  a subframe exceeds the rest
  Result<std::optional<AmsduSubframe>> next();

 private:
  explicit AmsduReader(std::span<const uint8_t> rest) : rest_(rest) {}
  std::span<const uint8_t> rest_;
};

/// Appends one subframe; all but the last are padded to a multiple of four octets, so the padding
/// is written before the next: call with the size that the A-MSDU had at its start.
void emit_amsdu_subframe(Writer& writer, size_t amsdu_start, const AmsduSubframe& subframe);

}  // namespace airloom::ieee80211
