#include "daemon/capture_stream.h"

#include <cstring>

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

/// False if there is no slot with so much room.
bool CaptureStream::append_to_slot(std::span<const uint8_t> octets) {
  if (slot_filled_ + octets.size() > platform::SharedSlots::kSlot) send_slot();
  if (!slot_) slot_ = slots_.take();
  if (!slot_ || octets.size() > platform::SharedSlots::kSlot) return false;
  std::memcpy(slots_.room(*slot_).data() + slot_filled_, octets.data(), octets.size());
  slot_filled_ += octets.size();
  return true;
}

void CaptureStream::send_slot() {
  if (slot_filled_ == 0) return;
  const auto octets = static_cast<uint32_t>(std::exchange(slot_filled_, 0));
  send(emit_capture_slot({*std::exchange(slot_, std::nullopt), octets}, stamp()));
}

void CaptureStream::write(std::span<const uint8_t> octets, size_t packets, bool more_follow) {
  if (closed_) return;
  if (packets > 0 && waiting_octets_ + octets.size() > kWaitingMax) {
    lost_ += packets;
    return;
  }
  if (!append_to_slot(octets))
    send(emit_command_message(kCaptureData, octets, stamp()));
  else if (!more_follow)
    send_slot();
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
