#include "ieee80211/ht_vht_elements.h"

namespace airloom::ieee80211 {

Result<HtCapabilitiesElement> HtCapabilitiesElement::parse(Reader reader) {
  if (reader.remaining() < kLength) return fail(Errc::kTruncated, "HT Capabilities too short");
  HtCapabilitiesElement element;
  element.info = TRY(reader.le16());
  element.ampdu_parameters = TRY(reader.u8());
  element.mcs_set = TRY(reader.array<16>());
  element.extended = TRY(reader.le16());
  element.beamforming = TRY(reader.le32());
  element.antenna_selection = TRY(reader.u8());
  return element;
}

void HtCapabilitiesElement::emit(Writer& writer) const {
  writer.le16(info).u8(ampdu_parameters).bytes(mcs_set);
  writer.le16(extended).le32(beamforming).u8(antenna_selection);
}

Result<HtOperationElement> HtOperationElement::parse(Reader reader) {
  if (reader.remaining() < kLength) return fail(Errc::kTruncated, "HT Operation too short");
  HtOperationElement element;
  element.primary_channel = TRY(reader.u8());
  element.info = TRY(reader.array<5>());
  element.basic_mcs_set = TRY(reader.array<16>());
  return element;
}

void HtOperationElement::emit(Writer& writer) const {
  writer.u8(primary_channel).bytes(info).bytes(basic_mcs_set);
}

std::optional<uint8_t> VhtMcsMap::max_mcs(int nss) const {
  if (nss < 1 || nss > 8) return std::nullopt;
  const int code = bits >> (2 * (nss - 1)) & 3;
  if (code == 3) return std::nullopt;
  return static_cast<uint8_t>(7 + code);
}

int VhtMcsMap::streams() const {
  for (int nss = 8; nss > 0; --nss)
    if (max_mcs(nss)) return nss;
  return 0;
}

Result<VhtCapabilitiesElement> VhtCapabilitiesElement::parse(Reader reader) {
  if (reader.remaining() < kLength) return fail(Errc::kTruncated, "VHT Capabilities too short");
  VhtCapabilitiesElement element;
  element.info = TRY(reader.le32());
  element.rx_map.bits = TRY(reader.le16());
  element.rx_highest = TRY(reader.le16());
  element.tx_map.bits = TRY(reader.le16());
  element.tx_highest = TRY(reader.le16());
  return element;
}

void VhtCapabilitiesElement::emit(Writer& writer) const {
  writer.le32(info).le16(rx_map.bits).le16(rx_highest).le16(tx_map.bits).le16(tx_highest);
}

Result<VhtOperationElement> VhtOperationElement::parse(Reader reader) {
  if (reader.remaining() < kLength) return fail(Errc::kTruncated, "VHT Operation too short");
  VhtOperationElement element;
  element.width = TRY(reader.u8());
  element.center0 = TRY(reader.u8());
  element.center1 = TRY(reader.u8());
  element.basic_map.bits = TRY(reader.le16());
  return element;
}

void VhtOperationElement::emit(Writer& writer) const {
  writer.u8(width).u8(center0).u8(center1).le16(basic_map.bits);
}

Result<OperatingModeNotificationElement> OperatingModeNotificationElement::parse(Reader reader) {
  return OperatingModeNotificationElement{TRY(reader.u8())};
}

}  // namespace airloom::ieee80211
