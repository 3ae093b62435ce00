// WEP keys that a connection begins with: CONNECT brings them along, cfg80211's own SME
// authenticates by one of them if it has to, and installs all once associated.
// [nl80211.h NL80211_ATTR_KEYS; 802.11-2020 12.3]
#pragma once

#include <array>

#include "base/result.h"
#include "cfg80211/requests.h"

namespace airloom::cfg80211 {

class Wdev;
class Wiphy;

/// By index; cipher 0: there is none.
struct WepKeys {
  std::array<KeyParams, 4> keys;
  uint8_t transmit = 0;  ///< the index to send with
};

/// @error kInvalid  this cannot be a key of a connection, or not with this radio
Result<void> check_wep_key(const Wiphy&, uint8_t index, const KeyParams&);

/// connect() with WEP keys. Ciphers that the request leaves open are theirs.
/// @error kUnsupported  the radio's own SME is to connect
Result<void> connect_with_wep(Wdev&, ConnectRequest, WepKeys, PortId caller);

}  // namespace airloom::cfg80211
