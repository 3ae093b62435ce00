#include "daemon/capture_stream.h"

namespace airloom::daemon {

void CaptureStream::start(const lab::AirSelection& selection, bool with_netlink) {
  capture::ByteSink& sink = *this;
  writer_ = std::make_unique<capture::PcapngWriter>(*world_.ports().scheduler, sink, "airloom");
  air_ = std::make_unique<lab::AirRecorder>(world_, *writer_, selection);
  if (with_netlink)
    netlink_ = std::make_unique<lab::NetlinkRecorder>(world_, *writer_, selection.host);
}

Octets CaptureStream::message_of(std::span<const uint8_t> octets) {
  const auto now = world_.ports().scheduler->now().since_epoch.count();
  const interpose::Stamp stamp{static_cast<uint64_t>(now), ++sequence_};
  if (octets.size() >= kLarge)
    if (const auto slot = slots_.put(octets))
      return emit_capture_slot({*slot, static_cast<uint32_t>(octets.size())}, stamp);
  return emit_command_message(kCaptureData, octets, stamp);
}

void CaptureStream::write(std::span<const uint8_t> octets, size_t packets) {
  if (closed_) return;
  if (packets > 0 && waiting_octets_ + octets.size() > kWaitingMax) {
    lost_ += packets;
    return;
  }
  auto message = message_of(octets);
  if (waiting_.empty() && connection_.try_send(message)) return;
  waiting_octets_ += message.size();
  waiting_.push_back(std::move(message));
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
