// An interface (the kernel's wireless_dev): its type, netdev if any, owner, links, and what
// cfg80211 knows of its connection or access point. Commands (commands.h) and driver events
// (driver_events.h) act on it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "cfg80211/netdev.h"
#include "cfg80211/requests.h"
#include "cfg80211/types.h"

namespace airloom::cfg80211 {

class Wiphy;
struct Sme;

/// What hangs off a link: the channel and, on an AP, the beacon's parameters. (Decision 7.)
struct Link {
  std::optional<ChannelDefinition> channel;  ///< in use by a started AP or joined BSS
  uint16_t beacon_interval_tu = 0;           ///< AP: nonzero while beaconing
  uint8_t dtim_period = 0;
  BssId current_bss = 0;  ///< station: associated, held
  MacAddress address;
};

/// A REGISTER_FRAME entry.
struct FrameRegistration {
  PortId port = 0;
  uint16_t frame_type = 0;  ///< type and subtype bits of Frame Control
  Octets match;
  bool multicast = false;
};

class Wdev final : public NetdevClient {
 public:
  Wdev(Wiphy& wiphy, WdevId id, InterfaceType type);
  ~Wdev() override;

  Wiphy& wiphy() const { return wiphy_; }
  WdevId id() const { return id_; }
  InterfaceType type() const { return type_; }
  /// Null for P2P device and NAN.
  Netdev* netdev() const { return netdev_.get(); }
  uint32_t ifindex() const { return netdev_ ? netdev_->ifindex() : 0; }
  /// The netdev's name, or "p2p-dev-..." style text for logs.
  std::string name() const;
  MacAddress address() const { return netdev_ ? netdev_->address() : address_; }
  bool is_running() const { return running_; }
  uint32_t name_space() const { return netdev_ ? netdev_->name_space() : name_space_; }
  const Log& log() const { return log_; }

  Link& link(LinkId id = 0) { return links_[id]; }
  const std::map<LinkId, Link>& links() const { return links_; }

  // State that cfg80211's files share. Only cfg80211 writes it; nl80211 and drivers read.
  bool use_4addr = false;
  MonitorFlags monitor_flags = monitor_flag::kDefault;  ///< as it was made
  bool is_plain_monitor = false;                        ///< its netdev shows no radiotap
  PortId interface_owner = 0;                           ///< SOCKET_OWNER of NEW_INTERFACE

  /// Station: what userspace joins or has joined.
  struct Connection {
    enum class State : uint8_t { kIdle, kAssociating, kConnected } state = State::kIdle;
    Octets ssid;
    MacAddress bssid;             ///< while connected
    MacAddress disconnect_bssid;  ///< whom the owner's death deauthenticates while associating
    PortId owner = 0;             ///< SOCKET_OWNER of ASSOCIATE or CONNECT
    bool via_connect = false;     ///< cfg80211's own SME or the driver runs it
    CryptoSettings crypto;
    std::optional<TimePoint> unprotected_beacon_told;  ///< when userspace last heard of one
  } connection;

  /// AP: set while beaconing.
  struct AccessPoint {
    Octets ssid;
    PortId owner = 0;
  };
  std::optional<AccessPoint> access_point;

  /// How EAPOL travels on this interface while connected or beaconing.
  struct ControlPort {
    uint16_t ethertype = 0x888e;
    bool over_nl80211 = false;
    bool no_preauth = false;
    bool no_encrypt = false;
    PortId owner = 0;
  } control_port;

  /// cfg80211's own SME; exists from CONNECT to the connection's end on a SoftMAC driver.
  std::unique_ptr<Sme> sme;

  bool is_connected() const { return connection.state == Connection::State::kConnected; }
  bool is_connected_to(const MacAddress& bssid) const {
    return is_connected() && connection.bssid == bssid;
  }
  bool is_beaconing() const;
  /// Who owns the connection or the access point (SOCKET_OWNER); 0: nobody.
  PortId connection_owner() const;

  /// AP: listens for radar on its link's channel before it may start there.
  struct RadarCheck {
    TimePoint started;
    Duration duration{0};
  };
  std::optional<RadarCheck> radar_check;

  /// SET_CQM's list, and the signal that decides between which of them it is.
  struct SignalThresholds {
    std::vector<int32_t> thresholds_dbm;
    uint32_t hysteresis_db = 0;
    int32_t last_dbm = 0;  ///< 0: not known yet
  };
  std::optional<SignalThresholds> signal_thresholds;

  std::vector<FrameRegistration> frame_registrations;
  PortId unexpected_frame_port = 0;
  bool power_save = false;
  std::optional<ChannelDefinition> preset_channel;
  std::optional<ChannelDefinition> monitor_channel;
  uint32_t station_generation = 0;

  // NetdevClient: wdev.cc (up, down) and onwards to the driver.
  Result<void> on_up() override;
  void on_down() override;
  Result<void> on_address_change(const MacAddress& address) override;
  void on_renamed() override;
  void on_transmit(std::span<FrameBuffer> burst) override;

 private:
  friend class Wiphy;
  friend struct WdevAccess;
  void update_log();

  Wiphy& wiphy_;
  WdevId id_;
  InterfaceType type_;
  MacAddress address_;
  uint32_t name_space_ = 0;
  bool running_ = false;
  std::unique_ptr<Netdev> netdev_;
  std::map<LinkId, Link> links_;
  Log log_;
};

}  // namespace airloom::cfg80211
