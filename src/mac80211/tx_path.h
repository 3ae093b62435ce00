// From Ethernet to the air: classification, the control port's filter, the per-station per-TID
// queues that drivers pull from, and at the pull encapsulation, sequence number, rate and
// protection. tx_path.cc fills the queues, tx_dequeue.cc empties them, tx_frame.cc has the stages
// of a frame. Back-pressure: an interface whose queues are full pauses its netdev.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/fifo.h"
#include "cfg80211/requests.h"
#include "mac80211/cipher_suites.h"
#include "mac80211/driver.h"
#include "mac80211/drops.h"
#include "mac80211/station.h"

namespace airloom::mac80211 {

class RadioStack;

class TxPath {
 public:
  explicit TxPath(RadioStack& stack) : stack_(stack) {}

  /// Frames from the host (802.3), or from a station for another station of the same AP.
  void transmit(Interface& interface, std::span<FrameBuffer> burst);
  /// CONTROL_PORT_FRAME. Returns whether a status will come.
  Result<bool> control_port(Interface& interface, const cfg80211::ControlPortTxRequest& request,
                            uint64_t cookie);

  /// The driver pulls up to `max` frames (station 0: group frames of the interface).
  void dequeue(Interface& interface, uint32_t station, uint8_t tid, size_t max,
               std::vector<TxFrame>& out);
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
  /// Frames of sleeping stations do not count for back-pressure.
  void on_sleep_changed(Station& station);
  void drop(Station& station);
  void drop(Interface& interface);

 private:
  /// A queue that drivers pull from; station 0: the interface's group frames.
  struct QueueId {
    uint32_t station = 0;
    uint8_t tid = 0;
    friend bool operator==(const QueueId&, const QueueId&) = default;
  };
  std::nullopt_t drop(Drop reason);
  /// Puts a frame where it belongs; the queue to wake, if it waits in one.
  std::optional<QueueId> submit(Interface& interface, QueuedFrame frame);
  void send_to_each(Interface& interface, const QueuedFrame& frame);
  void make_room(Interface& interface);
  std::optional<QueueId> enqueue_group(Interface& interface, QueuedFrame frame);
  std::optional<QueueId> enqueue(Station& station, QueuedFrame frame);
  void wake(Interface& interface, const QueueId& queue);
  /// The next frame of a queue. What protection it needs is in `sealing`.
  std::optional<TxFrame> dequeue_one(Interface& interface, uint32_t station, uint8_t tid,
                                     Sealing& sealing);
  /// The MPDU of a frame; if it had to be cut, the first, and the rest is with the station.
  /// @param sealing  where it is to be encrypted; null: at once.
  std::optional<TxFrame> make_frame(Interface& interface, Station* station, QueuedFrame queued,
                                    Sealing* sealing = nullptr);
  void report_lost(TxToken token, uint32_t vif);
  void count_queued(Interface& interface, std::ptrdiff_t change);

  RadioStack& stack_;
  Sealing sealing_;
};

}  // namespace airloom::mac80211
