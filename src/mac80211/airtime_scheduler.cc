#include "mac80211/airtime_scheduler.h"

#include "mac80211/classify.h"
#include "mac80211/station.h"

namespace airloom::mac80211 {

namespace {

using std::chrono::microseconds;

// Of a station's airtime in the radio: the lower limit always, the upper while the radio has little
// in all.
constexpr Duration kPendingLow = microseconds(5000), kPendingHigh = microseconds(12000);
constexpr Duration kPendingLittle = microseconds(24000);
// Who sent nothing for so long is charged no more, lest it be in debt when it comes back.
constexpr Duration kActive = std::chrono::milliseconds(100);

Airtime& account(const TxQueue& queue, uint8_t access_category) {
  return queue.station()->airtime[access_category];
}

}  // namespace

void AirtimeScheduler::link(TxQueue& queue, bool first) {
  List& list = lists_[access_category_of(queue.tid())];
  queue.previous_ = first ? nullptr : list.tail;
  queue.next_ = first ? list.head : nullptr;
  (queue.previous_ != nullptr ? queue.previous_->next_ : list.head) = &queue;
  (queue.next_ != nullptr ? queue.next_->previous_ : list.tail) = &queue;
  queue.listed_ = true;
  ++list.size;
}

void AirtimeScheduler::remove(TxQueue& queue) {
  if (!queue.listed_) return;
  List& list = lists_[access_category_of(queue.tid())];
  (queue.previous_ != nullptr ? queue.previous_->next_ : list.head) = queue.next_;
  (queue.next_ != nullptr ? queue.next_->previous_ : list.tail) = queue.previous_;
  queue.previous_ = queue.next_ = nullptr;
  queue.listed_ = false;
  --list.size;
}

void AirtimeScheduler::add(TxQueue& queue, bool fair, TimePoint now) {
  const bool has_account = fair && queue.station() != nullptr;
  if (!queue.listed_) link(queue, /*first=*/has_account);
  if (has_account) account(queue, access_category_of(queue.tid())).last_active = now;
}

void AirtimeScheduler::keep_if_in_debt(TxQueue& queue, TimePoint now) {
  if (queue.listed_ || queue.station() == nullptr) return;
  const uint8_t access_category = access_category_of(queue.tid());
  if (is_in_debt(queue, access_category) &&
      now - account(queue, access_category).last_active <= kActive)
    link(queue, /*first=*/false);
}

TxQueue* AirtimeScheduler::take(uint8_t access_category) {
  List& list = lists_[access_category];
  list.refused = false;
  if (list.head == nullptr) return nullptr;
  if (has_enough(list)) {
    list.refused = true;
    return nullptr;
  }
  const TxQueue* first_seen = nullptr;
  bool any_allowed = false;
  while (true) {
    TxQueue& queue = *list.head;
    if (&queue == first_seen && !std::exchange(any_allowed, false)) {
      list.refused = true;
      return nullptr;
    }
    if (first_seen == nullptr) first_seen = &queue;
    if (queue.station() == nullptr) break;
    const bool allowed = may_hand_over(queue, access_category);
    const bool in_debt = is_in_debt(queue, access_category);
    any_allowed |= allowed;
    if (in_debt)
      account(queue, access_category).deficit += microseconds(queue.station()->airtime_weight);
    if (allowed && !in_debt) break;
    remove(queue);
    link(queue, /*first=*/false);
  }
  TxQueue& queue = *list.head;
  remove(queue);
  return &queue;
}

void AirtimeScheduler::charge(Station& station, uint8_t access_category, Duration tx, Duration rx,
                              TimePoint now) {
  Airtime& airtime = station.airtime[access_category];
  airtime.tx += tx;
  airtime.rx += rx;
  if (now - airtime.last_active <= kActive) airtime.deficit -= tx + rx;
}

void AirtimeScheduler::on_handed_over(Station* station, uint8_t access_category, Duration airtime) {
  if (station != nullptr) station->airtime[access_category].pending += airtime;
  lists_[access_category].pending += airtime;
  pending_ += airtime;
}

TxQueue* AirtimeScheduler::on_done(Station* station, uint8_t access_category, Duration airtime) {
  auto take_off = [airtime](Duration& pending) {
    pending = pending > airtime ? pending - airtime : Duration{0};
  };
  List& list = lists_[access_category];
  if (station != nullptr) take_off(station->airtime[access_category].pending);
  take_off(list.pending);
  take_off(pending_);
  if (!list.refused || has_enough(list)) return nullptr;
  list.refused = false;
  return list.head;
}

/// What is pending counts as spent already.
bool AirtimeScheduler::is_in_debt(const TxQueue& queue, uint8_t access_category) {
  if (queue.station() == nullptr) return false;
  const Airtime& airtime = account(queue, access_category);
  return airtime.deficit < airtime.pending;
}

bool AirtimeScheduler::may_hand_over(const TxQueue& queue, uint8_t access_category) const {
  if (queue.station() == nullptr) return true;
  const Duration pending = account(queue, access_category).pending;
  return pending < kPendingLow || (pending_ < kPendingLittle && pending < kPendingHigh);
}

bool AirtimeScheduler::has_enough(const List& list) const {
  const auto others = static_cast<int64_t>(list.size) - 1;
  return list.pending >= kPendingHigh + kPendingLow / 2 * std::max<int64_t>(others, 0);
}

void AirtimeScheduler::forget_pending() {
  for (List& list : lists_) list.pending = Duration{0};
  pending_ = Duration{0};
}

}  // namespace airloom::mac80211
