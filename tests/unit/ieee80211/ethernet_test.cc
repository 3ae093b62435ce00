#include "ieee80211/ethernet.h"

#include <gmock/gmock.h>

#include "air_captures.h"

namespace airloom::ieee80211 {
namespace {

const MacAddress kA{{2, 0, 0, 0, 0, 1}};
const MacAddress kB{{2, 0, 0, 0, 0, 2}};

TEST(Snap, HeadersByEtherType) {
  EXPECT_EQ(snap_header_for(ethertype::kEapol).data(), kRfc1042Header.data());
  EXPECT_EQ(snap_header_for(ethertype::kIpx).data(), kBridgeTunnelHeader.data());
  EXPECT_TRUE(snap_header_for(60).empty());
}

TEST(Snap, WhatWasPutOnComesOff) {
  for (const uint16_t type : {ethertype::kIpv4, ethertype::kEapol, ethertype::kTdls,
                              ethertype::kIpx, ethertype::kAppleTalkArp}) {
    Octets msdu;
    Writer writer(msdu);
    writer.bytes(snap_header_for(type)).be16(type).u8(1);
    EXPECT_EQ(ethertype_behind_snap(msdu), type);
  }
  EXPECT_FALSE(ethertype_behind_snap(Octets{0x42, 0x42, 3, 0, 0, 0, 0, 0}));  // LLC of STP
  EXPECT_FALSE(ethertype_behind_snap(Octets{0xaa, 0xaa, 3, 0, 0, 0, 0x81, 0x37}));
  EXPECT_FALSE(ethertype_behind_snap(Octets{0xaa, 0xaa, 3, 0, 0, 0, 8}));
}

TEST(Amsdu, SubframesArePaddedButTheLast) {
  Octets octets = {0xff};  // the A-MSDU need not begin where the buffer does
  Writer writer(octets);
  const Octets first(5, 1), second(3, 2);
  emit_amsdu_subframe(writer, 1, {kA, kB, first});
  emit_amsdu_subframe(writer, 1, {kB, kA, second});
  EXPECT_EQ(octets.size(), 1u + 20 + 17);
  auto reader = AmsduReader::open(std::span(octets).subspan(1));
  ASSERT_TRUE(reader);
  const auto one = reader->next();
  ASSERT_TRUE(one && *one);
  EXPECT_EQ((*one)->destination, kA);
  EXPECT_THAT((*one)->msdu, testing::ElementsAreArray(first));
  const auto two = reader->next();
  ASSERT_TRUE(two && *two);
  EXPECT_EQ((*two)->source, kA);
  EXPECT_THAT((*two)->msdu, testing::ElementsAreArray(second));
  EXPECT_FALSE(reader->next()->has_value());
}

TEST(Amsdu, AMsduPassedOffAsOneIsRefused) {
  Octets octets(kRfc1042Header.begin(), kRfc1042Header.end());
  octets.resize(40);
  EXPECT_FALSE(AmsduReader::open(octets));
}

TEST(Amsdu, ALengthBeyondTheEndIsAnErrorOnce) {
  Octets octets(14 + 4);
  octets[13] = 5;
  auto reader = AmsduReader::open(octets);
  ASSERT_TRUE(reader);
  EXPECT_FALSE(reader->next());
  EXPECT_FALSE(reader->next()->has_value());
}

}  // namespace
}  // namespace airloom::ieee80211
