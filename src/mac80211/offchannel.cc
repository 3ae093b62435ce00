#include "mac80211/offchannel.h"

#include <algorithm>

#include "cfg80211/driver_events.h"
#include "mac80211/radio_stack.h"
#include "mac80211/scan.h"

namespace airloom::mac80211 {
namespace {

/// How long to look again while a scan has the radio.
constexpr auto kRetryDuringScan = std::chrono::milliseconds(20);
/// A stay for a frame that waits for nothing: time for its ACK.
constexpr uint32_t kFrameStayMs = 20;

}  // namespace

OffChannel::OffChannel(RadioStack& stack)
    : stack_(stack), timer_(stack.scheduler(), [this] {
        if (!queue_.empty() && queue_.front().begun) end_first();
        advance();
      }) {}

OffChannel::~OffChannel() = default;

Result<void> OffChannel::remain_on_channel(Interface& interface, const ChannelDefinition& channel,
                                           uint32_t duration_ms, uint64_t cookie) {
  enqueue({.vif = interface.id(),
           .cookie = cookie,
           .channel = channel,
           .duration_ms = duration_ms,
           .frame = std::nullopt});
  return {};
}

Result<void> OffChannel::send(Interface& interface, const cfg80211::FrameTxRequest& request,
                              uint64_t cookie) {
  if (!request.channel) return fail(Errc::kInvalid);
  enqueue({.vif = interface.id(),
           .cookie = cookie,
           .channel = *request.channel,
           .duration_ms = std::max(request.wait_ms, kFrameStayMs),
           .frame = request});
  return {};
}

void OffChannel::enqueue(Stay stay) {
  queue_.push_back(std::move(stay));
  if (queue_.size() == 1) timer_.arm(Duration{0});
}

void OffChannel::advance() {
  if (queue_.empty() || queue_.front().begun) return;
  if (stack_.scan_work().is_running()) return timer_.arm(kRetryDuringScan);
  begin(queue_.front());
}

void OffChannel::begin(Stay& stay) {
  Interface* interface = stack_.find(stay.vif);
  stay.begun = true;
  stack_.channels().tune_away(stay.channel);
  timer_.arm(std::chrono::milliseconds(stay.duration_ms));
  if (!stay.frame) {
    cfg80211::ready_on_channel(interface->wdev(), stay.cookie, stay.channel, stay.duration_ms);
    return;
  }
  ManagementTxOptions options;
  options.cookie = stay.frame->dont_wait_for_ack ? 0 : stay.cookie;
  options.channel = stay.channel;
  options.no_cck = stay.frame->no_cck;
  const Octets frame = stay.frame->frame;
  stack_.management_tx_path().send(*interface, frame, std::move(options));
}

void OffChannel::end_first() {
  const Stay stay = std::move(queue_.front());
  queue_.pop_front();
  timer_.cancel();
  if (stay.begun) stack_.channels().tune_home();
  if (!queue_.empty()) timer_.arm(Duration{0});
  auto& wdev = stack_.find(stay.vif)->wdev();
  if (!stay.frame) {
    cfg80211::remain_on_channel_expired(wdev, stay.cookie, stay.channel);
  } else if (stay.frame->wait_ms != 0) {
    cfg80211::management_tx_wait_expired(wdev, stay.cookie, stay.channel);
  }
}

Result<void> OffChannel::cancel_remain_on_channel(Interface& interface, uint64_t cookie) {
  return cancel(interface, cookie, false);
}

Result<void> OffChannel::cancel_wait(Interface& interface, uint64_t cookie) {
  return cancel(interface, cookie, true);
}

Result<void> OffChannel::cancel(Interface& interface, uint64_t cookie, bool is_frame) {
  const auto found = std::find_if(queue_.begin(), queue_.end(), [&](const Stay& stay) {
    return stay.cookie == cookie && stay.vif == interface.id() &&
           stay.frame.has_value() == is_frame;
  });
  if (found == queue_.end()) return fail(Errc::kNotFound);
  // To the front of those not begun, so that the one way to end a stay serves.
  if (found != queue_.begin() && !found->begun) {
    const Stay stay = std::move(*found);
    queue_.erase(found);
    if (!is_frame) cfg80211::remain_on_channel_expired(interface.wdev(), stay.cookie, stay.channel);
    return {};
  }
  end_first();
  return {};
}

void OffChannel::on_interface_stopped(Interface& interface) {
  if (!queue_.empty() && queue_.front().begun && queue_.front().vif == interface.id()) end_first();
  std::erase_if(queue_, [&](const Stay& stay) { return stay.vif == interface.id(); });
}

}  // namespace airloom::mac80211
