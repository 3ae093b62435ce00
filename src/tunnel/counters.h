// What a tunnel's end counts: what the network did to it, and what it refused.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace airloom::tunnel {

enum class Count : uint8_t {
  kFramesSent,      ///< 802.11 frames handed to the network
  kFramesReceived,  ///< 802.11 frames that the network brought
  kFragmentsSent,   ///< datagrams that held a part of one
  kLost,            ///< numbers that never came
  kReordered,       ///< came early and waited for those before them
  kLate,            ///< came after the wait for them was over
  kDuplicate,       ///< came again, and were dropped
  kIncomplete,      ///< messages of which a part never came
  kMalformed,       ///< datagrams of the peer that do not parse
  kRefused,         ///< datagrams of no session: strangers, wrong keys, replays, noise
  kRepeated,        ///< control requests sent again for want of an answer
  kSessions,        ///< sessions begun
  kSessionsLost,    ///< sessions whose peer fell silent
  kTxUnreported,    ///< frames sent whose fate the peer did not tell in time
  kTxRefused,       ///< frames that the radio did not take
  kCount,
};
constexpr size_t kCountCount = static_cast<size_t>(Count::kCount);

/// As it stands in reports: "frames-sent".
std::string_view to_string(Count count);

class Counters {
 public:
  void add(Count what, uint64_t by = 1) { values_[static_cast<size_t>(what)] += by; }
  uint64_t of(Count what) const { return values_[static_cast<size_t>(what)]; }

 private:
  std::array<uint64_t, kCountCount> values_{};
};

}  // namespace airloom::tunnel
