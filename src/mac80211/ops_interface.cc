// The life of interfaces: created with their wdev, started and stopped with their netdev.
#include "cfg80211/wiphy.h"
#include "mac80211/access_point.h"
#include "mac80211/ap_vlan.h"
#include "mac80211/offchannel.h"
#include "mac80211/radio_stack.h"
#include "mac80211/scan.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

RadioStack::RadioStack(RadioPorts ports, Driver& driver, Log log)
    : ports_(ports),
      log_(std::move(log)),
      driver_(driver, log_),
      stations_(*this),
      channels_(*this),
      tx_(*this),
      rx_(*this),
      block_ack_(*this),
      management_tx_(*this),
      raw_tx_(*this),
      offchannel_(std::make_unique<OffChannel>(*this)),
      scan_(std::make_unique<Scan>(*this)),
      radar_timer_(scheduler(), [this] { on_radar(); }) {}

RadioStack::~RadioStack() = default;

Interface* RadioStack::find(uint32_t vif) const {
  const auto it = interfaces_.find(vif);
  return it == interfaces_.end() ? nullptr : it->second.get();
}

Interface& RadioStack::of(const cfg80211::Wdev& wdev) const {
  const auto it = by_wdev_.find(wdev.id());
  WLAN_ASSERT(it != by_wdev_.end());
  return *it->second;
}

Result<void> RadioStack::add_interface(cfg80211::Wdev& wdev) {
  Vif vif{.id = ++last_vif_, .type = wdev.type(), .address = wdev.address()};
  vif.p2p = vif.type == InterfaceType::kP2pClient || vif.type == InterfaceType::kP2pGo;
  auto interface = std::make_unique<Interface>(*this, wdev, vif);
  interface->monitor_flags = wdev.monitor_flags;
  by_wdev_[wdev.id()] = interface.get();
  interfaces_.emplace(vif.id, std::move(interface));
  return {};
}

void RadioStack::delete_interface(cfg80211::Wdev& wdev) {
  Interface& interface = of(wdev);
  if (interface.is_up()) stop_interface(interface);
  by_wdev_.erase(wdev.id());
  interfaces_.erase(interface.id());
}

/// Types between which an interface can change without going down.
static bool changes_while_up(InterfaceType type) {
  return cfg80211::is_ap(type) || cfg80211::is_station(type) || type == InterfaceType::kAdhoc ||
         type == InterfaceType::kOcb;
}

/// What a monitor shows can change at any time; whether it is cooked or answers, only while down.
Result<void> RadioStack::change_monitor(Interface& interface,
                                        const cfg80211::ChangeInterfaceRequest& request) {
  namespace flag = cfg80211::monitor_flag;
  if (!request.monitor_flags) return {};
  const cfg80211::MonitorFlags changed = *request.monitor_flags ^ interface.monitor_flags;
  if (interface.is_up() && (changed & (flag::kCookFrames | flag::kActive)) != 0)
    return fail(Errc::kBusy);
  interface.monitor_flags = *request.monitor_flags;
  update_filter();
  return {};
}

Result<void> RadioStack::change_interface(cfg80211::Wdev& wdev, InterfaceType type,
                                          const cfg80211::ChangeInterfaceRequest& request) {
  Interface& interface = of(wdev);
  if (request.use_4addr == true && !wdev.use_4addr && interface.station_mlme_)
    interface.station_mlme_->announce_four_address();
  if (type == interface.type()) return change_monitor(interface, request);
  const bool was_up = interface.is_up();
  if (was_up && !(changes_while_up(interface.type()) && changes_while_up(type)))
    return fail(Errc::kBusy);
  if (was_up) stop_role(interface);
  interface.monitor_flags = request.monitor_flags.value_or(cfg80211::monitor_flag::kDefault);
  interface.vif_.type = type;
  interface.vif_.p2p = type == InterfaceType::kP2pClient || type == InterfaceType::kP2pGo;
  interface.uapsd = {};
  if (was_up) {
    driver_.change_vif(interface.vif());
    start_role(interface);
  }
  return {};
}

/// A monitor is in the driver only if it is to answer frames to its address.
static bool is_in_driver(const Interface& interface) {
  return interface.type() != InterfaceType::kMonitor ||
         (interface.monitor_flags & cfg80211::monitor_flag::kActive) != 0;
}

/// Whether somebody knows the interface by its address, or will when what it does now is done.
Result<void> RadioStack::check_live_address_change(const Interface& interface) const {
  if (interface.has_carrier() || !stations_.of(interface).empty() ||
      offchannel_->is_on_stay_of(interface))
    return fail(Errc::kBusy);
  if (!cfg80211::is_station(interface.type())) return fail(Errc::kUnsupported);
  if (scan_->is_running_for(interface) || interface.station_mlme_->is_joining())
    return fail(Errc::kBusy);
  return {};
}

Result<void> RadioStack::change_address(cfg80211::Wdev& wdev, const MacAddress& address) {
  Interface& interface = of(wdev);
  if (interface.is_up()) TRY(check_live_address_change(interface));
  interface.vif_.address = address;
  if (interface.is_up() && is_in_driver(interface)) driver_.change_vif(interface.vif());
  return {};
}

Result<void> RadioStack::open(cfg80211::Wdev& wdev) {
  return start_interface(of(wdev));
}

void RadioStack::stop(cfg80211::Wdev& wdev) {
  if (Interface& interface = of(wdev); interface.is_up()) stop_interface(interface);
}

