// The station's MLME on one interface: authenticates, associates, follows its AP's beacons, and
// leaves. One file per procedure: station_mlme_{auth,assoc,beacon,switch,leave}.cc. Results go to
// cfg80211 through driver_events.h. [802.11-2020 11.3]
//
// It uses: StationTable (the AP is a Station), ChannelArbiter::bind and release, ManagementTx,
// Interface::link().config with notify_link_changed(), set_edca(), set_carrier(), control_port.
// It is used by: RxPath (on_frame, on_data_from_ap), ops_join.cc, the interface's life cycle.
#pragma once

#include <optional>
#include <variant>

#include "base/result.h"
#include "base/scheduler.h"
#include "cfg80211/bss_table.h"
#include "cfg80211/requests.h"
#include "cfg80211/wdev.h"
#include "ieee80211/wmm_element.h"
#include "mac80211/beacon_digest.h"
#include "mac80211/bss_channel.h"
#include "mac80211/driver.h"
#include "mac80211/rx_path.h"

namespace airloom::mac80211 {

class RadioStack;

/// A received frame of the control port, for its owner at nl80211.
struct ControlPortFrame {
  MacAddress source;
  uint16_t ethertype = 0;
  Octets payload;
  bool unencrypted = false;
};

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
  /// A Channel Switch Announcement or its extended form, as an Action frame.
  void on_switch_action(const RxFrame& frame);
  /// A data frame of our AP arrived.
  void on_data_from_ap(const RxFrame& frame);
  /// Keeps a frame of the control port until the association is known. @return false: it is known.
  bool hold_early(const ControlPortFrame& frame);

  /// While associated: the AP's address, else zero.
  const MacAddress& bssid() const { return bssid_; }
  bool is_associated() const { return !bssid_.is_zero(); }
  /// Authenticates or associates, or may associate next.
  bool is_joining() const {
    return std::holds_alternative<Authenticating>(state_) ||
           std::holds_alternative<Associating>(state_);
  }
  /// Whether it has asked the AP for an ACK that has not come yet.
  bool is_probing() const;
  /// Lets the AP know that data will have four addresses, so that it makes a VLAN for us.
  void announce_four_address();
  /// Associated, and there is a key that the AP's beacons must verify under.
  bool protects_beacons() const;

 private:
  struct Idle {};
  /// Authentication frames go out until one is answered; then it waits for userspace to associate.
  struct Authenticating {
    MacAddress ap;
    cfg80211::BssId bss = 0;
    cfg80211::AuthenticateRequest request;
    uint16_t transaction = 1;  ///< of the frame we send
    uint8_t tries = 0;
    bool answered = false;  ///< SAE: this transaction was, the next is userspace's
    bool done = false;
  };
  /// The AP's answer is on its way. EAPOL that overtakes it waits here: the control port's owner is
  /// to hear of the association first.
  struct Associating {
    MacAddress ap;
    cfg80211::BssId bss = 0;
    cfg80211::AssociateRequest request;
    Octets request_elements;
    Octets frame;
    uint8_t tries = 0;
    bool wmm = false;
    uint8_t qos_info = 0;
    std::vector<ControlPortFrame> early;
  };
  /// The AP moves, and we with it.
  struct Following {
    ChannelDefinition channel;
    bool quiet = false;
    bool failed = false;
    bool arrived = false;  ///< on the new channel: its beacon ends the switch
  };
  struct Associated {
    MacAddress ap;
    cfg80211::BssId bss = 0;
    bool probing = false;  ///< the AP seems lost
    uint8_t probes = 0;    ///< sent to it so far
    std::optional<Following> following;
    /// The last beacon asked for nothing more, while we were on this channel: another of the same
    /// digest does not either.
    std::optional<std::pair<uint64_t, ChannelDefinition>> settled;
    /// The last beacon that the BSS table was told of, and what stands for it there.
    struct Reported {
      BeaconDigest digest;
      cfg80211::BeaconEcho entry;
    };
    std::optional<Reported> reported;
  };
  using State = std::variant<Idle, Authenticating, Associating, Associated>;

