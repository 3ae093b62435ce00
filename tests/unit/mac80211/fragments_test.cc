// Fragments: what is joined, what is refused, and how our own frames are cut.
#include "mac80211/fragments.h"

#include <gmock/gmock.h>

#include "cfg80211/commands.h"
#include "joined_hosts.h"

namespace airloom::mac80211 {
namespace {

using ieee80211::FrameControl;
using ieee80211::FrameView;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = FragmentCache::Outcome;

class FragmentCacheTest : public testing::Test {
 protected:
  FrameBuffer part(uint16_t sequence, uint8_t number, bool more, const Octets& body,
                   MacAddress from = {{2, 0, 0, 0, 1, 0}}) {
    Octets frame;
    Writer(frame)
        .le16(static_cast<uint16_t>(0x0188 | (more ? FrameControl::kMoreFragments : 0)))
        .le16(0)
        .mac(MacAddress{{2, 0, 0, 0, 0, 0}})
        .mac(from)
        .mac(MacAddress{{2, 0, 0, 0, 0, 0}})
        .le16(static_cast<uint16_t>(sequence << 4 | number))
        .le16(0)
        .bytes(body);
    return pool.from(frame);
  }
  Outcome add(FrameBuffer frame, FragmentCache::Protection protection = {}, size_t tid = 0) {
    last = std::move(frame);
    return cache.add(last, tid, protection, now);
  }

  FramePool pool;
  FragmentCache cache;
  FrameBuffer last;
  TimePoint now{std::chrono::seconds(1)};
};

TEST_F(FragmentCacheTest, JoinsConsecutiveFragmentsUnderTheHeaderOfTheFirst) {
  EXPECT_EQ(add(part(7, 0, true, {1, 2})), Outcome::kWaiting);
  EXPECT_EQ(add(part(7, 1, true, {3, 4, 5})), Outcome::kWaiting);
  EXPECT_EQ(add(part(7, 2, false, {6})), Outcome::kWhole);
  const auto whole = FrameView::of(last.octets());
  EXPECT_EQ(Octets(whole->body().begin(), whole->body().end()), (Octets{1, 2, 3, 4, 5, 6}));
  EXPECT_FALSE(whole->fc().more_fragments());
  EXPECT_EQ(whole->sequence().fragment(), 0);
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_EQ(add(part(7, 2, false, {6})), Outcome::kNoBeginning) << "it is done with";
}

TEST_F(FragmentCacheTest, RefusesWhatHasNoBeginningOrAnotherOne) {
  EXPECT_EQ(add(part(7, 1, false, {1})), Outcome::kNoBeginning);
  add(part(7, 0, true, {1}));
  EXPECT_EQ(add(part(8, 1, false, {2})), Outcome::kNoBeginning) << "another sequence number";
  EXPECT_EQ(add(part(7, 2, false, {2})), Outcome::kNoBeginning) << "one is missing";
  EXPECT_EQ(add(part(7, 1, false, {2}), {}, 5), Outcome::kNoBeginning) << "another TID";
  EXPECT_EQ(add(part(7, 1, false, {2}, {{2, 0, 0, 0, 9, 0}})), Outcome::kNoBeginning);
  EXPECT_EQ(add(part(7, 1, false, {2})), Outcome::kWhole);
}

TEST_F(FragmentCacheTest, RefusesToMixKeysAndClearText) {
  add(part(1, 0, true, {1}), {.key = 1, .packet_number = 10});
  EXPECT_EQ(add(part(1, 1, false, {2})), Outcome::kMixed) << "clear after protected";
  EXPECT_EQ(add(part(1, 1, false, {2}), {.key = 2, .packet_number = 11}), Outcome::kMixed)
      << "another key";
  EXPECT_EQ(add(part(1, 1, false, {2}), {.key = 1, .packet_number = 12}), Outcome::kMixed)
      << "a packet number between";
  EXPECT_EQ(add(part(1, 1, true, {2}), {.key = 1, .packet_number = 11}), Outcome::kWaiting);
  EXPECT_EQ(add(part(1, 2, false, {3}), {.key = 1, .packet_number = 11}), Outcome::kMixed);
  EXPECT_EQ(add(part(1, 2, false, {3}), {.key = 1, .packet_number = 12}), Outcome::kWhole);
  add(part(2, 0, true, {1}));
  EXPECT_EQ(add(part(2, 1, false, {2}), {.key = 1, .packet_number = 1}), Outcome::kMixed)
      << "protected after clear";
}

TEST_F(FragmentCacheTest, ForgetsTheOldAndTheOldest) {
  add(part(1, 0, true, {1}));
  now = now + FragmentCache::kLifetime + std::chrono::nanoseconds(1);
  EXPECT_EQ(add(part(1, 1, false, {2})), Outcome::kNoBeginning);
  for (uint16_t sequence = 10; sequence < 15; ++sequence) add(part(sequence, 0, true, {1}));
  EXPECT_EQ(cache.size(), FragmentCache::kEntries);
  EXPECT_EQ(add(part(10, 1, false, {2})), Outcome::kNoBeginning) << "the fifth took its place";
  for (uint16_t sequence = 11; sequence < 15; ++sequence)
    EXPECT_EQ(add(part(sequence, 1, false, {2})), Outcome::kWhole);
  add(part(20, 0, true, {1}));
  cache.clear();
  EXPECT_EQ(add(part(20, 1, false, {2})), Outcome::kNoBeginning);
}

TEST_F(FragmentCacheTest, WhatIsCutCanBeJoined) {
  for (size_t size = 0; size <= 2304; size += 17) {
    Octets body(size);
    for (size_t i = 0; i < size; ++i) body[i] = static_cast<uint8_t>(i * 7);
    std::vector<FrameBuffer> parts;
    const FrameBuffer whole = part(static_cast<uint16_t>(size), 0, false, body);
    fragment_mpdu(whole, 256, parts);
    for (const FrameBuffer& one : parts) EXPECT_LE(one.size() + kFcsOctets, 256u);
    if (whole.size() + kFcsOctets <= 256) {
      EXPECT_THAT(parts, SizeIs(1));
      continue;
    }
    EXPECT_EQ(parts.size(), (size + 225) / 226);
    for (size_t i = 0; i < parts.size(); ++i)
      EXPECT_EQ(add(std::move(parts[i])),
                i + 1 < parts.size() ? Outcome::kWaiting : Outcome::kWhole);
    EXPECT_EQ(Octets(last.octets().begin(), last.octets().end()),
              Octets(whole.octets().begin(), whole.octets().end()));
  }
}

class FragmentsTest : public JoinedHosts {
 protected:
  void set_threshold(uint32_t octets) {
    for (Node* node : {&ap, &sta})
      ASSERT_TRUE(cfg80211::set_wiphy_params(*node->wiphy, {.fragmentation_threshold = octets}));
  }
};

TEST_F(FragmentsTest, CrossTheAirUnderAKeyAndArriveWhole) {
  join(/*control_port=*/true);
  set_keys();
  set_threshold(256);
  const Octets large(1000, 0x45);
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, large));
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, large));
  run(1ms);
  ASSERT_THAT(ap.netdev().received, SizeIs(1));
  EXPECT_EQ(octets(ap.netdev().received[0]),
            octets(ethernet(ap.address, sta.address, 0x0800, large)));
  EXPECT_THAT(sta.netdev().received, SizeIs(1));
  size_t parts = 0;
  for (const FrameBuffer& frame : air.frames) {
    const auto view = *FrameView::of(frame.octets());
    if (!view.fc().is_data()) continue;
    ++parts;
    EXPECT_LE(frame.size() + kFcsOctets, 256u + 16u);  // protection comes on top
    EXPECT_TRUE(view.fc().is_protected());
  }
  EXPECT_EQ(parts, 10u);
  EXPECT_EQ(ap.stack.drops().total() + sta.stack.drops().total(), 0u);

  air.frames.clear();
  set_threshold(0xffffffff);
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, large));
  run(1ms);
  EXPECT_THAT(air.frames, SizeIs(1));
}

