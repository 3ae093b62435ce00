#include "mac80211/flow_queues.h"

#include <algorithm>

#include "mac80211/ecn.h"
#include "mac80211/flow_hash.h"

namespace airloom::mac80211 {

namespace {

constexpr uint16_t kNoBucket = UINT16_MAX;  // of a queue's own flow
constexpr size_t kBucketsAtFirst = 16;
constexpr uint32_t kDropBatch = 32;  // from the fattest flow at once, but at most half of it

/// What a frame costs: the whole buffer that it keeps from others.
uint32_t memory_of(const QueuedFrame& frame) {
  const FrameBuffer& buffer = frame.ethernet;
  return static_cast<uint32_t>(buffer.headroom() + buffer.size() + buffer.tailroom());
}

}  // namespace

cfg80211::TxQueueStats TxQueue::stats() const {
  return {.backlog_octets = octets_,
          .backlog_frames = frames_,
          .flows = flows_,
          .drops = drops_,
          .ecn_marks = ecn_marks_,
          .over_limit = over_limit_,
          .collisions = collisions_,
          .tx_octets = sent_octets_,
          .tx_frames = sent_frames_};
}

FlowQueues::FlowQueues(uint64_t key, OnDrop on_drop)
    : key_(key), on_drop_(std::move(on_drop)), nodes_(1), flows_(1) {}

cfg80211::TxQueueStats FlowQueues::stats() const {
  return {.backlog_octets = octets_,
          .backlog_frames = frames_,
          .over_limit = over_limit_,
          .over_memory = over_memory_,
          .collisions = collisions_,
          .max_flows = kFlowsMax};
}

void FlowQueues::append(FlowList& list, FlowIndex index) {
  flows_[index].next = 0;
  (list.tail != 0 ? flows_[list.tail].next : list.head) = index;
  list.tail = index;
}

FlowQueues::FlowIndex FlowQueues::remove_first(FlowList& list) {
  const FlowIndex index = list.head;
  list.head = flows_[index].next;
  if (list.head == 0) list.tail = 0;
  return index;
}

void FlowQueues::put_in_bucket(uint16_t bucket, FlowIndex flow) {
  const size_t mask = buckets_.size() - 1;
  size_t at = bucket & mask;
  while (buckets_[at] != 0) at = (at + 1) & mask;
  buckets_[at] = flow;
}

void FlowQueues::grow_buckets() {
  buckets_.assign(std::max(kBucketsAtFirst, buckets_.size() * 2), 0);
  for (size_t i = 1; i < flows_.size(); ++i)
    if (flows_[i].bucket != kNoBucket) put_in_bucket(flows_[i].bucket, static_cast<FlowIndex>(i));
}

/// There is one flow to each bucket, made when it is first needed.
FlowQueues::FlowIndex FlowQueues::flow_of_bucket(uint16_t bucket) {
  if (!buckets_.empty()) {
    const size_t mask = buckets_.size() - 1;
    for (size_t at = bucket & mask; buckets_[at] != 0; at = (at + 1) & mask)
      if (flows_[buckets_[at]].bucket == bucket) return buckets_[at];
  }
  if (2 * (buckets_used_ + 1) > buckets_.size()) grow_buckets();
  ++buckets_used_;
  const auto index = static_cast<FlowIndex>(flows_.size());
  flows_.emplace_back().bucket = bucket;
  put_in_bucket(bucket, index);
  return index;
}

/// Where frames go whose bucket is another queue's.
FlowQueues::FlowIndex FlowQueues::own_flow(TxQueue& queue) {
  if (queue.own_flow_ != 0) return queue.own_flow_;
  FlowIndex index = free_flow_;
  if (index != 0) {
    free_flow_ = flows_[index].next;
  } else {
    index = static_cast<FlowIndex>(flows_.size());
    flows_.emplace_back();
  }
  flows_[index] = {};
  flows_[index].bucket = kNoBucket;
  return queue.own_flow_ = index;
}

bool FlowQueues::has_waiting(FlowIndex flow, uint16_t bucket) const {
  for (NodeIndex node = flows_[flow].head; node != 0; node = nodes_[node].next)
    if (nodes_[node].bucket == bucket) return true;
  return false;
}

FlowQueues::FlowIndex FlowQueues::classify(TxQueue& queue, uint16_t bucket) {
  const FlowIndex index = flow_of_bucket(bucket);
  const bool is_anothers = flows_[index].queue != nullptr && flows_[index].queue != &queue;
  // What began beside its bucket goes on there while some of it waits, or it would overtake itself.
  if (!is_anothers && (queue.own_flow_ == 0 || !has_waiting(queue.own_flow_, bucket))) return index;
  ++queue.collisions_;
  ++collisions_;
  return own_flow(queue);
}

void FlowQueues::push(TxQueue& queue, QueuedFrame frame) {
  const auto bucket = static_cast<uint16_t>(flow_hash(frame.ethernet.octets(), key_) % kFlowsMax);
  const FlowIndex index = classify(queue, bucket);
  NodeIndex node = free_node_;
  if (node != 0) {
    free_node_ = nodes_[node].next;
  } else {
    node = static_cast<NodeIndex>(nodes_.size());
    nodes_.emplace_back();
  }
  const auto octets = static_cast<uint32_t>(frame.ethernet.size());
  octets_ += memory_of(frame);
  ++frames_;
  queue.octets_ += octets;
  ++queue.frames_;
  nodes_[node].frame = std::move(frame);
  nodes_[node].next = 0;
  nodes_[node].bucket = bucket;

  Flow& flow = flows_[index];
  flow.octets += octets;
  ++flow.frames;
  (flow.tail != 0 ? nodes_[flow.tail].next : flow.head) = node;
  flow.tail = node;
  if (flow.queue == nullptr) {
    flow.queue = &queue;
    flow.deficit = limits.quantum;
    ++queue.flows_;
    append(queue.new_flows_, index);
  }
  if (is_over_limit()) enforce_limits();
}

QueuedFrame FlowQueues::pop_from(FlowIndex index) {
  Flow& flow = flows_[index];
  Node& node = nodes_[flow.head];
  QueuedFrame frame = std::move(node.frame);
  const NodeIndex next = node.next;
  node.next = free_node_;
  free_node_ = flow.head;
  flow.head = next;
  if (next == 0) flow.tail = 0;

  const auto octets = static_cast<uint32_t>(frame.ethernet.size());
  octets_ -= memory_of(frame);
  --frames_;
  flow.octets -= octets;
  --flow.frames;
  flow.queue->octets_ -= octets;
  --flow.queue->frames_;
  return frame;
}

void FlowQueues::enforce_limits() {
  while (is_over_limit()) drop_from_fattest();
}

void FlowQueues::drop_from_fattest() {
  const bool over_memory = octets_ > limits.octets;
  const auto fattest = std::ranges::max_element(flows_, {}, &Flow::octets);
  const auto index = static_cast<FlowIndex>(fattest - flows_.begin());
  const uint32_t count = std::clamp<uint32_t>(fattest->frames / 2, 1, kDropBatch);
  ++fattest->queue->over_limit_;
  ++over_limit_;
  if (over_memory) ++over_memory_;
  for (uint32_t i = 0; i < count && flows_[index].frames > 0; ++i)
    on_drop_(pop_from(index), Drop::kTxQueueFull);
}

/// The flow's next frame that CoDel lets through.
std::optional<QueuedFrame> FlowQueues::pop_under_codel(TxQueue& queue, FlowIndex index,
                                                       TimePoint now,
                                                       const CodelParameters& parameters) {
  while (flows_[index].frames > 0) {
    QueuedFrame frame = pop_from(index);
    Flow& flow = flows_[index];
    if (!flow.codel.should_drop(now - frame.since, flow.frames, now, parameters) ||
        frame.control_port)
      return frame;
    if (parameters.ecn && mark_congestion(frame.ethernet)) {
      ++queue.ecn_marks_;
      return frame;
    }
    ++queue.drops_;
    on_drop_(frame, Drop::kTxDelay);
  }
  return std::nullopt;
}

std::optional<QueuedFrame> FlowQueues::pop(TxQueue& queue, TimePoint now,
                                           const CodelParameters* codel) {
  while (true) {
    const bool is_new = queue.new_flows_.head != 0;
    FlowList& list = is_new ? queue.new_flows_ : queue.old_flows_;
    const FlowIndex index = list.head;
    if (index == 0) return std::nullopt;
    if (flows_[index].deficit <= 0) {
      flows_[index].deficit += limits.quantum;
      append(queue.old_flows_, remove_first(list));
      continue;
    }
    std::optional<QueuedFrame> frame;
    if (codel != nullptr)
      frame = pop_under_codel(queue, index, now, *codel);
    else if (flows_[index].frames > 0)
      frame = pop_from(index);
    if (frame) return count_sent(queue, index, *std::move(frame));
    remove_first(list);
    if (is_new && queue.old_flows_.head != 0) {
      // Once through the old ones, else it could come back as new and starve them.
      append(queue.old_flows_, index);
    } else {
      flows_[index].queue = nullptr;
      --queue.flows_;
    }
  }
}

QueuedFrame FlowQueues::count_sent(TxQueue& queue, FlowIndex index, QueuedFrame frame) {
  const auto octets = static_cast<uint32_t>(frame.ethernet.size());
  flows_[index].deficit -= octets;
  queue.sent_octets_ += octets;
  ++queue.sent_frames_;
  return frame;
}

/// The flow whose turn it is: it stays first until the next pop finds its deficit used up.
FlowQueues::FlowIndex FlowQueues::served(const TxQueue& queue) const {
  return queue.new_flows_.head != 0 ? queue.new_flows_.head : queue.old_flows_.head;
}

const QueuedFrame* FlowQueues::peek_same_flow(const TxQueue& queue) const {
  const NodeIndex node = flows_[served(queue)].head;
  return node != 0 ? &nodes_[node].frame : nullptr;
}

QueuedFrame FlowQueues::pop_same_flow(TxQueue& queue) {
  const FlowIndex index = served(queue);
  return count_sent(queue, index, pop_from(index));
}

template <typename Visit>
void FlowQueues::for_each_flow(const TxQueue& queue, Visit visit) const {
  for (const FlowList& list : {queue.new_flows_, queue.old_flows_})
    for (FlowIndex index = list.head; index != 0; index = flows_[index].next) visit(index);
}

QueuedFrame FlowQueues::pop_oldest(TxQueue& queue) {
  auto since = [this](FlowIndex index) { return nodes_[flows_[index].head].frame.since; };
  FlowIndex oldest = 0;
  for_each_flow(queue, [&](FlowIndex index) {
    if (flows_[index].frames > 0 && (oldest == 0 || since(index) < since(oldest))) oldest = index;
  });
  WLAN_ASSERT(oldest != 0);
  return pop_from(oldest);
}

void FlowQueues::drop_older(TxQueue& queue, TimePoint limit, Drop reason) {
  for_each_flow(queue, [&](FlowIndex index) {
    while (flows_[index].frames > 0 && nodes_[flows_[index].head].frame.since < limit)
      on_drop_(pop_from(index), reason);
  });
}

void FlowQueues::forget_flows(FlowList& list) {
  while (list.head != 0) flows_[remove_first(list)].queue = nullptr;
}

void FlowQueues::clear(TxQueue& queue, Drop reason) {
  for_each_flow(queue, [&](FlowIndex index) {
    while (flows_[index].frames > 0) on_drop_(pop_from(index), reason);
  });
  forget_flows(queue.new_flows_);
  forget_flows(queue.old_flows_);
  queue.flows_ = 0;
  if (queue.own_flow_ == 0) return;
  flows_[queue.own_flow_].next = free_flow_;
  free_flow_ = std::exchange(queue.own_flow_, FlowIndex{0});
}

}  // namespace airloom::mac80211
