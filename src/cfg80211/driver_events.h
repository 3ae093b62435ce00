// What a driver (mac80211 or FullMAC) tells cfg80211: one function per fact. Each updates the
// interface's state and raises the events in the kernel's order.
#pragma once

#include <optional>
#include <span>

#include "cfg80211/bss_table.h"
#include "cfg80211/event_sink.h"
#include "cfg80211/types.h"
#include "cfg80211/wdev.h"
#include "cfg80211/wiphy.h"

namespace airloom::cfg80211 {

// scan.cc
BssId inform_bss(Wiphy&, const BssObservation&);
/// The running scan ended; ignored if none runs.
void scan_done(Wiphy&, bool aborted);

// sched_scan.cc; ids that are not known are ignored.
/// A round has found something, which inform_bss() has told.
void sched_scan_results(Wiphy&, uint64_t id);
/// The driver gives it up.
void sched_scan_stopped(Wiphy&, uint64_t id);

// mlme.cc: SoftMAC drivers' station MLME.
/// A received Authentication, Deauthentication or Disassociation frame that concerns our MLME.
void rx_mlme_frame(Wdev&, Span frame);
/// One that we sent ourselves (the stack's deauthentication).
void tx_mlme_frame(Wdev&, Span frame, bool reconnect);
void authentication_timed_out(Wdev&, const MacAddress& bssid);
/// An Association Response; `bss` is released if it failed, kept as the current one if not.
struct AssociationOutcome {
  BssId bss = 0;
  Span frame;
  Span request_elements;
  int uapsd_queues = -1;
};
void rx_association_response(Wdev&, const AssociationOutcome&);
void association_timed_out(Wdev&, BssId bss);
/// Association was given up without an answer.
void association_abandoned(Wdev&, BssId bss);
void rx_unprotected_mlme_frame(Wdev&, Span frame);
/// The AP asked to come back after `timeout_tu`; the driver will.
void association_comeback(Wdev&, const MacAddress& bssid, uint32_t timeout_tu);

// connect.cc: FullMAC drivers.
void connect_result(Wdev&, const ConnectResult&, BssId bss);
/// The connection has moved to another access point of the network, by the driver's own choice.
void roamed(Wdev&, const ConnectResult&);
/// The driver's own handshake with the access point is done.
void port_authorized(Wdev&, const MacAddress& bssid);
void disconnected(Wdev&, uint16_t reason, Span elements, bool by_ap);

// station.cc
void station_added(Wdev&, const MacAddress&, const StationInfo&);
void station_removed(Wdev&, const MacAddress&, const StationInfo&);

// frame.cc
/// Offers a received management frame to whoever registered for it; true if somebody took it.
bool rx_management(Wdev&, Span frame, uint32_t mhz, std::optional<int8_t> signal_dbm,
                   uint32_t flags = 0);
void management_tx_status(Wdev&, uint64_t cookie, Span frame, bool ack);
void management_tx_wait_expired(Wdev&, uint64_t cookie, const ChannelDefinition&);
/// A beacon heard on an AP's channel, for REGISTER_BEACONS.
void rx_beacon_report(Wiphy&, Span frame, uint32_t mhz, std::optional<int8_t> signal_dbm);
void ready_on_channel(Wdev&, uint64_t cookie, const ChannelDefinition&, uint32_t duration_ms);
void remain_on_channel_expired(Wdev&, uint64_t cookie, const ChannelDefinition&);
/// EAPOL or pre-authentication for the control port's owner; false: nobody took it.
bool rx_control_port(Wdev&, const MacAddress& source, uint16_t ethertype, Span payload,
                     bool unencrypted);
void control_port_tx_status(Wdev&, uint64_t cookie, Span ethernet, bool ack);
/// A data frame from a station that is not associated; true if userspace took note.
bool rx_spurious_frame(Wdev&, const MacAddress& station);
bool rx_unexpected_4addr_frame(Wdev&, const MacAddress& station);
/// A station receives in another way from now on; absent: as before.
void station_opmode_changed(Wdev&, const MacAddress&, std::optional<uint8_t> smps,
                            std::optional<ChannelWidth> width, std::optional<uint8_t> rx_nss);
void client_probed(Wdev&, const MacAddress&, uint64_t cookie, bool ack,
                   std::optional<int8_t> ack_signal_dbm);

// key.cc
/// Michael's MIC of a frame did not hold, which a TKIP authenticator counts.
void michael_mic_failure(Wdev&, const MacAddress& sender, bool pairwise, uint8_t key_index);

// ap.cc
/// `quiet`: nothing is sent until the switch.
void channel_switch_started(Wdev&, const ChannelDefinition&, uint8_t count, bool quiet);
/// Made: the interface is on the new channel. A station's scan result of its AP moves along.
void channel_switched(Wdev&, const ChannelDefinition&);
/// The driver cannot go on with what the interface is part of: cfg80211 leaves it at once.
void interface_failed(Wdev&);

// dfs.cc
/// The time to listen is over, and there was no radar; the driver has left the channel.
void radar_check_finished(Wdev&, const ChannelDefinition&);
void radar_check_aborted(Wdev&, const ChannelDefinition&);
/// Radar on the channel in use; ahead of it radar_check_aborted for everybody who listened.
void radar_detected(Wiphy&, const ChannelDefinition&);

// cqm.cc
/// The signal crossed a threshold, or left the range.
void cqm_rssi(Wdev&, bool low, int32_t rssi_dbm);
void cqm_beacon_loss(Wdev&);
void cqm_packet_loss(Wdev&, const MacAddress&, uint32_t packets);

}  // namespace airloom::cfg80211
