// What the host asks of the firmware's interfaces, keys, stations and connections.
#include <linux/nl80211.h>

#include "fullmac/firmware.h"

namespace airloom::fullmac {

namespace {

constexpr uint16_t kStationsMax = 2007;  // [802.11-2020 9.4.1.8]: an AID's range
constexpr uint16_t kReasonLeaving = 3;   // [802.11-2020 Table 9-49]

}  // namespace

Result<HelloReply> Firmware::on(uint16_t, const Hello& hello) {
  if (hello.version != kVersion) return fail(Errc::kUnsupported);
  return HelloReply{.version = kVersion, .stations_max = kStationsMax};
}

Result<void> Firmware::on(uint16_t, const SetCountry& country) {
  return host_.regulatory().hint_user(
      {static_cast<char>(country.alpha2[0]), static_cast<char>(country.alpha2[1])});
}

Result<void> Firmware::on(uint16_t number, const AddInterface& add) {
  if (number == 0 || find(number) != nullptr) return fail(Errc::kExists);
  making_ = number;
  Wdev* wdev = TRY(
      wiphy().add_interface({.name = "if%d", .type = add.type, .mac = add.address, .owner = 0}));
  numbers_[wdev->id()] = number;
  interfaces_.emplace(number, FirmwareInterface{.number = number, .wdev = wdev});
  return {};
}

Result<void> Firmware::on(FirmwareInterface& interface, const DeleteInterface&) {
  const uint16_t number = interface.number;
  sched_scans_.stop_all(number);
  interface.access_point.reset();
  const auto id = interface.wdev->id();
  wiphy().remove_interface(*interface.wdev);
  numbers_.erase(id);
  interfaces_.erase(number);
  std::erase_if(cookies_, [&](const auto& entry) { return entry.second.interface == number; });
  return {};
}

Result<void> Firmware::on(FirmwareInterface& interface, const ChangeInterface& change) {
  sched_scans_.stop_all(interface.number);
  interface.access_point.reset();
  interface.registered = 0;
  return wiphy().change_interface(*interface.wdev, {.type = change.type});
}

Result<void> Firmware::on(FirmwareInterface& interface, const Open&) {
  return interface.wdev->on_up();
}

Result<void> Firmware::on(FirmwareInterface& interface, const Stop&) {
  sched_scans_.stop_all(interface.number);
  forget_network(interface);
  interface.wdev->on_down();
  interface.access_point.reset();
  return {};
}

Result<void> Firmware::on(FirmwareInterface& interface, const SetAddress& to) {
  if (!to.address.is_unicast()) return fail(Errc::kInvalid);
  TRY(interface.wdev->on_address_change(to.address));
  return interface.wdev->netdev()->set_address(to.address);
}

Result<void> Firmware::on(FirmwareInterface& interface, const AddKey& key) {
  return cfg80211::new_key(*interface.wdev, key.slot, key.params);
}

Result<void> Firmware::on(FirmwareInterface& interface, const DeleteKey& key) {
  return cfg80211::delete_key(*interface.wdev, key.slot);
}

Result<cfg80211::KeyReport> Firmware::on(FirmwareInterface& interface, const GetKey& key) {
  return cfg80211::get_key(*interface.wdev, key.slot);
}

Result<void> Firmware::on(FirmwareInterface& interface, const SetDefaultKey& key) {
  return cfg80211::set_default_key(*interface.wdev, key.index, key.unicast, key.multicast);
}

Result<void> Firmware::on(FirmwareInterface& interface, const SetDefaultManagementKey& key) {
  return cfg80211::set_default_management_key(*interface.wdev, key.index);
}

Result<void> Firmware::on(FirmwareInterface& interface, const SetDefaultBeaconKey& key) {
  return cfg80211::set_default_beacon_key(*interface.wdev, key.index);
}

Result<void> Firmware::on(FirmwareInterface& interface, const StartAp& start) {
  sched_scans_.yield();
  AccessPointOwner& owner = *this;
  interface.access_point =
      std::make_unique<AccessPoint>(*ports_.scheduler, *interface.wdev, owner, start.request, log_);
  auto started = interface.access_point->start();
  if (!started) interface.access_point.reset();
  return started;
}

Result<void> Firmware::on(FirmwareInterface& interface, const ChangeBeacon& change) {
  TRY(cfg80211::set_beacon(*interface.wdev, change.beacon));
  if (interface.access_point) interface.access_point->set_beacon(change.beacon);
  return {};
}

Result<void> Firmware::on(FirmwareInterface& interface, const StopAp&) {
  TRY(cfg80211::stop_ap(*interface.wdev, 0, /*notify=*/false));
  interface.access_point.reset();
  return {};
}

Result<void> Firmware::on(FirmwareInterface& interface, const ChangeBss& change) {
  return cfg80211::set_bss(*interface.wdev, change.params);
}

Result<void> Firmware::on(FirmwareInterface& interface, const ChannelSwitch& change) {
  sched_scans_.yield();
  TRY(cfg80211::channel_switch(*interface.wdev, change.request));
  if (interface.access_point) interface.access_point->set_beacon(change.request.beacon_after);
  return {};
}

Result<void> Firmware::on(FirmwareInterface& interface, const SetTxQueue& queue) {
  return cfg80211::set_tx_queue_params(*interface.wdev, queue.params);
}

Result<void> Firmware::on(FirmwareInterface& interface, const ChangeStation& change) {
  return cfg80211::set_station(*interface.wdev, change.mac, change.params);
}

Result<void> Firmware::on(FirmwareInterface& interface, const DeleteStation& leave) {
  if (!interface.access_point) return fail(Errc::kInvalid);
  return interface.access_point->expel(leave.request);
}

Result<cfg80211::StationInfo> Firmware::on(FirmwareInterface& interface, const GetStation& get) {
  return cfg80211::get_station(*interface.wdev, get.mac);
}

Result<StationReply> Firmware::on(FirmwareInterface& interface, const DumpStation& dump) {
  auto [mac, info] = TRY(cfg80211::dump_station(*interface.wdev, dump.index));
  return StationReply{.mac = mac, .info = std::move(info)};
}

Result<void> Firmware::on(FirmwareInterface& interface, const ProbeClient& probe) {
  const uint64_t cookie = TRY(cfg80211::probe_client(*interface.wdev, probe.mac));
  remember(cookie, {.interface = interface.number, .host = probe.cookie});
  return {};
}

Result<void> Firmware::on(FirmwareInterface& interface, const Scan& scan) {
  sched_scans_.yield();
  TRY(cfg80211::trigger_scan(*interface.wdev, scan.request));
  scan_started_ = ports_.scheduler->now();
  interface.scans_for_host = true;
  return {};
}

Result<void> Firmware::on(FirmwareInterface& interface, const AbortScan&) {
  if (!interface.scans_for_host) return fail(Errc::kNotFound);
  return cfg80211::abort_scan(*interface.wdev);
}

Result<void> Firmware::on(FirmwareInterface& interface, const StartSchedScan& start) {
  return sched_scans_.start(interface.number, *interface.wdev, start.request);
}

Result<void> Firmware::on(FirmwareInterface& interface, const StopSchedScan& stop) {
  return sched_scans_.stop(interface.number, stop.id);
}

Result<void> Firmware::on(FirmwareInterface& interface, const Connect& connect) {
  sched_scans_.yield();
  Wdev& wdev = *interface.wdev;
  const bool is_connecting = wdev.sme && !wdev.is_connected();
  if (is_connecting) (void)cfg80211::disconnect(wdev, kReasonLeaving, kFirmwarePort);
  forget_network(interface);
  cfg80211::ConnectRequest request = connect.request;
  request.owner = kFirmwarePort;
  // A hint is the host's choice as long as nothing speaks against it.
  if (!request.bssid && request.bssid_hint &&
      wiphy().bss_table().find(request.mhz, request.bssid_hint, Span(request.ssid)) != nullptr)
    request.bssid = request.bssid_hint;
  TRY(cfg80211::connect(wdev, std::move(request), kFirmwarePort));
  if (!connect.request.bssid) interface.network = connect.request;
  return {};
}

Result<void> Firmware::on(FirmwareInterface& interface, const Disconnect& disconnect) {
  const bool roams = interface.roam != nullptr;
  forget_network(interface);
  auto left = cfg80211::disconnect(*interface.wdev, disconnect.reason, kFirmwarePort);
  // The stack has nothing to leave, and the host believes that it is connected.
  if (roams) outbox_.tell(interface.number, Disconnected{.reason = disconnect.reason});
  return left;
}

void Firmware::forget_network(FirmwareInterface& interface) {
  interface.network.reset();
  interface.roam.reset();
}

}  // namespace airloom::fullmac
