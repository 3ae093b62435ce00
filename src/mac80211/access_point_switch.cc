// An access point moves to another channel: userspace's beacon with the announcement counts down,
// and when it reads 1 the radio goes and the beacon for the new channel takes over. On a radio with
// several BSSs all have to switch. [802.11-2020 11.8.8]
#include "cfg80211/driver_events.h"
#include "mac80211/access_point.h"
#include "mac80211/offchannel.h"
#include "mac80211/radio_stack.h"
#include "mac80211/scan.h"

namespace airloom::mac80211 {

Result<void> AccessPoint::switch_channel(const cfg80211::ChannelSwitchRequest& request) {
  if (stack_.offchannel().is_busy() || stack_.scan_work().is_running() || switch_)
    return fail(Errc::kBusy);
  if (interface_.link().config.channel == request.channel) return fail(Errc::kInvalid);
  TRY(stack_.channels().reserve(interface_, 0, request.channel,
                                [this](bool moved) { on_moved(moved); }));
  switch_ = Switch{.channel = request.channel,
                   .after = request.beacon_after,
                   .offsets = request.counter_offsets_beacon,
                   .count = request.count};
  const bool announced = request.count > 1;
  if (announced) set_beacon_parts(request.beacon_csa);
  interface_.transmit_blocked = request.block_tx;
  cfg80211::channel_switch_started(interface_.wdev(), request.channel, request.count,
                                   request.block_tx);
  if (announced)
    interface_.notify_link_changed(kChangedBeacon);
  else
    switch_timer_.arm(Duration{0});
  return {};
}

std::optional<uint8_t> AccessPoint::countdown() const {
  if (!switch_ || switch_->count == 0) return std::nullopt;
  return switch_->count;
}

/// One beacon further: it shows the new count, and the one with 1 is the last here.
void AccessPoint::count_down() {
  if (!switch_ || switch_->count <= 1) return;
  --switch_->count;
  for (const uint16_t offset : switch_->offsets)
    if (offset < tail_.size()) tail_[offset] = switch_->count;
  if (switch_->count == 1) switch_timer_.arm(Duration{0});  // when this beacon is on its way
}

void AccessPoint::on_switch_timer() {
  if (!switch_) return;
  if (!switch_->failed) return stack_.channels().use_reserved(interface_);
  interface_.log().warn("cannot switch to {}: stopping", switch_->channel.to_string());
  cfg80211::interface_failed(interface_.wdev());  // ends this access point
}

void AccessPoint::on_moved(bool moved) {
  if (!moved) {
    switch_->failed = true;
    return switch_timer_.arm(Duration{0});
  }
  const Switch done = *std::exchange(switch_, std::nullopt);
  set_beacon(done.after);
  unblock_transmission();
  cfg80211::channel_switched(interface_.wdev(), done.channel);
}

void AccessPoint::abandon_switch() {
  if (!switch_) return;
  switch_.reset();
  switch_timer_.cancel();
  stack_.channels().unreserve(interface_);
  unblock_transmission();
}

void AccessPoint::unblock_transmission() {
  if (!std::exchange(interface_.transmit_blocked, false)) return;
  stack_.tx().wake_all();
}

}  // namespace airloom::mac80211
