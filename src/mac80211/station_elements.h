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

/// What a scan wants its Probe Requests to say.
struct ProbeRequestContent {
  std::span<const uint8_t> ssid;  ///< empty: the wildcard
  std::span<const uint8_t> user_elements;
  uint32_t rate_mask = 0;  ///< bit per rate of the band; 0: all
  bool no_cck = false;
  bool minimal = false;  ///< of the stack's own: SSID, rates and channel alone
};

/// The elements of a Probe Request on one channel.
Octets probe_request_elements(const cfg80211::BandCapability& band, uint32_t mhz,
                              cfg80211::InterfaceType type, const ProbeRequestContent& content);

/// A management frame's header and room for its body; sequence number and duration stay 0.
Octets management_header(ieee80211::Subtype subtype, const MacAddress& to, const MacAddress& from,
                         const MacAddress& bssid);

}  // namespace airloom::mac80211
