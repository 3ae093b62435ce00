// The supplicant's side of the 4-way and group key handshakes, as a pure state machine. It answers
// and never asks, so it has no timer. A key that is in use is never installed again, whatever is
// repeated: reinstalling would reset its packet number. [802.11-2020 12.7.6, 12.7.7, 12.7.10]
#pragma once

#include <optional>
#include <variant>

#include "sme/eapol_key.h"
#include "sme/handshake.h"

namespace airloom::sme {

struct SupplicantConfig {
  AkmProfile profile;
  ieee80211::SuiteSelector pairwise_cipher = ieee80211::cipher::kCcmp128;
  Octets pmk;
  MacAddress authenticator;
  MacAddress supplicant;
  Octets own_rsn_element;     // whole, as in the (Re)Association Request
  Octets ap_rsn_element;      // whole, as in the Beacon or Probe Response
  Octets own_rsnx_element{};  // likewise; empty: none
  Octets ap_rsnx_element{};
  std::optional<ieee80211::SuiteSelector> group_management;  // none: without PMF
  bool beacon_protection = false;                            // takes a BIGTK
  uint8_t eapol_version = 1;
};

class Supplicant {
 public:
  struct AwaitMessage1 {};
  struct Established {
    Nonce anonce;
    Ptk ptk;
    uint64_t last_counter;
    GroupKeys keys;
  };
  struct AwaitMessage3 {
    Nonce anonce;
    Nonce snonce;
    Ptk ptk;  // until message 3 confirms it, only a claim
    /// The handshake that this one would follow. Its keys stay in force: message 1 has no MIC, so
    /// anyone may have sent it.
    std::optional<Established> previous;
  };
  struct Failed {};
  using State = std::variant<AwaitMessage1, AwaitMessage3, Established, Failed>;

  struct Received {
    std::span<const uint8_t> octets;  // from the EAPOL header
    bool encrypted = false;           // how it came; the answer goes the same way
    Nonce fresh_nonce{};              // random, for the case that the answer needs one
  };
  using Event = std::variant<Received>;

  explicit Supplicant(SupplicantConfig config) : config_(std::move(config)) {}

  Step<State> on(const State& state, const Event& event) const;
  const SupplicantConfig& config() const { return config_; }

 private:
  Step<State> message1(const State& state, std::optional<Established> previous,
                       const UnverifiedKeyFrame& frame, const Received& event) const;
  Step<State> message3(const AwaitMessage3& state, const UnverifiedKeyFrame& frame,
                       const Received& event) const;
  /// What comes under a PTK that is in force: message 3 once more, group message 1.
  Step<State> under_ptk(Established state, const UnverifiedKeyFrame& frame,
                        const Received& event) const;
  /// What a frame that asks for verification carries.
  struct Opened {
    Octets rsn_element;
    Octets rsnx_element;
    GroupKeys keys;
  };
  /// @error kBadAuth    its MIC or key wrap.
  /// @error kMalformed  its keys do not fit the ciphers.
  Result<Opened> open(const UnverifiedKeyFrame& frame, const Ptk& ptk) const;
  SendFrame answer(uint16_t kind, const UnverifiedKeyFrame& to, const Ptk& ptk, bool encrypt,
                   const Nonce& nonce = {}, Octets key_data = {}) const;

  SupplicantConfig config_;
};

}  // namespace airloom::sme
