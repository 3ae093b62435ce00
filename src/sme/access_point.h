// An access point: hostapd's role in small, for open networks, WPA2-PSK and WPA3-SAE with CCMP,
// with protected management frames and beacons. It answers Probe, Authentication and Association
// Requests, runs an authenticator per station and keeps the group keys. It speaks nl80211 alone, so
// what lies below may be airloom or a real kernel; the kernel beacons, buffers and encrypts.
// [802.11-2020 11.3, 12.4, 12.6, 12.7]
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "base/log.h"
#include "base/scheduler.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/management.h"
#include "sme/authenticator.h"
#include "sme/beacon.h"
#include "sme/client_port.h"
#include "sme/pmksa.h"
#include "sme/ports.h"
#include "sme/requests.h"
#include "sme/sa_query.h"
#include "sme/sae.h"

namespace airloom::sme {

/// Whoever owns the access point hears of it here; a call may stop() it, not destroy it.
class AccessPointObserver {
 public:
  virtual ~AccessPointObserver() = default;
  virtual void on_started() = 0;
  /// It could not start, or the interface went away from under it.
  virtual void on_failed(const Error& error) = 0;
  /// Data may flow to and from the station.
  virtual void on_station_joined(const MacAddress& station) = 0;
  virtual void on_station_left(const MacAddress& station) = 0;
};

class AccessPoint {
 public:
  AccessPoint(AccessPointConfig config, const SmePorts& ports, std::unique_ptr<ClientPort> port,
              AccessPointObserver& observer);
  ~AccessPoint();
  AccessPoint(const AccessPoint&) = delete;
  AccessPoint& operator=(const AccessPoint&) = delete;

  void start();
  /// Deauthenticates every station and stops beaconing.
  void stop();
  /// Sends a station away. @error kNotFound
  Result<void> deauthenticate(const MacAddress& station, ieee80211::ReasonCode reason);
  /// Gives every station new group keys.
  void rekey_group();

  bool is_running() const { return state_ == State::kRunning; }
  const MacAddress& address() const { return address_; }
  /// Stations to and from which data may flow.
  size_t station_count() const;

 private:
  enum class State : uint8_t { kStopped, kStarting, kRunning };

  struct Member {
    /// How far it has come; each step needs the one before.
    enum class Stage : uint8_t {
      kAdding,
      kAuthenticating,  // SAE wants the station's confirm
      kAuthenticated,
      kAssociating,
      kHandshake,
      kAuthorised,
    };

    Member(AccessPoint& ap, const MacAddress& its_address, uint16_t its_aid);
    MacAddress address;
    uint16_t aid;
    uint64_t id = 0;  // tells it from an earlier one of this address
    Stage stage = Stage::kAdding;
    bool was_associated = false;  // the kernel's station has been associated before
    bool awaits_group_rekey = false;
    bool pmf = false;  // of its association
    bool sa_query_timed_out = false;
    std::optional<SaeExchange> sae;  // beside an association that stands, with PMF
    TimePoint sae_deadline{};        // until when it counts as open
    SaQueryProcedure sa_query;
    std::optional<Authenticator> authenticator;
    Authenticator::State handshake;
    Authenticator::Start start;  // of a handshake whose packet numbers are being asked for
    Timer timer;

    bool is_associated() const { return stage >= Stage::kHandshake; }
    /// Whether frames in clear do not undo its association.
    bool stands() const { return pmf && stage == Stage::kAuthorised; }
  };
  using Stage = Member::Stage;
  /// What a (Re)Association Request asks for; views the frame.
  struct JoinRequest {
    bool reassociation = false;
    uint16_t capability = 0;
    uint16_t listen_interval = 0;
    std::span<const uint8_t> elements;
    Octets rates;
    std::span<const uint8_t> rsn_element;      // whole; empty: none
    std::span<const uint8_t> rsnx_element;     // likewise
    std::span<const uint8_t> ht_capabilities;  // body; empty: none
    bool wmm = false;

    static Result<JoinRequest> parse(const ieee80211::FrameView& frame, bool reassociation);
  };

  // access_point.cc
  void on_event(const Nl80211Event& event);
  void on_frame(std::span<const uint8_t> octets);
  void on_tx_status(std::span<const uint8_t> octets, bool acked);
  void on_probe_request(const ieee80211::FrameView& frame);
  void on_action(const ieee80211::FrameView& frame);
  void on_unexpected_frame(const MacAddress& station);
  void on_stopped_below();
  void stop_without_goodbye();
  void send_frame(const Octets& frame, bool wait_for_ack = true);
  void request(const char* name, uint8_t command, const ClientPort::Fill& fill,
               std::function<void()> on_ok = {});
  Member* find(const MacAddress& station);
  Member* find(const MacAddress& station, uint64_t id);

