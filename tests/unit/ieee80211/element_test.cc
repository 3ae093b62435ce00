#include "ieee80211/element.h"

#include <gmock/gmock.h>

#include "air_captures.h"
#include "base/rng.h"
#include "ieee80211/bss_elements.h"
#include "ieee80211/he_elements.h"
#include "ieee80211/ht_vht_elements.h"
#include "ieee80211/rsn_element.h"
#include "ieee80211/tim_element.h"
#include "ieee80211/wmm_element.h"

namespace airloom::ieee80211 {
namespace {

using testing::ElementsAre;

TEST(Elements, AMalformedTailKeepsWhatIsBefore) {
  const Octets octets = {0, 2, 'h', 'i', 3, 1, 6, 48, 20, 1, 0};
  EXPECT_FALSE(ElementRange(octets).is_well_formed());
  EXPECT_FALSE(parse_elements(octets));
  EXPECT_TRUE(parse_elements(std::span(octets).first(7)));
  EXPECT_EQ(find_element<DsParameterSetElement>(octets)->channel, 6);
  EXPECT_FALSE(find_element(octets, ElementId::kRsn));
  EXPECT_FALSE(ElementRange(std::span(octets).first(1)).is_well_formed());
  EXPECT_TRUE(ElementRange({}).is_well_formed());
}

TEST(Elements, ExtensionsAndVendorsAreToldApart) {
  Octets octets;
  Writer writer(octets);
  writer.u8(255).u8(0);  // no extension id at all
  emit_element(writer, ElementId::kVendorSpecific, Octets{0, 0x50, 0xf2});
  emit_element(writer, WmmInformationElement{.qos_info = 0x0f});
  emit_element(writer, WmmParameterElement{.qos_info = 0x80});
  emit_element(writer, HeOperationElement{.bss_color = 7});
  ASSERT_TRUE(ElementRange(octets).is_well_formed());
  EXPECT_EQ(parse_elements(octets)->size(), 5u);
  EXPECT_EQ(find_element<WmmInformationElement>(octets)->qos_info, 0x0f);
  EXPECT_EQ(find_element<WmmParameterElement>(octets)->qos_info, 0x80);
  EXPECT_EQ(find_element<HeOperationElement>(octets)->color(), 7);
  EXPECT_EQ(find_vendor_element(octets, kVendorMicrosoftWmm)->body.size(), 7u);
  EXPECT_FALSE(find_element(octets, ElementExtensionId::kHeCapabilities));
}

template <TypedElement T>
void expect_law(std::span<const uint8_t> body) {
  const auto value = T::parse(Reader(body));
  if (!value) return;
  Octets octets;
  Writer writer(octets);
  emit_element(writer, *value);
  ASSERT_LE(octets.size(), 257u);
  const auto again = find_element<T>(octets);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *value);
}

template <typename... T>
void expect_laws(std::span<const uint8_t> body) {
  (expect_law<T>(body), ...);
}

void expect_all_laws(std::span<const uint8_t> body) {
  expect_laws<SsidElement, SupportedRatesElement, ExtendedSupportedRatesElement,
              DsParameterSetElement, TimElement, CountryElement, ErpElement, PowerConstraintElement,
              ChannelSwitchAnnouncementElement, ExtendedChannelSwitchElement,
              SecondaryChannelOffsetElement, WideBandwidthChannelSwitchElement,
              ExtendedCapabilitiesElement, BssMaxIdlePeriodElement, TimeoutIntervalElement,
              RsnElement, ManagementMicElement, HtCapabilitiesElement, HtOperationElement,
              VhtCapabilitiesElement, VhtOperationElement, OperatingModeNotificationElement>(body);
  if (body.size() <= 254) expect_laws<HeCapabilitiesElement, HeOperationElement>(body);
  if (body.size() <= 251) expect_laws<WmmInformationElement, WmmParameterElement>(body);
}

TEST(Elements, WhatParsesCanBeWrittenAndReadAgain) {
  SeededRng rng(1);
  for (int round = 0; round < 20000; ++round) {
    Octets body(rng.below(256));
    rng.fill(body);
    // Small numbers make counts and subtypes that fit more likely.
    if (round % 2 == 0)
      for (auto& octet : body) octet &= 3;
    expect_all_laws(body);
  }
  for (size_t length = 0; length <= 255; ++length) expect_all_laws(Octets(length));
}

TEST(Rsn, TruncatedTailsHaveDefaults) {
  const auto version_only = RsnElement::parse(Reader(Octets{1, 0}));
  ASSERT_TRUE(version_only);
  EXPECT_EQ(*version_only, RsnElement{});
  EXPECT_FALSE(RsnElement::parse(Reader(Octets{2, 0})));
  EXPECT_FALSE(RsnElement::parse(Reader(Octets{1, 0, 0, 0x0f})));
  EXPECT_FALSE(RsnElement::parse(Reader(Octets{1, 0, 0, 0x0f, 0xac, 4, 0xff, 0xff})));
}

TEST(Rsn, AListThatFillsTheElementIsRefusedRatherThanOverflown) {
  Octets body = {1, 0, 0, 0x0f, 0xac, 4, 61, 0};
  body.resize(8 + 4 * 61 + 2);  // 61 pairwise suites, no AKM, no capabilities: 254 octets
  EXPECT_FALSE(RsnElement::parse(Reader(body)));
}

TEST(Tim, BuildsTheShortestSlice) {
  const auto tim = TimElement::from_aids(0, 2, true, {33, 40, 2007});
  EXPECT_EQ(tim.bitmap_control, 0x04 | 1);
  EXPECT_EQ(tim.bitmap.size(), 2007u / 8 - 4 + 1);
  EXPECT_THAT(emitted(TimElement::from_aids(1, 2, false, {})), ElementsAre(1, 2, 0, 0));
  EXPECT_THAT(emitted(TimElement::from_aids(0, 2, false, {1})), ElementsAre(0, 2, 0, 2));
  for (uint16_t aid = 0; aid < 4096; ++aid)
    EXPECT_EQ(tim.has(aid), aid == 33 || aid == 40 || aid == 2007) << aid;
}

TEST(Tim, EveryAidIsFoundAlone) {
  for (uint16_t aid = 1; aid <= kMaxAid; ++aid) {
    const auto tim = TimElement::from_aids(0, 1, false, {aid});
    ASSERT_TRUE(tim.has(aid));
    ASSERT_LE(tim.bitmap.size(), 2u);
    ASSERT_FALSE(tim.has(aid - 1));
    ASSERT_FALSE(tim.has(aid + 1));
  }
}

TEST(Rates, SplitOverTwoElements) {
  const Octets rates = {0x82, 0x84, 0x8b, 0x96, 12, 18, 24, 36, 48, 72, 96, 108};
  Octets octets;
  Writer writer(octets);
  emit_rates(writer, rates);
  EXPECT_EQ(octets.size(), 12u + 4);
  EXPECT_EQ(find_rates(octets), rates);
}

TEST(McsMaps, ReadPerStream) {
  const VhtMcsMap vht{0xfffa};  // two streams, MCS 0-9
  EXPECT_EQ(vht.streams(), 2);
  EXPECT_EQ(vht.max_mcs(2), 9);
  EXPECT_FALSE(vht.max_mcs(3));
  EXPECT_FALSE(vht.max_mcs(0));
  EXPECT_EQ(HeMcsMap{0xfffe}.max_mcs(1), 11);
}

}  // namespace
}  // namespace airloom::ieee80211
