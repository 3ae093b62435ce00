// Puts fragments of a message together again, in whatever order and however often they come. One
// for each channel and direction. [RFC 5415 3.4]
#pragma once

#include <map>
#include <optional>

#include "base/scheduler.h"
#include "bytes/writer.h"
#include "tunnel/capwap.h"
#include "tunnel/counters.h"

namespace airloom::tunnel {

class Reassembler {
 public:
  /// Both outlive it.
  Reassembler(Scheduler& scheduler, Counters& counters);

  struct Whole {
    Octets wireless;
    Octets payload;
  };
  /// Takes a fragment; the message, once that was its last missing one. Parts that contradict each
  /// other spoil their message.
  std::optional<Whole> add(const CapwapHeader& header, std::span<const uint8_t> payload);
  void clear();

  static constexpr size_t kPendingMax = 32;  ///< messages; the oldest gives way
  static constexpr Duration kPatience = std::chrono::seconds(1);

 private:
  struct Pending {
    TimePoint since;
    Octets wireless;
    std::map<size_t, Octets> parts;  // by offset in octets
    size_t gathered = 0;
    std::optional<size_t> total;
  };
  bool put(Pending& pending, const CapwapHeader& header, std::span<const uint8_t> payload);
  void drop_oldest();
  void on_timer();

  Scheduler& scheduler_;
  Counters& counters_;
  std::map<uint16_t, Pending> pending_;  // by fragment id
  Timer timer_;
};

}  // namespace airloom::tunnel
