// Frames that programs write to monitors, octet by octet as they go out: radiotap says how, and but
// for the Sequence Control of our own addresses nothing in them is changed. They wait in a queue of
// their own, in the order in which they were written, and one of them at a time is with the driver,
// so that whatever else the radio has to send waits for one at most (docs/adr/0007). What is
// malformed is dropped and counted. (The kernel's ieee80211_monitor_start_xmit.)
#pragma once

#include <optional>

#include "base/fifo.h"
#include "base/result.h"
#include "bytes/frame_buffer.h"
#include "mac80211/driver.h"
#include "mac80211/drops.h"

namespace airloom::mac80211 {

class Interface;
class RadioStack;

class RawTx {
 public:
  explicit RawTx(RadioStack& stack) : stack_(stack) {}

  /// Takes a frame in the format in which the monitor's netdev shows them: behind a radiotap
  /// header, or plain.
  /// @error kInvalid  malformed radiotap, or shorter than the header that its Frame Control
  /// implies;
  ///        kTooMany  the queue is full.
  Result<void> submit(Interface& monitor, FrameBuffer written);
  /// The radio is home again: goes on.
  void resume() { pump(); }
  /// A monitor goes down: what it has written is dropped.
  void drop(Interface& monitor);
  /// Whether a status is that of a frame of ours, which is still to hear of it.
  bool owns(TxToken token) const { return on_air_ && on_air_->token == token; }

  /// A monitor's netdev pauses when so many frames wait, and goes on at half of that.
  static constexpr size_t kQueueMax = 256;
  /// What no netdev's pause holds back is limited by dropping.
  static constexpr size_t kQueueLimit = 1024;

 private:
  /// What a radiotap header asks for.
  struct Wish {
    std::optional<RateInfo> rate;
    uint8_t retries = 0;
    bool has_retries = false;
    bool short_preamble = false;
    bool no_ack = false;
    bool keep_sequence = false;
    bool may_fragment = false;
    bool encrypt = false;
  };
  struct Written {
    uint32_t monitor = 0;
    FrameBuffer mpdu;
    Wish wish;
  };
  struct OnAir {
    TxToken token = 0;
    uint32_t monitor = 0;
  };

  static Result<Wish> take_radiotap(FrameBuffer& written);
  void pump();
  Result<void> send(Written written, Interface& monitor);
  /// The running interface that has the frame's transmitter for its address, if any.
  Interface* sender_of(std::span<const uint8_t> octets) const;
  void assign_sequence(Interface& sender, FrameBuffer& mpdu) const;
  Result<void> protect_data(Interface& sender, FrameBuffer& mpdu) const;
  RateChain rates_for(const Interface& sender, const Wish& wish, uint32_t mhz, bool no_ack) const;
  void hand_to_driver(TxFrame frame, uint32_t monitor);
  void pause_monitors(bool pause);

  RadioStack& stack_;
  Fifo<Written> queue_;
  Fifo<TxFrame> parts_;  // of the frame on the air, after the first
  std::optional<OnAir> on_air_;
  bool paused_ = false;
};

}  // namespace airloom::mac80211
