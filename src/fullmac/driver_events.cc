// What the firmware tells the host. Each event is checked against what the host knows: one that
// cannot be, as a connection that nobody asked for, is passed over.
#include "cfg80211/driver_events.h"

#include <array>

#include "cfg80211/wdev.h"
#include "fullmac/driver.h"
#include "ieee80211/ethernet.h"

namespace airloom::fullmac {

template <typename E>
bool Driver::hear(Wdev& wdev, Reader payload) {
  const auto event = decode<E>(payload);
  return event && on(wdev, *event);
}

Driver::Hear Driver::hear_of(Event event) {
  static constexpr auto kTable = [] {
    std::array<Hear, static_cast<size_t>(Event::kCount)> table{};
    const auto add = [&]<typename... E>(std::type_identity<E>...) {
      ((table[static_cast<size_t>(E::kCode)] = &Driver::hear<E>), ...);
    };
    using std::type_identity;
    add(type_identity<BssHeard>{}, type_identity<ScanDone>{}, type_identity<ConnectDone>{},
        type_identity<Roamed>{}, type_identity<Disconnected>{}, type_identity<PortAuthorized>{},
        type_identity<StationAdded>{}, type_identity<StationRemoved>{}, type_identity<ApStopped>{},
        type_identity<FrameReceived>{}, type_identity<FrameTxStatus>{},
        type_identity<TxWaitExpired>{}, type_identity<RemainStarted>{},
        type_identity<RemainExpired>{}, type_identity<ControlPortReceived>{},
        type_identity<ControlPortStatus>{}, type_identity<CqmRssi>{},
        type_identity<CqmBeaconLoss>{}, type_identity<CqmPacketLoss>{},
        type_identity<ChannelSwitchStarted>{}, type_identity<ChannelSwitched>{},
        type_identity<ClientProbed>{}, type_identity<Carrier>{}, type_identity<Flow>{},
        type_identity<SchedScanResults>{});
    return table;
  }();
  const auto number = static_cast<size_t>(event);
  return number < kTable.size() ? kTable[number] : nullptr;
}

void Driver::on_message(FrameBuffer message) {
  Reader reader(message.octets());
  const auto header = Header::parse(reader);
  if (!header || message.size() > kMessageMax) return log_.warn("the firmware sends nonsense");
  Wdev* wdev = find(header->interface);
  if (wdev == nullptr) return;  // it has gone meanwhile
  if (header->kind == Kind::kData) {
    message.trim_front(kHeaderLength);
    return on_data(*wdev, std::move(message));
  }
  const Hear hear =
      header->kind == Kind::kEvent ? hear_of(static_cast<Event>(header->code)) : nullptr;
  if (hear == nullptr || !(this->*hear)(*wdev, reader))
    log_.warn("event {} of the firmware makes no sense now", header->code);
}

void Driver::on_data(Wdev& wdev, FrameBuffer frame) {
  if (!wdev.is_running() || wdev.netdev() == nullptr) return;
  if (frame.size() < ieee80211::kEthernetHeaderLength) return;
  wdev.netdev()->receive(std::move(frame));
}

namespace {

/// Whether the radio has such a channel at all.
bool exists(const cfg80211::Wdev& wdev, const ChannelDefinition& channel) {
  return channel.is_valid() && wdev.wiphy().find_channel(channel.primary_mhz) != nullptr;
}

bool is_access_point(const cfg80211::Wdev& wdev) {
  return cfg80211::is_ap(wdev.type()) && wdev.is_beaconing();
}

/// Connecting or connected: an SSID is set.
bool has_network(const cfg80211::Wdev& wdev) {
  return cfg80211::is_station(wdev.type()) && !wdev.connection.ssid.empty();
}

/// What no honest radio says of a station.
bool is_plausible(const cfg80211::StationInfo& info) {
  constexpr size_t kChainsMax = 4, kTids = 17, kElementsMax = 4096;
  return info.chain_signal_dbm.size() <= kChainsMax &&
         info.chain_signal_avg_dbm.size() <= kChainsMax &&
         (info.tids.empty() || info.tids.size() == kTids) &&
         info.association_elements.size() <= kElementsMax;
}

}  // namespace

bool Driver::on(Wdev& wdev, const BssHeard& heard) {
  if (wdev.wiphy().find_channel(heard.mhz) == nullptr) return false;
  return cfg80211::inform_bss(wdev.wiphy(), {.frame = heard.frame,
                                             .mhz = heard.mhz,
                                             .signal_mbm = heard.signal_mbm,
                                             .boottime = heard.boottime}) != 0;
}

bool Driver::on(Wdev& wdev, const ScanDone& done) {
  const auto& scan = wdev.wiphy().scan;
  if (!scan || scan->wdev != wdev.id()) return false;
  cfg80211::scan_done(wdev.wiphy(), done.aborted);
  return true;
}

bool Driver::on(Wdev& wdev, const ConnectDone& done) {
  if (!has_network(wdev)) return false;
  if (done.result.status == 0 && !done.result.bssid.is_unicast()) return false;
  cfg80211::connect_result(wdev, done.result, 0);
  return true;
}

bool Driver::on(Wdev& wdev, const Roamed& roamed) {
  if (!wdev.is_connected() || !roamed.result.bssid.is_unicast()) return false;
  cfg80211::roamed(wdev, roamed.result);
  return true;
}

bool Driver::on(Wdev& wdev, const Disconnected& gone) {
  if (!wdev.is_connected()) return false;
  cfg80211::disconnected(wdev, gone.reason, gone.elements, gone.by_ap);
  return true;
}

bool Driver::on(Wdev& wdev, const PortAuthorized& authorized) {
  if (!wdev.is_connected_to(authorized.mac)) return false;
  cfg80211::port_authorized(wdev, authorized.mac);
  return true;
}

bool Driver::on(Wdev& wdev, const StationAdded& added) {
  if (!is_access_point(wdev) || !added.mac.is_unicast() || !is_plausible(added.info)) return false;
  cfg80211::station_added(wdev, added.mac, added.info);
  return true;
}

bool Driver::on(Wdev& wdev, const StationRemoved& removed) {
  if (!cfg80211::is_ap(wdev.type()) || !removed.mac.is_unicast() || !is_plausible(removed.info))
    return false;
  cfg80211::station_removed(wdev, removed.mac, removed.info);
  return true;
}

bool Driver::on(Wdev& wdev, const ApStopped&) {
  if (is_access_point(wdev)) cfg80211::interface_failed(wdev);
  return cfg80211::is_ap(wdev.type());
}

bool Driver::on(Wdev& wdev, const FrameReceived& received) {
  (void)cfg80211::rx_management(wdev, received.frame, received.mhz, received.signal_dbm,
                                received.flags);
  return true;
}

bool Driver::on(Wdev& wdev, const FrameTxStatus& status) {
  cfg80211::management_tx_status(wdev, status.cookie, status.frame, status.ack);
  return true;
}

bool Driver::on(Wdev& wdev, const TxWaitExpired& expired) {
  if (!exists(wdev, expired.channel)) return false;
  cfg80211::management_tx_wait_expired(wdev, expired.cookie, expired.channel);
  return true;
}

bool Driver::on(Wdev& wdev, const RemainStarted& started) {
  if (!exists(wdev, started.channel)) return false;
  cfg80211::ready_on_channel(wdev, started.cookie, started.channel, started.duration_ms);
  return true;
}

bool Driver::on(Wdev& wdev, const RemainExpired& expired) {
  if (!exists(wdev, expired.channel)) return false;
  cfg80211::remain_on_channel_expired(wdev, expired.cookie, expired.channel);
  return true;
}

bool Driver::on(Wdev& wdev, const ControlPortReceived& received) {
  (void)cfg80211::rx_control_port(wdev, received.source, received.ethertype, received.payload,
                                  received.unencrypted);
  return true;
}

bool Driver::on(Wdev& wdev, const ControlPortStatus& status) {
  cfg80211::control_port_tx_status(wdev, status.cookie, status.frame, status.ack);
  return true;
}

bool Driver::on(Wdev& wdev, const CqmRssi& crossed) {
  if (!wdev.is_connected()) return false;
  cfg80211::cqm_rssi(wdev, crossed.low, crossed.dbm);
  return true;
}

bool Driver::on(Wdev& wdev, const CqmBeaconLoss&) {
  if (!wdev.is_connected()) return false;
  cfg80211::cqm_beacon_loss(wdev);
  return true;
}

bool Driver::on(Wdev& wdev, const CqmPacketLoss& lost) {
  cfg80211::cqm_packet_loss(wdev, lost.mac, lost.packets);
  return true;
}

bool Driver::on(Wdev& wdev, const ChannelSwitchStarted& started) {
  if (!exists(wdev, started.channel)) return false;
  cfg80211::channel_switch_started(wdev, started.channel, started.count, started.quiet);
  return true;
}

bool Driver::on(Wdev& wdev, const ChannelSwitched& switched) {
  if (!exists(wdev, switched.channel)) return false;
  if (!is_access_point(wdev) && !wdev.is_connected()) return false;
  cfg80211::channel_switched(wdev, switched.channel);
  return true;
}

bool Driver::on(Wdev& wdev, const ClientProbed& probed) {
  cfg80211::client_probed(wdev, probed.mac, probed.cookie, probed.ack, probed.ack_signal_dbm);
  return true;
}

bool Driver::on(Wdev& wdev, const Carrier& carrier) {
  if (wdev.netdev() != nullptr) wdev.netdev()->set_carrier(carrier.on);
  return true;
}

bool Driver::on(Wdev& wdev, const Flow& flow) {
  if (wdev.netdev() != nullptr) wdev.netdev()->pause_transmit(flow.paused);
  return true;
}

bool Driver::on(Wdev& wdev, const SchedScanResults& results) {
  for (const auto& scan : wdev.wiphy().sched_scans) {
    if (scan.wdev != wdev.id() || scan.id != results.id) continue;
    cfg80211::sched_scan_results(wdev.wiphy(), results.id);
    return true;
  }
  return false;
}

}  // namespace airloom::fullmac
