// A BSS as a scan found it, and which of several a station should join.
// [nl80211.h enum nl80211_bss]
#pragma once

#include <optional>
#include <vector>

#include "base/mac_address.h"
#include "base/result.h"
#include "bytes/writer.h"
#include "ieee80211/rsn_element.h"
#include "netlink/attributes.h"
#include "sme/security.h"

namespace airloom::sme {

struct Bss {
  MacAddress bssid;
  uint32_t frequency_mhz = 0;
  int32_t signal_mbm = 0;  // hundredths of a dBm
  uint16_t capability = 0;
  Octets ssid;
  Octets rsn_element;  // whole, as the BSS sent it; empty: none
  std::optional<ieee80211::RsnElement> rsn;
  Octets rsnx_element;  // likewise

  /// Reads a NL80211_ATTR_BSS nest.
  /// @error kMalformed  it has no BSSID, frequency or SSID.
  static Result<Bss> parse(const netlink::AttributeTable& nest);
  bool is_protected() const;
};

/// What a station looks for.
struct BssWish {
  Octets ssid;
  std::optional<MacAddress> bssid;   // none: any
  std::optional<Security> security;  // none: an open network
};

/// The fitting BSS with the strongest signal, of equals that with the lowest BSSID.
std::optional<Bss> choose_bss(const std::vector<Bss>& found, const BssWish& wish);

}  // namespace airloom::sme
