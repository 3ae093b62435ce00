// The station's MLME on one interface: authenticates, associates, follows its AP's beacons, and
// leaves. One file per procedure: station_mlme_*.cc. Results go to cfg80211 through
// driver_events.h. [802.11-2020 11.3]
//
// It uses: StationTable (the AP is a Station), ChannelArbiter::bind and release, ManagementTx,
// Interface::link().config with notify_link_changed(), set_edca(), set_carrier(), control_port.
// It is used by: RxPath (on_frame, on_ap_signal), ops_join.cc, the interface's life cycle.
#pragma once

#include "base/result.h"
#include "cfg80211/requests.h"
#include "mac80211/driver.h"
#include "mac80211/rx_path.h"

namespace airloom::mac80211 {

class RadioStack;

class StationMlme {
 public:
  StationMlme(RadioStack& stack, Interface& interface);
  ~StationMlme();

  Result<void> authenticate(const cfg80211::AuthenticateRequest& request);
  Result<void> associate(const cfg80211::AssociateRequest& request);
  Result<void> deauthenticate(const cfg80211::LeaveRequest& request);
  Result<void> disassociate(const cfg80211::LeaveRequest& request);
  /// The interface goes down: leave nothing behind (timers, station, channel binding).
  void stop();

  /// A management frame that passed RxPath's checks and that userspace did not take: Beacon, Probe
  /// Response, Authentication, (Re)Association Response, Deauthentication, Disassociation, Action.
  void on_frame(const RxFrame& frame);
  /// A unicast robust frame came in clear although PMF forbids it.
  void on_unprotected_frame(const RxFrame& frame);
  /// A data frame of our AP arrived.
  void on_data_from_ap(const RxFrame& frame);

  /// While associated: the AP's address, else zero.
  const MacAddress& bssid() const { return bssid_; }
  bool is_associated() const { return !bssid_.is_zero(); }

 private:
  RadioStack& stack_;
  Interface& interface_;
  MacAddress bssid_;
};

}  // namespace airloom::mac80211
