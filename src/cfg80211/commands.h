// What nl80211 asks of cfg80211: one function per request. Each checks the interface's type and
// state as the kernel does (same order, same error, same words) and makes one call into the
// driver. `caller` is the netlink port that asks, for what has an owner. Whether the netdev is up
// is the dispatcher's check (a flag of the command's row).
#pragma once

#include "base/result.h"
#include "cfg80211/host.h"
#include "cfg80211/requests.h"
#include "cfg80211/wdev.h"
#include "cfg80211/wiphy.h"

namespace airloom::cfg80211 {

// scan.cc
Result<void> trigger_scan(Wdev&, ScanRequest);
Result<void> abort_scan(Wdev&);

// sched_scan.cc
Result<void> start_sched_scan(Wdev&, SchedScanRequest);
/// The one with that cookie; without: the only one, if `caller` may stop it.
/// @error kNotFound  there is none
Result<void> stop_sched_scan(Wiphy&, std::optional<uint64_t> id, PortId caller);

// mlme.cc
Result<void> authenticate(Wdev&, AuthenticateRequest);
Result<void> associate(Wdev&, AssociateRequest, PortId caller);
Result<void> deauthenticate(Wdev&, const LeaveRequest&, PortId caller);
Result<void> disassociate(Wdev&, const LeaveRequest&, PortId caller);

// connect.cc
Result<void> connect(Wdev&, ConnectRequest, PortId caller);
Result<void> disconnect(Wdev&, uint16_t reason, PortId caller);

// ap.cc
Result<void> start_ap(Wdev&, StartApRequest, PortId caller);
Result<void> set_beacon(Wdev&, const BeaconData&);
/// `notify`: tell with STOP_AP (the stack stops it; userspace's own STOP_AP does not tell).
Result<void> stop_ap(Wdev&, LinkId, bool notify);
Result<void> set_bss(Wdev&, const BssParams&);
Result<void> channel_switch(Wdev&, const ChannelSwitchRequest&);

// dfs.cc
/// Listens for radar before an access point may start on the channel.
Result<void> start_radar_detection(Wdev&, const ChannelDefinition&);
/// Userspace has detected radar.
Result<void> notify_radar(Wdev&, const ChannelDefinition&);

// key.cc
Result<void> new_key(Wdev&, const KeySlot&, const KeyParams&);
Result<void> delete_key(Wdev&, const KeySlot&);
Result<KeyReport> get_key(Wdev&, const KeySlot&);
Result<void> set_default_key(Wdev&, uint8_t index, bool unicast, bool multicast);
Result<void> set_default_management_key(Wdev&, uint8_t index);
Result<void> set_default_beacon_key(Wdev&, uint8_t index);

// station.cc
Result<void> new_station(Wdev&, const MacAddress&, const StationParams&);
Result<void> set_station(Wdev&, const MacAddress&, const StationParams&);
Result<void> delete_station(Wdev&, const DeleteStationRequest&);
Result<StationInfo> get_station(Wdev&, const MacAddress&);
Result<std::pair<MacAddress, StationInfo>> dump_station(Wdev&, size_t index);
Result<uint64_t> probe_client(Wdev&, const MacAddress&);

// frame.cc
Result<void> register_frame(Wdev&, FrameRegistration);
Result<void> register_unexpected_frame(Wdev&, PortId);
Result<void> register_beacons(Wiphy&, PortId);
/// The cookie, 0 with dont_wait_for_ack.
Result<uint64_t> send_frame(Wdev&, const FrameTxRequest&);
Result<void> cancel_frame_wait(Wdev&, uint64_t cookie);
Result<uint64_t> remain_on_channel(Wdev&, const ChannelDefinition&, uint32_t duration_ms);
Result<void> cancel_remain_on_channel(Wdev&, uint64_t cookie);
/// The cookie for the ACK; 0: no status will come.
Result<uint64_t> send_control_port_frame(Wdev&, const ControlPortTxRequest&);

// cqm.cc
Result<void> set_cqm(Wdev&, const CqmRequest&);

// wiphy_settings.cc
Result<void> set_wiphy_params(Wiphy&, const WiphyParams&);
Result<void> set_channel(Wiphy&, Wdev*, const ChannelDefinition&);
Result<void> set_tx_queue_params(Wdev&, const TxQueueParams&);
Result<void> set_tx_power(Wiphy&, Wdev*, TxPowerSetting, int mbm);
Result<void> set_power_save(Wdev&, bool on);
Result<void> start_p2p_device(Wdev&);
Result<void> stop_p2p_device(Wdev&);

// Checks that the kernel makes before it looks at a request's attributes.
Result<void> may_start_ap(const Wdev&, LinkId);
/// @error kUnsupported  the radio has none;  kInProgress, kNoSpace  beside those that run
Result<void> may_start_sched_scan(const Wiphy&, bool multi);
Result<void> may_set_beacon(const Wdev&, LinkId);
/// @error kPermission  another port owns the connection.
Result<void> check_connection_owner(const Wdev&, PortId caller);

/// Whether a definition names channels that exist and are not disabled, in the kernel's words.
Result<void> check_channel(const Wiphy&, const ChannelDefinition&);
/// Whether the change fits the kind of station it meets; drivers call it, as only they know the
/// station. Drops from `params` what is ignored.
enum class StationKind : uint8_t {
  kApClient,
  kApClientUnassociated,
  kApOfStation,  ///< the access point, seen by its station
  kIbss,
  kTdlsSetup,
  kTdlsActive,
  kMeshUser,
  kMeshKernel,
};
Result<void> check_station_change(const Wiphy&, StationParams& params, StationKind kind);

/// Whether a definition is usable on this wiphy: channels exist, none disabled.
bool is_usable(const Wiphy&, const ChannelDefinition&);
/// Whether one may start to transmit there: usable, initiation of radiation allowed, no radar.
bool may_beacon(const Wiphy&, const ChannelDefinition&);

/// Whether one has to listen for radar before one transmits there.
bool needs_radar_detection(const Wiphy&, const ChannelDefinition&);

/// Leaves whatever the interface is part of (goes down, changes type, is removed).
void leave(Wdev&);

}  // namespace airloom::cfg80211
