// hostapd's role within the firmware: answers probe requests, authenticates and associates
// stations, and tells its owner of those that are associated. Who may pass data is the host's to
// say (handshakes are its work), but for an open network. [802.11-2020 11.3.4, 11.3.5, 11.13]
#pragma once

#include <map>
#include <memory>
#include <set>

#include "base/log.h"
#include "base/scheduler.h"
#include "cfg80211/requests.h"
#include "cfg80211/wdev.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/reason_code.h"
#include "ieee80211/rsn_element.h"
#include "ieee80211/status_code.h"

namespace airloom::fullmac {

/// The port as which the firmware asks its stack.
constexpr cfg80211::PortId kFirmwarePort = 1;

class AccessPointOwner {
 public:
  virtual ~AccessPointOwner() = default;
  /// A station has its Association Response. `elements`: of its request.
  virtual void station_joined(cfg80211::Wdev& wdev, const MacAddress& mac,
                              const Octets& elements) = 0;
};

class AccessPoint {
 public:
  /// All but the request outlive it.
  AccessPoint(Scheduler& scheduler, cfg80211::Wdev& wdev, AccessPointOwner& owner,
              const cfg80211::StartApRequest& request, const Log& log);
  ~AccessPoint();

  /// Registers for the frames that concern it and starts to beacon.
  Result<void> start();
  void set_beacon(const cfg80211::BeaconData& beacon);
  /// Deauthenticates or disassociates a station, or all, and forgets it.
  /// @error kNotFound  there is no such station.
  Result<void> expel(const cfg80211::DeleteStationRequest& request);

  /// A management frame; false: it is none of ours.
  bool on_frame(const ieee80211::FrameView& frame);
  /// Data from a station that is not associated.
  void on_unexpected_frame(const MacAddress& station);
  /// Of a frame that was sent; false: not by us.
  bool on_tx_status(uint64_t cookie, bool ack);
  /// The stack has removed a station: whether the owner had heard of it.
  bool on_station_removed(const MacAddress& mac);

 private:
  /// A station that has authenticated.
  struct Client {
    enum class Stage : uint8_t { kAuthenticated, kAssociating, kAssociated };
    Stage stage = Stage::kAuthenticated;
    bool mfp = false;
    uint16_t aid = 0;
    uint64_t response_cookie = 0;  ///< of the Association Response
    Octets request_elements;
    std::unique_ptr<Timer> sa_query;  ///< while the station is asked whether it still has its keys
    uint16_t sa_query_transaction = 0;
    bool lost_keys = false;  ///< it did not answer: it may associate anew
  };
  struct JoinRequest;

  void on_probe_request(const ieee80211::FrameView& frame);
  void on_authentication(const ieee80211::FrameView& frame);
  void on_association(const ieee80211::FrameView& frame);
  void on_leave(const ieee80211::FrameView& frame);
  bool on_sa_query(const ieee80211::FrameView& frame);
  ieee80211::StatusCode judge(const Client& client, const JoinRequest& join) const;
  Result<void> add_station(const MacAddress& mac, Client& client, const JoinRequest& join);
  void answer_association(const MacAddress& mac, Client& client, const JoinRequest& join,
                          ieee80211::StatusCode status);
  void ask_for_keys(const MacAddress& mac, Client& client);
  void remove_station(const MacAddress& mac);
  void read_rsn();
  Octets frame_to(const MacAddress& to, ieee80211::Subtype subtype) const;
  /// The cookie of its status; 0: none comes.
  uint64_t send(Octets frame);
  /// The elements that stand before and behind the beacon's TIM.
  std::span<const uint8_t> head_elements() const;
  std::span<const uint8_t> tail_elements() const;
  uint16_t capability() const;
  uint16_t free_aid() const;

  Scheduler& scheduler_;
  cfg80211::Wdev& wdev_;
  AccessPointOwner& owner_;
  Log log_;
  cfg80211::StartApRequest settings_;
  std::optional<ieee80211::RsnElement> rsn_;
  bool protected_ = false;
  std::map<MacAddress, Client> clients_;
  std::set<uint64_t> own_cookies_;
  uint16_t last_transaction_ = 0;
};

}  // namespace airloom::fullmac
