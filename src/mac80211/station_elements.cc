#include "mac80211/station_elements.h"

#include <algorithm>
#include <array>

#include "ieee80211/bss_elements.h"
#include "ieee80211/element.h"
#include "ieee80211/ht_vht_elements.h"
#include "ieee80211/mac_header.h"

namespace airloom::mac80211 {

using ieee80211::ElementExtensionId;
using ieee80211::ElementId;
using ieee80211::ElementRange;

Octets rate_octets(const cfg80211::BandCapability& band, uint32_t mask, bool no_cck) {
  Octets octets;
  for (size_t i = 0; i < band.rates.size(); ++i) {
    const uint16_t rate = band.rates[i].rate_100kbps;
    const bool is_cck = rate == 10 || rate == 20 || rate == 55 || rate == 110;
    if ((mask != 0 && !(mask >> i & 1)) || (no_cck && is_cck)) continue;
    octets.push_back(static_cast<uint8_t>(rate / 5));
  }
  return octets;
}

void emit_ht_capabilities(Writer& writer, const cfg80211::HtCapability& ht) {
  ieee80211::HtCapabilitiesElement element;
  element.info = ht.info;
  element.ampdu_parameters = static_cast<uint8_t>(ht.ampdu_factor | ht.ampdu_density << 2);
  element.mcs_set = ht.mcs;
  ieee80211::emit_element(writer, element);
}

void emit_vht_capabilities(Writer& writer, const cfg80211::VhtCapability& vht) {
  Octets body;
  Writer(body).le32(vht.info).bytes(vht.mcs);
  ieee80211::emit_element(writer, ElementId::kVhtCapabilities, body);
}

namespace {

/// Octets of the Supported HE-MCS And NSS Set field for the widths that the PHY capabilities
/// declare: 80, 160 and 80+80 MHz. [802.11ax-2021 9.4.2.248.4]
size_t he_mcs_nss_length(const std::array<uint8_t, 11>& he_phy) {
  constexpr uint8_t k160In5GHz = 0x08, k80Plus80In5GHz = 0x10;
  size_t length = 4;
  if (he_phy[0] & k160In5GHz) length += 4;
  if (he_phy[0] & k80Plus80In5GHz) length += 4;
  return length;
}

/// In the seventh octet of the HE PHY capabilities. [802.11ax-2021 9.4.2.248.3]
constexpr uint8_t kPpeThresholdsPresent = 0x80;

void emit_6ghz(Writer& writer, const cfg80211::BandCapability& band,
               const cfg80211::InterfaceTypeData& data) {
  if (band.band != cfg80211::Band::k6GHz) return;
  Octets body;
  Writer(body).le16(data.he_6ghz);
  ieee80211::emit_element(writer, ElementExtensionId::kHe6GhzBandCapabilities, body);
}

}  // namespace

void emit_he_capabilities(Writer& writer, const cfg80211::BandCapability& band,
                          cfg80211::InterfaceType type) {
  for (const auto& data : band.interface_type_data) {
    if (!(data.types & bit(type))) continue;
    Octets he;
    Writer he_writer(he);
    he_writer.bytes(data.he_mac).bytes(data.he_phy);
    const size_t mcs = std::min(data.he_mcs_nss.size(), he_mcs_nss_length(data.he_phy));
    he_writer.bytes(std::span(data.he_mcs_nss).first(mcs));
    if (data.he_phy[6] & kPpeThresholdsPresent) he_writer.bytes(data.he_ppe);
    ieee80211::emit_element(writer, ElementExtensionId::kHeCapabilities, he);
    emit_6ghz(writer, band, data);
    if (data.eht_mac.empty()) return;
    Octets eht;
    Writer(eht).bytes(data.eht_mac).bytes(data.eht_phy).bytes(data.eht_mcs_nss).bytes(data.eht_ppe);
    ieee80211::emit_element(writer, ElementExtensionId::kEhtCapabilities, eht);
    return;
  }
}

void UserElements::emit_while(Writer& writer, std::span<const uint8_t> ids,
                              std::span<const uint8_t> extension_ids) {
  const auto has = [](std::span<const uint8_t> all, uint8_t id) {
    return std::find(all.begin(), all.end(), id) != all.end();
  };
  for (const auto& element : ElementRange(rest_)) {
    const bool extended = element.is(ElementId::kExtension);
    if (extended ? !has(extension_ids, element.extension_id) : !has(ids, element.id)) return;
    writer.bytes(element.whole);
    rest_ = rest_.subspan(element.whole.size());
  }
}

void UserElements::emit_until_vendor(Writer& writer) {
  for (const auto& element : ElementRange(rest_)) {
    if (element.is(ElementId::kVendorSpecific)) return;
    writer.bytes(element.whole);
    rest_ = rest_.subspan(element.whole.size());
  }
}

void UserElements::emit_rest(Writer& writer) {
  writer.bytes(rest_);
  rest_ = {};
}

Octets probe_request_elements(const cfg80211::BandCapability& band, uint32_t mhz,
                              cfg80211::InterfaceType type, const ProbeRequestContent& content) {
  // Ids that stand before the stack's own HT, VHT and HE elements. [802.11-2020 9.3.3.9]
  constexpr std::array<uint8_t, 2> kBeforeHt{10, 59};  // Request, Operating Classes
  constexpr std::array<uint8_t, 5> kBeforeVht{72, 127, 84, 97, 107};
  constexpr std::array<uint8_t, 2> kBeforeHe{46, 70};
  Octets elements;
  Writer writer(elements);
  UserElements user(content.user_elements);
  ieee80211::emit_element(writer, ElementId::kSsid, content.ssid);
  ieee80211::emit_rates(writer, rate_octets(band, content.rate_mask, content.no_cck));
  user.emit_while(writer, kBeforeHt);
  if (band.band == cfg80211::Band::k2GHz) {
    const auto channel = static_cast<uint8_t>(ieee80211::channel_number(mhz));
    ieee80211::emit_element(writer, ElementId::kDsParameterSet, {{channel}});
  }
  if (!content.minimal) {
    if (band.ht) emit_ht_capabilities(writer, *band.ht);
    user.emit_while(writer, kBeforeVht);
    if (band.vht) emit_vht_capabilities(writer, *band.vht);
    user.emit_while(writer, kBeforeHe);
    emit_he_capabilities(writer, band, type);
  }
  user.emit_rest(writer);
  return elements;
}

Octets management_header(ieee80211::Subtype subtype, const MacAddress& to, const MacAddress& from,
                         const MacAddress& bssid) {
  Octets frame;
  Writer writer(frame);
  ieee80211::MacHeader header;
  header.fc = subtype;
  header.address1 = to;
  header.address2 = from;
  header.address3 = bssid;
  header.emit(writer);
  return frame;
}

}  // namespace airloom::mac80211
