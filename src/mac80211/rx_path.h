// From the air to whoever a frame is for: monitors, scan, station MLME, userspace, the netdev. The
// stages are named in one list in rx_path.cc; each takes the frame and says whether it goes on.
//
// Who gets management frames, in order: monitors; Scan::on_frame() (beacons and probe responses
// while a scan runs); then per interface: duplicates and class 3 violations are dropped, protected
// frames decrypted, PMF's rules applied; cfg80211::rx_management() if userspace registered for
// them; and what nobody took goes to StationMlme::on_frame() on station interfaces.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "bytes/frame_buffer.h"
#include "ieee80211/mac_header.h"
#include "mac80211/cipher_suites.h"
#include "mac80211/driver.h"
#include "mac80211/drops.h"
#include "mac80211/reorder_buffer.h"

namespace airloom::mac80211 {

class Interface;
class RadioStack;
class Station;
class Key;

/// A received frame on its way through the stages, for one interface.
struct RxFrame {
  FrameBuffer buffer;  ///< shared until decrypted
  ieee80211::FrameView view;
  const RxStatus& status;
  Interface& interface;
  Station* station = nullptr;
  Key* key = nullptr;
  /// Index into per-TID tables: the TID of QoS data, else kNonQosTid.
  size_t tid_index = 0;
  /// Whose netdev and group keys it is for.
  Interface& port() const;
  bool decrypted = false;  ///< it was protected and its MIC held; security header and MIC are gone
  size_t burst_index = kNoBurst;  ///< among those that came with it
  static constexpr size_t kNoBurst = SIZE_MAX;
  /// Under TKIP: the number to note as used once Michael's MIC has held.
  uint64_t packet_number = 0;
  std::optional<Drop> reason;  ///< why a stage drops it, where that is not the stage's only reason
};

class RxPath {
 public:
  explicit RxPath(RadioStack& stack) : stack_(stack) {}
  void receive(std::span<const ReceivedFrame> burst);
  /// Decrypts a frame with its key, if that has not been done ahead.
  Opened unprotect(RxFrame& frame, size_t counter);
  /// Goes on with frames of a station that a reorder buffer has let go.
  void resume(uint32_t station, std::span<const HeldMpdu> frames);

 private:
  void open_ahead(std::span<const ReceivedFrame> burst);
  Key* data_key(const ReceivedFrame& received);
  void receive_one(const ReceivedFrame& received, size_t index);
  void receive_for(Interface& interface, Station* station, const ReceivedFrame& received,
                   size_t index);
  void run_stages(RxFrame& frame, size_t first);
  void note_drop(const RxFrame& frame, Drop reason);
  RadioStack& stack_;
  Opening opening_;  // of the burst that is being received
};

}  // namespace airloom::mac80211
