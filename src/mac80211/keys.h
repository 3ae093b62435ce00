// Keys as NEW_KEY installs them: the cipher's context, which is set up once, the transmit packet
// number, and the newest packet number received of each TID. A KeyRing holds the keys of one peer
// (pairwise, 0 to 3) or of one link (group 0 to 3, IGTK 4 and 5, BIGTK 6 and 7) and says which is
// in use. Encrypting frames is cipher_suites.h's part. [802.11-2020 12.5, 12.6.1.1]
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "base/result.h"
#include "cfg80211/types.h"
#include "crypto/aead.h"
#include "crypto/mac.h"
#include "crypto/rc4.h"

namespace airloom::mac80211 {

/// Replay counters: one per TID, and one for management frames.
constexpr size_t kReplayCounters = 17;
constexpr size_t kManagementReplayCounter = 16;
constexpr uint8_t kKeySlots = 8;

class Key {
 public:
  /// @error kInvalid      the key or its sequence counter has a wrong length.
  /// @error kUnsupported  not a cipher that mac80211 knows.
  static Result<std::unique_ptr<Key>> create(uint8_t index, bool pairwise,
                                             const cfg80211::KeyParams& params);

  /// Tells this key from whatever was or will be in its ring, in any slot; never 0.
  uint64_t serial() const { return serial_; }
  uint8_t index() const { return index_; }
  bool is_pairwise() const { return pairwise_; }
  uint32_t cipher() const { return cipher_; }
  /// Whether it protects data and individually addressed management frames: CCMP, GCMP.
  bool is_aead() const { return std::holds_alternative<crypto::Aead>(context_); }
  crypto::Aead& aead() { return std::get<crypto::Aead>(context_); }
  /// Whether it protects data frames alone: WEP, TKIP.
  bool is_rc4() const { return std::holds_alternative<crypto::Rc4>(context_); }
  crypto::Rc4& rc4() { return std::get<crypto::Rc4>(context_); }
  bool is_tkip() const;
  bool is_wep() const { return is_rc4() && !is_tkip(); }
  bool protects_data() const { return is_aead() || is_rc4(); }
  /// WEP's key; TKIP's temporal key.
  std::span<const uint8_t> rc4_key() const;
  /// Michael's keys, of TKIP. [nl80211.h NL80211_TKIP_DATA_OFFSET_TX_MIC_KEY]
  std::span<const uint8_t, 8> michael_tx_key() const;
  std::span<const uint8_t, 8> michael_rx_key() const;
  /// Whether it puts a Management MIC element behind group-addressed management frames.
  bool is_bip() const { return !protects_data(); }
  /// The whole MIC of BIP over `data`. @param nonce  what BIP-GMAC mixes in; BIP-CMAC ignores it
  std::array<uint8_t, 16> management_mic(std::span<const uint8_t, 12> nonce,
                                         std::span<const uint8_t> data);
  /// Octets of MIC, or of WEP's and TKIP's ICV.
  size_t mic_size() const { return mic_size_; }
  /// The number of the frame to send now; the last one stays readable as last_tx_pn().
  uint64_t next_tx_pn() { return ++tx_pn_; }
  uint64_t last_tx_pn() const { return tx_pn_; }

  uint64_t last_rx_pn(size_t counter) const { return rx_pn_[counter]; }
  void set_last_rx_pn(size_t counter, uint64_t pn) { rx_pn_[counter] = pn; }

  /// Whether `params` would install the same key again: the kernel acknowledges and ignores that.
  bool is_same(const cfg80211::KeyParams& params) const;
  ~Key();

  uint64_t replays = 0, icv_errors = 0;

 private:
  friend class KeyRing;
  using Context =
      std::variant<std::monostate, crypto::Aead, crypto::Rc4, crypto::Cmac, crypto::Gmac>;
  Key(uint8_t index, bool pairwise, const cfg80211::KeyParams& params, Context context);

  uint64_t serial_ = 0;
  uint8_t index_;
  bool pairwise_;
  uint32_t cipher_;
  size_t mic_size_ = 0;
  Octets material_;
  uint64_t tx_pn_ = 0;
  std::array<uint64_t, kReplayCounters> rx_pn_{};
  Context context_;
};

class KeyRing {
 public:
  Key* find(uint8_t index) { return index < kKeySlots ? slots_[index].get() : nullptr; }
  const Key* find(uint8_t index) const { return index < kKeySlots ? slots_[index].get() : nullptr; }
  bool empty() const;
  /// Takes the place of whatever the slot held.
  void install(std::unique_ptr<Key> key);
  /// @error kNotFound
  Result<void> remove(uint8_t index);
  void clear();

  // What to send with: indices, none while unset. On a station's ring `unicast` is the pairwise
  // key; on a link's ring `multicast` is the GTK, `management` the IGTK, `beacon` the BIGTK.
  std::optional<uint8_t> unicast, multicast, management, beacon;
  Key* tx_key(const std::optional<uint8_t>& slot) { return slot ? find(*slot) : nullptr; }

 private:
  std::array<std::unique_ptr<Key>, kKeySlots> slots_;
  uint64_t installed_ = 0;
};

}  // namespace airloom::mac80211
