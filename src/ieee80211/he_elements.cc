#include "ieee80211/he_elements.h"

namespace airloom::ieee80211 {
namespace {

Result<HeMcsPair> parse_pair(Reader& reader) {
  HeMcsPair pair;
  pair.rx.bits = TRY(reader.le16());
  pair.tx.bits = TRY(reader.le16());
  return pair;
}

void emit_pair(Writer& writer, const HeMcsPair& pair) {
  writer.le16(pair.rx.bits).le16(pair.tx.bits);
}

}  // namespace

std::optional<uint8_t> HeMcsMap::max_mcs(int nss) const {
  if (nss < 1 || nss > 8) return std::nullopt;
  const int code = bits >> (2 * (nss - 1)) & 3;
  if (code == 3) return std::nullopt;
  return static_cast<uint8_t>(7 + 2 * code);
}

int HeMcsMap::streams() const {
  for (int nss = 8; nss > 0; --nss)
    if (max_mcs(nss)) return nss;
  return 0;
}

Result<HeCapabilitiesElement> HeCapabilitiesElement::parse(Reader reader) {
  HeCapabilitiesElement element;
  element.mac = TRY(reader.array<6>());
  element.phy = TRY(reader.array<11>());
  element.up_to_80 = TRY(parse_pair(reader));
  if (element.phy[0] & kWidth160) element.at_160 = TRY(parse_pair(reader));
  if (element.phy[0] & kWidth80Plus80) element.at_80_plus_80 = TRY(parse_pair(reader));
  element.ppe_thresholds.assign(reader.rest().begin(), reader.rest().end());
  return element;
}

void HeCapabilitiesElement::emit(Writer& writer) const {
  writer.bytes(mac).bytes(phy);
  emit_pair(writer, up_to_80);
  if (at_160) emit_pair(writer, *at_160);
  if (at_80_plus_80) emit_pair(writer, *at_80_plus_80);
  writer.bytes(ppe_thresholds);
}

Result<HeOperationElement> HeOperationElement::parse(Reader reader) {
  HeOperationElement element;
  element.parameters = TRY(reader.array<3>());
  element.bss_color = TRY(reader.u8());
  element.basic_map.bits = TRY(reader.le16());
  element.rest.assign(reader.rest().begin(), reader.rest().end());
  return element;
}

void HeOperationElement::emit(Writer& writer) const {
  writer.bytes(parameters).u8(bss_color).le16(basic_map.bits).bytes(rest);
}

}  // namespace airloom::ieee80211
