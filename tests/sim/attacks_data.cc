// Attacks on data frames in a WPA2 network: the FragAttacks family, clear text, replay, forgery,
// insiders, and key reinstallation. One row, one attack: docs/security.md names them all.
#include <fmt/format.h>

#include "cfg80211/commands.h"
#include "sim/attack_scene.h"
#include "sim/raw_station.h"
#include "sme/requests.h"

namespace airloom::lab {
namespace {

using namespace std::chrono_literals;
using mac80211::Drop;

enum class Victim : uint8_t { kAccessPoint, kStation };

using Frames = std::vector<Octets>;

struct Attack {
  const char* name;
  Victim victim;
  Drop reason;  ///< of the last of the frames
  Frames (*frames)(const AttackScene&);
  /// It takes the sequence number of the victim's next frame, which is then refused as a duplicate.
  /// Nothing can help that: sequence numbers are not authenticated.
  bool costs_a_frame = false;
};
void PrintTo(const Attack& attack, std::ostream* out) {
  *out << attack.name;
}

constexpr uint64_t kPacketNumber = 1000;  // of TID 5, where the hosts send nothing

Octets sealed_for_ap(const AttackScene& scene, const ForgedData& frame, uint64_t packet_number) {
  return seal(scene.pairwise(scene.victim, scene.ap), frame.octets(), packet_number);
}
Octets sealed_for_victim(const AttackScene& scene, const ForgedData& frame, uint64_t number) {
  return seal(scene.pairwise(scene.ap, scene.victim), frame.octets(), number);
}

/// An A-MSDU of these subframes.
Octets amsdu(const std::vector<ieee80211::AmsduSubframe>& subframes) {
  Octets body;
  Writer writer(body);
  for (const auto& subframe : subframes) ieee80211::emit_amsdu_subframe(writer, 0, subframe);
  return body;
}

/// The two halves of a marked frame, as fragments.
std::pair<ForgedData, ForgedData> halves(ForgedData whole) {
  ForgedData first = whole, second = whole;
  first.body.resize(whole.body.size() / 2);
  second.body.erase(second.body.begin(),
                    second.body.begin() + static_cast<std::ptrdiff_t>(first.body.size()));
  first.more_fragments = true;
  second.fragment = 1;
  return {first, second};
}

/// A genuine frame of the victim to the AP, as an eavesdropper has it.
Octets overheard(const AttackScene& scene) {
  return scene.attacker.last_heard([&](const ieee80211::FrameView& view) {
    return view.fc().is_protected() && view.fc().is_qos_data() && view.address1() == scene.ap &&
           view.address2() == scene.victim;
  });
}
/// With the next sequence number, so that it is taken for a new frame. (Not authenticated.)
Octets with_new_sequence(Octets frame) {
  const auto old = static_cast<uint16_t>(frame[22] | frame[23] << 8);
  const auto next = static_cast<uint16_t>(old + (1 << 4));
  frame[22] = static_cast<uint8_t>(next);
  frame[23] = static_cast<uint8_t>(next >> 8);
  return frame;
}

const Attack kAttacks[] = {
    {"ClearDataToTheAccessPoint", Victim::kAccessPoint, Drop::kRxClearData,
     [](const AttackScene& s) { return Frames{s.to_ap().octets()}; }},
    {"ClearDataToTheStation", Victim::kStation, Drop::kRxClearData,
     [](const AttackScene& s) { return Frames{s.to_victim().octets()}; }},
    {"ClearGroupData", Victim::kStation, Drop::kRxClearData,
     [](const AttackScene& s) { return Frames{s.to_all().octets()}; }},
    {"ClearFragments", Victim::kAccessPoint, Drop::kRxClearData,
     [](const AttackScene& s) {
       const auto [first, second] = halves(s.to_ap());
       return Frames{first.octets(), second.octets()};
     }},
    {"ClearGroupFragmentAsAWholeFrame", Victim::kStation, Drop::kRxFragment,
     [](const AttackScene& s) {
       ForgedData frame = s.to_all();
       frame.fragment = 1;
       return Frames{frame.octets()};
     }},
    {"FragmentInTheMiddleAsAWholeFrame", Victim::kAccessPoint, Drop::kRxFragment,
     [](const AttackScene& s) {
       ForgedData frame = s.to_ap();
       frame.fragment = 1;
       return Frames{frame.octets()};
     }},
    {"ClearFragmentBehindAProtectedOne", Victim::kAccessPoint, Drop::kRxMixedFragments,
     [](const AttackScene& s) {
       const auto [first, second] = halves(s.to_ap());
       return Frames{sealed_for_ap(s, first, kPacketNumber), second.octets()};
     }},
    {"ProtectedFragmentBehindAClearOne", Victim::kStation, Drop::kRxMixedFragments,
     [](const AttackScene& s) {
       const auto [first, second] = halves(s.to_victim());
       return Frames{first.octets(), sealed_for_victim(s, second, kPacketNumber)};
     }},
    {"FragmentsOfDifferentFrames", Victim::kAccessPoint, Drop::kRxMixedFragments,
     [](const AttackScene& s) {
       const auto [first, second] = halves(s.to_ap());
       return Frames{sealed_for_ap(s, first, kPacketNumber),
                     sealed_for_ap(s, second, kPacketNumber + 2)};
     }},
    {"AmsduFlagOnAnMsdu", Victim::kAccessPoint, Drop::kRxAmsdu,
     [](const AttackScene& s) {
       // The inner A-MSDU that the MSDU's payload would make, behind its SNAP header.
       Octets body = msdu(TestFrame::kType, Octets(6, 0));
       const Octets inner = amsdu({{s.ap, s.victim, AttackScene::marked_msdu()}});
       body.insert(body.end(), inner.begin(), inner.end());
       ForgedData frame = s.to_ap(body);
       Octets sealed = sealed_for_ap(s, frame, kPacketNumber);
       sealed[24] |= 0x80;  // the flag is not authenticated
       return Frames{sealed};
     }},
    {"AmsduFlagOnAnOverheardFrame", Victim::kAccessPoint, Drop::kRxReplay,
     [](const AttackScene& s) {
       Octets frame = with_new_sequence(overheard(s));
       frame[24] |= 0x80;
       return Frames{frame};
     },
     /*costs_a_frame=*/true},
    {"AmsduWithAnotherStationsAddress", Victim::kAccessPoint, Drop::kRxSpoofed,
     [](const AttackScene& s) {
       ForgedData frame = s.to_ap(amsdu({{s.ap, s.other, AttackScene::marked_msdu()}}));
       frame.amsdu = true;
       return Frames{sealed_for_ap(s, frame, kPacketNumber)};
     }},
    {"ClearAmsduThatLooksLikeEapol", Victim::kStation, Drop::kRxAmsdu,
     [](const AttackScene& s) {
       // aa:aa:03:00:00:00 is the first subframe's DA, and the EAPOL type what an early check sees.
       Octets body = msdu(ieee80211::ethertype::kEapol, {0, 1, 0, 0, 0, 16});
       const Octets rest = amsdu({{s.victim, s.ap, AttackScene::marked_msdu()}});
       body.insert(body.end(), rest.begin(), rest.end());
       ForgedData frame = s.to_victim(body);
       frame.amsdu = true;
       return Frames{frame.octets()};
     }},
    {"ClearAmsduBehindEapol", Victim::kStation, Drop::kRxClearData,
     [](const AttackScene& s) {
       const Octets eapol = msdu(ieee80211::ethertype::kEapol, {2, 0, 0, 0});
       ForgedData frame = s.to_victim(
           amsdu({{s.victim, s.ap, eapol}, {s.victim, s.ap, AttackScene::marked_msdu()}}));
       frame.amsdu = true;
       return Frames{frame.octets()};
     }},
    {"EapolForAnotherStation", Victim::kAccessPoint, Drop::kRxEapol,
     [](const AttackScene& s) {
       ForgedData frame = s.to_ap(msdu(ieee80211::ethertype::kEapol, AttackScene::mark()));
       frame.third = s.other;
       return Frames{frame.octets()};
     }},
    {"EapolForEverybody", Victim::kAccessPoint, Drop::kRxEapol,
     [](const AttackScene& s) {
       ForgedData frame = s.to_ap(msdu(ieee80211::ethertype::kEapol, AttackScene::mark()));
       frame.third = MacAddress::broadcast();
       return Frames{frame.octets()};
     }},
    {"DataOfAStranger", Victim::kAccessPoint, Drop::kRxClass,
     [](const AttackScene& s) {
       ForgedData frame = s.to_ap();
       frame.from = MacAddress{{2, 6, 6, 6, 6, 6}};
       return Frames{frame.octets()};
     }},
    {"ReplayedData", Victim::kAccessPoint, Drop::kRxReplay,
     [](const AttackScene& s) { return Frames{with_new_sequence(overheard(s))}; },
     /*costs_a_frame=*/true},
    {"ReplayedGroupData", Victim::kStation, Drop::kRxReplay,
     [](const AttackScene& s) {
       return Frames{s.attacker.last_heard([&](const ieee80211::FrameView& view) {
         return view.fc().is_protected() && view.is_group_addressed() && view.address2() == s.ap;
       })};
     }},
    {"DataWithAFlippedBit", Victim::kAccessPoint, Drop::kRxBadMic,
     [](const AttackScene& s) {
       Octets frame = sealed_for_ap(s, s.to_ap(), kPacketNumber);
       frame[40] ^= 1;
       return Frames{frame};
     }},
    {"DataMovedToAnotherPriority", Victim::kAccessPoint, Drop::kRxBadMic,
     [](const AttackScene& s) {
       Octets frame = overheard(s);
       frame[24] = 6;  // whose replay counter is lower
       return Frames{frame};
     }},
    {"DataUnderAnUnknownGroupKey", Victim::kStation, Drop::kRxNoKey,
     [](const AttackScene& s) {
       LoggedKey key = s.group_key();
       key.index = 3;
       return Frames{seal(key, s.to_all().octets(), kPacketNumber)};
     }},
    {"DataWithoutASecurityHeader", Victim::kStation, Drop::kRxProtection,
     [](const AttackScene& s) {
       Octets frame = s.to_victim({1, 2, 3}).octets();
       frame[1] |= 0x40;
       return Frames{frame};
     }},
    {"InsiderSendsToOneUnderTheGroupKey", Victim::kStation, Drop::kRxBadMic,
     [](const AttackScene& s) {
       return Frames{seal(s.group_key(), s.to_victim().octets(), kPacketNumber)};
     }},
    {"InsiderPassesForAnotherStationUnderTheGroupKey", Victim::kAccessPoint, Drop::kRxNoKey,
     [](const AttackScene& s) {
       ForgedData frame = s.to_ap();
       frame.to = MacAddress::broadcast();
       return Frames{seal(s.group_key(), frame.octets(), kPacketNumber)};
     }},
};

class DataAttack : public testing::TestWithParam<Attack> {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(scene.set_up()); }
  AttackScene scene;
};

TEST_P(DataAttack, FailsAndIsCounted) {
  const Attack& attack = GetParam();
  const MacAddress target = attack.victim == Victim::kStation ? scene.victim : scene.ap;
  const uint64_t before = scene.drops(target, attack.reason);
  for (const Octets& frame : attack.frames(scene)) scene.send(frame);
  EXPECT_EQ(scene.drops(target, attack.reason), before + 1);
  scene.network.simulation.run_for(100ms);
  EXPECT_EQ(scene.landed(), 0u);
  EXPECT_TRUE(scene.network.all_are_connected());
  EXPECT_EQ(scene.network.count_pings_answered(), attack.costs_a_frame ? 1u : 2u);
  EXPECT_EQ(scene.network.count_pings_answered(), 2u);
  EXPECT_EQ(scene.air.faults(), "");
}
INSTANTIATE_TEST_SUITE_P(Attacks, DataAttack, testing::ValuesIn(kAttacks),
                         [](const auto& info) { return info.param.name; });

/// The same frames as the attacks', but as a peer would send them: the attacks fail for what is
/// wrong with them and not for what this file makes.
class GenuineData : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(scene.set_up()); }
  AttackScene scene;
};

