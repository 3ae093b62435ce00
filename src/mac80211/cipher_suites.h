// Protects and opens MPDUs in place with a Key: CCMP and GCMP for data and individually addressed
// management frames, WEP and TKIP for data of old peers (rc4_suites.cc), BIP's Management MIC
// element for group-addressed management frames. Replay is checked here, against the key's
// counters, and they move only after a good MIC. [802.11-2020 12.3.2, 12.5.2 to 12.5.5]
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "bytes/frame_buffer.h"
#include "crypto/ccmp.h"
#include "ieee80211/mac_header.h"
#include "mac80211/keys.h"

namespace airloom::mac80211 {

/// Encrypts a whole MPDU: inserts the security header behind the MAC header, appends the MIC (of
/// WEP and TKIP: the ICV) and sets Protected Frame. The buffer is unique, with 8 octets of headroom
/// and the MIC's tailroom.
/// @error kInvalid  the packet numbers are used up.
Result<void> protect(Key& key, FrameBuffer& mpdu);

/// An MPDU on its way through a cipher: what of it is no octet of the frame.
struct CipherInputs {
  crypto::Aad aad;
  std::array<uint8_t, 13> nonce;
  uint8_t nonce_size = 0;
  std::span<uint8_t> payload, mic;  ///< in the frame's buffer

  crypto::AeadJob job() const { return {{nonce.data(), nonce_size}, aad.span(), payload, mic}; }
};

/// MPDUs that are protected together, since ciphers are faster on bursts. Their keys and buffers
/// stay until finish().
class Sealing {
 public:
  /// As protect(), but encrypted only by finish(); under WEP and TKIP at once.
  Result<void> add(Key& key, FrameBuffer& mpdu);
  void finish();

 private:
  struct Item {
    Key* key;
    CipherInputs inputs;
  };
  std::vector<Item> items_;
};

enum class Opened : uint8_t { kOk, kNoSuchKey, kMalformed, kReplay, kBadMic };

/// Decrypts a protected MPDU: on kOk the security header and MIC are gone, the Protected Frame bit
/// stays. `counter` is the replay counter of the frame. Takes a private copy if shared.
Opened unprotect(Key& key, FrameBuffer& mpdu, size_t counter);

/// Protected MPDUs that are decrypted together, ahead of the stages that judge them: what a frame
/// says, its replay and its MIC are found out only by unprotect() with what was done ahead.
class Opening {
 public:
  /// Takes a private copy. A frame without a key, or malformed, is left to unprotect() alone.
  void add(Key* key, const FrameBuffer& mpdu);
  void finish();
  void clear() { items_.clear(); }
  /// As unprotect(); the cipher's work is done if the `index`th add() had the frame and this key.
  Opened unprotect(size_t index, Key& key, FrameBuffer& mpdu, size_t counter);

 private:
  struct Item {
    Key* key = nullptr;  ///< none: it was left alone
    uint64_t key_serial = 0;
    FrameBuffer mpdu;
    CipherInputs inputs;
    bool ok = false;
  };
  std::vector<Item> items_;
};

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
