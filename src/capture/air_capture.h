// A capture of the air: each transmission that is shown to it becomes a packet behind a radiotap
// header, on the capture interface of the radio that sent or heard it. Wireshark and tshark read
// the file. It watches; it takes no part in the air.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "bytes/writer.h"
#include "capture/pcapng.h"
#include "ieee80211/radiotap.h"
#include "ieee80211/rates.h"

namespace airloom::capture {

/// What is known of a transmission besides its octets. What is left out stays out of the capture.
struct FrameMeta {
  uint32_t mhz = 0;  // the primary channel; 0: not known
  std::optional<ieee80211::Rate> rate;
  bool short_preamble = false;
  std::optional<int8_t> signal_dbm;    // as heard
  std::optional<int8_t> tx_power_dbm;  // as sent
  std::optional<uint8_t> retries;
  std::optional<ieee80211::RadiotapAmpdu> ampdu;
};

/// The radiotap header for a frame on the air at `tsf_us`.
ieee80211::RadiotapHeader to_radiotap(const FrameMeta& meta, uint64_t tsf_us);

/// What stands beside a frame's octets. Once made, it serves all frames that differ in their time
/// and in the A-MPDU that they are of.
struct Caption {
  /// @param comment  empty: none
  Caption(PcapngWriter::InterfaceId interface, const FrameMeta& meta, std::string comment = {});

  PcapngWriter::InterfaceId interface;
  std::string comment;

 private:
  friend class AirCapture;
  Octets radiotap_;
  size_t ampdu_at_ = 0;  // where the A-MPDU's reference stands in it; 0: nowhere
};

class AirCapture {
 public:
  using InterfaceId = PcapngWriter::InterfaceId;

  /// @param writer          of the file; outlives the capture
  /// @param epoch_of_world  wall-clock time, since 1970, at the world's time 0
  explicit AirCapture(PcapngWriter& writer, Duration epoch_of_world = Duration(0));

  /// Adds a capture interface, one per radio.
  InterfaceId add_interface(std::string_view name);

  /// Records a frame: MAC header and body, without FCS. Writes its time into the caption.
  /// @param ampdu_reference  counts if the caption is of frames in A-MPDUs
  void on_frame(Caption& caption, TimePoint at, std::span<const uint8_t> frame,
                uint32_t ampdu_reference = 0);

  uint64_t frames() const { return frames_; }

 private:
  PcapngWriter& writer_;
  Duration epoch_of_world_;
  uint64_t frames_ = 0;
};

}  // namespace airloom::capture
