// Puts captured frames back on a world's air, each at its time, from senders that are no radio of
// any host: one for each interface of the capture. Octets, channel, rate and power are the
// capture's; a frame that it heard arrives as strongly as then. The senders hear nothing and repeat
// nothing.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "base/scheduler.h"
#include "lab/world.h"

namespace airloom::lab {

/// A frame of a capture.
struct ReplayFrame {
  Duration at{0};  ///< since the replay began
  uint32_t interface = 0;
  bool has_radiotap = true;
  uint32_t mhz = 0;  ///< where, if radiotap does not say; 0: not known
  std::span<const uint8_t> octets;
};

class AirReplay {
 public:
  /// No replay takes longer: ten years.
  static constexpr Duration kLongest = std::chrono::hours(24 * 3652);

  /// Begins now. The world outlives it.
  explicit AirReplay(World& world);
  ~AirReplay();
  AirReplay(const AirReplay&) = delete;
  AirReplay& operator=(const AirReplay&) = delete;

  /// Takes the next frame; those that are late go out at once, in order.
  /// @error kInvalid  malformed radiotap, shorter than its header, no channel known, or not within
  ///        kLongest.
  Result<void> add(const ReplayFrame& frame);
  /// No more will come: `done` is called when the last is out, at the earliest in a later event.
  void finish(std::function<void()> done);
  uint64_t frames() const { return frames_; }

 private:
  class Sender;
  struct Waiting {
    TimePoint due;
    uint32_t interface;
    medium::TransmitRequest request;
  };
  Sender& sender(uint32_t interface);
  void on_due();
  void arm();

  World& world_;
  const TimePoint began_;
  std::map<uint32_t, std::unique_ptr<Sender>> senders_;
  std::deque<Waiting> waiting_;
  std::function<void()> done_;
  uint64_t frames_ = 0;
  Timer timer_;
};

}  // namespace airloom::lab