TEST_F(FragmentsTest, StatusOfACutFrameIsThatOfItsLastPart) {
  join(true);
  set_threshold(256);
  const auto cookie = cfg80211::send_control_port_frame(
      *ap.wdev, {.destination = sta.address, .ethertype = 0x888e, .payload = Octets(600, 1)});
  ASSERT_TRUE(cookie);
  run(1ms);
  EXPECT_THAT(door.control_port_status, testing::ElementsAre(std::pair(*cookie, true)));
  EXPECT_THAT(sta_door.control_port, SizeIs(1));
}

TEST_F(FragmentsTest, ARekeyBetweenThemEndsIt) {
  join(true);
  set_keys();
  set_threshold(256);
  size_t sent = 0;
  air.loses = [&](const FrameView& view) { return view.fc().is_data() && ++sent > 1; };
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, Octets(400, 1)));
  run(1ms);
  EXPECT_EQ(station_at_ap().fragments.size(), 1u);
  const Octets second = octets(air.frames.back());
  const cfg80211::KeySlot slot{.index = 0, .pairwise = true, .peer = sta.address};
  ASSERT_TRUE(cfg80211::new_key(*ap.wdev, slot, ccmp_key(0x33)));
  EXPECT_EQ(station_at_ap().fragments.size(), 0u);
  hear_at_ap(second);
  EXPECT_EQ(ap.stack.drops().of(Drop::kRxBadMic), 1u) << "it is under the old key";
  EXPECT_EQ(ap.stack.drops().total(), 1u);
  EXPECT_THAT(ap.netdev().received, IsEmpty());
}

TEST_F(FragmentsTest, ClearFragmentsPassNeitherAloneNorBehindAProtectedOne) {
  join(true);
  set_keys();
  set_threshold(256);
  size_t sent = 0;
  air.loses = [&](const FrameView& view) { return view.fc().is_data() && ++sent > 1; };
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, Octets(400, 1)));
  run(1ms);
  const auto lost = FrameView::of(air.frames.back().octets());
  Octets forged = octets(air.frames.back());
  forged[1] &= static_cast<uint8_t>(~(FrameControl::kProtected >> 8));
  forged.erase(forged.begin() + static_cast<std::ptrdiff_t>(lost->header_length()),
               forged.begin() + static_cast<std::ptrdiff_t>(lost->header_length()) + 8);
  hear_at_ap(forged);
  EXPECT_EQ(ap.stack.drops().of(Drop::kRxMixedFragments), 1u);
  // All in clear: joined, and then refused like any clear frame.
  Octets first =
      qos_data(sta.address, ap.address, 99, msdu(0x0800, Octets(30)), FrameControl::kMoreFragments);
  Octets rest = qos_data(sta.address, ap.address, 99, Octets(30));
  rest[22] |= 1;
  hear_at_ap(first);
  hear_at_ap(rest);
  EXPECT_EQ(ap.stack.drops().of(Drop::kRxClearData), 1u);
  EXPECT_THAT(ap.netdev().received, IsEmpty());
}

}  // namespace
}  // namespace airloom::mac80211
