// The bodies of management frames: fixed fields as values, elements as the octets they are.
// The spans view the parsed frame, whose octets must outlive the value.
// [802.11-2020 9.3.3, 9.4.1]
#pragma once

#include <cstdint>
#include <span>

#include "base/mac_address.h"
#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/writer.h"

namespace airloom::ieee80211 {

/// Bits of the Capability Information field. [802.11-2020 9.4.1.4]
namespace capability {
constexpr uint16_t kEss = 0x0001;
constexpr uint16_t kIbss = 0x0002;
constexpr uint16_t kPrivacy = 0x0010;
constexpr uint16_t kShortPreamble = 0x0020;
constexpr uint16_t kSpectrumManagement = 0x0100;
constexpr uint16_t kQos = 0x0200;
constexpr uint16_t kShortSlotTime = 0x0400;
constexpr uint16_t kApsd = 0x0800;
constexpr uint16_t kRadioMeasurement = 0x1000;
}  // namespace capability

/// [802.11-2020 9.4.1.1]
enum class AuthAlgorithm : uint16_t {
  kOpenSystem = 0,
  kSharedKey = 1,
  kFastBssTransition = 2,
  kSae = 3,
  kFils = 4,
  kFilsPfs = 5,
  kFilsPublicKey = 6,
  kNetworkEap = 0x80,  // Cisco LEAP, which nl80211 knows too
};

/// Of a Beacon and of a Probe Response.
struct BeaconBody {
  static constexpr size_t kFixedLength = 12;
  uint64_t timestamp_us = 0;
  uint16_t interval_tu = 0;
  uint16_t capability = 0;
  std::span<const uint8_t> elements;

  static Result<BeaconBody> parse(Reader reader);
  void emit(Writer& writer) const;
};
using ProbeResponseBody = BeaconBody;

struct ProbeRequestBody {
  std::span<const uint8_t> elements;

  static Result<ProbeRequestBody> parse(Reader reader) { return ProbeRequestBody{reader.rest()}; }
  void emit(Writer& writer) const { writer.bytes(elements); }
};

/// `data` is what follows the three fixed fields: elements for most algorithms, and for SAE the
/// group, scalar and so on. [802.11-2020 9.3.3.11]
struct AuthenticationBody {
  static constexpr size_t kFixedLength = 6;
  AuthAlgorithm algorithm = AuthAlgorithm::kOpenSystem;
  uint16_t transaction = 0;
  uint16_t status = 0;
  std::span<const uint8_t> data;

  static Result<AuthenticationBody> parse(Reader reader);
  void emit(Writer& writer) const;
};

struct AssociationRequestBody {
  uint16_t capability = 0;
  uint16_t listen_interval = 0;  // in beacon intervals
  std::span<const uint8_t> elements;

  static Result<AssociationRequestBody> parse(Reader reader);
  void emit(Writer& writer) const;
};

struct ReassociationRequestBody {
  uint16_t capability = 0;
  uint16_t listen_interval = 0;
  MacAddress current_ap;
  std::span<const uint8_t> elements;

  static Result<ReassociationRequestBody> parse(Reader reader);
  void emit(Writer& writer) const;
};

/// Of an Association Response and of a Reassociation Response.
struct AssociationResponseBody {
  uint16_t capability = 0;
  uint16_t status = 0;
  uint16_t aid_field = 0;  // as on the air: the AID with its two high bits set
  std::span<const uint8_t> elements;

  /// The AID without the two high bits: 1..2007 if the peer is honest.
  uint16_t aid() const { return aid_field & 0x3fff; }
  void set_aid(uint16_t aid) { aid_field = aid | 0xc000; }

  static Result<AssociationResponseBody> parse(Reader reader);
  void emit(Writer& writer) const;
};
using ReassociationResponseBody = AssociationResponseBody;

/// Of a Deauthentication and of a Disassociation.
struct DeauthenticationBody {
  uint16_t reason = 0;
  std::span<const uint8_t> elements;  // vendor elements or an MME

  static Result<DeauthenticationBody> parse(Reader reader);
  void emit(Writer& writer) const;
};
using DisassociationBody = DeauthenticationBody;

}  // namespace airloom::ieee80211
