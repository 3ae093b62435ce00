// A queue that a driver pulls from: a station's of one TID, or an interface's for group frames.
// It holds nothing by itself: its flows and their frames are the radio's (flow_queues.h), and so is
// the list in which queues wait for their turn (airtime_scheduler.h). (The kernel's txq_info.)
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "bytes/frame_buffer.h"
#include "cfg80211/types.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

class Interface;
class Station;

/// A frame that waits in a queue: Ethernet as the host gave it, encapsulated when it is pulled.
struct QueuedFrame {
  FrameBuffer ethernet{};
  TxToken token = 0;
  uint32_t vlan = 0;  ///< id of the AP VLAN that it left by; 0: it left by the BSS's own interface
  bool control_port = false;  ///< EAPOL of the port's owner
  bool no_encrypt = false;
  uint8_t tid = 0;
  TimePoint since{};  ///< when it was queued
  uint8_t msdus = 1;  ///< more: an A-MSDU, whose subframes stand behind the Ethernet header
};

class TxQueue {
 public:
  /// @param station  null: group frames
  TxQueue(Interface& interface, Station* station, uint8_t tid)
      : interface_(interface), station_(station), tid_(tid) {}
  TxQueue(const TxQueue&) = delete;
  TxQueue& operator=(const TxQueue&) = delete;

  Interface& interface() const { return interface_; }
  Station* station() const { return station_; }
  uint8_t tid() const { return tid_; }

  size_t size() const { return frames_; }
  bool empty() const { return frames_ == 0; }
  cfg80211::TxQueueStats stats() const;

 private:
  friend class FlowQueues;
  friend class AirtimeScheduler;
  using FlowIndex = uint32_t;  // 0: none
  /// Flows in a row, each linked to the next.
  struct FlowList {
    FlowIndex head = 0, tail = 0;
  };

  Interface& interface_;
  Station* station_;

  // Of FlowQueues. New flows are those that had nothing to send; they go first.
  FlowList new_flows_, old_flows_;
  FlowIndex own_flow_ = 0;  // for frames whose flow is another queue's at the moment
  uint8_t tid_;
  bool listed_ = false;  // with AirtimeScheduler
  uint32_t frames_ = 0, octets_ = 0, flows_ = 0;
  uint32_t drops_ = 0, ecn_marks_ = 0, over_limit_ = 0, collisions_ = 0;
  uint32_t sent_frames_ = 0, sent_octets_ = 0;

  // Of AirtimeScheduler.
  TxQueue* previous_ = nullptr;
  TxQueue* next_ = nullptr;
};

}  // namespace airloom::mac80211
