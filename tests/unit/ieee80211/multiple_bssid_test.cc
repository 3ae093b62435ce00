// Beacons that stand for several BSSs, built by the rules of [802.11-2020 11.1.3.8, 9.4.2.45].
#include "ieee80211/multiple_bssid.h"

#include <gmock/gmock.h>

#include <string>

#include "ieee80211/element.h"
#include "ieee80211/management.h"

namespace airloom::ieee80211 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const MacAddress kTransmitted{{2, 0, 0, 0, 0, 0x0e}};
constexpr uint8_t kProfile = 0;

Octets element(uint8_t id, const Octets& body) {
  Octets out{id, static_cast<uint8_t>(body.size())};
  out.insert(out.end(), body.begin(), body.end());
  return out;
}
Octets element(ElementId id, const Octets& body) {
  return element(static_cast<uint8_t>(id), body);
}
Octets operator+(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
Octets name(const std::string& ssid) {
  return element(ElementId::kSsid, Octets(ssid.begin(), ssid.end()));
}
Octets bss_capability(uint16_t bits) {
  return element(ElementId::kNontransmittedBssidCapability,
                 {static_cast<uint8_t>(bits), static_cast<uint8_t>(bits >> 8)});
}
Octets index(uint8_t number) {
  return element(ElementId::kMultipleBssidIndex, {number});
}
/// A Multiple BSSID element for 2^indicator BSSIDs.
Octets multiple(uint8_t indicator, const std::vector<Octets>& profiles) {
  Octets body{indicator};
  for (const Octets& profile : profiles) body = body + element(kProfile, profile);
  return element(ElementId::kMultipleBssid, body);
}

Octets beacon(const Octets& elements) {
  Octets out;
  Writer writer(out);
  writer.le16(0x0080).le16(0).mac(MacAddress::broadcast()).mac(kTransmitted).mac(kTransmitted);
  writer.le16(0x1230).le64(0x1122334455667788).le16(100).le16(0x0401).bytes(elements);
  return out;
}

struct Made {
  MacAddress bssid;
  uint16_t capability;
  Octets elements;
};
std::vector<Made> made_of(const Octets& elements) {
  std::vector<Made> all;
  const Octets frame = beacon(elements);
  for (const Octets& octets : nontransmitted_frames(*FrameView::of(frame))) {
    const auto view = *FrameView::of(octets);
    EXPECT_EQ(view.address2(), view.bssid());
    EXPECT_TRUE(view.fc().is_beacon());
    const auto body = *BeaconBody::parse(Reader(view.body()));
    EXPECT_EQ(body.timestamp_us, 0x1122334455667788u);
    EXPECT_EQ(body.interval_tu, 100);
    all.push_back({view.bssid(), body.capability, {body.elements.begin(), body.elements.end()}});
  }
  return all;
}
std::vector<int> ids(const Octets& elements) {
  std::vector<int> all;
  for (const auto& one : ElementRange(elements)) all.push_back(one.id);
  return all;
}

const Octets kRates = element(ElementId::kSupportedRates, {0x82, 0x84});
const Octets kVendor = element(ElementId::kVendorSpecific, {0, 1, 2, 3});
const Octets kErp = element(ElementId::kErp, {4});

TEST(MultipleBssid, EachProfileIsABeaconOfItsOwn) {
  const auto made = made_of(name("first") + kRates + kErp + kVendor +
                            multiple(2, {bss_capability(0x0411) + name("second") + index(1),
                                         bss_capability(0x0401) + name("third") + index(3) +
                                             element(ElementId::kRsn, {1, 0})}));
  ASSERT_THAT(made, SizeIs(2));
  // The two lowest bits count on from the transmitted BSSID's, and wrap.
  EXPECT_EQ(made[0].bssid, (MacAddress{{2, 0, 0, 0, 0, 0x0f}}));
  EXPECT_EQ(made[1].bssid, (MacAddress{{2, 0, 0, 0, 0, 0x0d}}));
  EXPECT_EQ(made[0].capability, 0x0411);
  EXPECT_EQ(made[1].capability, 0x0401);
  EXPECT_EQ(made[0].elements, name("second") + kRates + kErp + kVendor + index(1));
  EXPECT_EQ(made[1].elements,
            name("third") + kRates + kErp + kVendor + index(3) + element(ElementId::kRsn, {1, 0}));
}

TEST(MultipleBssid, NonInheritanceLeavesElementsOut) {
  constexpr uint8_t kErpId = 42, kHeCapabilities = 35;
  const Octets he = element(ElementId::kExtension, {kHeCapabilities, 1, 2});
  const Octets he_operation = element(ElementId::kExtension, {36, 1});
  const Octets without = element(ElementId::kExtension, {56, 1, kErpId, 1, kHeCapabilities});
  const auto made = made_of(name("first") + kRates + kErp + he + he_operation +
                            multiple(1, {bss_capability(1) + name("x") + index(1) + without}));
  ASSERT_THAT(made, SizeIs(1));
  EXPECT_EQ(made[0].elements, name("x") + kRates + he_operation + index(1));
}

TEST(MultipleBssid, OfAKindThatTheProfileHasAllAreItsOwn) {
  const Octets other = element(ElementId::kVendorSpecific, {9, 9, 9, 9});
  const auto made =
      made_of(name("first") + kVendor + kRates + kVendor +
              multiple(1, {bss_capability(1) + name("x") + other + other + index(1)}));
  ASSERT_THAT(made, SizeIs(1));
  EXPECT_EQ(made[0].elements, name("x") + other + other + kRates + index(1));
}

TEST(MultipleBssid, AProfileMayGoOnInTheNextElement) {
  const Octets rest = element(ElementId::kRsn, {1, 0, 7});
  const auto made =
      made_of(name("first") + multiple(3, {bss_capability(1) + name("x") + index(1)}) +
              multiple(3, {rest, bss_capability(1) + name("y") + index(2)}));
  ASSERT_THAT(made, SizeIs(2));
  EXPECT_EQ(made[0].elements, name("x") + index(1) + rest);
  EXPECT_EQ(made[1].elements, name("y") + index(2));
}

TEST(MultipleBssid, FragmentsFollowTheirElement) {
  const Octets whole = element(ElementId::kVendorSpecific, Octets(255, 7)) +
                       element(ElementId::kFragment, Octets(10, 8));
  const auto made = made_of(name("first") + whole + kErp +
                            multiple(1, {bss_capability(1) + name("x") + index(1)}));
  ASSERT_THAT(made, SizeIs(1));
  EXPECT_EQ(made[0].elements, name("x") + whole + kErp + index(1));
}

TEST(MultipleBssid, WhatBreaksTheRulesMakesNone) {
  const Octets good = bss_capability(1) + name("x") + index(1);
  for (const Octets& broken : {
           multiple(0, {good}),
           multiple(9, {good}),                                      // 2^n BSSIDs, n from 1 to 8
           multiple(1, {name("x") + bss_capability(1) + index(1)}),  // the capability is first
           multiple(1, {bss_capability(1) + name("x")}),             // no index
           multiple(1, {bss_capability(1) + name("x") + index(0)}),
           multiple(1, {bss_capability(1) + name("x") + index(47)}),
           multiple(1, {}),
       })
    EXPECT_THAT(made_of(name("first") + broken), IsEmpty());
  EXPECT_THAT(made_of(name("first") + kRates), IsEmpty());
  // Cut anywhere, it harms nobody.
  const Octets frame = beacon(name("first") + multiple(2, {good, good + kVendor}) + kRates);
  for (size_t size = 24; size < frame.size(); ++size) {
    const Octets cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
    for (const Octets& made : nontransmitted_frames(*FrameView::of(cut)))
      EXPECT_TRUE(FrameView::of(made));
  }
}

TEST(MultipleBssid, TheProbeResponseStaysOne) {
  Octets frame = beacon(name("first") + multiple(1, {bss_capability(1) + name("x") + index(1)}));
  frame[0] = 0x50;
  const auto made = nontransmitted_frames(*FrameView::of(frame));
  ASSERT_THAT(made, SizeIs(1));
  EXPECT_TRUE(FrameView::of(made[0])->fc().is(Subtype::kProbeResponse));
  EXPECT_THAT(ids({made[0].begin() + 36, made[0].end()}), ElementsAre(0, 85));
}

}  // namespace
}  // namespace airloom::ieee80211
