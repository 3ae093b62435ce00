// What the firmware's stack says, as messages to the host. What is the firmware's own business
// (authentication, association, frames of its access point) ends here.
#include "fullmac/firmware.h"
#include "ieee80211/action.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/management.h"

namespace airloom::fullmac {

using ieee80211::FrameView;
using ieee80211::Subtype;

namespace {

Octets copy(cfg80211::Span octets) {
  return {octets.begin(), octets.end()};
}

/// The Beacon or Probe Response that a scan result came from.
Octets to_frame(const cfg80211::Bss& bss, const cfg80211::Announcement& announcement,
                bool probe_response) {
  Octets frame;
  Writer writer(frame);
  ieee80211::MacHeader header;
  header.fc = ieee80211::FrameControl(probe_response ? Subtype::kProbeResponse : Subtype::kBeacon);
  header.address1 = MacAddress::broadcast();
  header.address2 = header.address3 = bss.bssid;
  header.emit(writer);
  ieee80211::BeaconBody body;
  body.timestamp_us = announcement.tsf_us;
  body.interval_tu = bss.beacon_interval_tu;
  body.capability = bss.capability;
  body.elements = announcement.elements;
  body.emit(writer);
  return frame;
}

}  // namespace

/// The newer of the two frames last, as it was on the air.
void Firmware::tell_bss(uint16_t number, const cfg80211::Bss& bss) {
  for (const bool probe_response : {!bss.from_probe_response, bss.from_probe_response}) {
    const auto& announcement = probe_response ? bss.probe_response : bss.beacon;
    if (!announcement) continue;
    outbox_.tell(number, BssHeard{.frame = to_frame(bss, *announcement, probe_response),
                                  .mhz = bss.mhz,
                                  .signal_mbm = bss.signal_mbm,
                                  .boottime = bss.last_seen_boottime});
  }
}

void Firmware::sched_scan_found(uint16_t number, uint64_t id,
                                const std::vector<const cfg80211::Bss*>& found) {
  for (const cfg80211::Bss* bss : found) tell_bss(number, *bss);
  outbox_.tell(number, SchedScanResults{.id = id});
}

void Firmware::scan_done(const Wdev& wdev, const cfg80211::ScanRequest&, bool aborted) {
  if (sched_scans_.on_scan_done(aborted)) return;
  FirmwareInterface* interface = find(wdev);
  if (interface == nullptr) return;
  if (interface->roam && std::exchange(interface->roam->scanning, false))
    return interface->roam->timer.arm({});
  if (!std::exchange(interface->scans_for_host, false)) return;
  for (const cfg80211::Bss* bss : wiphy().bss_table().entries())
    if (bss->last_seen >= scan_started_) tell_bss(interface->number, *bss);
  outbox_.tell(interface->number, ScanDone{.aborted = aborted});
}

void Firmware::connect_result(const Wdev& wdev, const cfg80211::ConnectResult& result) {
  FirmwareInterface* interface = find(wdev);
  if (interface == nullptr) return;
  const bool failed = result.status != 0 || result.timed_out;
  if (failed && interface->roam) return give_up_roam(*interface);
  if (!failed) {
    const cfg80211::Bss* bss =
        wiphy().bss_table().find(std::nullopt, result.bssid, std::nullopt, {.ess_only = true});
    if (bss != nullptr) tell_bss(interface->number, *bss);
    interface->bssid = result.bssid;
  }
  if (std::exchange(interface->roam, nullptr))
    outbox_.tell(interface->number, Roamed{.result = result});
  else
    outbox_.tell(interface->number, ConnectDone{.result = result});
}

void Firmware::disconnected(const Wdev& wdev, uint16_t reason, Span elements, bool by_ap) {
  FirmwareInterface* interface = find(wdev);
  if (interface == nullptr) return;
  Disconnected farewell{.reason = reason, .by_ap = by_ap, .elements = copy(elements)};
  // Lost, and neither side meant it.
  if (interface->network && !by_ap) return start_roam(*interface, std::move(farewell));
  interface->network.reset();
  outbox_.tell(interface->number, farewell);
}

void Firmware::station_joined(Wdev& wdev, const MacAddress& mac, const Octets& elements) {
  const FirmwareInterface* interface = find(wdev);
  if (interface == nullptr) return;
  auto info = cfg80211::get_station(wdev, mac);
  if (!info) return;
  info->association_elements = elements;
  outbox_.tell(interface->number, StationAdded{.mac = mac, .info = *std::move(info)});
}

void Firmware::station_removed(const Wdev& wdev, const MacAddress& mac,
                               const cfg80211::StationInfo& info) {
  FirmwareInterface* interface = find(wdev);
  if (interface == nullptr || !interface->access_point) return;
  if (interface->access_point->on_station_removed(mac))
    outbox_.tell(interface->number, StationRemoved{.mac = mac, .info = info});
}

void Firmware::frame_tx_status(const Wdev& wdev, uint64_t cookie, Span frame, bool ack) {
  FirmwareInterface* interface = find(wdev);
  if (interface == nullptr) return;
  if (interface->access_point && interface->access_point->on_tx_status(cookie, ack)) return;
  const auto known = recall(cookie, false);
  if (!known) return;
  if (!known->waits) cookies_.erase(cookie);
  outbox_.tell(interface->number,
               FrameTxStatus{.cookie = known->host, .frame = copy(frame), .ack = ack});
}

void Firmware::control_port_tx_status(const Wdev&, uint64_t cookie, Span ethernet, bool ack) {
  if (const auto known = recall(cookie, true))
    outbox_.tell(known->interface,
                 ControlPortStatus{.cookie = known->host, .frame = copy(ethernet), .ack = ack});
}

void Firmware::frame_wait_cancelled(const Wdev&, uint64_t cookie,
                                    const ChannelDefinition& channel) {
  if (const auto known = recall(cookie, true))
    outbox_.tell(known->interface, TxWaitExpired{.cookie = known->host, .channel = channel});
}

void Firmware::remain_on_channel(const Wdev&, uint64_t cookie, const ChannelDefinition& channel,
                                 uint32_t duration_ms) {
  if (const auto known = recall(cookie, false))
    outbox_.tell(
        known->interface,
        RemainStarted{.cookie = known->host, .channel = channel, .duration_ms = duration_ms});
}

void Firmware::remain_on_channel_expired(const Wdev&, uint64_t cookie,
                                         const ChannelDefinition& channel) {
  if (const auto known = recall(cookie, true))
    outbox_.tell(known->interface, RemainExpired{.cookie = known->host, .channel = channel});
}

void Firmware::cqm_rssi(const Wdev& wdev, bool low, int32_t rssi_dbm) {
  if (const FirmwareInterface* interface = find(wdev))
    outbox_.tell(interface->number, CqmRssi{.low = low, .dbm = rssi_dbm});
}

void Firmware::cqm_packet_loss(const Wdev& wdev, const MacAddress& mac, uint32_t packets) {
  if (const FirmwareInterface* interface = find(wdev))
    outbox_.tell(interface->number, CqmPacketLoss{.mac = mac, .packets = packets});
}

void Firmware::cqm_beacon_loss(const Wdev& wdev) {
  if (const FirmwareInterface* interface = find(wdev))
    outbox_.tell(interface->number, CqmBeaconLoss{});
}

void Firmware::client_probed(const Wdev&, const MacAddress& mac, uint64_t cookie, bool ack,
                             std::optional<int8_t> ack_signal_dbm) {
  if (const auto known = recall(cookie, true))
    outbox_.tell(
        known->interface,
        ClientProbed{
            .mac = mac, .cookie = known->host, .ack = ack, .ack_signal_dbm = ack_signal_dbm});
}

void Firmware::ap_stopped(const Wdev& wdev, cfg80211::LinkId) {
  if (const FirmwareInterface* interface = find(wdev)) outbox_.tell(interface->number, ApStopped{});
}

void Firmware::channel_switch_started(const Wdev& wdev, const ChannelDefinition& channel,
                                      uint8_t count, bool quiet) {
  if (const FirmwareInterface* interface = find(wdev))
    outbox_.tell(interface->number,
                 ChannelSwitchStarted{.channel = channel, .count = count, .quiet = quiet});
}

void Firmware::channel_switched(const Wdev& wdev, const ChannelDefinition& channel) {
  if (const FirmwareInterface* interface = find(wdev))
    outbox_.tell(interface->number, ChannelSwitched{.channel = channel});
}

/// False: the stack answers by itself.
bool Firmware::frame_received(const Wdev& wdev, cfg80211::PortId, Span octets, uint32_t mhz,
                              uint16_t, std::optional<int8_t> signal_dbm, uint32_t flags) {
  FirmwareInterface* interface = find(wdev);
  const auto frame = FrameView::of(octets);
  if (interface == nullptr || !frame) return false;
  if (interface->access_point && interface->access_point->on_frame(*frame)) return true;
  const auto is = [&](ieee80211::ActionCategory category) {
    return frame->fc().is_action() && !frame->body().empty() &&
           frame->body()[0] == static_cast<uint8_t>(category);
  };
  if (is(ieee80211::ActionCategory::kSaQuery) || is(ieee80211::ActionCategory::kBlockAck))
    return false;
  const auto& interest = interface->interest;
  const uint16_t wanted = frame->is_group_addressed()
                              ? interest.unicast_subtypes | interest.multicast_subtypes
                              : interest.unicast_subtypes;
  if (!(wanted >> ((frame->fc().bits >> 4) & 0xf) & 1)) return false;
  outbox_.tell(
      interface->number,
      FrameReceived{.frame = copy(octets), .mhz = mhz, .signal_dbm = signal_dbm, .flags = flags});
  return true;
}

bool Firmware::unexpected_frame(const Wdev& wdev, cfg80211::PortId, const MacAddress& mac, bool) {
  FirmwareInterface* interface = find(wdev);
  if (interface == nullptr || !interface->access_point) return false;
  interface->access_point->on_unexpected_frame(mac);
  return true;
}

bool Firmware::control_port_received(const Wdev& wdev, cfg80211::PortId, const MacAddress& source,
                                     uint16_t ethertype, Span payload, bool unencrypted) {
  const FirmwareInterface* interface = find(wdev);
  if (interface == nullptr) return false;
  outbox_.tell(interface->number, ControlPortReceived{.source = source,
                                                      .ethertype = ethertype,
                                                      .unencrypted = unencrypted,
                                                      .payload = copy(payload)});
  return true;
}

}  // namespace airloom::fullmac
