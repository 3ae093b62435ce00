// The access point's requests.
#include "mac80211/access_point.h"
#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

Result<void> RadioStack::start_ap(cfg80211::Wdev& wdev, const cfg80211::StartApRequest& request) {
  Interface& interface = of(wdev);
  if (!interface.is_up()) return fail(Errc::kNetDown);
  if (interface.access_point_) return fail(Errc::kAlready);
  auto access_point = std::make_unique<AccessPoint>(*this, interface);
  TRY(access_point->start(request));
  interface.access_point_ = std::move(access_point);
  return {};
}

Result<void> RadioStack::change_beacon(cfg80211::Wdev& wdev, const cfg80211::BeaconData& beacon) {
  AccessPoint* access_point = of(wdev).access_point();
  if (access_point == nullptr) return fail(Errc::kNotFound);
  if (access_point->is_switching()) return fail(Errc::kBusy);  // its countdown would be lost
  access_point->set_beacon(beacon);
  return {};
}

Result<void> RadioStack::stop_ap(cfg80211::Wdev& wdev, LinkId) {
  Interface& interface = of(wdev);
  if (!interface.access_point_) return fail(Errc::kNotFound);
  interface.access_point_->stop();
  interface.access_point_.reset();
  return {};
}

Result<void> RadioStack::set_multicast_to_unicast(cfg80211::Wdev& wdev, bool on) {
  of(wdev).multicast_to_unicast = on;
  return {};
}

Result<void> RadioStack::change_bss(cfg80211::Wdev& wdev, const cfg80211::BssParams& params) {
  AccessPoint* access_point = of(wdev).access_point();
  if (access_point == nullptr) return fail(Errc::kNotFound);
  return access_point->change_bss(params);
}

Result<void> RadioStack::channel_switch(cfg80211::Wdev& wdev,
                                        const cfg80211::ChannelSwitchRequest& request) {
  AccessPoint* access_point = of(wdev).access_point();
  if (access_point == nullptr) return fail(Errc::kBusy);
  return access_point->switch_channel(request);
}

Result<void> RadioStack::set_ap_channel_width(cfg80211::Wdev& wdev,
                                              const ChannelDefinition& channel) {
  return channels_.change_width(of(wdev), 0, channel);
}

Result<void> RadioStack::set_tx_queue_params(cfg80211::Wdev& wdev,
                                             const cfg80211::TxQueueParams& params) {
  if (params.ac >= 4) return fail(Errc::kInvalid);
  Interface& interface = of(wdev);
  interface.set_edca(params.ac, {.txop_32us = params.txop_32us,
                                 .cw_min = params.cw_min,
                                 .cw_max = params.cw_max,
                                 .aifs = params.aifs});
  interface.link().qos = true;
  return {};
}

}  // namespace airloom::mac80211
