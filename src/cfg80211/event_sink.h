// What cfg80211 tells the world above: one function per nl80211 event. nl80211 implements it and
// turns each call into one message; the order of calls is the order of events.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/mac_address.h"
#include "cfg80211/types.h"

namespace airloom::cfg80211 {

class Wiphy;
class Wdev;
struct ScanRequest;
struct SchedScan;

using Span = std::span<const uint8_t>;

/// CONNECT, ROAM and failed connections.
struct ConnectResult {
  MacAddress bssid;
  uint16_t status = 0;
  bool timed_out = false;
  uint32_t timeout_reason = 0;
  Octets request_elements, response_elements;
};

class EventSink {
 public:
  virtual ~EventSink() = default;

  // Group config.
  virtual void wiphy_added(const Wiphy&) {}
  virtual void wiphy_removed(const Wiphy&) {}
  virtual void wiphy_renamed(const Wiphy&) {}
  virtual void interface_added(const Wdev&) {}
  virtual void interface_changed(const Wdev&) {}  // SET_INTERFACE
  virtual void interface_removed(const Wdev&) {}

  // Group scan.
  virtual void scan_started(const Wdev&, const ScanRequest&) {}
  virtual void scan_done(const Wdev&, const ScanRequest&, bool /*aborted*/) {}

  virtual void sched_scan_started(const Wdev&, const SchedScan&) {}
  virtual void sched_scan_results(const Wdev&, const SchedScan&) {}
  virtual void sched_scan_stopped(const Wdev&, const SchedScan&) {}

  // Group regulatory.
  virtual void regulatory_changed(uint8_t /*initiator*/, uint8_t /*type*/, const char* /*alpha2*/,
                                  const Wiphy*) {}
  virtual void beacon_hint(const Wiphy&, uint32_t /*mhz*/) {}

  // Group mlme.
  virtual void authenticated(const Wdev&, Span /*frame*/) {}  // AUTHENTICATE
  virtual void associated(const Wdev&, Span /*frame*/, Span /*request_elements*/,
                          int /*uapsd_queues*/) {}  // ASSOCIATE
  virtual void deauthenticated(const Wdev&, Span /*frame*/, bool /*reconnect*/) {}
  virtual void disassociated(const Wdev&, Span /*frame*/, bool /*reconnect*/) {}
  virtual void unprotected_deauthenticated(const Wdev&, Span /*frame*/) {}
  virtual void unprotected_disassociated(const Wdev&, Span /*frame*/) {}
  virtual void unprotected_beacon(const Wdev&, Span /*frame*/) {}
  virtual void authentication_timed_out(const Wdev&, const MacAddress&) {}
  virtual void association_timed_out(const Wdev&, const MacAddress&) {}
  virtual void connect_result(const Wdev&, const ConnectResult&) {}
  virtual void roamed(const Wdev&, const ConnectResult&) {}
  virtual void port_authorized(const Wdev&, const MacAddress& /*bssid*/) {}
  virtual void disconnected(const Wdev&, uint16_t /*reason*/, Span /*elements*/, bool /*by_ap*/) {}
  virtual void station_added(const Wdev&, const MacAddress&, const StationInfo&) {}
  virtual void station_removed(const Wdev&, const MacAddress&, const StationInfo&) {}
  virtual void michael_mic_failure(const Wdev&, const MacAddress&, bool /*pairwise*/,
                                   uint8_t /*index*/, Span /*sequence*/) {}
  virtual void frame_tx_status(const Wdev&, uint64_t /*cookie*/, Span /*frame*/, bool /*ack*/) {}
  virtual void control_port_tx_status(const Wdev&, uint64_t /*cookie*/, Span /*ethernet*/,
                                      bool /*ack*/) {}
  virtual void frame_wait_cancelled(const Wdev&, uint64_t /*cookie*/, const ChannelDefinition&) {}
  virtual void remain_on_channel(const Wdev&, uint64_t /*cookie*/, const ChannelDefinition&,
                                 uint32_t /*duration_ms*/) {}
  virtual void remain_on_channel_expired(const Wdev&, uint64_t /*cookie*/,
                                         const ChannelDefinition&) {}
  virtual void cqm_rssi(const Wdev&, bool /*low*/, int32_t /*rssi_dbm*/) {}
  virtual void cqm_packet_loss(const Wdev&, const MacAddress&, uint32_t /*packets*/) {}
  virtual void cqm_beacon_loss(const Wdev&) {}
  virtual void client_probed(const Wdev&, const MacAddress&, uint64_t /*cookie*/, bool /*ack*/,
                             std::optional<int8_t> /*ack_signal_dbm*/) {}
  virtual void ap_started(const Wdev&, LinkId) {}
  virtual void ap_stopped(const Wdev&, LinkId) {}
  virtual void channel_switch_started(const Wdev&, const ChannelDefinition&, uint8_t /*count*/,
                                      bool /*quiet*/) {}
  virtual void channel_switched(const Wdev&, const ChannelDefinition&) {}
  virtual void radar_event(const Wiphy&, const Wdev*, const ChannelDefinition&, uint8_t /*event*/) {
  }
  virtual void connection_failed(const Wdev&, const MacAddress&, uint8_t /*reason*/) {}
  virtual void station_opmode_changed(const Wdev&, const MacAddress&,
                                      std::optional<uint8_t> /*smps*/, std::optional<ChannelWidth>,
                                      std::optional<uint8_t>) {}
  virtual void association_comeback(const Wdev&, const MacAddress&, uint32_t /*timeout_tu*/) {}

  // Unicast to one port; false if nobody is there any more.
  virtual bool frame_received(const Wdev&, PortId, Span /*frame*/, uint32_t /*mhz*/,
                              uint16_t /*offset_khz*/, std::optional<int8_t> /*signal_dbm*/,
                              uint32_t /*flags*/) {
    return false;
  }
  virtual bool control_port_received(const Wdev&, PortId, const MacAddress& /*source*/,
                                     uint16_t /*ethertype*/, Span /*payload*/,
                                     bool /*unencrypted*/) {
    return false;
  }
  virtual bool beacon_received(const Wiphy&, PortId, Span /*frame*/, uint32_t /*mhz*/,
                               std::optional<int8_t> /*signal_dbm*/) {
    return false;
  }
  virtual bool unexpected_frame(const Wdev&, PortId, const MacAddress&, bool /*four_address*/) {
    return false;
  }
};

}  // namespace airloom::cfg80211
