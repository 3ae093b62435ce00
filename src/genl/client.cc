#include "genl/client.h"

#include <utility>

namespace airloom::genl {

namespace {

/// What a waiting datagram counts against the receive buffer: its octets and about what the
/// kernel's bookkeeping for it would take.
size_t accounted(const Octets& datagram) {
  return netlink::align4(datagram.size()) + 512;
}

}  // namespace

void Client::send(Octets datagram, uint32_t group) {
  if (datagram.empty()) return;
  if (queue.empty() && sink.deliver(datagram, group)) {
    congested = false;
    if (observer) observer->on_delivery(datagram);
    return;
  }
  // As a socket does, the one datagram that crosses the limit is still taken.
  if (!congested && queued <= receive_buffer) {
    if (observer) observer->on_delivery(datagram);
    queued += accounted(datagram);
    queue.push_back({std::move(datagram), group});
    return;
  }
  if (congested || has(ClientOption::kNoEnobufs)) return;
  congested = true;
  sink.overrun();
}

void Client::send_unbounded(Octets datagram) {
  if (observer) observer->on_delivery(datagram);
  if (queue.empty() && sink.deliver(datagram, 0)) return;
  queued += accounted(datagram);
  queue.push_back({std::move(datagram), 0});
}

void Client::drain() {
  while (!queue.empty() && sink.deliver(queue.front().datagram, queue.front().group)) {
    queued -= accounted(queue.front().datagram);
    queue.pop_front();
  }
  if (queue.empty()) congested = false;
}

}  // namespace airloom::genl
