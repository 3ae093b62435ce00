// The low MAC that every simulated device has: it puts frames on the medium, answers frames to its
// addresses with ACKs, waits for the ACKs of its own, repeats them along a chain of rates, reserves
// the medium with RTS and CTS where it is told to, keeps the TSF and filters by address. Access is
// immediate. Duplicate detection, sequence numbers and everything above are mac80211's.
// [802.11-2020 10.3.2.9, 10.3.2.11, 10.3.4.4, 11.1.3]
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/fifo.h"
#include "base/scheduler.h"
#include "bytes/frame_buffer.h"
#include "ieee80211/mac_header.h"
#include "medium/medium.h"

namespace airloom::radio {

constexpr size_t kRateTryMax = 4;

/// One link of a retry chain.
struct RateTry {
  medium::Rate rate;
  uint8_t tries = 1;
  /// An RTS goes first, if an ACK is expected; where frames take no time there is nothing to
  /// reserve.
  bool rts = false;
};

struct TxRequest {
  FrameBuffer frame;  ///< a whole MPDU without FCS
  medium::Channel channel;
  std::array<RateTry, kRateTryMax> rates;
  uint8_t rate_count = 1;
  int power_dbm = 20;
  bool no_ack = false;      ///< send once and expect nothing, whatever the frame
  bool as_written = false;  ///< no Timestamp is put in
  medium::Ampdu ampdu{};    ///< of a frame that is not repeated
  uint64_t cookie = 0;      ///< the owner's mark, returned with the status
};

/// What became of a TxRequest.
struct TxStatus {
  FrameBuffer frame;
  uint64_t cookie = 0;
  bool acked = false;
  std::array<uint8_t, kRateTryMax> tries{};  ///< used, per link of the chain
  std::optional<int> ack_signal_dbm;
};

struct RxInfo {
  medium::Channel channel;
  medium::Rate rate;
  int signal_dbm = 0;
  uint64_t mactime_us = 0;  ///< this radio's TSF when the frame began
  TimePoint begin;
  medium::TransmissionId transmission = 0;
  medium::Ampdu ampdu{};
  bool fcs_failed = false;
};

/// The device above. Calls come from the scheduler's loop, never from within a call to the radio.
class Owner {
 public:
  virtual ~Owner() = default;
  /// A frame that passed the filter; ACKs only while promiscuous.
  virtual void on_receive(const FrameBuffer& frame, const RxInfo& info) = 0;
  /// No more follow at this instant.
  virtual void on_received_all() {}
  virtual void on_tx_status(TxStatus status) = 0;
  /// has_room() has become true again.
  virtual void on_tx_room() {}
};

struct Config {
  uint64_t tsf_at_zero_us = 0;  ///< the TSF at TimePoint zero, e.g. the wall clock's
  int ack_power_dbm = 20;
};

class Radio final : public medium::Receiver {
 public:
  /// All must outlive the radio.
  Radio(Scheduler& scheduler, FramePool& pool, medium::Medium& medium, Owner& owner,
        Config config = {});
  ~Radio() override;
  Radio(const Radio&) = delete;
  Radio& operator=(const Radio&) = delete;

  medium::ReceiverId id() const { return id_; }

  /// Listens to these channels from now on; none: the radio is off.
  void tune(std::span<const medium::Channel> channels) { medium_.tune(id_, channels); }
  /// Frames to these addresses are received and acknowledged.
  void set_addresses(std::vector<MacAddress> addresses);
  /// Receives every frame on its channels, what it does not understand too; acknowledges none but
  /// those to its addresses.
  void set_promiscuous(bool on);
  /// Receives frames with bit errors, too, as far as it receives such frames.
  void set_hears_damaged(bool on) { medium_.set_hears_damaged(id_, on); }

  /// Hears nothing but the ACKs of its own frames.
  void set_deaf(bool on) { deaf_ = on; }

  /// Queues a frame; its status follows in a later event. Octets that are no frame go out too, and
  /// nobody acknowledges them. Beacons and probe responses get their Timestamp here, but for
  /// what goes out as written.
  void transmit(TxRequest request);
  /// While false, the owner should not pull more frames from its queues.
  bool has_room() const { return room() > 0; }
  size_t room() const { return kQueueMax - std::min(kQueueMax, queue_.size()); }

  /// Forgets every frame that it has not finished, without a status. What is on the air ends there.
  void drop_all();

  /// Sends no more data to a receiver than what is on the air now: such frames end unacknowledged.
  void abandon_data_to(const MacAddress& receiver);

  /// Writes the TSF of a transmission at this rate that begins now into a beacon or probe response;
  /// leaves other frames alone. transmit() does it by itself.
  void stamp(FrameBuffer& frame, uint32_t kbps) const;

  uint64_t tsf_us() const { return tsf_us_at(scheduler_.now()); }
  void set_tsf_us(uint64_t tsf_us) { tsf_offset_us_ += tsf_us - this->tsf_us(); }

  /// Of the queue, and of frames in flight at once on an ideal medium.
  static constexpr size_t kQueueMax = 64;

 private:
  /// A frame on its way; a done one waits for those before it to leave the queue.
  struct Attempt {
    enum class State : uint8_t { kWaiting, kRtsOnAir, kAwaitingCts, kOnAir, kAwaitingAck, kDone };
    TxRequest request;
    State state = State::kWaiting;
    bool wants_ack = false;
    bool abandoned = false;  // it is not to go out, or not again
    uint8_t rate_index = 0;
    std::array<uint8_t, kRateTryMax> tries{};
    medium::TransmissionId transmission = 0;
    TimePoint ack_deadline;
  };

  void on_receive(const medium::Reception& reception) override;
  void on_received_all() override { owner_.on_received_all(); }
  void on_sent(const medium::Transmission& transmission) override;
  void on_unknown(const medium::Reception& reception);
  void hand_up(const medium::Reception& reception);
  void on_ack(const medium::Reception& reception);
  void on_cts(const medium::Reception& reception);
  void on_ack_timer();

  void send_waiting();
  void put_on_air(Attempt& attempt);
  void send_rts(Attempt& attempt);
  void send_frame(Attempt& attempt);
  bool next_try(Attempt& attempt);
  void complete(size_t index, bool acked, std::optional<int> ack_signal_dbm);
  std::optional<size_t> find_attempt(medium::TransmissionId id) const;
  void respond(ieee80211::Subtype subtype, const medium::Transmission& transmission,
               const MacAddress& to);
  bool is_ours(const MacAddress& address) const;
  void apply_filter();
  uint64_t tsf_us_at(TimePoint at) const { return tsf_offset_us_ + at.us(); }

  Scheduler& scheduler_;
  FramePool& pool_;
  medium::Medium& medium_;
  Owner& owner_;
  const Config config_;
  const medium::ReceiverId id_;
  std::vector<MacAddress> addresses_;  // sorted
  bool promiscuous_ = false;
  bool deaf_ = false;
  uint64_t tsf_offset_us_;
  Fifo<Attempt> queue_;
  size_t sent_ = 0;  // attempts at the head of queue_ that have left kWaiting
  Timer ack_timer_;
};

/// Whether the frame asks its receiver for an ACK. [802.11-2020 10.3.2.11, 9.2.4.5.4]
bool solicits_ack(const ieee80211::FrameView& frame);

/// The rate of a control response to a frame: the highest mandatory one not above the frame's.
/// [802.11-2020 10.6.6.5.2]
medium::Rate response_rate(const medium::Rate& rate);

}  // namespace airloom::radio
