#include "tunnel/counters.h"

namespace airloom::tunnel {

std::string_view to_string(Count count) {
  switch (count) {
    case Count::kFramesSent:
      return "frames-sent";
    case Count::kFramesReceived:
      return "frames-received";
    case Count::kFragmentsSent:
      return "fragments-sent";
    case Count::kLost:
      return "lost";
    case Count::kReordered:
      return "reordered";
    case Count::kLate:
      return "late";
    case Count::kDuplicate:
      return "duplicate";
    case Count::kIncomplete:
      return "incomplete";
    case Count::kMalformed:
      return "malformed";
    case Count::kRefused:
      return "refused";
    case Count::kRepeated:
      return "repeated";
    case Count::kSessions:
      return "sessions";
    case Count::kSessionsLost:
      return "sessions-lost";
    case Count::kTxUnreported:
      return "tx-unreported";
    case Count::kTxRefused:
      return "tx-refused";
    case Count::kCount:
      break;
  }
  return "";
}

}  // namespace airloom::tunnel