TEST_F(GenuineData, WholeFragmentedAndAggregatedFramesLand) {
  scene.send(sealed_for_ap(scene, scene.to_ap(), kPacketNumber));
  EXPECT_EQ(scene.landed(), 1u);
  const auto [first, second] = halves(scene.to_victim());
  scene.send(sealed_for_victim(scene, first, kPacketNumber));
  scene.send(sealed_for_victim(scene, second, kPacketNumber + 1));
  EXPECT_EQ(scene.landed(), 2u);
  ForgedData frame = scene.to_ap(amsdu({{scene.ap, scene.victim, AttackScene::marked_msdu()}}));
  frame.amsdu = true;
  scene.send(sealed_for_ap(scene, frame, kPacketNumber + 1));
  EXPECT_EQ(scene.landed(), 3u);
  // What nothing can prevent where all share the group key ("hole 196"): docs/security.md.
  scene.send(seal(scene.group_key(), scene.to_all().octets(), kPacketNumber));
  EXPECT_EQ(scene.landed(), 5u) << "both stations";
}

/// A fragment that waits from before the victim left must not become part of what comes after.
TEST_F(GenuineData, FragmentsDoNotSurviveAnAssociation) {
  const auto [first, second] = halves(scene.to_ap());
  scene.send(sealed_for_ap(scene, first, kPacketNumber));
  SimulatedHost& station = scene.network.station(0);
  station.sme()->stop();
  scene.network.simulation.run_for(100ms);
  station.sme()->start();
  ASSERT_TRUE(scene.network.wait_until_all_are_connected());
  const uint64_t before = scene.drops(scene.ap, Drop::kRxFragment);
  scene.send(sealed_for_ap(scene, second, kPacketNumber + 1));
  EXPECT_EQ(scene.drops(scene.ap, Drop::kRxFragment), before + 1);
  EXPECT_EQ(scene.landed(), 0u);
  EXPECT_EQ(scene.network.count_pings_answered(), 2u);
}

