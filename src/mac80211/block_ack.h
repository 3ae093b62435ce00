// Block-ack agreements of a radio's stations, both sides: ADDBA and DELBA, the sessions' timers,
// the driver's part in them, and when an agreement is asked for (with the first data frame of a
// TID that may aggregate, as the kernel does for minstrel). The recipient's reordering is
// reorder_buffer.h's. block_ack_recipient.cc and block_ack_originator.cc have one side each.
// [802.11-2020 10.25, 11.5]
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/scheduler.h"
#include "ieee80211/action.h"
#include "mac80211/reorder_buffer.h"

namespace airloom::mac80211 {

class RadioStack;
class Station;
struct RxFrame;

/// TIDs that agreements exist for; those above belong to traffic streams.
constexpr size_t kBlockAckTids = 8;

/// We are the recipient.
struct RxBlockAck {
  RxBlockAck(Scheduler& scheduler, uint16_t start, uint16_t size, std::function<void()> on_gap,
             std::function<void()> on_idle)
      : buffer(start, size),
        reorder_timer(scheduler, std::move(on_gap)),
        session_timer(scheduler, std::move(on_idle)) {}

  ReorderBuffer buffer;
  uint8_t dialog_token = 0;
  uint16_t timeout_tu = 0;  ///< 0: none
  TimePoint last_rx;
  Timer reorder_timer;
  Timer session_timer;
};

/// We are the originator.
struct TxBlockAck {
  enum class State : uint8_t {
    kWanted,       ///< the driver has not been asked yet; frames go on
    kRequested,    ///< ADDBA is out, or the driver prepares; frames wait
    kOperational,  ///< frames may go as A-MPDU
    kStopping,     ///< until the driver has stopped; frames wait
  };
  TxBlockAck(Scheduler& scheduler, std::function<void()> on_step,
             std::function<void()> on_no_answer, std::function<void()> on_idle)
      : step_timer(scheduler, std::move(on_step)),
        response_timer(scheduler, std::move(on_no_answer)),
        session_timer(scheduler, std::move(on_idle)) {}

  State state = State::kWanted;
  uint8_t dialog_token = 0;
  uint16_t start = 0;  ///< starting sequence number
  uint16_t buffer_size = 0;
  bool amsdu = false;  ///< the peer takes A-MSDUs under the agreement
  bool driver_ready = false;
  bool driver_stopped = false;
  bool answered = false;
  bool tell_peer = false;   ///< DELBA when the driver has stopped
  uint16_t timeout_tu = 0;  ///< 0: none
  TimePoint last_tx;
  std::optional<uint16_t> failed_bar;  ///< a BlockAckReq that got no ACK: its starting number
  Timer step_timer;  ///< at once: what must not happen within a driver's call or a pull
  Timer response_timer;
  Timer session_timer;
};

/// A station's agreements.
struct BlockAckSessions {
  std::array<std::unique_ptr<RxBlockAck>, kBlockAckTids> rx;
  std::array<std::unique_ptr<TxBlockAck>, kBlockAckTids> tx;
  std::array<uint8_t, kBlockAckTids> requests{};  ///< unanswered so far
  std::array<TimePoint, kBlockAckTids> last_request{};
  uint8_t last_token = 0;
  uint16_t told_unexpected = 0;  ///< bit per TID: a DELBA went out for BlockAck frames without one
  bool blocked = false;          ///< no new ones, while the pairwise key changes

  RxBlockAck* recipient(size_t tid) const { return tid < rx.size() ? rx[tid].get() : nullptr; }
  TxBlockAck* originator(size_t tid) const { return tid < tx.size() ? tx[tid].get() : nullptr; }
  bool is_operational(size_t tid) const {
    const TxBlockAck* session = originator(tid);
    return session != nullptr && session->state == TxBlockAck::State::kOperational;
  }
  /// Whether the TID's queue waits for the agreement to stand or fall.
  bool holds(size_t tid) const {
    const TxBlockAck* session = originator(tid);
    return session != nullptr && (session->state == TxBlockAck::State::kRequested ||
                                  session->state == TxBlockAck::State::kStopping);
  }
};

/// Why an agreement that we originated ends.
enum class BlockAckEnd : uint8_t { kDeclined, kOurs, kPeers, kStationGone };

class BlockAck {
 public:
  explicit BlockAck(RadioStack& stack) : stack_(stack) {}

  /// A Block Ack Action frame of a station.
  void on_action(Station& station, std::span<const uint8_t> body);
  /// A BlockAckReq of a station. [802.11-2020 10.25.6.5]
  /// @return false  it says nothing that we can use.
  bool on_request(Station& station, std::span<const uint8_t> body);
  /// A data frame of a TID without an agreement that calls for one: tells the peer, once.
  void on_unexpected(Station& station, uint8_t tid);
  /// A frame was accepted: keeps the timers.
  void after_reception(RxBlockAck& session);
  /// The recipient ends an agreement. @param tell  sends DELBA
  void stop_rx(Station& station, uint8_t tid, uint16_t reason, bool tell);

  /// A data frame of a TID goes out: asks for an agreement if there should be one.
  void before_data(Station& station, uint8_t tid);
  void stop_tx(Station& station, uint8_t tid, BlockAckEnd why);
  /// The driver has prepared, or stopped, sending under an agreement; may come from within
  /// Driver::ampdu_action().
  void on_driver_started(uint32_t station, uint8_t tid);
  void on_driver_stopped(uint32_t station, uint8_t tid);
  /// What was sent under an agreement came to nothing and will not be repeated: the recipient
  /// need not wait for it.
  void on_lost(Station& station, uint8_t tid, uint16_t sequence);
  void send_request(Station& station, uint8_t tid, uint16_t start);
  /// A data frame of the TID got through: a BlockAckReq that failed is tried again.
  void on_delivered(Station& station, uint8_t tid);

  /// Ends all of a station's agreements.
  void tear_down(Station& station, BlockAckEnd why);

  /// How many unanswered ADDBA requests there may be, and how many of them in a burst.
  static constexpr uint8_t kRequestsMax = 15, kBurstMax = 3;
  static constexpr Duration kResponseTime = std::chrono::seconds(1);
  static constexpr Duration kRetryPeriod = std::chrono::seconds(15);
  static constexpr uint16_t kWindowMax = 64;

 private:
  void on_addba_request(Station& station, const ieee80211::AddbaRequest& request);
  uint16_t accept(Station& station, const ieee80211::AddbaRequest& request, uint16_t& size);
  void on_addba_response(Station& station, const ieee80211::AddbaResponse& response);
  void on_gap(uint32_t station, uint8_t tid);
  void on_rx_idle(uint32_t station, uint8_t tid);

  bool may_originate(const Station& station, uint8_t tid) const;
  void on_step(uint32_t station, uint8_t tid);
  void start_tx(Station& station, uint8_t tid, TxBlockAck& session);
  void finish_tx(Station& station, uint8_t tid, const TxBlockAck& session);
  void send_addba_request(Station& station, uint8_t tid, TxBlockAck& session);
  void become_operational(Station& station, uint8_t tid, TxBlockAck& session);
  void end_tx(Station& station, uint8_t tid);
  void on_tx_idle(uint32_t station, uint8_t tid);

  void send_delba(Station& station, uint8_t tid, bool initiator, uint16_t reason);
  template <typename Body>
  void send_action(Station& station, const Body& body);

  RadioStack& stack_;
};

}  // namespace airloom::mac80211
