// Which transmit queue has its turn: a deficit round robin over the stations of each access
// category by airtime. Each round a station in debt earns its weight in microseconds; what it sent
// and what was received from it is charged. Beside it, how much airtime may wait in the radio: what
// waits there can be reordered no more. Where nothing is charged, queues take turns.
// (The kernel's ieee80211_next_txq, and its airtime queue limits.)
#pragma once

#include <array>
#include <cstdint>

#include "base/time.h"
#include "mac80211/tx_queue.h"

namespace airloom::mac80211 {

constexpr size_t kAccessCategories = 4;

/// A station's account of one access category.
struct Airtime {
  Duration tx{0}, rx{0};
  Duration deficit{0};  ///< below zero: it waits
  Duration pending{0};  ///< with the radio
  TimePoint last_active;
};

class AirtimeScheduler {
 public:
  /// A queue has frames. Of a fair radio it stays first until its station is in debt.
  void add(TxQueue& queue, bool fair, TimePoint now);
  /// A queue was served and has none left: it earns on while its station is in debt.
  void keep_if_in_debt(TxQueue& queue, TimePoint now);
  void remove(TxQueue& queue);

  /// Takes the queue off the list whose turn it is; null: none, or the radio has enough.
  TxQueue* take(uint8_t access_category);
  bool is_empty(uint8_t access_category) const { return lists_[access_category].head == nullptr; }

  static void charge(Station& station, uint8_t access_category, Duration tx, Duration rx,
                     TimePoint now);

  // The radio's airtime, where it is limited.
  /// A frame goes to the radio, for so long.  @param station  null: to a group
  void on_handed_over(Station* station, uint8_t access_category, Duration airtime);
  /// @return a queue to offer to the driver again, as it was refused for what was pending; or null
  TxQueue* on_done(Station* station, uint8_t access_category, Duration airtime);
  bool may_hand_over(const TxQueue& queue, uint8_t access_category) const;
  static bool is_in_debt(const TxQueue& queue, uint8_t access_category);
  /// The radio has stopped, and what it had is gone. Stations' accounts are the caller's.
  void forget_pending();

 private:
  struct List {
    TxQueue* head = nullptr;
    TxQueue* tail = nullptr;
    size_t size = 0;
    Duration pending{0};
    bool refused = false;
  };
  bool has_enough(const List& list) const;
  void link(TxQueue& queue, bool first);

  std::array<List, kAccessCategories> lists_;
  Duration pending_{0};
};

}  // namespace airloom::mac80211