/// Two pieces under two keys of one pair, each genuine where it stands.
class MixedKeys : public GenuineData {
 protected:
  /// A new pairwise key at both ends.
  void install(uint8_t index, uint8_t octet, std::optional<uint8_t> mode = {}) {
    install(scene.network.station(0), scene.ap, index, octet, mode);
    install(scene.network.ap(), scene.victim, index, octet, mode);
  }
  void expect_refused(Drop reason, const Octets& piece) {
    const uint64_t before = scene.drops(scene.ap, reason);
    scene.send(piece);
    EXPECT_EQ(scene.drops(scene.ap, reason), before + 1);
    EXPECT_EQ(scene.landed(), 0u);
    EXPECT_EQ(scene.network.count_pings_answered(), 2u) << scene.network.log();
    EXPECT_EQ(scene.air.faults(), "");
  }

 private:
  void install(SimulatedHost& host, const MacAddress& peer, uint8_t index, uint8_t octet,
               std::optional<uint8_t> mode) {
    RawClient program(scene.network.simulation, host);
    const auto answer = program.ask(NL80211_CMD_NEW_KEY, [&](netlink::MessageWriter& w) {
      w.mac(NL80211_ATTR_MAC, peer);
      const auto key = w.nest(NL80211_ATTR_KEY);
      w.bytes(NL80211_KEY_DATA, Octets(16, octet));
      w.u32(NL80211_KEY_CIPHER, ieee80211::cipher::kCcmp128).u8(NL80211_KEY_IDX, index);
      w.u32(NL80211_KEY_TYPE, NL80211_KEYTYPE_PAIRWISE);
      if (mode) w.u8(NL80211_KEY_MODE, *mode);
    });
    ASSERT_TRUE(answer) << answer.error().text;
  }
};

