#include "ieee80211/status_code.h"

namespace airloom::ieee80211 {

const char* to_string(StatusCode status) {
  struct Row {
    StatusCode status;
    const char* words;
  };
  static constexpr Row kRows[] = {
      {StatusCode::kSuccess, "success"},
      {StatusCode::kRefused, "refused"},
      {StatusCode::kRefusedCapabilitiesMismatch, "refused capabilities mismatch"},
      {StatusCode::kDeniedNoAssociationExists, "denied no association exists"},
      {StatusCode::kDeniedOtherReason, "denied other reason"},
      {StatusCode::kUnsupportedAuthAlgorithm, "unsupported auth algorithm"},
      {StatusCode::kTransactionSequenceError, "transaction sequence error"},
      {StatusCode::kChallengeFailure, "challenge failure"},
      {StatusCode::kRejectedSequenceTimeout, "rejected sequence timeout"},
      {StatusCode::kDeniedNoMoreStas, "denied no more STAs"},
      {StatusCode::kRefusedBasicRatesMismatch, "refused basic rates mismatch"},
      {StatusCode::kDeniedNoShortPreamble, "denied no short preamble"},
      {StatusCode::kRejectedSpectrumManagementRequired, "rejected spectrum management required"},
      {StatusCode::kRejectedBadPowerCapability, "rejected bad power capability"},
      {StatusCode::kRejectedBadSupportedChannels, "rejected bad supported channels"},
      {StatusCode::kDeniedNoShortSlotTime, "denied no short slot time"},
      {StatusCode::kDeniedNoHt, "denied no HT"},
      {StatusCode::kR0khUnreachable, "R0KH unreachable"},
      {StatusCode::kRefusedTemporarily, "refused temporarily"},
      {StatusCode::kRobustManagementPolicyViolation, "robust management policy violation"},
      {StatusCode::kUnspecifiedQosFailure, "unspecified QoS failure"},
      {StatusCode::kDeniedInsufficientBandwidth, "denied insufficient bandwidth"},
      {StatusCode::kDeniedPoorChannel, "denied poor channel"},
      {StatusCode::kDeniedQosNotSupported, "denied QoS not supported"},
      {StatusCode::kRequestDeclined, "request declined"},
      {StatusCode::kInvalidParameters, "invalid parameters"},
      {StatusCode::kInvalidElement, "invalid element"},
      {StatusCode::kInvalidGroupCipher, "invalid group cipher"},
      {StatusCode::kInvalidPairwiseCipher, "invalid pairwise cipher"},
      {StatusCode::kInvalidAkmp, "invalid AKMP"},
      {StatusCode::kUnsupportedRsnVersion, "unsupported RSN version"},
      {StatusCode::kInvalidRsnCapabilities, "invalid RSN capabilities"},
      {StatusCode::kCipherRejectedPerPolicy, "cipher rejected per policy"},
      {StatusCode::kDeniedListenIntervalTooLarge, "denied listen interval too large"},
      {StatusCode::kInvalidFtActionFrameCount, "invalid FT action frame count"},
      {StatusCode::kInvalidPmkid, "invalid PMKID"},
      {StatusCode::kInvalidMde, "invalid MDE"},
      {StatusCode::kInvalidFte, "invalid FTE"},
      {StatusCode::kAntiCloggingTokenRequired, "anti clogging token required"},
      {StatusCode::kUnsupportedFiniteCyclicGroup, "unsupported finite cyclic group"},
      {StatusCode::kRejectedNoSuchBssidInSet, "rejected no such BSSID in set"},
      {StatusCode::kDeniedVht, "denied VHT"},
      {StatusCode::kUnknownPasswordIdentifier, "unknown password identifier"},
      {StatusCode::kDeniedHe, "denied HE"},
      {StatusCode::kSaeHashToElement, "SAE hash to element"},
      {StatusCode::kSaePublicKey, "SAE public key"},
  };
  for (const Row& row : kRows)
    if (row.status == status) return row.words;
  return "reserved";
}

}  // namespace airloom::ieee80211
