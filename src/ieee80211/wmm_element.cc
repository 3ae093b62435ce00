#include "ieee80211/wmm_element.h"

namespace airloom::ieee80211 {
namespace {

/// Both begin so; returns the version.
Result<uint8_t> parse_subtype(Reader& reader, uint8_t subtype) {
  if (TRY(reader.u8()) != subtype) return fail(Errc::kMalformed, "another WMM element");
  return TRY(reader.u8());
}

Result<AcParameters> parse_ac(Reader& reader) {
  const uint8_t aci = TRY(reader.u8());
  const uint8_t ecw = TRY(reader.u8());
  return AcParameters{.aifsn = static_cast<uint8_t>(aci & 0xf),
                      .admission_mandatory = (aci & 0x10) != 0,
                      .aci = static_cast<uint8_t>((aci >> 5) & 3),
                      .reserved = static_cast<uint8_t>(aci >> 7),
                      .cw_min_exponent = static_cast<uint8_t>(ecw & 0xf),
                      .cw_max_exponent = static_cast<uint8_t>(ecw >> 4),
                      .txop_limit_32us = TRY(reader.le16())};
}

void emit_ac(Writer& writer, const AcParameters& ac) {
  writer.u8(static_cast<uint8_t>((ac.aifsn & 0xf) | (ac.admission_mandatory ? 0x10 : 0) |
                                 (ac.aci & 3) << 5 | ac.reserved << 7));
  writer.u8(static_cast<uint8_t>((ac.cw_min_exponent & 0xf) | ac.cw_max_exponent << 4));
  writer.le16(ac.txop_limit_32us);
}

}  // namespace

Result<WmmInformationElement> WmmInformationElement::parse(Reader reader) {
  WmmInformationElement element;
  element.version = TRY(parse_subtype(reader, kSubtype));
  element.qos_info = TRY(reader.u8());
  return element;
}

Result<WmmParameterElement> WmmParameterElement::parse(Reader reader) {
  WmmParameterElement element;
  element.version = TRY(parse_subtype(reader, kSubtype));
  element.qos_info = TRY(reader.u8());
  element.reserved = TRY(reader.u8());
  for (auto& ac : element.access_categories) ac = TRY(parse_ac(reader));
  return element;
}

void WmmParameterElement::emit(Writer& writer) const {
  writer.u8(kSubtype).u8(version).u8(qos_info).u8(reserved);
  for (const AcParameters& ac : access_categories) emit_ac(writer, ac);
}

}  // namespace airloom::ieee80211
