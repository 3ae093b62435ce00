// cfg80211's events as nl80211 messages: one function per event, in events_{config,scan,mlme,ap,
// frame}.cc by what they are about. Attributes stand in the kernel's order.
// [nl80211.h nl80211_commands]
#pragma once

#include "cfg80211/event_sink.h"
#include "netlink/message.h"

namespace airloom::nl80211 {

class Server;

class Events final : public cfg80211::EventSink {
 public:
  using Wiphy = cfg80211::Wiphy;
  using Wdev = cfg80211::Wdev;
  using Span = cfg80211::Span;

  explicit Events(Server& server) : server_(server) {}

  // events_config.cc: groups config and regulatory.
  void wiphy_added(const Wiphy& wiphy) override;
  void wiphy_removed(const Wiphy& wiphy) override;
  void wiphy_renamed(const Wiphy& wiphy) override;
  void interface_added(const Wdev& wdev) override;
  void interface_changed(const Wdev& wdev) override;
  void interface_removed(const Wdev& wdev) override;
  void regulatory_changed(uint8_t initiator, uint8_t type, const char* alpha2,
                          const Wiphy* wiphy) override;
  void beacon_hint(const Wiphy& wiphy, uint32_t mhz) override;

  // events_scan.cc
  void scan_started(const Wdev& wdev, const cfg80211::ScanRequest& request) override;
  void scan_done(const Wdev& wdev, const cfg80211::ScanRequest& request, bool aborted) override;
  void sched_scan_started(const Wdev& wdev, const cfg80211::SchedScan& scan) override;
  void sched_scan_results(const Wdev& wdev, const cfg80211::SchedScan& scan) override;
  void sched_scan_stopped(const Wdev& wdev, const cfg80211::SchedScan& scan) override;

  // events_mlme.cc: a station's joining and leaving.
  void authenticated(const Wdev& wdev, Span frame) override;
  void associated(const Wdev& wdev, Span frame, Span request_elements, int uapsd_queues) override;
  void deauthenticated(const Wdev& wdev, Span frame, bool reconnect) override;
  void disassociated(const Wdev& wdev, Span frame, bool reconnect) override;
  void unprotected_deauthenticated(const Wdev& wdev, Span frame) override;
  void unprotected_disassociated(const Wdev& wdev, Span frame) override;
  void unprotected_beacon(const Wdev& wdev, Span frame) override;
  void authentication_timed_out(const Wdev& wdev, const MacAddress& ap) override;
  void association_timed_out(const Wdev& wdev, const MacAddress& ap) override;
  void association_comeback(const Wdev& wdev, const MacAddress& ap, uint32_t timeout_tu) override;
  void connect_result(const Wdev& wdev, const cfg80211::ConnectResult& result) override;
  void roamed(const Wdev& wdev, const cfg80211::ConnectResult& result) override;
  void port_authorized(const Wdev& wdev, const MacAddress& bssid) override;
  void disconnected(const Wdev& wdev, uint16_t reason, Span elements, bool by_ap) override;
  void michael_mic_failure(const Wdev& wdev, const MacAddress& peer, bool pairwise, uint8_t index,
                           Span sequence) override;
  void cqm_rssi(const Wdev& wdev, bool low, int32_t rssi_dbm) override;
  void cqm_packet_loss(const Wdev& wdev, const MacAddress& peer, uint32_t packets) override;
  void cqm_beacon_loss(const Wdev& wdev) override;

  // events_ap.cc: access points, their stations and channels.
  void station_added(const Wdev& wdev, const MacAddress& station,
                     const cfg80211::StationInfo& info) override;
  void station_removed(const Wdev& wdev, const MacAddress& station,
                       const cfg80211::StationInfo& info) override;
  void ap_started(const Wdev& wdev, cfg80211::LinkId link) override;
  void ap_stopped(const Wdev& wdev, cfg80211::LinkId link) override;
  void channel_switch_started(const Wdev& wdev, const cfg80211::ChannelDefinition& channel,
                              uint8_t count, bool quiet) override;
  void channel_switched(const Wdev& wdev, const cfg80211::ChannelDefinition& channel) override;
  void radar_event(const Wiphy& wiphy, const Wdev* wdev, const cfg80211::ChannelDefinition& channel,
                   uint8_t event) override;
  void connection_failed(const Wdev& wdev, const MacAddress& station, uint8_t reason) override;
  void station_opmode_changed(const Wdev& wdev, const MacAddress& station,
                              std::optional<uint8_t> smps,
                              std::optional<cfg80211::ChannelWidth> width,
                              std::optional<uint8_t> rx_nss) override;
  void client_probed(const Wdev& wdev, const MacAddress& station, uint64_t cookie, bool ack,
                     std::optional<int8_t> ack_signal_dbm) override;

  // events_frame.cc: frames received and sent, and stays on other channels.
  void frame_tx_status(const Wdev& wdev, uint64_t cookie, Span frame, bool ack) override;
  void control_port_tx_status(const Wdev& wdev, uint64_t cookie, Span ethernet, bool ack) override;
  void frame_wait_cancelled(const Wdev& wdev, uint64_t cookie,
                            const cfg80211::ChannelDefinition& channel) override;
  void remain_on_channel(const Wdev& wdev, uint64_t cookie,
                         const cfg80211::ChannelDefinition& channel, uint32_t duration_ms) override;
  void remain_on_channel_expired(const Wdev& wdev, uint64_t cookie,
                                 const cfg80211::ChannelDefinition& channel) override;
  bool frame_received(const Wdev& wdev, cfg80211::PortId port, Span frame, uint32_t mhz,
                      uint16_t offset_khz, std::optional<int8_t> signal_dbm,
                      uint32_t flags) override;
  bool control_port_received(const Wdev& wdev, cfg80211::PortId port, const MacAddress& source,
                             uint16_t ethertype, Span payload, bool unencrypted) override;
  bool beacon_received(const Wiphy& wiphy, cfg80211::PortId port, Span frame, uint32_t mhz,
                       std::optional<int8_t> signal_dbm) override;
  bool unexpected_frame(const Wdev& wdev, cfg80211::PortId port, const MacAddress& station,
                        bool four_address) override;

 private:
  /// A message that begins with WIPHY and IFINDEX, as most of group mlme do.
  netlink::MessageWriter about(uint8_t command, const Wdev& wdev) const;
  /// The same with WDEV behind.
  netlink::MessageWriter about_wdev(uint8_t command, const Wdev& wdev) const;
  void tell_sched_scan(uint8_t command, const Wdev& wdev, const cfg80211::SchedScan& scan);
  void tell_mlme(const Wdev& wdev, netlink::MessageWriter&& message);
  void tell_frame(uint8_t command, const Wdev& wdev, Span frame);
  void tell_tx_status(uint8_t command, const Wdev& wdev, uint64_t cookie, Span frame, bool ack);
  void tell_stay(uint8_t command, const Wdev& wdev, uint64_t cookie,
                 const cfg80211::ChannelDefinition& channel, std::optional<uint32_t> duration_ms);

  Server& server_;
};

}  // namespace airloom::nl80211
