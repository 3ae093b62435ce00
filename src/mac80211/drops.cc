#include "mac80211/drops.h"

namespace airloom::mac80211 {

std::string_view to_string(Drop reason) {
  switch (reason) {
    case Drop::kRxDuplicate:
      return "rx-duplicate";
    case Drop::kRxClass:
      return "rx-class";
    case Drop::kRxReorder:
      return "rx-reorder";
    case Drop::kRxControl:
      return "rx-control";
    case Drop::kRxNull:
      return "rx-null";
    case Drop::kRxProtection:
      return "rx-protection";
    case Drop::kRxNoKey:
      return "rx-no-key";
    case Drop::kRxReplay:
      return "rx-replay";
    case Drop::kRxBadMic:
      return "rx-bad-mic";
    case Drop::kRxFragment:
      return "rx-fragment";
    case Drop::kRxMixedFragments:
      return "rx-mixed-fragments";
    case Drop::kRxAmsdu:
      return "rx-amsdu";
    case Drop::kRxSpoofed:
      return "rx-spoofed";
    case Drop::kRxData:
      return "rx-data";
    case Drop::kRxEapol:
      return "rx-eapol";
    case Drop::kRxPortShut:
      return "rx-port-shut";
    case Drop::kRxClearData:
      return "rx-clear-data";
    case Drop::kRxManagement:
      return "rx-management";
    case Drop::kRxClearManagement:
      return "rx-clear-management";
    case Drop::kRxClearBeacon:
      return "rx-clear-beacon";
    case Drop::kRxUnwanted:
      return "rx-unwanted";
    case Drop::kTxMalformed:
      return "tx-malformed";
    case Drop::kTxNoPeer:
      return "tx-no-peer";
    case Drop::kTxNoAudience:
      return "tx-no-audience";
    case Drop::kTxPortShut:
      return "tx-port-shut";
    case Drop::kTxQueueFull:
      return "tx-queue-full";
    case Drop::kTxDelay:
      return "tx-delay";
    case Drop::kTxSleepFull:
      return "tx-sleep-full";
    case Drop::kTxExpired:
      return "tx-expired";
    case Drop::kTxCipher:
      return "tx-cipher";
    case Drop::kTxRefused:
      return "tx-refused";
    case Drop::kTxPurged:
      return "tx-purged";
    case Drop::kCount:
      break;
  }
  return "";
}

}  // namespace airloom::mac80211
