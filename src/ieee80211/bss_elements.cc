#include "ieee80211/bss_elements.h"

#include <algorithm>

#include "base/assert.h"

namespace airloom::ieee80211 {
namespace {

/// All that is left, which must be `min` to `max` octets.
Result<Octets> all(Reader reader, size_t min, size_t max) {
  if (reader.remaining() < min) return fail(Errc::kTruncated);
  if (reader.remaining() > max) return fail(Errc::kMalformed, "too long");
  return Octets(reader.rest().begin(), reader.rest().end());
}

}  // namespace

Result<SsidElement> SsidElement::parse(Reader reader) {
  return SsidElement{TRY(all(reader, 0, kMaxLength))};
}

Result<SupportedRatesElement> SupportedRatesElement::parse(Reader reader) {
  // More than 8 is against the standard and common enough to be taken. [802.11-2020 9.4.2.3]
  return SupportedRatesElement{TRY(all(reader, 1, 255))};
}

Result<ExtendedSupportedRatesElement> ExtendedSupportedRatesElement::parse(Reader reader) {
  return ExtendedSupportedRatesElement{TRY(all(reader, 1, 255))};
}

void emit_rates(Writer& writer, std::span<const uint8_t> rates) {
  const size_t first = std::min<size_t>(rates.size(), 8);
  emit_element(writer, ElementId::kSupportedRates, rates.first(first));
  if (rates.size() > first)
    emit_element(writer, ElementId::kExtendedSupportedRates, rates.subspan(first));
}

Octets find_rates(std::span<const uint8_t> elements) {
  Octets rates;
  for (const ElementId id : {ElementId::kSupportedRates, ElementId::kExtendedSupportedRates})
    if (const auto found = find_element(elements, id))
      rates.insert(rates.end(), found->body.begin(), found->body.end());
  return rates;
}

Result<DsParameterSetElement> DsParameterSetElement::parse(Reader reader) {
  return DsParameterSetElement{TRY(reader.u8())};
}

Result<CountryElement> CountryElement::parse(Reader reader) {
  CountryElement element;
  element.country = TRY(reader.array<3>());
  while (reader.remaining() >= 3) {
    const auto octets = TRY(reader.array<3>());
    element.triplets.push_back({octets[0], octets[1], octets[2]});
  }
  if (element.triplets.empty()) return fail(Errc::kTruncated, "no channels");
  return element;
}

void CountryElement::emit(Writer& writer) const {
  writer.bytes(country);
  for (const Triplet& t : triplets) writer.u8(t.first_channel).u8(t.channels).u8(t.max_power_dbm);
  const size_t length = country.size() + 3 * triplets.size();
  if (length % 2 == 1 && length < 255) writer.u8(0);
}

Result<ErpElement> ErpElement::parse(Reader reader) {
  return ErpElement{TRY(reader.u8())};
}

Result<PowerConstraintElement> PowerConstraintElement::parse(Reader reader) {
  return PowerConstraintElement{TRY(reader.u8())};
}

Result<ChannelSwitchAnnouncementElement> ChannelSwitchAnnouncementElement::parse(Reader reader) {
  const auto octets = TRY(reader.array<3>());
  return ChannelSwitchAnnouncementElement{octets[0], octets[1], octets[2]};
}

Result<ExtendedChannelSwitchElement> ExtendedChannelSwitchElement::parse(Reader reader) {
  const auto octets = TRY(reader.array<4>());
  return ExtendedChannelSwitchElement{octets[0], octets[1], octets[2], octets[3]};
}

Result<SecondaryChannelOffsetElement> SecondaryChannelOffsetElement::parse(Reader reader) {
  return SecondaryChannelOffsetElement{TRY(reader.u8())};
}

Result<WideBandwidthChannelSwitchElement> WideBandwidthChannelSwitchElement::parse(Reader reader) {
  const auto octets = TRY(reader.array<3>());
  return WideBandwidthChannelSwitchElement{octets[0], octets[1], octets[2]};
}

Result<ExtendedCapabilitiesElement> ExtendedCapabilitiesElement::parse(Reader reader) {
  return ExtendedCapabilitiesElement{TRY(all(reader, 0, 255))};
}

void ExtendedCapabilitiesElement::set(size_t bit) {
  WLAN_ASSERT(bit < 2040);
  if (octets.size() <= bit / 8) octets.resize(bit / 8 + 1);
  octets[bit / 8] |= static_cast<uint8_t>(1 << (bit % 8));
}

Result<BssMaxIdlePeriodElement> BssMaxIdlePeriodElement::parse(Reader reader) {
  BssMaxIdlePeriodElement element;
  element.period_1000_tu = TRY(reader.le16());
  element.options = TRY(reader.u8());
  return element;
}

Result<TimeoutIntervalElement> TimeoutIntervalElement::parse(Reader reader) {
  TimeoutIntervalElement element;
  element.type = TRY(reader.u8());
  element.value = TRY(reader.le32());
  return element;
}

}  // namespace airloom::ieee80211
