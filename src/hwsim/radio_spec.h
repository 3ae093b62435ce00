// What a simulated radio is asked to be: the choices of MAC80211_HWSIM's NEW_RADIO. Left alone it
// is the radio that Linux's module makes by default. [mac80211_hwsim.h HWSIM_CMD_NEW_RADIO]
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/mac_address.h"
#include "cfg80211/regulatory.h"
#include "cfg80211/types.h"

namespace airloom::hwsim {

/// The interface types that a radio may have by itself; mac80211 adds monitors and AP VLANs.
inline const uint32_t kHardwareInterfaceTypes =
    cfg80211::bit(cfg80211::InterfaceType::kAdhoc) |
    cfg80211::bit(cfg80211::InterfaceType::kStation) | cfg80211::bit(cfg80211::InterfaceType::kAp) |
    cfg80211::bit(cfg80211::InterfaceType::kMeshPoint) |
    cfg80211::bit(cfg80211::InterfaceType::kP2pClient) |
    cfg80211::bit(cfg80211::InterfaceType::kP2pGo) | cfg80211::bit(cfg80211::InterfaceType::kOcb);

/// On which side of a BSS a radio can protect beacons. [nl80211.h
/// NL80211_EXT_FEATURE_BEACON_PROTECTION, _BEACON_PROTECTION_CLIENT]
enum class BeaconProtection : uint8_t { kBothSides, kStation, kNone };

/// What decides the radio's capabilities: radios with equal traits share them.
struct RadioTraits {
  /// How many channels it can be on at once.
  uint32_t channels = 1;
  /// It has channel contexts, as a radio with several channels must.
  bool channel_contexts = false;
  /// It says that it has transmit queues and shares out airtime, as Linux's module of 6.1 does not.
  bool tx_queues = false;
  uint32_t interface_types =
      kHardwareInterfaceTypes | cfg80211::bit(cfg80211::InterfaceType::kP2pDevice);
  /// Cipher suites it offers; none: all that it knows.
  std::optional<std::vector<uint32_t>> cipher_suites;
  /// Linux's radios have no such choice; a lab file has.
  BeaconProtection beacon_protection = BeaconProtection::kBothSides;

  bool has_p2p_device() const {
    return interface_types & cfg80211::bit(cfg80211::InterfaceType::kP2pDevice);
  }
  friend auto operator<=>(const RadioTraits&, const RadioTraits&) = default;
};

struct RadioSpec {
  RadioTraits traits;
  std::string name;                            ///< of the wiphy; empty or not to be had: phyN
  std::optional<MacAddress> address;           ///< none: after the radio's number
  std::optional<std::array<char, 2>> country;  ///< the driver's regulatory hint
  std::optional<uint32_t> custom_domain;       ///< index into custom_domains()
  bool strict_regulatory = false;
  bool has_interface = true;  ///< begins with a station interface wlanN
};

/// Every cipher suite that a radio knows, in the order in which it reports them.
const std::vector<uint32_t>& known_cipher_suites();

/// The regulatory domains of its own that a radio may be made with. (regulatory.cc)
const std::vector<cfg80211::RegulatoryDomain>& custom_domains();

/// @error kInvalid, kUnsupported  no radio can be like that: the text says what is wrong.
Result<void> check(const RadioTraits& traits);

}  // namespace airloom::hwsim
