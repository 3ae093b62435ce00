// Frames that programs send, and what they want to see.
#include "mac80211/offchannel.h"
#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

void RadioStack::transmit(cfg80211::Wdev& wdev, std::span<FrameBuffer> burst) {
  Interface& interface = of(wdev);
  if (!interface.is_up()) return;
  if (interface.type() != InterfaceType::kMonitor) return tx_.transmit(interface, burst);
  for (FrameBuffer& frame : burst) {
    const auto taken = raw_tx_.submit(interface, std::move(frame));
    if (taken) continue;
    drops_.note(taken.error().code == Errc::kTooMany ? Drop::kTxQueueFull : Drop::kTxMalformed);
  }
}

void RadioStack::update_frame_registrations(cfg80211::Wdev& wdev,
                                            const cfg80211::ManagementFrameInterest& interest) {
  of(wdev).frame_interest = interest;
  update_filter();
}

Result<void> RadioStack::management_tx(cfg80211::Wdev& wdev,
                                       const cfg80211::FrameTxRequest& request, uint64_t cookie) {
  Interface& interface = of(wdev);
  if (!interface.is_up()) return fail(Errc::kNetDown);
  return management_tx_.send_request(interface, request, cookie);
}

Result<void> RadioStack::management_tx_cancel_wait(cfg80211::Wdev& wdev, uint64_t cookie) {
  return offchannel_->cancel_wait(of(wdev), cookie);
}

Result<void> RadioStack::remain_on_channel(cfg80211::Wdev& wdev, const ChannelDefinition& channel,
                                           uint32_t ms, uint64_t cookie) {
  Interface& interface = of(wdev);
  if (!interface.is_up()) return fail(Errc::kNetDown);
  return offchannel_->remain_on_channel(interface, channel, ms, cookie);
}

Result<void> RadioStack::cancel_remain_on_channel(cfg80211::Wdev& wdev, uint64_t cookie) {
  return offchannel_->cancel_remain_on_channel(of(wdev), cookie);
}

Result<bool> RadioStack::control_port_tx(cfg80211::Wdev& wdev,
                                         const cfg80211::ControlPortTxRequest& request,
                                         uint64_t cookie) {
  Interface& interface = of(wdev);
  if (!interface.is_up()) return fail(Errc::kNetDown);
  return tx_.control_port(interface, request, cookie);
}

}  // namespace airloom::mac80211
