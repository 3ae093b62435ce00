// Status codes: how an authentication or association attempt ended. Protocol data; any 16-bit
// value may arrive. [802.11-2020 Table 9-50]
#pragma once

#include <cstdint>

namespace airloom::ieee80211 {

enum class StatusCode : uint16_t {
  kSuccess = 0,
  kRefused = 1,
  kRefusedCapabilitiesMismatch = 10,
  kDeniedNoAssociationExists = 11,
  kDeniedOtherReason = 12,
  kUnsupportedAuthAlgorithm = 13,
  kTransactionSequenceError = 14,
  kChallengeFailure = 15,
  kRejectedSequenceTimeout = 16,
  kDeniedNoMoreStas = 17,
  kRefusedBasicRatesMismatch = 18,
  kDeniedNoShortPreamble = 19,
  kRejectedSpectrumManagementRequired = 22,
  kRejectedBadPowerCapability = 23,
  kRejectedBadSupportedChannels = 24,
  kDeniedNoShortSlotTime = 25,
  kDeniedNoHt = 27,
  kR0khUnreachable = 28,
  kRefusedTemporarily = 30,
  kRobustManagementPolicyViolation = 31,
  kUnspecifiedQosFailure = 32,
  kDeniedInsufficientBandwidth = 33,
  kDeniedPoorChannel = 34,
  kDeniedQosNotSupported = 35,
  kRequestDeclined = 37,
  kInvalidParameters = 38,
  kInvalidElement = 40,
  kInvalidGroupCipher = 41,
  kInvalidPairwiseCipher = 42,
  kInvalidAkmp = 43,
  kUnsupportedRsnVersion = 44,
  kInvalidRsnCapabilities = 45,
  kCipherRejectedPerPolicy = 46,
  kDeniedListenIntervalTooLarge = 51,
  kInvalidFtActionFrameCount = 52,
  kInvalidPmkid = 53,
  kInvalidMde = 54,
  kInvalidFte = 55,
  kAntiCloggingTokenRequired = 76,
  kUnsupportedFiniteCyclicGroup = 77,
  kRejectedNoSuchBssidInSet = 80,
  kDeniedVht = 104,
  kUnknownPasswordIdentifier = 123,
  kDeniedHe = 124,
  kSaeHashToElement = 126,
  kSaePublicKey = 127,
};

/// Lower-case words for logs, "reserved" if the standard has none.
const char* to_string(StatusCode status);

}  // namespace airloom::ieee80211
