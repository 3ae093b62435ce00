// Elements: the walk loses no octet, and every typed element can be written and read again.
#include "ieee80211/bss_elements.h"
#include "ieee80211/element.h"
#include "ieee80211/he_elements.h"
#include "ieee80211/ht_vht_elements.h"
#include "ieee80211/rsn_element.h"
#include "ieee80211/tim_element.h"
#include "ieee80211/wmm_element.h"
#include "law.h"

namespace airloom::fuzz {
namespace {

using namespace ieee80211;  // NOLINT: every element type is listed below

template <TypedElement T>
void check(const ElementView& view) {
  if (!is_element<T>(view)) return;
  const auto value = parse_element<T>(view);
  if (!value) return;
  Octets octets;
  Writer writer(octets);
  emit_element(writer, *value);
  expect(octets.size() <= 257, "an element fits its length octet");
  const auto again = find_element<T>(octets);
  expect(again && *again == *value, "an element that was written is read as the same value");
}

template <TypedElement... T>
void check_all(const ElementView& view) {
  (check<T>(view), ...);
}

void check_typed(const ElementView& view) {
  check_all<SsidElement, SupportedRatesElement, ExtendedSupportedRatesElement,
            DsParameterSetElement, TimElement, CountryElement, ErpElement, PowerConstraintElement,
            ChannelSwitchAnnouncementElement, ExtendedChannelSwitchElement,
            SecondaryChannelOffsetElement, WideBandwidthChannelSwitchElement,
            ExtendedCapabilitiesElement, BssMaxIdlePeriodElement, TimeoutIntervalElement,
            RsnElement, ManagementMicElement, HtCapabilitiesElement, HtOperationElement,
            VhtCapabilitiesElement, VhtOperationElement, OperatingModeNotificationElement,
            HeCapabilitiesElement, HeOperationElement, WmmInformationElement, WmmParameterElement>(
      view);
}

void check_walk(std::span<const uint8_t> octets) {
  Octets walked;
  for (const ElementView& view : ElementRange(octets)) {
    walked.insert(walked.end(), view.whole.begin(), view.whole.end());
    check_typed(view);
  }
  expect(equal(walked, octets.first(walked.size())), "the walk passes over no octet");
  const bool complete = walked.size() == octets.size();
  expect(ElementRange(octets).is_well_formed() == complete, "well formed means walked to the end");
  expect(parse_elements(octets).has_value() == complete, "both ways of walking agree");
}

void check_tim(std::span<const uint8_t> octets) {
  const auto tim = find_element<TimElement>(octets);
  for (uint32_t aid = 0; tim && aid <= UINT16_MAX; aid += 13) tim->has(static_cast<uint16_t>(aid));
}

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span octets(data, size);
  airloom::fuzz::check_walk(octets);
  airloom::fuzz::check_tim(octets);
  airloom::ieee80211::find_rates(octets);
  return 0;
}
