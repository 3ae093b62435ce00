// From Ethernet to the air: classification, the control port's filter, the per-station per-TID
// queues that drivers pull from, and at the pull encapsulation, sequence number, rate and
// protection. tx_path.cc fills the queues, tx_dequeue.cc empties them, tx_frame.cc has the stages
// of a frame. A netdev is never paused for full queues, as one slow station would hold up all: the
// fattest flow loses frames.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "cfg80211/requests.h"
#include "mac80211/airtime_scheduler.h"
#include "mac80211/cipher_suites.h"
#include "mac80211/driver.h"
#include "mac80211/drops.h"
#include "mac80211/flow_queues.h"
#include "mac80211/station.h"

namespace airloom::mac80211 {

class RadioStack;

class TxPath {
 public:
  explicit TxPath(RadioStack& stack);

  /// Frames from the host (802.3), or from a station for another station of the same AP.
  void transmit(Interface& interface, std::span<FrameBuffer> burst);
  /// CONTROL_PORT_FRAME. Returns whether a status will come.
  Result<bool> control_port(Interface& interface, const cfg80211::ControlPortTxRequest& request,
                            uint64_t cookie);

  /// The driver pulls up to `max` frames (station 0: group frames of the interface).
  void dequeue(Interface& interface, uint32_t station, uint8_t tid, size_t max,
               std::vector<TxFrame>& out);
  /// The same of the queue whose turn it is. @return whether another call may bring more
  bool dequeue_next(uint8_t access_category, size_t max, std::vector<TxFrame>& out);
  /// A frame that was pulled, or that its driver sent otherwise, has its status: airtime.
  void account(Station* station, const TxStatus& status);
  /// A data frame came from a station.
  void account_received(Station& station, uint8_t tid, size_t octets, const RxStatus& status);
  /// The radio stops, and what it had is gone.
  void on_radio_stopped();

  FlowQueues& flows() { return flows_; }
  /// A group frame held for the DTIM, if any.
  std::optional<TxFrame> next_after_dtim(Interface& interface);

  /// Offers a station's queues to the driver again (woke up, became authorised).
  void wake(Station& station);
  void wake(Station& station, uint8_t tid);
  /// The radio is home again: offers every queue.
  void wake_all();
  /// One frame of a sleeping station's queue, if it has any.
  std::optional<TxFrame> take_one(Station& station, uint8_t tid);
  /// Drops a frame, and tells who waits for its status.
  void discard(const QueuedFrame& frame, Drop reason);
  void discard(const TxFrame& frame, Drop reason);
  /// What a sleeping station has not fetched since `limit`.
  void drop_older(Station& station, TimePoint limit);
  void drop(Station& station);
  void drop(Interface& interface);

 private:
  std::nullopt_t drop(Drop reason);
  TxQueue* drop_unqueued(Drop reason);
  /// Puts a frame where it belongs; the queue to wake, if it waits in one, else null.
  TxQueue* submit(Interface& interface, QueuedFrame frame);
  void send_to_each(Interface& interface, const QueuedFrame& frame);
  TxQueue* enqueue_group(Interface& interface, QueuedFrame frame);
  TxQueue* enqueue(Station& station, QueuedFrame frame);
  void wake(TxQueue& queue);
  TxQueue* find_queue(Interface& interface, uint32_t station, uint8_t tid);
  static bool has_frames(const TxQueue& queue);
  /// Whether anything but the radio's room keeps a queue from being served.
  bool is_held_back(const TxQueue& queue);
  void pull(TxQueue& queue, size_t max, std::vector<TxFrame>& out);
  /// The next frame of a queue. What protection it needs is in `sealing`.
  std::optional<TxFrame> next_frame(TxQueue& queue, const CodelParameters& codel, TimePoint now,
                                    bool gather);
  /// The MPDU of a frame; if it had to be cut, the first, and the rest is with the station.
  /// @param sealing  where it is to be encrypted; null: at once.
  std::optional<TxFrame> make_frame(Interface& interface, Station* station, QueuedFrame queued,
                                    Sealing* sealing = nullptr);
  void report_lost(TxToken token, uint32_t vif);

  RadioStack& stack_;
  FlowQueues flows_;
  AirtimeScheduler scheduler_;
  Sealing sealing_;
};

}  // namespace airloom::mac80211
