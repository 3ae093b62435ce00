#include "mac80211/reorder_buffer.h"

#include <bit>
#include <utility>

#include "ieee80211/mac_header.h"

namespace airloom::mac80211 {

using ieee80211::sequence_before;
using ieee80211::sequence_distance;

ReorderBuffer::Outcome ReorderBuffer::accept(uint16_t sequence, const FrameBuffer& mpdu,
                                             const RxStatus& status, TimePoint now,
                                             std::vector<HeldMpdu>& out) {
  if (sequence_before(sequence, head_)) {
    // What was sent before the agreement may still be on its way.
    return started_ ? Outcome::kOld : Outcome::kPass;
  }
  started_ = true;
  if (sequence == head_ && stored_ == 0) {
    head_ = plus(head_, 1);
    return Outcome::kPass;
  }
  if (slots_.empty()) slots_.resize(std::bit_ceil(size_));
  if (sequence_distance(sequence, head_) >= size_) {
    const uint16_t first = plus(sequence, static_cast<uint16_t>(4096 - size_ + 1));
    while (head_ != first) release_head(out);
  }
  Slot& own = slot(sequence);
  if (own.held.mpdu) return Outcome::kDuplicate;
  own = {{mpdu, status}, now};
  ++stored_;
  release_ready(out);
  return Outcome::kHeld;
}

/// Moves the window by one, past what may be missing.
void ReorderBuffer::release_head(std::vector<HeldMpdu>& out) {
  if (stored_ > 0) {
    if (Slot& first = slot(head_); first.held.mpdu) {
      out.push_back(std::exchange(first.held, {}));
      --stored_;
    }
  }
  head_ = plus(head_, 1);
}

void ReorderBuffer::release_ready(std::vector<HeldMpdu>& out) {
  while (stored_ > 0 && slot(head_).held.mpdu) release_head(out);
}

void ReorderBuffer::advance(uint16_t start, std::vector<HeldMpdu>& out) {
  if (sequence_before(start, head_)) return;
  while (head_ != start) release_head(out);
  release_ready(out);
}

void ReorderBuffer::release_due(TimePoint now, std::vector<HeldMpdu>& out) {
  for (auto due = deadline(); due && *due <= now; due = deadline()) {
    while (!slot(head_).held.mpdu) head_ = plus(head_, 1);
    release_ready(out);
  }
}

std::optional<TimePoint> ReorderBuffer::deadline() const {
  if (stored_ == 0) return std::nullopt;
  uint16_t first = head_;
  while (!slot(first).held.mpdu) first = plus(first, 1);
  return slot(first).since + kPatience;
}

}  // namespace airloom::mac80211
