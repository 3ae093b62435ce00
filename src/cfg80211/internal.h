// What the files of cfg80211 share among themselves; nobody else includes it.
#pragma once

#include "cfg80211/commands.h"
#include "cfg80211/driver_events.h"
#include "cfg80211/host.h"
#include "cfg80211/wdev.h"
#include "cfg80211/wiphy.h"

namespace airloom::cfg80211 {

/// The one state of a Wdev that a request changes beside its netdev: a P2P device runs without.
struct WdevAccess {
  static void set_running(Wdev& wdev, bool running) { wdev.running_ = running; }
};

// scan.cc
/// Ends the running scan if it belongs to this interface, which goes away.
void drop_scan(Wdev& wdev);

/// Puts the channels that are enabled into the request: those asked for, or all.
Result<void> resolve_channels(const Wiphy& wiphy, ScanRequest& request);
/// Whether the radio knows the scan's flags; `random_address`: the NL80211_FEATURE_* for its random
/// source addresses.
Result<void> check_scan_flags(const Wdev& wdev, uint32_t flags, uint32_t random_address);

// sched_scan.cc
/// Stops those of an interface that goes away or leaves its network.
void stop_sched_scans(Wdev& wdev);
/// Stops those whose owner is gone.
void stop_orphaned_sched_scans(Wiphy& wiphy, PortId owner);

// mlme.cc
/// The steps of AUTHENTICATE and ASSOCIATE from a known scan result on.
Result<void> mlme_authenticate(Wdev& wdev, const AuthenticateRequest& request);
Result<void> mlme_associate(Wdev& wdev, AssociateRequest& request);
Result<void> mlme_deauthenticate(Wdev& wdev, const LeaveRequest& request);

// connect.cc
Result<void> leave_connection(Wdev& wdev, uint16_t reason);
/// The connection is gone: events, keys, regulatory state.
void lose_connection(Wdev& wdev, uint16_t reason, Span elements, bool by_ap);
/// The owner of a connection or an access point is gone.
void on_owner_gone(Wdev& wdev);

// cfg80211's own SME hears what happens to its connection.
void sme_scan_done(Wdev& wdev);
void sme_authentication(Wdev& wdev, const MacAddress& bssid, uint16_t status);
/// True: the failed reassociation is retried as an association, and nobody is told.
bool sme_association_response(Wdev& wdev, uint16_t status);
void sme_authentication_timed_out(Wdev& wdev);
void sme_association_timed_out(Wdev& wdev);
void sme_association_abandoned(Wdev& wdev);
void sme_disassociated(Wdev& wdev);

// ap.cc
/// All links; errors are of no interest to who leaves.
void stop_all_aps(Wdev& wdev, bool notify);

// frame.cc
void update_frame_registrations(Wdev& wdev);

// channels.cc
/// Whether the interface may leave its channel for a while: not while it beacons where radar may
/// be.
bool may_go_off_channel(const Wdev& wdev);
bool is_enabled_channel(const Wiphy& wiphy, uint32_t mhz, uint16_t offset_khz);
/// Radar widths (bits of ChannelWidth) that beaconing there would need.
uint32_t radar_widths(const Wiphy& wiphy, const ChannelDefinition& channel);

// dfs.cc
/// Whether every channel was found free of radar, or needs no check.
bool is_radar_free(const Wiphy& wiphy, const ChannelDefinition& channel);
/// What Wiphy::dfs_timer does: ends the states whose time is over.
void update_dfs_states(Wiphy& wiphy);

// crypto_settings.cc
Result<void> check_crypto(const Wiphy& wiphy, const CryptoSettings& crypto, PortId owner,
                          size_t pairwise_max);
void set_control_port(Wdev& wdev, const CryptoSettings& crypto, PortId owner);
bool is_valid_cipher(const Capabilities& capabilities, uint32_t cipher);

}  // namespace airloom::cfg80211