  // ap_setup.cc
  void set_up();
  void add_interface_steps();
  void add_registration_steps();
  void register_frames(ieee80211::Subtype subtype, const Octets& match);
  bool has_pmf() const;
  void add_bss_steps();
  Result<void> on_wiphy(const Reply& reply);
  Result<void> on_interface(const Reply& reply);
  void put_start_ap(netlink::MessageWriter& writer) const;
  void put_bss(netlink::MessageWriter& writer) const;
  void fail_start(const Error& error);

  // ap_join.cc
  void on_authentication(const ieee80211::FrameView& frame);
  void on_open_authentication(const MacAddress& station);
  Member& make_member(const MacAddress& station);
  void add_to_kernel(const Member& member, Stage next, Octets answer);
  void on_timer(Member& member);
  void on_association(const ieee80211::FrameView& frame, bool reassociation);
  void accept(Member& member, const JoinRequest& join);
  void put_capabilities(netlink::MessageWriter& writer, const Member& member,
                        const JoinRequest& join) const;
  void answer_association(const Member& member, const JoinRequest& join,
                          ieee80211::StatusCode status);
  void refuse(const Member& member, const JoinRequest& join, ieee80211::StatusCode status);
  void query_sa(Member& member, const JoinRequest& join);
  void on_associated(Member& member);
  void authorise(Member& member);
  /// Forgets a station. @param tell_kernel  false: the kernel has told us.
  void remove(MacAddress station, bool tell_kernel);
  /// Sends a Deauthentication and forgets the station.
  void expel(MacAddress station, ieee80211::ReasonCode reason);
  uint16_t free_aid() const;

  // ap_sae.cc
  void on_sae_commit(const MacAddress& station, const ieee80211::AuthenticationBody& body);
  void take_commit(const MacAddress& station, const SaeCommitBody& commit, bool hash_to_element);
  void on_sae_confirm(const MacAddress& station, const ieee80211::AuthenticationBody& body);
  void answer_sae(const MacAddress& station, uint16_t transaction, ieee80211::StatusCode status,
                  std::span<const uint8_t> data = {});
  bool takes_method(uint16_t status) const;
  bool is_clogged() const;
  Octets token_for(const MacAddress& station);

  // ap_keys.cc
  struct Pmk {
    Octets pmk;
    std::optional<ieee80211::Pmkid> pmkid;
  };
  std::optional<Pmk> find_pmk(const Member& member, const ieee80211::RsnElement& rsn) const;
  AuthenticatorConfig authenticator_config(const Member& member, const JoinRequest& join,
                                           const ieee80211::RsnElement& rsn, Pmk pmk) const;
  void begin_handshake(Member& member);
  void ask_packet_number(Member& member, uint8_t key_id, bool is_last);
  void on_handshake_event(Member& member, const Authenticator::Event& event);
  void perform(Member& member, const Action& action);
  GroupKeys make_group_keys(const GroupKeys* previous);
  GroupKeys keys_for(const Member& member) const;
  ieee80211::SuiteSelector group_cipher(uint8_t key_id) const;
  void install_group_keys();
  void check_rekeyed();

  AccessPointConfig config_;
  SmePorts ports_;
  AccessPointObserver& observer_;
  Log log_;

  State state_ = State::kStopped;
  bool is_open_ = false;
  bool is_opening_ = false;
  bool has_registered_ = false;  // frames; that lasts as long as the port
  MacAddress address_;
  RadioCapabilities radio_;
  std::optional<ApFrames> frames_;
  std::map<MacAddress, std::unique_ptr<Member>> members_;
  uint64_t last_member_id_ = 0;
  std::optional<SaePassword> sae_password_;
  PmksaCache pmksas_;
  std::array<uint8_t, 32> token_key_{};
  TimePoint token_key_ends_{};
  GroupKeys keys_;
  std::optional<GroupKeys> next_keys_;  // handed out, in use once every station has them
  Timer rekey_timer_;
  // Last, so that nothing that it may still call is gone before it.
  std::unique_ptr<ClientPort> port_;
  RequestChain setup_;
};

}  // namespace airloom::sme
