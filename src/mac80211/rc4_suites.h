// WEP and TKIP, for peers that know nothing better: protect() and unprotect() of cipher_suites.h
// under such a key. [802.11-2020 12.3.2, 12.5.2]
#pragma once

#include "mac80211/cipher_suites.h"

namespace airloom::mac80211 {

/// @error kInvalid  the packet numbers are used up.
Result<void> protect_rc4(Key& key, FrameBuffer& mpdu);
/// TKIP's replay counter stays where it is: Michael has not spoken yet.
Opened unprotect_rc4(Key& key, FrameBuffer& mpdu, size_t counter);

}  // namespace airloom::mac80211