/// With Extended Key ID both keys open what comes, and the cache is there when the second piece is.
TEST_F(MixedKeys, PiecesUnderBothKeyIdsAreNotJoined) {
  ASSERT_NO_FATAL_FAILURE(install(1, 0x55, NL80211_KEY_NO_TX));
  const LoggedKey second_key{1, ieee80211::cipher::kCcmp128, Octets(16, 0x55)};
  const auto [first, second] = halves(scene.to_ap());
  scene.send(sealed_for_ap(scene, first, kPacketNumber));
  expect_refused(Drop::kRxMixedFragments, seal(second_key, second.octets(), kPacketNumber + 1));
}

/// With one key id the cache went with the old key.
TEST_F(MixedKeys, APieceFromBeforeARekeyIsGone) {
  const auto [first, second] = halves(scene.to_ap());
  scene.send(sealed_for_ap(scene, first, kPacketNumber));
  ASSERT_NO_FATAL_FAILURE(install(0, 0x66));
  expect_refused(Drop::kRxFragment, sealed_for_ap(scene, second, kPacketNumber + 1));
}

/// Without PMF nothing tells a forged goodbye from a real one: it works, and the station comes
/// back.
TEST_F(GenuineData, AForgedDeauthenticationWorksWithoutPmf) {
  scene.send(management_frame(0xc0, scene.victim, scene.ap, scene.ap, {7, 0}));
  EXPECT_FALSE(scene.network.station(0).is_up());
  EXPECT_TRUE(scene.network.wait_until_all_are_connected());
  EXPECT_EQ(scene.network.count_pings_answered(), 2u);
  EXPECT_EQ(scene.air.faults(), "");
}

/// Frames are put in order before they are decrypted, as on Linux: a sequence number far ahead
/// moves the window, and what is sent behind it is lost until the numbers have caught up.
TEST_F(GenuineData, AForgedSequenceNumberMovesTheBlockAckWindow) {
  constexpr uint16_t kAhead = 256;
  const Octets genuine = overheard(scene);
  const auto view = ieee80211::FrameView::of(genuine);
  ASSERT_TRUE(view);
  ForgedData frame = scene.to_ap();
  frame.tid = view->tid();
  frame.sequence = static_cast<uint16_t>((view->sequence().number() + kAhead) % 4096);
  scene.send(frame.octets());
  SimulatedHost& station = scene.network.station(0);
  int lost = 0;
  while (lost < 4096 && !scene.network.simulation.ping(station, Network::kApAddress)) ++lost;
  EXPECT_EQ(lost, kAhead);
  EXPECT_EQ(scene.drops(scene.ap, Drop::kRxClearData), 1u);
  EXPECT_GE(scene.drops(scene.ap, Drop::kRxReorder), static_cast<uint64_t>(lost));
  EXPECT_EQ(scene.landed(), 0u);
  EXPECT_TRUE(station.is_up());
  EXPECT_EQ(scene.air.faults(), "");
}

}  // namespace
}  // namespace airloom::lab
