// The MAC header in two forms: MacHeader, a value to build and compare, and FrameView, inline
// accessors on the octets of a frame whose header is known to be whole, for the data path.
// Extension frames (type 3) and the control wrapper's inner frame are not interpreted.
// [802.11-2020 9.2.3, 9.2.4]
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/mac_address.h"
#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/writer.h"
#include "ieee80211/frame_control.h"

namespace airloom::ieee80211 {

enum class AckPolicy : uint8_t { kNormal = 0, kNoAck = 1, kNoExplicitAck = 2, kBlockAck = 3 };

/// [802.11-2020 9.2.4.4]
struct SequenceControl {
  uint16_t bits = 0;

  constexpr SequenceControl() = default;
  constexpr explicit SequenceControl(uint16_t raw) : bits(raw) {}
  constexpr SequenceControl(uint16_t number, uint8_t fragment)
      : bits(static_cast<uint16_t>((number & 0xfff) << 4 | (fragment & 0xf))) {}

  constexpr uint16_t number() const { return bits >> 4; }
  constexpr uint8_t fragment() const { return bits & 0xf; }
  friend constexpr bool operator==(SequenceControl, SequenceControl) = default;
};

/// a - b modulo 4096, in 0..4095. [802.11-2020 10.3.2.14]
constexpr uint16_t sequence_distance(uint16_t a, uint16_t b) {
  return static_cast<uint16_t>((a - b) & 0xfff);
}
/// Whether `a` comes before `b` in the sequence number space.
constexpr bool sequence_before(uint16_t a, uint16_t b) {
  return sequence_distance(a, b) > 2048;
}

/// [802.11-2020 9.2.4.5]
struct QosControl {
  uint16_t bits = 0;

  static constexpr uint16_t kEosp = 0x0010;
  static constexpr uint16_t kAmsdu = 0x0080;

  constexpr uint8_t tid() const { return bits & 0xf; }
  constexpr bool eosp() const { return (bits & kEosp) != 0; }
  constexpr AckPolicy ack_policy() const { return static_cast<AckPolicy>((bits >> 5) & 3); }
  constexpr bool amsdu() const { return (bits & kAmsdu) != 0; }

  constexpr QosControl& set_tid(uint8_t tid) {
    bits = static_cast<uint16_t>((bits & ~0xf) | (tid & 0xf));
    return *this;
  }
  constexpr QosControl& set_ack_policy(AckPolicy policy) {
    bits = static_cast<uint16_t>((bits & ~0x60) | static_cast<uint8_t>(policy) << 5);
    return *this;
  }
  constexpr QosControl& set(uint16_t flag, bool on = true) {
    bits = static_cast<uint16_t>(on ? bits | flag : bits & ~flag);
    return *this;
  }
  friend constexpr bool operator==(QosControl, QosControl) = default;
};

/// Which fields count follows from `fc`; the others stay at their defaults.
struct MacHeader {
  FrameControl fc;
  uint16_t duration = 0;  // PS-Poll: the AID with its two high bits set
  MacAddress address1;
  MacAddress address2;
  MacAddress address3;
  SequenceControl sequence;
  MacAddress address4;
  QosControl qos;
  uint32_t ht_control = 0;

  /// Reads the header and leaves `reader` at the body.
  /// @error kTruncated, kUnsupported (a protocol version or type that has no such header)
  static Result<MacHeader> parse(Reader& reader);
  void emit(Writer& writer) const;
  size_t length() const { return header_length(fc); }

  friend bool operator==(const MacHeader&, const MacHeader&) = default;
};

/// A frame's octets with a whole header. Cheap to copy; the octets must outlive it.
class FrameView {
 public:
  /// Nothing if the octets do not hold the header that their Frame Control implies, or are of a
  /// version or type that MacHeader refuses.
  static std::optional<FrameView> of(std::span<const uint8_t> octets) {
    if (octets.size() < 10) return std::nullopt;
    const FrameControl fc(static_cast<uint16_t>(octets[0] | octets[1] << 8));
    if (fc.version() != 0 || fc.type() == FrameType::kExtension) return std::nullopt;
    if (octets.size() < ieee80211::header_length(fc)) return std::nullopt;
    return FrameView(octets, fc);
  }

  std::span<const uint8_t> octets() const { return octets_; }
  FrameControl fc() const { return fc_; }
  size_t header_length() const { return ieee80211::header_length(fc_); }
  std::span<const uint8_t> body() const { return octets_.subspan(header_length()); }

  uint16_t duration() const { return le16(2); }
  MacAddress address1() const { return mac(4); }
  bool is_group_addressed() const { return (octets_[4] & 1) != 0; }
  /// False for ACK and CTS, which name only their receiver.
  bool has_address2() const { return octets_.size() >= 16 && !is_short_control(); }
  /// The transmitter; needs has_address2().
  MacAddress address2() const { return mac(10); }

  // The rest needs a management or data frame.
  MacAddress address3() const { return mac(16); }
  SequenceControl sequence() const { return SequenceControl(le16(22)); }
  /// Needs fc().has_address4().
  MacAddress address4() const { return mac(24); }
  MacAddress destination() const { return fc_.is_data() && fc_.to_ds() ? mac(16) : mac(4); }
  MacAddress source() const {
    if (!fc_.is_data() || !fc_.from_ds()) return mac(10);
    return fc_.to_ds() ? mac(24) : mac(16);
  }
  /// The BSSID; between access points (both DS bits) there is none: the receiver's address.
  MacAddress bssid() const {
    if (!fc_.is_data()) return mac(16);
    if (fc_.to_ds()) return mac(4);
    return fc_.from_ds() ? mac(10) : mac(16);
  }
  size_t qos_offset() const { return fc_.has_address4() ? 30 : 24; }
  /// Needs fc().is_qos_data().
  QosControl qos() const { return QosControl{le16(qos_offset())}; }
  /// The TID of a QoS data frame, else 0.
  uint8_t tid() const { return fc_.is_qos_data() ? octets_[qos_offset()] & 0xf : 0; }

  /// Deauthentication, Disassociation, or a robust Action frame; a protected Action frame, whose
  /// category is hidden, counts as robust. [802.11-2020 12.2.8, 9.4.1.11]
  bool is_robust_management() const;

 private:
  FrameView(std::span<const uint8_t> octets, FrameControl fc) : octets_(octets), fc_(fc) {}
  bool is_short_control() const { return ieee80211::header_length(fc_) == 10; }
  uint16_t le16(size_t at) const {
    return static_cast<uint16_t>(octets_[at] | octets_[at + 1] << 8);
  }
  MacAddress mac(size_t at) const { return MacAddress::from(octets_.subspan(at, 6)); }

  std::span<const uint8_t> octets_;
  FrameControl fc_;
};

}  // namespace airloom::ieee80211