  // station_mlme.cc
  void on_timer();
  MacAddress peer() const;
  Result<Station*> prepare(const MacAddress& ap, const cfg80211::Bss& bss, PhyModes wanted);
  void remove_station();
  void forget_peer();
  cfg80211::Wdev& wdev() const;
  const cfg80211::Bss* find_bss(cfg80211::BssId id) const;

  // station_mlme_auth.cc
  void send_authentication();
  void on_authentication_status(const TxStatus& status);
  void on_authentication(const RxFrame& frame);

  // station_mlme_assoc.cc
  Octets build_association_request(Associating& state, const cfg80211::Bss& bss);
  void send_association();
  void on_association_status(const TxStatus& status);
  void on_association_response(const RxFrame& frame);
  void become_associated(const Associating& state, const RxFrame& frame);
  /// The rates in the elements of a BSS that we have too, at least one.
  Octets shared_rates(const cfg80211::Bss& bss, std::span<const uint8_t> elements) const;
  void learn_basic_rates(const Octets& rates);
  void learn_rates(Station& station, const cfg80211::Bss& bss,
                   std::span<const uint8_t> response_elements, PhyModes modes);
  uint8_t qos_info(const ieee80211::WmmParameterElement& ap) const;
  void apply_edca(std::span<const uint8_t> elements, bool wmm);
  /// @return false  no station can use them.
  bool adopt_edca(const ieee80211::WmmParameterElement& parameters);
  /// A beacon's parameters, if they are new.
  void follow_edca(std::span<const uint8_t> elements);

  // station_mlme_beacon.cc
  void on_beacon(const RxFrame& frame);
  void follow_elements(const ieee80211::BeaconBody& body);
  /// What they say of slots, preambles and protection. @return what changed, as LinkChange bits
  uint32_t follow_capability(uint16_t capability, std::span<const uint8_t> elements);
  /// The HT operation mode. @return as above
  uint32_t follow_ht_operation(std::span<const uint8_t> elements);
  /// A beacon's DTIM period, if none is known yet. @return as above
  uint32_t follow_dtim_period(std::span<const uint8_t> elements);
  /// Reports a beacon or probe response of the BSS at hand; 0: it is not of that.
  cfg80211::BssId refresh_bss(const RxFrame& frame);
  void report_beacon(const RxFrame& frame, const ieee80211::BeaconBody& body,
                     const BeaconDigest& digest);
  void arm_beacon_loss();
  void on_beacon_loss();
  void on_idle_timer();
  void probe_ap();
  void send_ap_probe();
  void stop_probing();
  void on_connection_lost();

  // station_mlme_switch.cc
  void on_announcement(std::span<const uint8_t> elements, bool in_beacon);
  void give_up_switch(bool quiet);
  void on_switch_timer();
  void on_moved(bool moved);
  void finish_switch();
  void end_switch();
  void follow_width(std::span<const uint8_t> elements);

  // station_mlme_leave.cc
  void forget_operation();
  void on_deauthentication(const RxFrame& frame);
  void on_disassociation(const RxFrame& frame);
  Octets leave_frame(ieee80211::Subtype subtype, const MacAddress& ap,
                     const cfg80211::LeaveRequest& request) const;
  /// Ends an association or an attempt without telling cfg80211.
  void end_association(std::span<const uint8_t> farewell);

  RadioStack& stack_;
  Interface& interface_;
  std::optional<uint8_t>
      wmm_count_;  ///< of the EDCA parameters in use; none: they are the defaults
  MacAddress bssid_;
  State state_;
  PhyModes modes_;      ///< of the BSS in hand, those that we use
  Timer timer_;         ///< of the procedure in hand
  Timer beacon_timer_;  ///< while associated: no beacon for too long
  Timer idle_timer_;    ///< while associated: nothing heard of the AP for long
  Timer switch_timer_;  ///< until the AP's channel switch
};

}  // namespace airloom::mac80211
