// The air: transmissions on channels, and who decodes them. Receivers are indexed by the primary
// channel they listen to and by address, so a broadcast touches only radios listening there and
// the cost of a unicast frame does not grow with their number. Receivers are served in the order
// in which they were attached. Nothing is delivered from within transmit(): a transmission's end
// is an event of its own, also when it lasts no time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/scheduler.h"
#include "medium/propagation.h"
#include "medium/transmission.h"

namespace airloom::medium {

/// Who listens: a radio's antenna.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// A frame that this receiver decoded, or wants although it could not, has ended.
  virtual void on_receive(const Reception& reception) = 0;
  /// All that it decoded of what ended at this instant has been told.
  virtual void on_received_all() {}
  /// A transmission of this receiver's own has ended; whoever decoded it has it by now.
  virtual void on_sent(const Transmission& transmission) = 0;
};

/// Who watches everything: a capture.
class Observer {
 public:
  struct Decoder {
    ReceiverId receiver;
    int signal_dbm;
    friend bool operator==(const Decoder&, const Decoder&) = default;
  };
  struct Ended {
    const Transmission& transmission;
    std::span<const Decoder> decoders;
  };
  virtual ~Observer() = default;
  virtual void on_begin(const Transmission&) {}
  virtual void on_end(const Transmission&, std::span<const Decoder>) {}
  /// The receivers have dealt with all that ended at this instant.
  virtual void on_all_ended(std::span<const Ended>) {}
};

/// Which unicast frames a receiver wants: those to its addresses, or all. It gets every
/// group-addressed frame on its channels.
struct AddressFilter {
  std::vector<MacAddress> addresses;
  bool promiscuous = false;

  friend bool operator==(const AddressFilter&, const AddressFilter&) = default;
};

/// What is handed to the air.
struct TransmitRequest {
  FrameBuffer frame;
  Channel channel;
  Rate rate;
  int power_dbm = 20;
  TransmissionId answers = 0;
  Ampdu ampdu{};
};

class Medium {
 public:
  /// Both must outlive the medium.
  Medium(Scheduler& scheduler, PropagationModel& model);

  /// Adds a receiver, deaf until it is tuned; it must detach before it is destroyed.
  ReceiverId attach(Receiver& receiver);
  /// May be called from any callback.
  void detach(ReceiverId id);

  /// Listens to these channels from now on, and to no others. A frame is heard if its receiver
  /// listened to the frame's primary channel from begin to end.
  void tune(ReceiverId id, std::span<const Channel> channels);
  void set_filter(ReceiverId id, AddressFilter filter);

  /// Begins a transmission now; it ends after the model's airtime, in a later event.
  TransmissionId transmit(ReceiverId sender, TransmitRequest request);
  /// The reference of an A-MPDU to be sent next.
  uint32_t new_ampdu_reference() { return ++last_ampdu_; }
  /// Tells the observers of a transmission that another medium carries: nobody decodes it here.
  void witness(ReceiverId sender, TransmitRequest request);
  /// Receivers hear only those with whom they share a group. All begin in group 1.
  void set_groups(ReceiverId id, uint64_t groups) { port(id).groups = groups; }

  /// Hands this receiver the frames, too, that its filter lets through and that have bit errors.
  void set_hears_damaged(ReceiverId id, bool on) { port(id).hears_damaged = on; }

  void add_observer(Observer& observer);
  void remove_observer(Observer& observer);

  const PropagationModel& model() const { return model_; }
  uint64_t transmissions() const { return last_id_; }

 private:
  struct Tuned {
    Channel channel;
    TimePoint since;
  };
  struct Port {
    Receiver* receiver = nullptr;  // null: detached
    AddressFilter filter;
    std::vector<Tuned> tuned;
    uint64_t groups = 1;
    bool hears_damaged = false;
    bool has_received = false;  // since its last on_received_all()
  };
  using Ids = std::vector<ReceiverId>;  // ascending
  /// The receivers that listen to one primary channel.
  struct Listeners {
    Ids all;
    Ids promiscuous;
    std::unordered_map<MacAddress, Ids, MacAddressHash> by_address;  // looked up, never walked
  };

  Port& port(ReceiverId id);
  Transmission begin(ReceiverId sender, TransmitRequest request);
  void enlist(ReceiverId id, uint32_t primary_khz);
  void delist(ReceiverId id, uint32_t primary_khz);
  void finish_due();
  void finish(const Transmission& transmission);
  void tell_all_ended();
  void find_candidates(const Transmission& transmission);
  void hear_damaged(ReceiverId id, const Transmission& transmission);
  void hear(ReceiverId id, const Transmission& transmission, int signal_dbm);
  void hear_later(Duration delay, ReceiverId id, const Transmission& transmission, int signal_dbm,
                  bool answer);
  void deliver_late();
  void hand_to(ReceiverId id, const Reception& reception);
  void tell_received_all();
  bool heard_all_of(const Port& port, const Transmission& transmission) const;

  Scheduler& scheduler_;
  PropagationModel& model_;
  std::vector<Port> ports_;  // by id - 1; ids are not reused
  std::map<uint32_t, Listeners> listeners_;
  std::vector<Observer*> observers_;
  TransmissionId last_id_ = 0;
  uint32_t last_ampdu_ = 0;
  std::vector<Transmission> on_air_;  // by end, then id
  Timer end_timer_;

  /// A reception that a faulty air puts off.
  struct Late {
    Transmission transmission;
    ReceiverId receiver;
    int signal_dbm;
    bool answer;
  };
  std::multimap<TimePoint, Late> late_;
  Timer late_timer_;

  // Kept for their memory; used within one end event.
  std::vector<Transmission> ending_;
  Ids candidates_;
  Ids received_;                             // whom to tell when all has been received
  std::vector<Observer::Decoder> decoders_;  // of one transmission behind the other
  std::vector<size_t> decoder_counts_;
  std::vector<Observer::Ended> ended_;
};

}  // namespace airloom::medium
