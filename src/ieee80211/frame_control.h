// The Frame Control field and the types and subtypes it names. A value of 16 bits with
// accessors; it says nothing about whether the frame behind it is whole.
// [802.11-2020 9.2.4.1]
#pragma once

#include <cstddef>
#include <cstdint>

namespace airloom::ieee80211 {

enum class FrameType : uint8_t { kManagement = 0, kControl = 1, kData = 2, kExtension = 3 };

/// Type and subtype together, as the first octet of a frame has them. [802.11-2020 Table 9-1]
enum class Subtype : uint8_t {
  kAssociationRequest = 0x00,
  kAssociationResponse = 0x10,
  kReassociationRequest = 0x20,
  kReassociationResponse = 0x30,
  kProbeRequest = 0x40,
  kProbeResponse = 0x50,
  kTimingAdvertisement = 0x60,
  kBeacon = 0x80,
  kAtim = 0x90,
  kDisassociation = 0xa0,
  kAuthentication = 0xb0,
  kDeauthentication = 0xc0,
  kAction = 0xd0,
  kActionNoAck = 0xe0,

  kTrigger = 0x24,
  kVhtNdpAnnouncement = 0x54,
  kControlWrapper = 0x74,
  kBlockAckRequest = 0x84,
  kBlockAck = 0x94,
  kPsPoll = 0xa4,
  kRts = 0xb4,
  kCts = 0xc4,
  kAck = 0xd4,
  kCfEnd = 0xe4,

  kData = 0x08,
  kNull = 0x48,
  kQosData = 0x88,
  kQosNull = 0xc8,
};

struct FrameControl {
  uint16_t bits = 0;

  static constexpr uint16_t kToDs = 0x0100;
  static constexpr uint16_t kFromDs = 0x0200;
  static constexpr uint16_t kMoreFragments = 0x0400;
  static constexpr uint16_t kRetry = 0x0800;
  static constexpr uint16_t kPowerManagement = 0x1000;
  static constexpr uint16_t kMoreData = 0x2000;
  static constexpr uint16_t kProtected = 0x4000;
  static constexpr uint16_t kOrder = 0x8000;  // +HTC in management and QoS data frames

  constexpr FrameControl() = default;
  constexpr explicit FrameControl(uint16_t raw) : bits(raw) {}
  /// The field of a frame of this subtype with these flags set.
  constexpr FrameControl(Subtype subtype, uint16_t flags = 0)  // NOLINT: implicit on purpose
      : bits(static_cast<uint16_t>(static_cast<uint8_t>(subtype) | flags)) {}

  friend constexpr bool operator==(FrameControl, FrameControl) = default;

  constexpr uint8_t version() const { return bits & 0x3; }
  constexpr FrameType type() const { return static_cast<FrameType>((bits >> 2) & 0x3); }
  constexpr Subtype subtype() const { return static_cast<Subtype>(bits & 0xfc); }
  constexpr bool is(Subtype wanted) const { return subtype() == wanted; }
  constexpr bool is_management() const { return type() == FrameType::kManagement; }
  constexpr bool is_control() const { return type() == FrameType::kControl; }
  constexpr bool is_data() const { return type() == FrameType::kData; }
  constexpr bool is_qos_data() const { return (bits & 0x8c) == 0x88; }
  /// A data frame that has a body: neither Null nor QoS Null.
  constexpr bool has_data() const { return (bits & 0x4c) == 0x08; }
  constexpr bool is_null() const { return (bits & 0x7c) == 0x48; }  // Null or QoS Null
  constexpr bool is_beacon() const { return is(Subtype::kBeacon); }
  constexpr bool is_action() const { return is(Subtype::kAction) || is(Subtype::kActionNoAck); }

  constexpr bool has(uint16_t flag) const { return (bits & flag) != 0; }
  constexpr bool to_ds() const { return has(kToDs); }
  constexpr bool from_ds() const { return has(kFromDs); }
  constexpr bool more_fragments() const { return has(kMoreFragments); }
  constexpr bool retry() const { return has(kRetry); }
  constexpr bool power_management() const { return has(kPowerManagement); }
  constexpr bool more_data() const { return has(kMoreData); }
  constexpr bool is_protected() const { return has(kProtected); }
  constexpr bool order() const { return has(kOrder); }

  constexpr FrameControl& set(uint16_t flag, bool on = true) {
    bits = static_cast<uint16_t>(on ? bits | flag : bits & ~flag);
    return *this;
  }

  /// Both DS bits of a data frame: address 4 is there.
  constexpr bool has_address4() const { return is_data() && to_ds() && from_ds(); }
  constexpr bool has_ht_control() const { return order() && (is_management() || is_qos_data()); }
};

/// Octets of the MAC header that this Frame Control implies, HT Control included.
/// [802.11-2020 9.2.3, 9.3]
constexpr size_t header_length(FrameControl fc) {
  switch (fc.type()) {
    case FrameType::kManagement:
      return 24u + (fc.has_ht_control() ? 4 : 0);
    case FrameType::kControl:
      return fc.is(Subtype::kAck) || fc.is(Subtype::kCts) ? 10 : 16;
    case FrameType::kData:
      return 24u + (fc.has_address4() ? 6 : 0) + (fc.is_qos_data() ? 2 : 0) +
             (fc.has_ht_control() ? 4 : 0);
    case FrameType::kExtension:
      break;
  }
  return 24;
}

}  // namespace airloom::ieee80211
