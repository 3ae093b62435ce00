// Reason codes: why an association ended. Protocol data; any 16-bit value may arrive.
// [802.11-2020 Table 9-49]
#pragma once

#include <cstdint>

namespace airloom::ieee80211 {

enum class ReasonCode : uint16_t {
  kUnspecified = 1,
  kInvalidAuthentication = 2,
  kLeavingNetworkDeauth = 3,
  kInactivity = 4,
  kNoMoreStas = 5,
  kInvalidClass2Frame = 6,
  kInvalidClass3Frame = 7,
  kLeavingNetworkDisassoc = 8,
  kNotAuthenticated = 9,
  kUnacceptablePowerCapability = 10,
  kUnacceptableSupportedChannels = 11,
  kBssTransitionDisassoc = 12,
  kInvalidElement = 13,
  kMicFailure = 14,
  kFourWayHandshakeTimeout = 15,
  kGroupKeyHandshakeTimeout = 16,
  kHandshakeElementMismatch = 17,
  kInvalidGroupCipher = 18,
  kInvalidPairwiseCipher = 19,
  kInvalidAkmp = 20,
  kUnsupportedRsnVersion = 21,
  kInvalidRsnCapabilities = 22,
  kIeee8021xAuthFailed = 23,
  kCipherOutOfPolicy = 24,
  kTdlsPeerUnreachable = 25,
  kTdlsUnspecified = 26,
  kUnspecifiedQos = 32,
  kNotEnoughBandwidth = 33,
  kMissingAcks = 34,
  kExceededTxop = 35,
  kStaLeaving = 36,
  kEndBa = 37,
  kUnknownBa = 38,
  kTimeout = 39,
  kPeerkeyMismatch = 45,
  kInvalidPmkid = 49,
  kMeshPeeringCancelled = 52,
  kMeshMaxPeers = 53,
  kMeshConfigurationPolicy = 54,
  kMeshClose = 55,
  kMeshMaxRetries = 56,
  kMeshConfirmTimeout = 57,
  kMeshInvalidGtk = 58,
  kMeshInconsistentParameters = 59,
  kMeshInvalidSecurity = 60,
};

/// Lower-case words for logs, "reserved" if the standard has none.
const char* to_string(ReasonCode reason);

}  // namespace airloom::ieee80211
