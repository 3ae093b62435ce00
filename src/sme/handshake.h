// What the authenticator's and the supplicant's machines have in common: the events they take and
// the actions they return. The machines are pure: they read no clock, draw no random number and
// send nothing; their owner does what the actions say, in order.
// [802.11-2020 12.7.6, 12.7.7]
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "ieee80211/reason_code.h"
#include "sme/keys.h"

namespace airloom::sme {

struct SendFrame {
  Octets octets;         // from the EAPOL header
  bool encrypt = false;  // else it goes in the clear though a key may be there
};
struct ArmTimeout {
  Duration delay;
};
struct CancelTimeout {};
struct InstallPtk {
  Octets tk;
};
/// GTK, IGTK or BIGTK, by its id.
struct InstallGroupKey {
  GroupKey key;
};
/// Opens the controlled port: data may flow.
struct Authorise {};
/// The handshake ends badly; the reason is that of the deauthentication which follows.
struct Fail {
  ieee80211::ReasonCode reason;
};
using Action = std::variant<SendFrame, ArmTimeout, CancelTimeout, InstallPtk, InstallGroupKey,
                            Authorise, Fail>;

/// What a machine answers to an event.
template <typename State>
struct Step {
  State state;
  std::vector<Action> actions;
  std::string discarded;  // why the event changed nothing; empty: it was taken
};

}  // namespace airloom::sme
