#include "ieee80211/mac_header.h"

#include <gtest/gtest.h>

#include "air_captures.h"
#include "ieee80211/action.h"

namespace airloom::ieee80211 {
namespace {

const MacAddress kA{{2, 0, 0, 0, 0, 1}};
const MacAddress kB{{2, 0, 0, 0, 0, 2}};
const MacAddress kC{{2, 0, 0, 0, 0, 3}};
const MacAddress kD{{2, 0, 0, 0, 0, 4}};

/// A header in which every field that `fc` implies is set.
MacHeader full_header(FrameControl fc) {
  MacHeader header{.fc = fc, .duration = 0x1234, .address1 = kA};
  if (header.length() == 10) return header;
  header.address2 = kB;
  if (fc.is_control()) return header;
  header.address3 = kC;
  header.sequence = SequenceControl(0xabc, 5);
  if (fc.has_address4()) header.address4 = kD;
  if (fc.is_qos_data()) header.qos.set_tid(6).set(QosControl::kEosp);
  if (fc.has_ht_control()) header.ht_control = 0xdeadbeef;
  return header;
}

TEST(MacHeader, EveryFrameControlRoundTripsOrIsRefused) {
  for (uint32_t bits = 0; bits < 0x10000; bits += 3) {  // every octet, in either half
    const FrameControl fc(static_cast<uint16_t>(bits));
    const MacHeader header = full_header(fc);
    const Octets octets = emitted(header);
    Reader reader(octets);
    const auto parsed = MacHeader::parse(reader);
    const bool usable = fc.version() == 0 && fc.type() != FrameType::kExtension;
    ASSERT_EQ(parsed.has_value(), usable) << bits;
    ASSERT_EQ(FrameView::of(octets).has_value(), usable) << bits;
    if (!usable) continue;
    ASSERT_EQ(*parsed, header) << bits;
    ASSERT_TRUE(reader.at_end()) << bits;
    ASSERT_EQ(octets.size(), header_length(fc)) << bits;
    for (size_t length = 0; length < octets.size(); ++length) {
      const auto cut = std::span(octets).first(length);
      Reader cut_reader(cut);
      ASSERT_FALSE(MacHeader::parse(cut_reader)) << bits;
      ASSERT_FALSE(FrameView::of(cut)) << bits;
    }
  }
}

TEST(FrameView, AddressesFollowTheDsBits) {
  struct Case {
    uint16_t flags;
    MacAddress destination, source, bssid;
  };
  const Case cases[] = {
      {0, kA, kB, kC},
      {FrameControl::kToDs, kC, kB, kA},
      {FrameControl::kFromDs, kA, kC, kB},
      {FrameControl::kToDs | FrameControl::kFromDs, kC, kD, kA},
  };
  for (const Case& c : cases) {
    const Octets octets = emitted(full_header({Subtype::kQosData, c.flags}));
    const auto view = FrameView::of(octets);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->destination(), c.destination) << c.flags;
    EXPECT_EQ(view->source(), c.source) << c.flags;
    EXPECT_EQ(view->bssid(), c.bssid) << c.flags;
    EXPECT_EQ(view->tid(), 6) << c.flags;
    EXPECT_EQ(view->sequence().number(), 0xabc);
    EXPECT_EQ(view->sequence().fragment(), 5);
  }
}

TEST(FrameView, RobustManagement) {
  const auto is_robust = [](FrameControl fc, Octets body) {
    Octets octets = emitted(full_header(fc));
    octets.insert(octets.end(), body.begin(), body.end());
    return FrameView::of(octets)->is_robust_management();
  };
  EXPECT_TRUE(is_robust(Subtype::kDeauthentication, {3, 0}));
  EXPECT_TRUE(is_robust(Subtype::kDisassociation, {}));
  EXPECT_FALSE(is_robust(Subtype::kBeacon, {}));
  EXPECT_FALSE(is_robust(Subtype::kQosData, {8}));
  EXPECT_TRUE(is_robust(Subtype::kAction, {8, 0}));     // SA Query
  EXPECT_TRUE(is_robust(Subtype::kAction, {9, 0}));     // protected dual
  EXPECT_FALSE(is_robust(Subtype::kAction, {4, 0}));    // public
  EXPECT_FALSE(is_robust(Subtype::kAction, {127, 0}));  // vendor
  EXPECT_FALSE(is_robust(Subtype::kAction, {}));
  EXPECT_TRUE(is_robust({Subtype::kAction, FrameControl::kProtected}, {4}));
}

TEST(SequenceNumbers, CompareAroundTheirWrap) {
  EXPECT_TRUE(sequence_before(4095, 0));
  EXPECT_TRUE(sequence_before(10, 2057));
  EXPECT_FALSE(sequence_before(10, 2058));
  EXPECT_FALSE(sequence_before(7, 7));
  EXPECT_EQ(sequence_distance(2, 4094), 4);
}

template <typename T>
void expect_round_trip(const T& value) {
  const Octets octets = emitted(value);
  const auto parsed = T::parse(Reader(octets));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(emitted(*parsed), octets);
  for (size_t length = 0; length < octets.size(); ++length)
    EXPECT_FALSE(T::parse(Reader(std::span(octets).first(length)))) << length;
}

TEST(ActionBodies, RoundTripAndRefuseEveryTruncation) {
  expect_round_trip(SaQuery{SaQueryAction::kResponse, 0x1234});
  expect_round_trip(AddbaRequest{.dialog_token = 1,
                                 .parameters = {.amsdu = true, .tid = 5, .buffer_size = 64},
                                 .starting_sequence = 4095});
  expect_round_trip(AddbaResponse{.dialog_token = 1, .status = 37, .parameters = {.tid = 15}});
  expect_round_trip(Delba{.initiator = true, .tid = 7, .reason = 39});
  expect_round_trip(BlockAckRequestBody{.tid = 3, .starting_sequence = 100});
  expect_round_trip(BlockAckBody{.tid = 3, .starting_sequence = 100, .bitmap = ~uint64_t{0}});
  EXPECT_FALSE(BlockAckBody::parse(Reader(Octets(150))));  // basic variant
}

}  // namespace
}  // namespace airloom::ieee80211
