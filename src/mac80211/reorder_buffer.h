// The recipient's side of a block-ack agreement: hands MPDUs on in the order of their sequence
// numbers, and keeps those that came early until the gap before them closes, the window moves
// past it, a BlockAckReq says that nothing more comes, or they have waited long enough.
// [802.11-2020 10.25.6.6]
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "bytes/frame_buffer.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

/// A received MPDU, still encrypted, and its circumstances.
struct HeldMpdu {
  FrameBuffer mpdu{};
  RxStatus status{};
};

class ReorderBuffer {
 public:
  /// @param start  the first sequence number expected
  /// @param size   of the window, at least 1
  ReorderBuffer(uint16_t start, uint16_t size) : head_(start), size_(size) {}

  enum class Outcome : uint8_t {
    kPass,       ///< in order and nothing waits: go on with it
    kHeld,       ///< taken; it may be among what was let go
    kOld,        ///< before the window
    kDuplicate,  ///< there already
  };
  /// What may go on now is appended to `out`, in order; nothing but on kHeld.
  Outcome accept(uint16_t sequence, const FrameBuffer& mpdu, const RxStatus& status, TimePoint now,
                 std::vector<HeldMpdu>& out);
  /// Nothing before `start` will come any more.
  void advance(uint16_t start, std::vector<HeldMpdu>& out);
  /// Lets go what has waited for kPatience.
  void release_due(TimePoint now, std::vector<HeldMpdu>& out);
  /// When release_due() has something to do; none while nothing waits.
  std::optional<TimePoint> deadline() const;

  uint16_t head() const { return head_; }
  uint16_t size() const { return size_; }
  size_t stored() const { return stored_; }

  /// How long an early MPDU waits for those before it: the kernel's 100 ms.
  static constexpr Duration kPatience = std::chrono::milliseconds(100);

 private:
  struct Slot {
    HeldMpdu held;
    TimePoint since;
  };
  // The slots are a power of two, which divides the space of sequence numbers.
  Slot& slot(uint16_t sequence) { return slots_[sequence & (slots_.size() - 1)]; }
  const Slot& slot(uint16_t sequence) const { return slots_[sequence & (slots_.size() - 1)]; }
  static uint16_t plus(uint16_t sequence, uint16_t count) {
    return static_cast<uint16_t>((sequence + count) & 0xfff);
  }
  void release_head(std::vector<HeldMpdu>& out);
  void release_ready(std::vector<HeldMpdu>& out);

  uint16_t head_;
  const uint16_t size_;
  bool started_ = false;  // a frame of the agreement has come
  size_t stored_ = 0;
  std::vector<Slot> slots_;  // none until something comes early
};

}  // namespace airloom::mac80211
