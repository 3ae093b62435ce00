// cfg80211's own SME: turns CONNECT on a SoftMAC driver into scan, authentication and association.
// The 4-way handshake is userspace's. Lives in its Wdev from CONNECT to the connection's end.
#pragma once

#include <cstdint>
#include <optional>

#include "base/scheduler.h"
#include "cfg80211/requests.h"
#include "cfg80211/wep.h"

namespace airloom::cfg80211 {

class Wdev;

struct Sme {
  enum class State : uint8_t {
    kScanning,
    kScanAgain,  ///< somebody else's scan runs; ours comes after it
    kAuthenticateNext,
    kAuthenticating,
    kAuthenticationTimedOut,
    kAssociateNext,
    kAssociating,
    kAssociationFailed,
    kAssociationTimedOut,
    kDeauthenticate,  ///< disassociated: leave the authenticated state too
    kAbandoned,
    kConnected,
  };

  Sme(Wdev& owner, ConnectRequest what);

  /// Moves on after the event that is handled now.
  void go_to(State next);
  /// Does what the state asks for.
  Result<void> step(uint32_t& timeout_reason);
  void work();

  Wdev& wdev;
  ConnectRequest request;
  bool automatic_auth = false;
  std::optional<WepKeys> wep_keys;  ///< to be installed
  State state = State::kScanning;
  Timer timer;
};

/// Connected: installs the WEP keys that CONNECT brought along, if any. One that the driver refuses
/// is not there, no more.
void install_wep_keys(Wdev& wdev);

}  // namespace airloom::cfg80211
