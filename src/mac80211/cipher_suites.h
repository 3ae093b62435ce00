// Protects and opens MPDUs in place with a Key: CCMP and GCMP for data and individually addressed
// management frames, WEP and TKIP for data of old peers (rc4_suites.cc), BIP's Management MIC
// element for group-addressed management frames. Replay is checked here, against the key's
// counters, and they move only after a good MIC. [802.11-2020 12.3.2, 12.5.2 to 12.5.5]
#pragma once

#include <cstdint>

#include "bytes/frame_buffer.h"
#include "ieee80211/mac_header.h"
#include "mac80211/keys.h"

namespace airloom::mac80211 {

/// Encrypts a whole MPDU: inserts the security header behind the MAC header, appends the MIC (of
/// WEP and TKIP: the ICV) and sets Protected Frame. The buffer is unique, with 8 octets of headroom
/// and the MIC's tailroom.
/// @error kInvalid  the packet numbers are used up.
Result<void> protect(Key& key, FrameBuffer& mpdu);

enum class Opened : uint8_t { kOk, kNoSuchKey, kMalformed, kReplay, kBadMic };

/// Decrypts a protected MPDU: on kOk the security header and MIC are gone, the Protected Frame bit
/// stays. `counter` is the replay counter of the frame. Takes a private copy if shared.
Opened unprotect(Key& key, FrameBuffer& mpdu, size_t counter);

/// TKIP's second half, on whole MSDUs: appends Michael's MIC to a data frame that is to be cut and
/// protected, or checks it on one that was opened and joined, and takes it off. That a frame's
/// packet number was used is noted by the caller, after a good MIC. [802.11-2020 12.5.2.1.3]
void add_michael(Key& key, FrameBuffer& mpdu);
Opened check_michael(Key& key, FrameBuffer& mpdu);

/// The packet number in the security header; nothing if it is too short. WEP has none.
std::optional<uint64_t> packet_number(const Key& key, const ieee80211::FrameView& view);

/// Key id of a protected MPDU's security header; nothing if it is too short.
std::optional<uint8_t> key_id(const ieee80211::FrameView& view);

/// Appends a Management MIC element to a group-addressed management frame or a beacon.
void add_management_mic(Key& key, Octets& mpdu);
/// Key id of a frame that ends in a Management MIC element of some size.
std::optional<uint16_t> management_mic_key_id(const ieee80211::FrameView& view);
/// Checks it; the element stays (it is an element like others to whoever reads on).
Opened check_management_mic(Key& key, const ieee80211::FrameView& view);

}  // namespace airloom::mac80211
