// An interface of a radio, one per wdev: the driver's Vif, its links with their configuration and
// group keys, and the state of its role. The role's state has one of these:
//   - AP, P2P GO: AccessPoint (access_point.h), while beaconing;
//   - station, P2P client: StationMlme (station_mlme.h), while the interface is up;
//   - monitor, P2P device: nothing;
//   - AP VLAN: nothing; it serves some stations of an access point's BSS (ap_vlan.h).
// (The kernel's ieee80211_sub_if_data.)
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "base/log.h"
#include "base/scheduler.h"
#include "bytes/frame_buffer.h"
#include "cfg80211/ops.h"
#include "cfg80211/wdev.h"
#include "mac80211/driver.h"
#include "mac80211/fragments.h"
#include "mac80211/keys.h"
#include "mac80211/station_power_save.h"
#include "mac80211/tx_queue.h"

namespace airloom::mac80211 {

class AccessPoint;
class RadioStack;
class Station;
class StationMlme;

/// EDCA parameters of an access category as set_tx_queue_params or the AP gives them.
struct Edca {
  uint16_t txop_32us = 0, cw_min = 15, cw_max = 1023;
  uint8_t aifs = 2;
};

/// What hangs off a link: the BSS configuration the driver knows, and keys.
struct InterfaceLink {
  LinkConfig config;
  KeyRing keys;  ///< group keys
  std::array<Edca, 4> edca{};
  bool qos = true;  ///< WMM is in use
  /// Of a station: bit n means that the AP admits to access category n only who asked for it.
  uint8_t admission_mandatory = 0;
};

class Interface {
 public:
  Interface(RadioStack& stack, cfg80211::Wdev& wdev, const Vif& vif);
  ~Interface();

  RadioStack& stack() const { return stack_; }
  cfg80211::Wdev& wdev() const { return wdev_; }
  const Vif& vif() const { return vif_; }
  uint32_t id() const { return vif_.id; }
  InterfaceType type() const { return vif_.type; }
  const MacAddress& address() const { return vif_.address; }
  bool is_up() const { return up_; }
  const Log& log() const { return log_; }

  InterfaceLink& link(LinkId id = 0) { return links_[id]; }
  const std::map<LinkId, InterfaceLink>& links() const { return links_; }
  /// Tells the driver of LinkConfig changes; `changes` is LinkChange bits. No-op while down.
  void notify_link_changed(uint32_t changes, LinkId id = 0);
  /// Applies a queue's parameters and tells the driver.
  void set_edca(uint8_t access_category, const Edca& edca, LinkId id = 0);
  /// The kernel's defaults; `qos`: WMM is on.
  static std::array<Edca, 4> default_edca(bool qos);
  /// All four queues; `qos`: WMM is on.
  void set_all_edca(const std::array<Edca, 4>& queues, bool qos, LinkId id = 0);
  void set_default_edca(bool qos, LinkId id = 0) { set_all_edca(default_edca(qos), qos, id); }

  /// The interface whose BSS it is part of: an AP VLAN's access point while it is up, else itself.
  Interface& bss() { return bss_ != nullptr ? *bss_ : *this; }
  const Interface& bss() const { return bss_ != nullptr ? *bss_ : *this; }
  /// Data travels with four addresses.
  bool is_four_address() const { return wdev_.use_4addr; }
  /// Of a 4-address AP VLAN: the only station that it serves.
  Station* only_station = nullptr;
  /// Authorised stations that its group frames are for.
  size_t audience = 0;

  /// The carrier of the netdev: on while a frame could get through.
  void set_carrier(bool on);
  bool has_carrier() const { return carrier_; }

  // Role state.
  AccessPoint* access_point() const { return access_point_.get(); }
  StationMlme* station_mlme() const { return station_mlme_.get(); }
  StationPowerSave& power_save() { return power_save_; }

  /// What userspace wants to see of probe requests and the like.
  cfg80211::ManagementFrameInterest frame_interest;

  /// How EAPOL travels, copied from START_AP or ASSOCIATE (mlme sets it on association).
  struct ControlPort {
    uint16_t ethertype = 0x888e;
    bool enabled = false;
    bool over_nl80211 = false;
    bool no_encrypt = false;
    bool no_preauth = false;
  } control_port;

  /// Fragments of those who are no stations.
  FragmentCache fragments;

  /// Sequence number of frames without a TID. [802.11-2020 10.3.2.14.2]
  uint16_t next_sequence = 0;

  /// Group frames of an AP while all its stations are awake.
  TxQueue group_queue{*this, nullptr, 0};
  /// An AP sends group frames to each of its stations instead, where the payload allows it.
  bool multicast_to_unicast = false;
  bool transmit_blocked = false;  ///< a channel switch forbids to send: data stays in the queues
  cfg80211::MonitorFlags monitor_flags = cfg80211::monitor_flag::kDefault;
  std::optional<int> user_power_dbm;  ///< SET_WIPHY's limit

  std::optional<cfg80211::BitrateMask> bitrate_mask;  ///< SET_TX_BITRATE_MASK
  std::optional<Octets> qos_map;  ///< SET_QOS_MAP: exceptions, then eight ranges
  uint16_t noack_map = 0;         ///< SET_NOACK_MAP: bit n is for TID n

  /// What a station asks of an AP that knows U-APSD, as in QoS Info fields.
  struct Uapsd {
    uint8_t queues = 0;
    uint8_t max_service_period = 3;  ///< of any length
  } uapsd;

  /// While the interface listens for radar: until when.
  std::unique_ptr<Timer> radar_check;

  /// SET_CQM's RSSI threshold or range, and the level last told of.
  struct SignalMonitor {
    int32_t threshold_dbm = 0;  ///< 0: off
    uint32_t hysteresis_db = 0;
    std::optional<std::pair<int32_t, int32_t>> range_dbm;
    int32_t last_event_dbm = 0;
  } signal_monitor;

 private:
  friend class RadioStack;
  RadioStack& stack_;
  cfg80211::Wdev& wdev_;
  Vif vif_;
  Log log_;
  bool up_ = false;
  bool carrier_ = false;
  Interface* bss_ = nullptr;
  std::map<LinkId, InterfaceLink> links_;
  std::unique_ptr<AccessPoint> access_point_;
  std::unique_ptr<StationMlme> station_mlme_;
  StationPowerSave power_save_;
};

}  // namespace airloom::mac80211
