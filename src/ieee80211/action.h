// Action frames: categories, action codes, and the bodies that the stack itself speaks (block
// acknowledgment, SA Query), with the block acknowledgment control frames they lead to.
// [802.11-2020 9.4.1.11, 9.6]
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/mac_address.h"
#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/writer.h"

namespace airloom::ieee80211 {

/// [802.11-2020 Table 9-51]
enum class ActionCategory : uint8_t {
  kSpectrumManagement = 0,
  kQos = 1,
  kDls = 2,
  kBlockAck = 3,
  kPublic = 4,
  kRadioMeasurement = 5,
  kFastBssTransition = 6,
  kHt = 7,
  kSaQuery = 8,
  kProtectedDualOfPublic = 9,
  kWnm = 10,
  kUnprotectedWnm = 11,
  kTdls = 12,
  kMesh = 13,
  kMultihop = 14,
  kSelfProtected = 15,
  kDmg = 16,
  kWmm = 17,
  kFst = 18,
  kUnprotectedDmg = 20,
  kVht = 21,
  kHe = 30,
  kProtectedHe = 31,
  kVendorSpecificProtected = 126,
  kVendorSpecific = 127,
};
/// This bit on a category marks the answer of a station that did not understand the frame.
constexpr uint8_t kActionCategoryError = 0x80;

/// Whether PMF protects the category. [802.11-2020 Table 9-51, "Robust"]
constexpr bool is_robust_action(uint8_t category) {
  switch (static_cast<ActionCategory>(category)) {
    case ActionCategory::kPublic:
    case ActionCategory::kHt:
    case ActionCategory::kUnprotectedWnm:
    case ActionCategory::kSelfProtected:
    case ActionCategory::kUnprotectedDmg:
    case ActionCategory::kVht:
    case ActionCategory::kHe:
    case ActionCategory::kVendorSpecific:
      return false;
    default:  // categories are open-ended: what is not listed as exempt is robust
      return true;
  }
}

enum class SpectrumAction : uint8_t { kChannelSwitch = 4 };
enum class BlockAckAction : uint8_t { kAddbaRequest = 0, kAddbaResponse = 1, kDelba = 2 };
enum class PublicAction : uint8_t { kExtendedChannelSwitch = 4 };
enum class SaQueryAction : uint8_t { kRequest = 0, kResponse = 1 };
enum class HtAction : uint8_t { kNotifyChannelWidth = 0, kSmPowerSave = 1 };
enum class VhtAction : uint8_t { kOperatingModeNotification = 2 };

struct ActionHeader {
  uint8_t category = 0;
  uint8_t code = 0;

  constexpr ActionHeader() = default;
  constexpr ActionHeader(ActionCategory c, uint8_t action)
      : category(static_cast<uint8_t>(c)), code(action) {}
  static Result<ActionHeader> parse(Reader& reader);
  void emit(Writer& writer) const { writer.u8(category).u8(code); }
  bool is(ActionCategory wanted) const { return category == static_cast<uint8_t>(wanted); }
  friend bool operator==(const ActionHeader&, const ActionHeader&) = default;
};

/// SA Query Request or Response, category and code included. [802.11-2020 9.6.9]
struct SaQuery {
  SaQueryAction action = SaQueryAction::kRequest;
  uint16_t transaction = 0;

  static Result<SaQuery> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const SaQuery&, const SaQuery&) = default;
};

/// [802.11-2020 9.4.1.13]
struct BlockAckParameters {
  bool amsdu = false;
  bool immediate = true;
  uint8_t tid = 0;           // 0..15
  uint16_t buffer_size = 0;  // 0..1023; 0 leaves it to the recipient

  static BlockAckParameters from_bits(uint16_t bits);
  uint16_t to_bits() const;
  friend bool operator==(const BlockAckParameters&, const BlockAckParameters&) = default;
};

/// Each includes category and code. Trailing octets (ADDBA extension element) stay in `elements`,
/// which views the parsed octets. [802.11-2020 9.6.4]
struct AddbaRequest {
  uint8_t dialog_token = 0;
  BlockAckParameters parameters;
  uint16_t timeout_tu = 0;         // 0: none
  uint16_t starting_sequence = 0;  // 0..4095
  uint8_t fragment = 0;            // 0..15
  std::span<const uint8_t> elements;

  static Result<AddbaRequest> parse(Reader reader);
  void emit(Writer& writer) const;
};

struct AddbaResponse {
  uint8_t dialog_token = 0;
  uint16_t status = 0;
  BlockAckParameters parameters;
  uint16_t timeout_tu = 0;
  std::span<const uint8_t> elements;

  static Result<AddbaResponse> parse(Reader reader);
  void emit(Writer& writer) const;
};

struct Delba {
  bool initiator = false;
  uint8_t tid = 0;
  uint16_t reason = 0;

  static Result<Delba> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const Delba&, const Delba&) = default;
};

/// The body of a compressed BlockAckReq frame, after the MAC header. [802.11-2020 9.3.1.7]
struct BlockAckRequestBody {
  bool no_ack_policy = false;
  uint8_t tid = 0;
  uint16_t starting_sequence = 0;
  uint8_t fragment = 0;

  /// @error kUnsupported  any variant but compressed
  static Result<BlockAckRequestBody> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const BlockAckRequestBody&, const BlockAckRequestBody&) = default;
};

/// The body of a compressed BlockAck frame with a 64-bit bitmap. [802.11-2020 9.3.1.8]
struct BlockAckBody {
  bool no_ack_policy = false;
  uint8_t tid = 0;
  uint16_t starting_sequence = 0;
  uint8_t fragment = 0;
  uint64_t bitmap = 0;  // bit i: starting_sequence + i was received

  /// @error kUnsupported  any variant but compressed
  static Result<BlockAckBody> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const BlockAckBody&, const BlockAckBody&) = default;
};

}  // namespace airloom::ieee80211
