#include "daemon/capture_stream.h"

#include <algorithm>

namespace airloom::daemon {

void CaptureStream::start(const lab::AirSelection& selection, bool with_netlink) {
  capture::ByteSink& sink = *this;
  writer_ = std::make_unique<capture::PcapngWriter>(*world_.ports().scheduler, sink, "airloom");
  air_ = std::make_unique<lab::AirRecorder>(world_, *writer_, selection);
  if (with_netlink)
    netlink_ = std::make_unique<lab::NetlinkRecorder>(world_, *writer_, selection.host);
}

interpose::Stamp CaptureStream::stamp() {
  const auto now = world_.ports().scheduler->now().since_epoch.count();
  return {static_cast<uint64_t>(now), ++sequence_};
}

void CaptureStream::send(Octets message) {
  if (waiting_.empty() && connection_.try_send(message)) return;
  waiting_octets_ += message.size();
  waiting_.push_back(std::move(message));
}

std::span<uint8_t> CaptureStream::open(size_t octets) {
  if (octets <= platform::SharedSlots::kSlot) slot_ = slots_.take();
  if (slot_) return slots_.room(*slot_);
  batch_.resize(std::max(octets, kBatch));
  return batch_;
}

void CaptureStream::commit(size_t octets, size_t packets) {
  const auto slot = std::exchange(slot_, std::nullopt);
  if (closed_) return;
  if (slot)
    send(emit_capture_slot({*slot, static_cast<uint32_t>(octets)}, stamp()));
  else if (packets > 0 && waiting_octets_ + octets > kWaitingMax)
    lost_ += packets;
  else
    send(emit_command_message(kCaptureData, std::span(batch_).first(octets), stamp()));
}

void CaptureStream::flush() {
  while (!waiting_.empty() && connection_.try_send(waiting_.front())) {
    waiting_octets_ -= waiting_.front().size();
    waiting_.pop_front();
  }
}

void CaptureStream::finish() {
  if (air_) frames_ = air_->frames();
  if (netlink_) messages_ = netlink_->packets();
  air_.reset();
  netlink_.reset();
  writer_.reset();
  for (auto& message : waiting_) connection_.send(std::move(message));
  waiting_.clear();
  waiting_octets_ = 0;
}

}  // namespace airloom::daemon
