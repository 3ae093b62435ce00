// Elements that a station puts into its Probe and Association Requests, from what the radio can do
// and what userspace adds. Userspace's elements stay in their order; the stack's own go between
// them where the standard's order has them. [802.11-2020 9.3.3.6, 9.3.3.10]
#pragma once

#include <span>
#include <vector>

#include "bytes/writer.h"
#include "cfg80211/capabilities.h"
#include "ieee80211/frame_control.h"

namespace airloom::mac80211 {

/// The band's rates as octets of 500 kb/s. `mask`: a bit per rate, 0: all.
Octets rate_octets(const cfg80211::BandCapability& band, uint32_t mask = 0, bool no_cck = false);

void emit_ht_capabilities(Writer& writer, const cfg80211::HtCapability& ht);
void emit_vht_capabilities(Writer& writer, const cfg80211::VhtCapability& vht);
/// HE (and EHT, where the radio has it) capabilities for an interface type.
void emit_he_capabilities(Writer& writer, const cfg80211::BandCapability& band,
                          cfg80211::InterfaceType type);

/// Userspace's elements, handed out piece by piece around the stack's own.
class UserElements {
 public:
  explicit UserElements(std::span<const uint8_t> elements) : rest_(elements) {}
  /// Writes the elements at the front whose ids, or extension ids, are among these.
  void emit_while(Writer& writer, std::span<const uint8_t> ids,
                  std::span<const uint8_t> extension_ids = {});
  /// Writes all up to the first vendor element.
  void emit_until_vendor(Writer& writer);
  void emit_rest(Writer& writer);

 private:
  std::span<const uint8_t> rest_;
};

/// The elements of a Probe Request on one channel. `ssid` may be empty (wildcard).
Octets probe_request_elements(const cfg80211::BandCapability& band, uint32_t mhz,
                              cfg80211::InterfaceType type, std::span<const uint8_t> ssid,
                              std::span<const uint8_t> user_elements, uint32_t rate_mask,
                              bool no_cck);

/// A management frame's header and room for its body; sequence number and duration stay 0.
Octets management_header(ieee80211::Subtype subtype, const MacAddress& to, const MacAddress& from,
                         const MacAddress& bssid);

}  // namespace airloom::mac80211
