#include "sme/beacon.h"

#include "ieee80211/bss_elements.h"
#include "ieee80211/channel.h"
#include "ieee80211/element.h"
#include "ieee80211/frame_control.h"
#include "ieee80211/ht_vht_elements.h"
#include "ieee80211/management.h"
#include "ieee80211/wmm_element.h"

namespace airloom::sme {

namespace capability = ieee80211::capability;
using ieee80211::ElementId;
using ieee80211::ReasonCode;
using ieee80211::StatusCode;
using ieee80211::Subtype;

namespace {

const Octets kRates2GHz = {0x82, 0x84, 0x8b, 0x96, 0x0c, 0x12, 0x18, 0x24, 0x30, 0x48, 0x60, 0x6c};
const Octets kRates5GHz = {0x8c, 0x12, 0x98, 0x24, 0xb0, 0x48, 0x60, 0x6c};

constexpr size_t kSupportedRatesMax = 8;
/// Not a rate: keeps away stations that hunt and peck. [802.11-2020 Table 9-78]
constexpr uint8_t kSelectorHashToElement = 0x80 | 123;

}  // namespace

ApFrames::ApFrames(const AccessPointConfig& config, const RadioCapabilities& radio,
                   const MacAddress& address)
    : config_(config), radio_(radio), address_(address), ht_(config.ht && radio.ht) {
  is_2ghz_ = ieee80211::band_of(config.channel_mhz) == ieee80211::Band::k2GHz;
  channel_ = static_cast<uint8_t>(ieee80211::channel_number(config.channel_mhz));
  rates_ = is_2ghz_ ? kRates2GHz : kRates5GHz;
  if (!config.security) return;
  rsn_ = offer_rsn(*config.security);
  rsnx_element_ = rsnx_element_of(*config.security);
  if (config.security->has_sae() && config.security->sae_pwe == SaePwe::kHashToElement)
    rates_.push_back(kSelectorHashToElement);
  beacon_protection_ =
      config.security->beacon_protection && rsn_->mfp_capable() && radio.beacon_protection;
}

Octets ApFrames::basic_rates() const {
  Octets basic;
  for (const uint8_t rate : rates_)
    if ((rate & ieee80211::RateOctet::kBasic) && rate != kSelectorHashToElement)
      basic.push_back(rate & 0x7f);
  return basic;
}

uint16_t ApFrames::capability() const {
  return static_cast<uint16_t>(capability::kEss | (rsn_ ? capability::kPrivacy : 0) |
                               (is_2ghz_ ? capability::kShortSlotTime : 0));
}

void ApFrames::emit_header(Writer& writer, uint8_t subtype, const MacAddress& to) const {
  writer.u8(subtype).u8(0).le16(0).mac(to).mac(address_).mac(address_).le16(0);
}

/// What a Beacon and a Probe Response have before the TIM's place.
void ApFrames::emit_front(Writer& writer, bool with_ssid) const {
  writer.zeros(8).le16(config_.beacon_interval_tu).le16(capability());
  ieee80211::emit_element(writer, ElementId::kSsid, with_ssid ? config_.ssid : Octets{});
  const auto rates = std::span(rates_);
  ieee80211::emit_element(writer, ElementId::kSupportedRates, rates.first(kSupportedRatesMax));
  if (is_2ghz_) ieee80211::emit_element(writer, ieee80211::DsParameterSetElement{channel_});
}

Octets ApFrames::beacon_head() const {
  Octets out;
  Writer writer(out);
  emit_header(writer, static_cast<uint8_t>(Subtype::kBeacon), MacAddress::broadcast());
  emit_front(writer, !config_.hidden);
  return out;
}

Octets ApFrames::beacon_tail() const {
  Octets out;
  Writer writer(out);
  if (is_2ghz_) {
    ieee80211::emit_element(writer, ieee80211::ErpElement{ieee80211::ErpElement::kBarkerPreamble});
  }
  if (rates_.size() > kSupportedRatesMax)
    ieee80211::emit_element(writer, ElementId::kExtendedSupportedRates,
                            std::span(rates_).subspan(kSupportedRatesMax));
  if (rsn_) ieee80211::emit_element(writer, *rsn_);
  emit_ht(writer);
  emit_extended_capabilities(writer);
  writer.bytes(rsnx_element_);
  writer.bytes(wmm_element());
  return out;
}

Octets ApFrames::probe_response(const MacAddress& to) const {
  Octets out;
  Writer writer(out);
  emit_header(writer, static_cast<uint8_t>(Subtype::kProbeResponse), to);
  emit_front(writer, true);
  writer.bytes(beacon_tail());
  return out;
}

/// HT Capabilities and HT Operation of a 20 MHz BSS.
void ApFrames::emit_ht(Writer& writer) const {
  if (!ht_) return;
  ieee80211::emit_element(
      writer, ieee80211::HtCapabilitiesElement{.info = ieee80211::ht_capability::kSmPowerSave,
                                               .ampdu_parameters = radio_.ampdu_parameters,
                                               .mcs_set = radio_.ht_mcs_set});
  ieee80211::emit_element(writer, ieee80211::HtOperationElement{.primary_channel = channel_});
}

void ApFrames::emit_extended_capabilities(Writer& writer) const {
  if (!beacon_protection_) return;
  ieee80211::ExtendedCapabilitiesElement capabilities;
  capabilities.set(ieee80211::ExtendedCapabilitiesElement::kBeaconProtection);
  ieee80211::emit_element(writer, capabilities);
}

Octets ApFrames::wmm_element() const {
  ieee80211::WmmParameterElement wmm;
  wmm.qos_info = 1;  // the first parameter set
  wmm.access_categories = {{
      {.aifsn = 3, .aci = 0, .cw_min_exponent = 4, .cw_max_exponent = 10},
      {.aifsn = 7, .aci = 1, .cw_min_exponent = 4, .cw_max_exponent = 10},
      {.aifsn = 2, .aci = 2, .cw_min_exponent = 3, .cw_max_exponent = 4, .txop_limit_32us = 94},
      {.aifsn = 2, .aci = 3, .cw_min_exponent = 2, .cw_max_exponent = 3, .txop_limit_32us = 47},
  }};
  Octets out;
  Writer writer(out);
  ieee80211::emit_element(writer, wmm);
  return out;
}

Octets ApFrames::authentication(const MacAddress& to, ieee80211::AuthAlgorithm algorithm,
                                uint16_t transaction, StatusCode status,
                                std::span<const uint8_t> data) const {
  Octets out;
  Writer writer(out);
  emit_header(writer, static_cast<uint8_t>(Subtype::kAuthentication), to);
  writer.le16(static_cast<uint16_t>(algorithm))
      .le16(transaction)
      .le16(static_cast<uint16_t>(status))
      .bytes(data);
  return out;
}

Octets ApFrames::association_response(const MacAddress& to, const AssociationAnswer& answer) const {
  Octets out;
  Writer writer(out);
  const auto subtype =
      answer.reassociation ? Subtype::kReassociationResponse : Subtype::kAssociationResponse;
  emit_header(writer, static_cast<uint8_t>(subtype), to);
  ieee80211::AssociationResponseBody body{.capability = capability(),
                                          .status = static_cast<uint16_t>(answer.status)};
  body.set_aid(answer.aid);
  body.emit(writer);
  ieee80211::emit_rates(writer, rates_);
  if (answer.comeback_tu)
    ieee80211::emit_element(
        writer, ieee80211::TimeoutIntervalElement{
                    ieee80211::TimeoutIntervalElement::kAssociationComeback, *answer.comeback_tu});
  if (answer.station_has_ht) emit_ht(writer);
  emit_extended_capabilities(writer);
  if (answer.station_has_wmm) writer.bytes(wmm_element());
  return out;
}

Octets ApFrames::deauthentication(const MacAddress& to, ReasonCode reason) const {
  Octets out;
  Writer writer(out);
  emit_header(writer, static_cast<uint8_t>(Subtype::kDeauthentication), to);
  writer.le16(static_cast<uint16_t>(reason));
  return out;
}

}  // namespace airloom::sme
