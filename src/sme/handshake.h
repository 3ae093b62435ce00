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
#include "sme/keys.h"

namespace airloom::sme {

/// Why a handshake ends badly, as the reason code of the deauthentication that follows.
/// [802.11-2020 Table 9-49]
enum class HandshakeFailure : uint16_t {
  kPairwiseTimeout = 15,  // 4WAY_HANDSHAKE_TIMEOUT
  kGroupTimeout = 16,     // GROUP_KEY_HANDSHAKE_TIMEOUT
  kElementMismatch = 17,  // HANDSHAKE_ELEMENT_MISMATCH
};

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
struct InstallGtk {
  GroupKey key;
};
/// Opens the controlled port: data may flow.
struct Authorise {};
struct Fail {
  HandshakeFailure failure;
};
using Action =
    std::variant<SendFrame, ArmTimeout, CancelTimeout, InstallPtk, InstallGtk, Authorise, Fail>;

/// What a machine answers to an event.
template <typename State>
struct Step {
  State state;
  std::vector<Action> actions;
  std::string discarded;  // why the event changed nothing; empty: it was taken
};

}  // namespace airloom::sme
