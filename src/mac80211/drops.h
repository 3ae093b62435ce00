// Why a frame went no further: one counter per reason and radio, so that no loss is unexplained.
// What a station's statistics show of it (rx_dropped, rx_duplicates) is counted there as well, and
// what fails under a key in the Key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace airloom::mac80211 {

enum class Drop : uint8_t {
  // Receiving, in the order of the stages.
  kRxDuplicate,        ///< a retry that we have already
  kRxClass,            ///< data of somebody who is not associated
  kRxReorder,          ///< before the block-ack window, or twice in it
  kRxControl,          ///< a control frame that says nothing to us
  kRxNull,             ///< four addresses in a Null frame
  kRxProtection,       ///< too short for its cipher, or another cipher's MIC element
  kRxNoKey,            ///< under a key that we do not have
  kRxReplay,           ///< a packet number that is not above the last
  kRxBadMic,           ///< the MIC, or ICV, does not hold
  kRxFragment,         ///< no beginning, or to a group
  kRxMixedFragments,   ///< not of one piece with the beginning: key, packet number, clear text
  kRxAmsdu,            ///< malformed
  kRxSpoofed,          ///< in an A-MSDU or a beacon: addresses that its sender may not use
  kRxData,             ///< not for this role
  kRxEapol,            ///< EAPOL for somebody else
  kRxPortShut,         ///< 802.1X: its sender may only send EAPOL
  kRxClearData,        ///< in clear although there is a key
  kRxManagement,       ///< not addressed as its kind must be, or robust and of a stranger
  kRxClearManagement,  ///< robust and in clear, under PMF
  kRxClearBeacon,      ///< without a MIC, under beacon protection
  kRxUnwanted,         ///< an Action frame or other that nobody takes
  // Sending.
  kTxMalformed,   ///< no Ethernet frame; on a monitor no radiotap or header; an interface down
  kTxNoPeer,      ///< nobody there by that address
  kTxNoAudience,  ///< a group frame while no station is authorised
  kTxPortShut,    ///< 802.1X: only the control port may speak
  kTxQueueFull,   ///< the oldest of the fullest queue
  kTxDelay,       ///< CoDel: too long in its queue for too long
  kTxSleepFull,   ///< the oldest of too many for a sleeping station, or for the DTIM
  kTxExpired,     ///< waited for a sleeping station beyond its listen interval
  kTxCipher,      ///< could not be protected
  kTxRefused,     ///< written to a monitor where nobody may begin to send
  kTxPurged,      ///< its station or interface went
  kCount,
};

/// For people and programs: "rx-duplicate".
std::string_view to_string(Drop reason);

class Drops {
 public:
  void note(Drop reason, size_t frames = 1) { counters_[static_cast<size_t>(reason)] += frames; }
  /// @param frame_id  of RxStatus
  void note_received(Drop reason, uint64_t frame_id) {
    note(reason);
    if (on_received && frame_id != 0) on_received(reason, frame_id);
  }
  /// Who else wants to know of received frames, as it happens: a capture.
  std::function<void(Drop, uint64_t frame_id)> on_received;

  uint64_t of(Drop reason) const { return counters_[static_cast<size_t>(reason)]; }
  uint64_t total() const {
    uint64_t sum = 0;
    for (const uint64_t count : counters_) sum += count;
    return sum;
  }

 private:
  std::array<uint64_t, static_cast<size_t>(Drop::kCount)> counters_{};
};

}  // namespace airloom::mac80211
