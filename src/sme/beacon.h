// What an access point says about itself: the elements of its Beacon, Probe Response and
// Association Response, and the frames around them. [802.11-2020 9.3.3.2, 9.3.3.7, 9.3.3.10]
#pragma once

#include <array>
#include <optional>

#include "base/mac_address.h"
#include "bytes/writer.h"
#include "ieee80211/management.h"
#include "ieee80211/reason_code.h"
#include "ieee80211/rsn_element.h"
#include "ieee80211/status_code.h"
#include "sme/security.h"

namespace airloom::sme {

struct AccessPointConfig {
  uint32_t ifindex = 0;
  Octets ssid;
  uint32_t channel_mhz = 2412;
  std::optional<Security> security;  // none: an open network
  bool hidden = false;               // the Beacon does not name the SSID
  uint16_t beacon_interval_tu = 100;
  uint8_t dtim_period = 2;
  bool ht = true;
  bool isolate = false;            // stations do not reach each other
  uint32_t group_rekey_s = 86400;  // 0: never
  uint16_t max_stations = 2007;
};

/// What the radio can do, as far as frames tell of it.
struct RadioCapabilities {
  std::array<uint8_t, 16> ht_mcs_set{};
  uint8_t ampdu_parameters = 0;
  bool ht = false;
  bool beacon_protection = false;
};

/// The frames of one access point; values, no state.
class ApFrames {
 public:
  ApFrames(const AccessPointConfig& config, const RadioCapabilities& radio,
           const MacAddress& address);

  /// None: the network is open.
  const std::optional<ieee80211::RsnElement>& rsn() const { return rsn_; }
  bool ht() const { return ht_; }
  /// Whether Beacons are protected: asked for, with PMF, and the radio can.
  bool beacon_protection() const { return beacon_protection_; }
  /// Whole; empty: none.
  const Octets& rsnx_element() const { return rsnx_element_; }
  /// Rates of 500 kb/s; the basic ones have the high bit set.
  const Octets& rates() const { return rates_; }
  /// The basic ones alone, without the bit.
  Octets basic_rates() const;
  uint16_t capability() const;

  /// The Beacon before and behind the TIM element, which is the kernel's.
  Octets beacon_head() const;
  Octets beacon_tail() const;
  Octets probe_response(const MacAddress& to) const;
  Octets authentication(const MacAddress& to, ieee80211::AuthAlgorithm algorithm,
                        uint16_t transaction, ieee80211::StatusCode status,
                        std::span<const uint8_t> data = {}) const;
  struct AssociationAnswer {
    bool reassociation = false;
    ieee80211::StatusCode status = ieee80211::StatusCode::kSuccess;
    uint16_t aid = 0;
    bool station_has_ht = false;
    bool station_has_wmm = false;
    std::optional<uint32_t> comeback_tu;  // when to ask again
  };
  Octets association_response(const MacAddress& to, const AssociationAnswer& answer) const;
  Octets deauthentication(const MacAddress& to, ieee80211::ReasonCode reason) const;
  /// The EDCA parameters that stations are told, per access category in nl80211's order.
  Octets wmm_element() const;

 private:
  void emit_header(Writer& writer, uint8_t subtype, const MacAddress& to) const;
  void emit_front(Writer& writer, bool with_ssid) const;
  void emit_ht(Writer& writer) const;
  void emit_extended_capabilities(Writer& writer) const;

  AccessPointConfig config_;
  RadioCapabilities radio_;
  MacAddress address_;
  std::optional<ieee80211::RsnElement> rsn_;
  Octets rsnx_element_;
  Octets rates_;
  bool ht_ = false;
  bool beacon_protection_ = false;
  bool is_2ghz_ = true;
  uint8_t channel_ = 0;
};

}  // namespace airloom::sme
