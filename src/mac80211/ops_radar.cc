// Listening for radar before an access point starts, and radar in operation. The driver hears it;
// here the interface only waits on its channel. [802.11-2020 11.8.3]
#include "cfg80211/driver_events.h"
#include "mac80211/offchannel.h"
#include "mac80211/radio_stack.h"
#include "mac80211/scan.h"

namespace airloom::mac80211 {

Result<void> RadioStack::start_radar_detection(cfg80211::Wdev& wdev,
                                               const ChannelDefinition& channel,
                                               Duration duration) {
  Interface& interface = of(wdev);
  if (!interface.is_up()) return fail(Errc::kNetDown);
  if (offchannel_->is_busy() || scan_->is_running()) return fail(Errc::kBusy);
  TRY(channels_.bind(interface, 0, channel));
  interface.radar_check =
      std::make_unique<Timer>(scheduler(), [this, &interface] { finish_radar_check(interface); });
  interface.radar_check->arm(duration);
  return {};
}

void RadioStack::finish_radar_check(Interface& interface) {
  const ChannelDefinition channel = *interface.link().config.channel;
  interface.radar_check.reset();
  channels_.release(interface);
  cfg80211::radar_check_finished(interface.wdev(), channel);
}

void RadioStack::end_radar_detection(cfg80211::Wdev& wdev) {
  Interface& interface = of(wdev);
  if (interface.radar_check == nullptr) return;
  interface.radar_check.reset();
  channels_.release(interface);
}

void RadioStack::abort_radar_check(Interface& interface) {
  if (interface.radar_check == nullptr) return;
  const ChannelDefinition channel = *interface.link().config.channel;
  end_radar_detection(interface.wdev());
  cfg80211::radar_check_aborted(interface.wdev(), channel);
}

void RadioStack::radar_detected() {
  radar_timer_.arm(Duration{0});  // after whatever the driver is in the middle of
}

void RadioStack::on_radar() {
  if (interfaces_.empty()) return;
  const ChannelDefinition channel = channels_.current();
  for (const auto& [id, interface] : interfaces_) abort_radar_check(*interface);
  cfg80211::radar_detected(interfaces_.begin()->second->wdev().wiphy(), channel);
}

}  // namespace airloom::mac80211
