// What waits in a radio's transmit queues: frames of each queue by flow, served in turn by octets,
// flows that had nothing waiting first, each under CoDel. Frames and octets of all queues together
// are limited; beyond, the flow that holds the most octets loses its oldest. Frames lie in one
// store that grows to the most that ever waited, so the steady state allocates nothing.
// [RFC 8290] (The kernel's struct fq.)
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "mac80211/codel.h"
#include "mac80211/drops.h"
#include "mac80211/tx_queue.h"

namespace airloom::mac80211 {

class FlowQueues {
 public:
  /// Told of each frame that is dropped, when it has left its queue.
  using OnDrop = std::function<void(const QueuedFrame&, Drop)>;

  /// @param key  a random number: which flows share a bucket is nobody's to know.
  FlowQueues(uint64_t key, OnDrop on_drop);

  cfg80211::TxQueueLimits limits;

  /// Appends a frame to its flow; may drop others, or it.
  void push(TxQueue& queue, QueuedFrame frame);
  /// The next frame in the order of flows. With parameters, CoDel drops on the way.
  std::optional<QueuedFrame> pop(TxQueue& queue, TimePoint now, const CodelParameters* codel);
  /// The frame behind the one just popped, if the same flow has one; for A-MSDUs.
  const QueuedFrame* peek_same_flow(const TxQueue& queue) const;
  QueuedFrame pop_same_flow(TxQueue& queue);
  /// The oldest frame of a queue that has some.
  QueuedFrame pop_oldest(TxQueue& queue);
  /// Drops what waits since before `limit`.
  void drop_older(TxQueue& queue, TimePoint limit, Drop reason);
  /// Drops everything, and forgets the queue's flows.
  void clear(TxQueue& queue, Drop reason);

  /// Of all queues together.
  cfg80211::TxQueueStats stats() const;

  static constexpr size_t kFlowsMax = 4096;

 private:
  using FlowIndex = TxQueue::FlowIndex;
  using FlowList = TxQueue::FlowList;
  using NodeIndex = uint32_t;  // 0: none
  struct Node {
    QueuedFrame frame;
    NodeIndex next = 0;
    uint16_t bucket = 0;
  };
  struct Flow {
    TxQueue* queue = nullptr;  // whose lists it is in; null: none
    NodeIndex head = 0, tail = 0;
    uint32_t frames = 0, octets = 0;
    int64_t deficit = 0;
    uint16_t bucket = 0;
    FlowIndex next = 0;
    Codel codel;
  };

  FlowIndex classify(TxQueue& queue, uint16_t bucket);
  bool has_waiting(FlowIndex flow, uint16_t bucket) const;
  FlowIndex flow_of_bucket(uint16_t bucket);
  void grow_buckets();
  void put_in_bucket(uint16_t bucket, FlowIndex flow);
  FlowIndex own_flow(TxQueue& queue);
  QueuedFrame pop_from(FlowIndex index);
  FlowIndex served(const TxQueue& queue) const;
  QueuedFrame count_sent(TxQueue& queue, FlowIndex index, QueuedFrame frame);
  std::optional<QueuedFrame> pop_under_codel(TxQueue& queue, FlowIndex index, TimePoint now,
                                             const CodelParameters& parameters);
  void enforce_limits();
  void drop_from_fattest();
  bool is_over_limit() const { return frames_ > limits.frames || octets_ > limits.octets; }
  void append(FlowList& list, FlowIndex index);
  FlowIndex remove_first(FlowList& list);
  void forget_flows(FlowList& list);
  template <typename Visit>
  void for_each_flow(const TxQueue& queue, Visit visit) const;

  uint64_t key_;
  OnDrop on_drop_;
  std::vector<Node> nodes_;  // [0] is nobody's
  NodeIndex free_node_ = 0;
  std::vector<Flow> flows_;         // [0] is nobody's
  FlowIndex free_flow_ = 0;         // of those that were queues' own
  std::vector<FlowIndex> buckets_;  // open addressing; flows stay once there
  size_t buckets_used_ = 0;
  uint32_t frames_ = 0, octets_ = 0;
  uint32_t over_limit_ = 0, over_memory_ = 0, collisions_ = 0;
};

}  // namespace airloom::mac80211
