#include "ieee80211/reason_code.h"

namespace airloom::ieee80211 {

const char* to_string(ReasonCode reason) {
  struct Row {
    ReasonCode reason;
    const char* words;
  };
  static constexpr Row kRows[] = {
      {ReasonCode::kUnspecified, "unspecified"},
      {ReasonCode::kInvalidAuthentication, "invalid authentication"},
      {ReasonCode::kLeavingNetworkDeauth, "leaving network deauth"},
      {ReasonCode::kInactivity, "inactivity"},
      {ReasonCode::kNoMoreStas, "no more STAs"},
      {ReasonCode::kInvalidClass2Frame, "invalid class2 frame"},
      {ReasonCode::kInvalidClass3Frame, "invalid class3 frame"},
      {ReasonCode::kLeavingNetworkDisassoc, "leaving network disassoc"},
      {ReasonCode::kNotAuthenticated, "not authenticated"},
      {ReasonCode::kUnacceptablePowerCapability, "unacceptable power capability"},
      {ReasonCode::kUnacceptableSupportedChannels, "unacceptable supported channels"},
      {ReasonCode::kBssTransitionDisassoc, "BSS transition disassoc"},
      {ReasonCode::kInvalidElement, "invalid element"},
      {ReasonCode::kMicFailure, "MIC failure"},
      {ReasonCode::kFourWayHandshakeTimeout, "four way handshake timeout"},
      {ReasonCode::kGroupKeyHandshakeTimeout, "group key handshake timeout"},
      {ReasonCode::kHandshakeElementMismatch, "handshake element mismatch"},
      {ReasonCode::kInvalidGroupCipher, "invalid group cipher"},
      {ReasonCode::kInvalidPairwiseCipher, "invalid pairwise cipher"},
      {ReasonCode::kInvalidAkmp, "invalid AKMP"},
      {ReasonCode::kUnsupportedRsnVersion, "unsupported RSN version"},
      {ReasonCode::kInvalidRsnCapabilities, "invalid RSN capabilities"},
      {ReasonCode::kIeee8021xAuthFailed, "802.1X auth failed"},
      {ReasonCode::kCipherOutOfPolicy, "cipher out of policy"},
      {ReasonCode::kTdlsPeerUnreachable, "TDLS peer unreachable"},
      {ReasonCode::kTdlsUnspecified, "TDLS unspecified"},
      {ReasonCode::kUnspecifiedQos, "unspecified QoS"},
      {ReasonCode::kNotEnoughBandwidth, "not enough bandwidth"},
      {ReasonCode::kMissingAcks, "missing acks"},
      {ReasonCode::kExceededTxop, "exceeded TXOP"},
      {ReasonCode::kStaLeaving, "STA leaving"},
      {ReasonCode::kEndBa, "end BA"},
      {ReasonCode::kUnknownBa, "unknown BA"},
      {ReasonCode::kTimeout, "timeout"},
      {ReasonCode::kPeerkeyMismatch, "peerkey mismatch"},
      {ReasonCode::kInvalidPmkid, "invalid PMKID"},
      {ReasonCode::kMeshPeeringCancelled, "mesh peering cancelled"},
      {ReasonCode::kMeshMaxPeers, "mesh max peers"},
      {ReasonCode::kMeshConfigurationPolicy, "mesh configuration policy"},
      {ReasonCode::kMeshClose, "mesh close"},
      {ReasonCode::kMeshMaxRetries, "mesh max retries"},
      {ReasonCode::kMeshConfirmTimeout, "mesh confirm timeout"},
      {ReasonCode::kMeshInvalidGtk, "mesh invalid GTK"},
      {ReasonCode::kMeshInconsistentParameters, "mesh inconsistent parameters"},
      {ReasonCode::kMeshInvalidSecurity, "mesh invalid security"},
  };
  for (const Row& row : kRows)
    if (row.reason == reason) return row.words;
  return "reserved";
}

}  // namespace airloom::ieee80211
