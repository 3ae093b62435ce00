#include "base/result.h"

namespace airloom {

const char* to_string(Errc code) {
  switch (code) {
    case Errc::kInvalid:
      return "invalid";
    case Errc::kMalformed:
      return "malformed";
    case Errc::kTruncated:
      return "truncated";
    case Errc::kRange:
      return "out of range";
    case Errc::kNotFound:
      return "not found";
    case Errc::kNoDevice:
      return "no such device";
    case Errc::kNotConnected:
      return "not connected";
    case Errc::kNoLink:
      return "no link";
    case Errc::kAlready:
      return "already done";
    case Errc::kBusy:
      return "busy";
    case Errc::kExists:
      return "exists";
    case Errc::kUnsupported:
      return "not supported";
    case Errc::kUnsupportedMode:
      return "mode not supported";
    case Errc::kNetDown:
      return "network is down";
    case Errc::kPermission:
      return "not permitted";
    case Errc::kTooMany:
      return "too many";
    case Errc::kNoBuffers:
      return "no buffer space";
    case Errc::kNoMemory:
      return "out of memory";
    case Errc::kInProgress:
      return "in progress";
    case Errc::kAddressInUse:
      return "address in use";
    case Errc::kTryAgain:
      return "try again";
    case Errc::kTimedOut:
      return "timed out";
    case Errc::kIo:
      return "input/output error";
    case Errc::kBadAuth:
      return "authentication failed";
    case Errc::kRadioBlocked:
      return "radio blocked by rfkill";
    case Errc::kNoProcess:
      return "no such process";
    case Errc::kBadDescriptor:
      return "bad descriptor";
    case Errc::kBadAddress:
      return "bad address";
    case Errc::kNoSpace:
      return "no space left";
  }
  return "unknown";
}

}  // namespace airloom
