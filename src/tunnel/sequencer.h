// Hands frames on in the order of their numbers, once each, whatever the network did: a frame
// behind a gap waits for those before it, for about as long as the network has lately made frames
// come late. (A receiver of protected frames drops what overtakes.)
#pragma once

#include <algorithm>
#include <bitset>
#include <functional>
#include <map>
#include <utility>

#include "base/scheduler.h"
#include "tunnel/counters.h"
#include "tunnel/frame_info.h"

namespace airloom::tunnel {

template <typename T>
class Sequencer {
 public:
  /// Both may be called from add() and from the scheduler.
  /// @param on_lost  may be null; told of a number that is waited for no longer.
  Sequencer(Scheduler& scheduler, Counters& counters, std::function<void(T)> deliver,
            std::function<void(FrameNumber)> on_lost = nullptr)
      : scheduler_(scheduler),
        counters_(counters),
        deliver_(std::move(deliver)),
        on_lost_(std::move(on_lost)),
        timer_(scheduler, [this] { give_up(); }) {}

  void add(FrameNumber number, T item) {
    const auto ahead = static_cast<int32_t>(number - next_);
    if (ahead < 0) return add_late(number, std::move(item));
    if (ahead >= static_cast<int32_t>(kJumpMax)) return counters_.add(Count::kMalformed);
    if (ahead == 0) {
      pass(std::move(item));
      return pass_held();
    }
    if (!held_.emplace(number, std::move(item)).second) return counters_.add(Count::kDuplicate);
    counters_.add(Count::kReordered);
    if (!timer_.is_armed()) {
      gap_since_ = scheduler_.now();
      timer_.arm(patience_);
    }
    if (held_.size() > kHeldMax) give_up();
  }
  /// Begins anew with number 1.
  void reset() {
    held_.clear();
    timer_.cancel();
    seen_.reset();
    next_ = 1;
  }
  /// How long a frame behind a gap waits now.
  Duration patience() const { return patience_; }

  static constexpr Duration kPatienceMin = std::chrono::milliseconds(2);
  static constexpr Duration kPatienceMax = std::chrono::milliseconds(100);
  static constexpr size_t kHeldMax = 512;

 private:
  static constexpr size_t kWindow = 1024;      // numbers behind that are known one by one
  static constexpr size_t kJumpMax = 1 << 20;  // further ahead is no loss but nonsense

  void pass(T item) {
    seen_.set(next_ % kWindow);
    ++next_;
    seen_.reset(next_ % kWindow);
    deliver_(std::move(item));
  }
  /// What follows the number just passed without a gap; and the wait for the next gap.
  void pass_held() {
    while (!held_.empty() && held_.begin()->first == next_) {
      T item = std::move(held_.begin()->second);
      held_.erase(held_.begin());
      pass(std::move(item));
    }
    if (held_.empty()) return timer_.cancel();
    gap_since_ = scheduler_.now();
    timer_.arm(patience_);
  }
  void give_up() {
    if (held_.empty()) return;
    gap_given_up_ = gap_since_;
    patience_ = std::max(patience_ - patience_ / 16, kPatienceMin);
    for (const FrameNumber to = held_.begin()->first; next_ != to;) {
      counters_.add(Count::kLost);
      const FrameNumber lost = next_++;
      seen_.reset(next_ % kWindow);
      // Of a long gap, the other end has forgotten the first ones.
      if (on_lost_ && to - lost <= kWindow) on_lost_(lost);
    }
    pass_held();
  }
  void add_late(FrameNumber number, T item) {
    if (next_ - number >= kWindow || seen_.test(number % kWindow))
      return counters_.add(Count::kDuplicate);
    seen_.set(number % kWindow);
    counters_.add(Count::kLate);
    const Duration late = scheduler_.now() - gap_given_up_;
    patience_ = std::clamp(late + late / 2, patience_, kPatienceMax);
    deliver_(std::move(item));
  }

  Scheduler& scheduler_;
  Counters& counters_;
  std::function<void(T)> deliver_;
  std::function<void(FrameNumber)> on_lost_;
  FrameNumber next_ = 1;
  std::map<FrameNumber, T> held_;
  std::bitset<kWindow> seen_;
  Duration patience_ = kPatienceMin;
  TimePoint gap_since_, gap_given_up_;
  Timer timer_;
};

}  // namespace airloom::tunnel