Result<void> RadioStack::start_p2p_device(cfg80211::Wdev& wdev) {
  return start_interface(of(wdev));
}

void RadioStack::stop_p2p_device(cfg80211::Wdev& wdev) {
  stop(wdev);
}

namespace {

/// Where a radio stands before anybody chose a channel: the first one it has.
ChannelDefinition first_channel(const cfg80211::Wdev& wdev) {
  for (const auto& band : wdev.wiphy().capabilities().bands)
    if (!band.channels.empty())
      return ChannelDefinition::from_type(band.channels.front().mhz, ieee80211::ChannelType::kNoHt);
  return {};
}

}  // namespace

Result<void> RadioStack::start_interface(Interface& interface) {
  if (interface.is_up()) return {};
  if (interface.type() == InterfaceType::kApVlan) return start_vlan(interface);
  const bool first = open_interfaces_ == 0;
  if (first) TRY(driver_.start());
  if (is_in_driver(interface)) {
    if (auto added = driver_.add_vif(interface.vif()); !added) {
      if (first) driver_.stop();
      return added;
    }
  }
  ++open_interfaces_;
  was_powered_ = true;
  interface.up_ = true;
  update_filter();
  if (interface.type() != InterfaceType::kMonitor) start_role(interface);
  // A monitor's carrier is on from its first day, so that its operstate is unknown.
  interface.set_carrier(interface.type() == InterfaceType::kMonitor);
  if (first) channels_.on_start(first_channel(interface.wdev()));
  return {};
}

Result<void> RadioStack::start_vlan(Interface& vlan) {
  vlan.bss_ = TRY(find_bss_of_vlan(vlan));
  ++open_interfaces_;
  vlan.up_ = true;
  vlan.set_carrier(vlan.bss().access_point() != nullptr);
  return {};
}

void RadioStack::stop_vlan(Interface& vlan) {
  stations_.remove_served(vlan);
  vlan.link().keys.clear();
  vlan.set_carrier(false);
  vlan.up_ = false;
  vlan.bss_ = nullptr;
  --open_interfaces_;
}

void RadioStack::start_role(Interface& interface) {
  LinkConfig& config = interface.link().config;
  if (config.tx_power_dbm == 0) config.tx_power_dbm = kDefaultPowerDbm;
  if (interface.type() != InterfaceType::kP2pDevice)
    interface.notify_link_changed(kChangedProtection);
  interface.set_default_edca(!cfg80211::is_station(interface.type()));
  if (cfg80211::is_station(interface.type()))
    interface.station_mlme_ = std::make_unique<StationMlme>(*this, interface);
}

void RadioStack::stop_role(Interface& interface) {
  scan_->on_interface_stopped(interface);
  abort_radar_check(interface);
  offchannel_->on_interface_stopped(interface);
  if (interface.station_mlme_) interface.station_mlme_->stop();
  interface.station_mlme_.reset();
  if (interface.access_point_) interface.access_point_->stop();
  interface.access_point_.reset();
  stations_.remove_all(interface);
  tx_.drop(interface);
  management_tx_.forget(interface);
  channels_.release(interface);
  interface.link().keys.clear();
  interface.control_port = {};
  interface.signal_monitor = {};
}

void RadioStack::stop_interface(Interface& interface) {
  if (interface.type() == InterfaceType::kApVlan) return stop_vlan(interface);
  close_vlans_of(interface);
  if (interface.type() != InterfaceType::kMonitor) {
    stop_role(interface);
    driver_.flush(interface.id(), /*drop=*/true);
  } else {
    raw_tx_.drop(interface);
  }
  if (is_in_driver(interface)) driver_.remove_vif(interface.vif());
  if (interface.type() != InterfaceType::kMonitor) interface.set_carrier(false);
  interface.up_ = false;
  WLAN_ASSERT(open_interfaces_ > 0);
  if (--open_interfaces_ == 0) {
    driver_.stop();
    tx_.on_radio_stopped();
  }
  update_filter();
}

void RadioStack::add_monitor(ReceiveFilter& filter, cfg80211::MonitorFlags flags) {
  namespace flag = cfg80211::monitor_flag;
  if ((flags & flag::kCookFrames) != 0) {
    ++cooked_monitors_;
    return;
  }
  ++monitors_;
  filter.control |= (flags & flag::kControl) != 0;
  filter.all |= (flags & flag::kOtherBss) != 0;
  filter.fcs_failed |= (flags & flag::kFcsFail) != 0;
}

void RadioStack::update_filter() {
  monitors_ = cooked_monitors_ = 0;
  ReceiveFilter filter;
  filter.other_bss = scan_->is_running();
  filter.scan_address = scan_->source();
  for (const auto& [id, interface] : interfaces_) {
    if (!interface->is_up()) continue;
    constexpr uint16_t kProbeRequestBit = 1u << 4;
    const auto& interest = interface->frame_interest;
    const uint16_t subtypes = interest.unicast_subtypes | interest.multicast_subtypes;
    if (cfg80211::is_ap(interface->type())) filter.probe_requests = filter.control = true;
    if ((subtypes & kProbeRequestBit) != 0) filter.probe_requests = true;
    if (interface->type() == InterfaceType::kMonitor) add_monitor(filter, interface->monitor_flags);
  }
  channels_.wake_if_used();
  if (driver_.is_started() && filter_ != filter) driver_.configure_filter(filter);
  filter_ = driver_.is_started() ? std::optional(filter) : std::nullopt;
  channels_.update_idle();
}

}  // namespace airloom::mac80211
