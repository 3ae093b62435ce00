// The authenticator's side of the 4-way and group key handshakes with one station, as a pure state
// machine. Unanswered messages are repeated with a new replay counter; an answer to any of the
// copies counts. [802.11-2020 12.7.6, 12.7.7, 12.7.9]
#pragma once

#include <optional>
#include <variant>

#include "sme/eapol_key.h"
#include "sme/handshake.h"

namespace airloom::sme {

struct AuthenticatorConfig {
  AkmProfile profile;
  ieee80211::SuiteSelector pairwise_cipher = ieee80211::cipher::kCcmp128;
  Octets pmk;
  MacAddress authenticator;
  MacAddress supplicant;
  Octets own_rsn_element;      // whole, as in the Beacon
  Octets station_rsn_element;  // whole, as in the (Re)Association Request
  Octets own_rsnx_element{};   // likewise; empty: none
  Octets station_rsnx_element{};
  std::optional<ieee80211::Pmkid> pmkid{};  // told in message 1
  uint8_t eapol_version = 2;
  // DEVIATES: the standard leaves the times open; these are hostapd's.
  Duration first_timeout = std::chrono::milliseconds(100);
  Duration timeout = std::chrono::seconds(1);
  uint32_t attempts = 4;
};

class Authenticator {
 public:
  /// The copies of one message that are out: their replay counters are first to last.
  struct Outstanding {
    uint64_t first = 0;
    uint64_t last = 0;
    bool covers(uint64_t counter) const { return counter >= first && counter <= last; }
    uint64_t copies() const { return last - first + 1; }
  };

  struct Idle {};
  struct AwaitMessage2 {
    Nonce anonce;
    GroupKeys keys;
    Outstanding sent;
  };
  struct AwaitMessage4 {
    Nonce anonce;
    GroupKeys keys;
    Ptk ptk;
    Outstanding sent;
    bool keys_changed = false;  // since message 3: a group key handshake must follow
  };
  struct Established {
    Ptk ptk;
    uint64_t last_counter;
  };
  struct AwaitGroupMessage2 {
    Ptk ptk;
    GroupKeys keys;
    Outstanding sent;
  };
  struct Failed {};
  using State =
      std::variant<Idle, AwaitMessage2, AwaitMessage4, Established, AwaitGroupMessage2, Failed>;

  /// The station is associated: begin.
  struct Start {
    Nonce anonce;
    GroupKeys keys;
  };
  struct Received {
    std::span<const uint8_t> octets;  // from the EAPOL header
  };
  struct TimedOut {};
  /// The BSS has new group keys.
  struct NewGroupKeys {
    GroupKeys keys;
  };
  using Event = std::variant<Start, Received, TimedOut, NewGroupKeys>;

  explicit Authenticator(AuthenticatorConfig config) : config_(std::move(config)) {}

  Step<State> on(const State& state, const Event& event) const;
  const AuthenticatorConfig& config() const { return config_; }

 private:
  struct Visitor;  // one line per state and event
  Step<State> start(const Start& event) const;
  Step<State> received(const AwaitMessage2& state, const UnverifiedKeyFrame& frame) const;
  Step<State> received(const AwaitMessage4& state, const UnverifiedKeyFrame& frame) const;
  Step<State> received(const AwaitGroupMessage2& state, const UnverifiedKeyFrame& frame) const;
  Step<State> timed_out(AwaitMessage2 state) const;
  Step<State> timed_out(AwaitMessage4 state) const;
  Step<State> timed_out(AwaitGroupMessage2 state) const;
  Step<State> begin_group_handshake(const Ptk& ptk, const GroupKeys& keys, uint64_t counter) const;

  SendFrame message1(const Nonce& anonce, uint64_t counter) const;
  SendFrame message3(const Nonce& anonce, const GroupKeys& keys, const Ptk& ptk,
                     uint64_t counter) const;
  SendFrame group_message1(const GroupKeys& keys, const Ptk& ptk, uint64_t counter) const;
  KeyInfo info(uint16_t flags) const;

  AuthenticatorConfig config_;
};

}  // namespace airloom::sme
