// What becomes of a transmission on its way: how long it lasts, and whether and how strongly each
// receiver gets it. A model is told when each transmission begins and ends, so that one with
// contention and interference can keep account of what overlaps.
#pragma once

#include <optional>

#include "base/rng.h"
#include "medium/transmission.h"

namespace airloom::medium {

/// What becomes of a frame that a receiver decoded, beyond being received.
struct Fate {
  Duration delay{0};  ///< answered in time, but handed up so much later
  bool doubled = false;
  std::optional<Duration> again_after{};  ///< heard once more, so much later
};

/// What a receiver makes of a frame that it cannot decode.
struct Damaged {
  FrameBuffer frame;
  int signal_dbm;
};

class PropagationModel {
 public:
  virtual ~PropagationModel() = default;

  /// True if transmissions take no time and nobody tuned to the channel ever misses one: a sender
  /// then need not wait for one frame's ACK before it sends the next, nor ever repeat one.
  virtual bool is_ideal() const = 0;
  virtual Duration airtime(size_t octets, const Rate& rate) const = 0;
  virtual void on_begin(const Transmission&) {}
  /// The signal in dBm at a receiver tuned to the channel, if it decodes the frame. Asked at the
  /// end, once per receiver, in the order of attaching.
  virtual std::optional<int> decode(const Transmission& transmission, ReceiverId receiver) = 0;
  /// Asked after decode() refused a frame, if the receiver wants what has bit errors; nothing: it
  /// did not notice that there was one.
  virtual std::optional<Damaged> damage(const Transmission&, ReceiverId) { return std::nullopt; }
  /// Asked after decode() let a frame through.
  virtual Fate fate(const Transmission&, ReceiverId) { return {}; }
  virtual void on_end(const Transmission&) {}
};

/// How long the octets of a frame and its preamble take.
Duration frame_airtime(size_t octets, const Rate& rate);

/// A copy of a frame with some bits wrong.
FrameBuffer with_bit_errors(const FrameBuffer& frame, Rng& rng);

/// The default: zero airtime, and all hear all at a fixed loss. mac80211_hwsim does the same, so
/// 20 dBm arrives as -30.
class IdealPropagation final : public PropagationModel {
 public:
  static constexpr int kPathLossDb = 50;

  bool is_ideal() const override { return true; }
  Duration airtime(size_t, const Rate&) const override { return Duration{0}; }
  std::optional<int> decode(const Transmission& transmission, ReceiverId) override {
    return transmission.power_dbm - kPathLossDb;
  }
};

/// Frames take the time of their octets, and each receiver loses some at random to bit errors.
class LossyPropagation final : public PropagationModel {
 public:
  /// @param loss_percent  of receptions, 0 to 100.
  LossyPropagation(Rng& rng, unsigned loss_percent) : rng_(rng), loss_percent_(loss_percent) {}

  bool is_ideal() const override { return false; }
  Duration airtime(size_t octets, const Rate& rate) const override;
  std::optional<int> decode(const Transmission& transmission, ReceiverId receiver) override;
  std::optional<Damaged> damage(const Transmission& transmission, ReceiverId receiver) override;

 private:
  Rng& rng_;
  unsigned loss_percent_;
};

}  // namespace airloom::medium
