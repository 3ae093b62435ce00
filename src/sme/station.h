// A station: scans, picks a BSS, authenticates, associates, does the 4-way handshake and comes
// back when the connection breaks. It is wpa_supplicant's role in small: open networks, WPA2-PSK
// and WPA3-SAE with CCMP, with protected management frames and beacons. It speaks nl80211 alone, so
// what lies below may be airloom or a real kernel. [802.11-2020 6.3, 11.3, 12.4, 12.6, 12.7]
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "base/log.h"
#include "base/scheduler.h"
#include "ieee80211/management.h"
#include "ieee80211/reason_code.h"
#include "ieee80211/status_code.h"
#include "sme/bss.h"
#include "sme/client_port.h"
#include "sme/pmksa.h"
#include "sme/ports.h"
#include "sme/requests.h"
#include "sme/sa_query.h"
#include "sme/sae.h"
#include "sme/supplicant.h"

namespace airloom::sme {

struct StationConfig {
  uint32_t ifindex = 0;
  Octets ssid;
  std::optional<Security> security;  // none: an open network
  std::optional<MacAddress> bssid;   // none: any
  std::vector<uint32_t> scan_mhz;    // empty: every channel
};

/// Whoever owns the station hears of it here; a call may stop() the station, not destroy it.
class StationObserver {
 public:
  virtual ~StationObserver() = default;
  /// Data may flow.
  virtual void on_connected(const Bss& bss) = 0;
  /// A connection that on_connected told of has ended; the station tries again by itself.
  virtual void on_disconnected(ieee80211::ReasonCode reason) = 0;
  /// The handshake ended in the way it does with a wrong PSK; the station tries again, later.
  virtual void on_wrong_key() = 0;
  /// The interface cannot be a station; nothing more happens until start().
  virtual void on_failed(const Error& error) = 0;
};

class Station {
 public:
  enum class State : uint8_t {
    kStopped,
    kStarting,
    kScanning,
    kAuthenticating,
    kAssociating,
    kHandshake,
    kConnected,
    kBackoff,
  };

  Station(StationConfig config, const SmePorts& ports, std::unique_ptr<ClientPort> port,
          StationObserver& observer);
  ~Station();
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;

  /// Takes the interface and connects, again and again until stop().
  void start();
  /// Disconnects and stays so.
  void stop();

  State state() const { return state_; }
  const MacAddress& address() const { return address_; }
  /// The BSS that the station is connected to, or tries to be.
  const std::optional<Bss>& bss() const { return bss_; }

 private:
  // station.cc
  void open();
  void prepare();
  Result<void> on_interface(const Reply& reply);
  void on_event(const Nl80211Event& event);
  void on_frame_event(const Nl80211Event& event, std::span<const uint8_t> frame);
  void on_link_gone(std::span<const uint8_t> frame);
  void lost(ieee80211::ReasonCode reason);
  void back_off(bool wrong_key = false);
  void deauthenticate(ieee80211::ReasonCode reason);
  void enter(State state);
  void request(const char* name, uint8_t command, const ClientPort::Fill& fill,
               std::function<void()> on_ok = {});

  // station_sae.cc
  bool begin_sae();
  void on_sae(const ieee80211::AuthenticationBody& body);
  void on_sae_commit(const ieee80211::AuthenticationBody& body);
  void on_sae_confirm(const ieee80211::AuthenticationBody& body);
  void on_sae_group_refused(std::span<const uint8_t> body);
  void send_sae(uint16_t transaction, ieee80211::StatusCode status, std::span<const uint8_t> body);
  void send_sae_commit(Octets token = {});

  // station_pmf.cc
  void prepare_pmf();
  void on_unprotected_leave(std::span<const uint8_t> frame);
  void ask_sa(uint16_t transaction);
  void on_sa_query(std::span<const uint8_t> frame);

  // station_scan.cc
  void scan();
  void fetch_results();
  void on_results(const Reply& reply);

  // station_join.cc
  void authenticate();
  void on_authenticated(std::span<const uint8_t> frame);
  bool uses_cached_pmk() const { return rsn_ && !rsn_->pmkids.empty() && !sae_; }
  void associate();
  void on_associated(std::span<const uint8_t> frame);
  void connected();

  // station_keys.cc
  struct EapolFrame {
    Octets octets;
    bool encrypted = false;
  };
  void begin_handshake();
  void on_eapol(EapolFrame frame);
  void perform(const Action& action);
  void authorise();

  StationConfig config_;
  SmePorts ports_;
  StationObserver& observer_;
  Log log_;

  State state_ = State::kStopped;
  uint64_t attempt_ = 0;  // answers to requests of an earlier attempt are ignored
  bool is_open_ = false;
  bool is_opening_ = false;
  bool has_registered_ = false;  // frames; that lasts as long as the port
  bool radio_protects_beacons_ = false;
  uint32_t failures_ = 0;  // in a row
  MacAddress address_;
  std::optional<Bss> bss_;
  std::optional<ieee80211::RsnElement> rsn_;
  std::optional<ieee80211::SuiteSelector> pmf_;  // of the association; see negotiated_pmf()
  std::optional<SaePassword> sae_password_;
  std::optional<SaeExchange> sae_;
  PmksaCache pmksas_;
  Octets pmk_;           // of the association
  Octets rsnx_element_;  // that it sends; whole; empty: none
  std::optional<Supplicant> supplicant_;
  Supplicant::State handshake_;
  std::optional<EapolFrame> early_eapol_;  // came before the association was reported

  Timer retry_;
  Timer deadline_;
  SaQueryProcedure sa_query_;
  TimePoint last_sa_query_{};
  // Last, so that nothing that it may still call is gone before it.
  std::unique_ptr<ClientPort> port_;
  RequestChain setup_;
};

const char* to_string(Station::State state);

}  // namespace airloom::sme
