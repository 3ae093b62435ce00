// What goes beside a native 802.11 frame, in the wireless specific information of its header: the
// binding's own four octets (RSSI, SNR and rate of what the radio heard; the WLANs that a frame is
// for), and behind them what a driver needs besides, which ends that know only the binding pass
// over. Everything is big-endian. [RFC 5416 4]
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/writer.h"
#include "mac80211/driver.h"

namespace airloom::tunnel {

/// Counts the frames of a session and direction from 1.
using FrameNumber = uint32_t;

/// A rate in four octets: kind, MCS and streams, or a legacy rate, width and guard interval.
Result<mac80211::RateInfo> parse_rate(Reader& reader);
void emit_rate(Writer& writer, const mac80211::RateInfo& rate);

/// Beside a frame that the radio heard.
struct RxInfo {
  int8_t signal_dbm = 0;
  uint8_t snr_db = 0;
  FrameNumber number = 0;
  uint64_t tsf_us = 0;  ///< the radio's, when the frame began
  uint16_t mhz = 0;
  mac80211::RateInfo rate;
  bool short_preamble = false;

  /// @error kTruncated  none of ours.
  static Result<RxInfo> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const RxInfo&, const RxInfo&) = default;
};

/// Beside a frame that the radio is to send.
struct TxInfo {
  FrameNumber number = 0;
  uint16_t mhz = 0;  ///< where; the radio goes there first if it must
  mac80211::RateInfo rate;
  uint8_t tries = 1;
  bool short_preamble = false;
  bool no_ack = false;
  bool wants_report = false;

  static Result<TxInfo> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const TxInfo&, const TxInfo&) = default;
};

}  // namespace airloom::tunnel
