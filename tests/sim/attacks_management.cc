// Attacks on management frames and beacons in a network with PMF and beacon protection. One row,
// one attack: docs/security.md names them all.
#include "cfg80211/commands.h"
#include "mac80211/scan.h"
#include "sim/attack_scene.h"

namespace airloom::lab {
namespace {

using namespace std::chrono_literals;
using ieee80211::FrameView;
using ieee80211::Subtype;
using mac80211::Drop;

constexpr uint8_t kDeauthentication = 0xc0, kDisassociation = 0xa0, kAction = 0xd0;
constexpr size_t kMicElement = 18;   // by BIP-CMAC-128
constexpr uint64_t kFar = 1u << 20;  // packet numbers beyond what the hosts use
const Octets kReason = {7, 0};       // class 3 frame from a nonassociated STA

enum class Victim : uint8_t { kAccessPoint, kStation };
/// What programs hear of it.
enum class Event : uint8_t { kNone, kDeauthenticate, kDisassociate, kBeacon };

using Frames = std::vector<Octets>;
struct Attack {
  const char* name;
  Victim victim;
  Drop reason;  ///< of the last of the frames
  Event event;
  Frames (*frames)(const AttackScene&);
};
void PrintTo(const Attack& attack, std::ostream* out) {
  *out << attack.name;
}

Octets leave(const AttackScene& s, uint8_t subtype, const MacAddress& to) {
  return management_frame(subtype, to, s.ap, s.ap, kReason);
}
Octets leave_of_victim(const AttackScene& s, uint8_t subtype) {
  return management_frame(subtype, s.ap, s.victim, s.ap, kReason);
}
/// A robust frame that does no harm, to the victim or to all.
Octets sa_query(const AttackScene& s, const MacAddress& to, uint8_t action = 0) {
  return management_frame(kAction, to, s.ap, s.ap, {8, action, 0x12, 0x34});
}

/// The newest beacon, without its Management MIC element.
Octets beacon(const AttackScene& s) {
  Octets frame = s.attacker.last_heard(
      [&](const FrameView& view) { return view.fc().is_beacon() && view.address2() == s.ap; });
  frame.resize(frame.size() - kMicElement);
  return frame;
}
/// That element, as the newest beacon had it.
Octets mic_element(const AttackScene& s) {
  const Octets frame =
      s.attacker.last_heard([&](const FrameView& view) { return view.fc().is_beacon(); });
  return {frame.end() - kMicElement, frame.end()};
}
Octets joined(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
/// The newest beacon with its MIC element and a packet number ahead, but another primary channel
/// and timestamp: of the same length as a genuine one.
Octets on_another_channel(const AttackScene& s) {
  Octets frame = joined(beacon(s), mic_element(s));
  frame[24] ^= 0x55;
  frame[frame.size() - kMicElement + 5] += 1;  // 256 beacons ahead
  size_t at = 24 + 12;
  while (at + 2 < frame.size() && frame[at] != 3) at += 2u + frame[at + 1];  // DSSS Parameter Set
  if (at + 2 < frame.size()) frame[at + 2] ^= 6;
  return frame;
}
const Octets kChannelSwitch = {37, 3, 1, 6, 1};  // to channel 6, at once, and be silent
const Octets kPowerConstraint = {32, 1, 60};

const Attack kAttacks[] = {
    {"DeauthenticationInClear", Victim::kStation, Drop::kRxClearManagement, Event::kDeauthenticate,
     [](const AttackScene& s) { return Frames{leave(s, kDeauthentication, s.victim)}; }},
    {"DisassociationInClear", Victim::kStation, Drop::kRxClearManagement, Event::kDisassociate,
     [](const AttackScene& s) { return Frames{leave(s, kDisassociation, s.victim)}; }},
    {"DeauthenticationOfTheVictimInClear", Victim::kAccessPoint, Drop::kRxClearManagement,
     Event::kDeauthenticate,
     [](const AttackScene& s) { return Frames{leave_of_victim(s, kDeauthentication)}; }},
    {"DisassociationOfTheVictimInClear", Victim::kAccessPoint, Drop::kRxClearManagement,
     Event::kDisassociate,
     [](const AttackScene& s) { return Frames{leave_of_victim(s, kDisassociation)}; }},
    {"DeauthenticationOfAllInClear", Victim::kStation, Drop::kRxClearManagement,
     Event::kDeauthenticate,
     [](const AttackScene& s) {
       return Frames{leave(s, kDeauthentication, MacAddress::broadcast())};
     }},
    {"DeauthenticationWithAWrongMic", Victim::kStation, Drop::kRxBadMic, Event::kNone,
     [](const AttackScene& s) {
       LoggedKey guessed = s.pairwise(s.ap, s.victim);
       guessed.material[0] ^= 1;
       return Frames{seal(guessed, leave(s, kDeauthentication, s.victim), kFar)};
     }},
    {"DeauthenticationOfTheVictimWithAWrongMic", Victim::kAccessPoint, Drop::kRxBadMic,
     Event::kNone,
     [](const AttackScene& s) {
       LoggedKey guessed = s.pairwise(s.ap, s.victim);
       guessed.material[0] ^= 1;
       return Frames{seal(guessed, leave_of_victim(s, kDeauthentication), kFar)};
     }},
    {"DeauthenticationOfAllWithAWrongMic", Victim::kStation, Drop::kRxBadMic, Event::kNone,
     [](const AttackScene& s) {
       LoggedKey guessed = s.management_key(4);
       guessed.material[0] ^= 1;
       return Frames{with_mic_element(guessed, leave(s, kDeauthentication, MacAddress::broadcast()),
                                      guessed.index, kFar)};
     }},
    {"DisassociationWithAWrongMic", Victim::kStation, Drop::kRxBadMic, Event::kNone,
     [](const AttackScene& s) {
       LoggedKey guessed = s.pairwise(s.ap, s.victim);
       guessed.material[0] ^= 1;
       return Frames{seal(guessed, leave(s, kDisassociation, s.victim), kFar)};
     }},
    {"DisassociationOfTheVictimWithAWrongMic", Victim::kAccessPoint, Drop::kRxBadMic, Event::kNone,
     [](const AttackScene& s) {
       LoggedKey guessed = s.pairwise(s.ap, s.victim);
       guessed.material[0] ^= 1;
       return Frames{seal(guessed, leave_of_victim(s, kDisassociation), kFar)};
     }},
    {"DisassociationOfAllWithAWrongMic", Victim::kStation, Drop::kRxBadMic, Event::kNone,
     [](const AttackScene& s) {
       LoggedKey guessed = s.management_key(4);
       guessed.material[0] ^= 1;
       return Frames{with_mic_element(guessed, leave(s, kDisassociation, MacAddress::broadcast()),
                                      guessed.index, kFar)};
     }},
    {"DeauthenticationOfAllBehindALaterFrame", Victim::kStation, Drop::kRxReplay, Event::kNone,
     [](const AttackScene& s) {
       const LoggedKey igtk = s.management_key(4);
       const auto everybody = MacAddress::broadcast();
       return Frames{
           with_mic_element(igtk, sa_query(s, everybody, 1), igtk.index, kFar),
           with_mic_element(igtk, leave(s, kDeauthentication, everybody), igtk.index, kFar - 1)};
     }},
    {"DisassociationBehindALaterFrame", Victim::kStation, Drop::kRxReplay, Event::kNone,
     [](const AttackScene& s) {
       const LoggedKey key = s.pairwise(s.ap, s.victim);
       return Frames{seal(key, sa_query(s, s.victim, 1), kFar),
                     seal(key, leave(s, kDisassociation, s.victim), kFar - 1)};
     }},
    {"DeauthenticationOfAllUnderAnUnknownKey", Victim::kStation, Drop::kRxNoKey, Event::kNone,
     [](const AttackScene& s) {
       const LoggedKey key = s.management_key(4);
       return Frames{with_mic_element(key, leave(s, kDeauthentication, MacAddress::broadcast()),
                                      key.index ^ 1, kFar)};
     }},
    {"DeauthenticationOfAllUnderTheBeaconKeysId", Victim::kStation, Drop::kRxNoKey, Event::kNone,
     [](const AttackScene& s) {
       return Frames{with_mic_element(
           s.management_key(4), leave(s, kDeauthentication, MacAddress::broadcast()), 6, kFar)};
     }},
    {"ProtectedManagementFrameReplayed", Victim::kStation, Drop::kRxReplay, Event::kNone,
     [](const AttackScene& s) {
       const Octets frame = seal(s.pairwise(s.ap, s.victim), sa_query(s, s.victim, 1), kFar);
       return Frames{frame, frame};
     }},
    {"GroupManagementFrameReplayed", Victim::kStation, Drop::kRxReplay, Event::kNone,
     [](const AttackScene& s) {
       const LoggedKey igtk = s.management_key(4);
       const Octets frame =
           with_mic_element(igtk, sa_query(s, MacAddress::broadcast(), 1), igtk.index, kFar);
       return Frames{frame, frame};
     }},
    {"InsiderDeauthenticatesOneUnderTheGroupKey", Victim::kStation, Drop::kRxBadMic, Event::kNone,
     [](const AttackScene& s) {
       return Frames{seal(s.group_key(), leave(s, kDeauthentication, s.victim), kFar)};
     }},
    {"InsiderDeauthenticatesAllUnderTheGroupKey", Victim::kStation, Drop::kRxProtection,
     Event::kNone,
     [](const AttackScene& s) {
       return Frames{
           seal(s.group_key(), leave(s, kDeauthentication, MacAddress::broadcast()), kFar)};
     }},
    {"BeaconWithoutAMic", Victim::kStation, Drop::kRxClearBeacon, Event::kBeacon,
     [](const AttackScene& s) { return Frames{beacon(s)}; }},
    {"BeaconWithAChannelSwitch", Victim::kStation, Drop::kRxBadMic, Event::kBeacon,
     [](const AttackScene& s) {
       LoggedKey guessed = s.management_key(6);
       guessed.material[3] ^= 1;
       return Frames{
           with_mic_element(guessed, joined(beacon(s), kChannelSwitch), guessed.index, kFar)};
     }},
    {"BeaconWithAChannelSwitchWithoutAMic", Victim::kStation, Drop::kRxClearBeacon, Event::kBeacon,
     [](const AttackScene& s) { return Frames{joined(beacon(s), kChannelSwitch)}; }},
    {"BeaconWithAPowerConstraint", Victim::kStation, Drop::kRxBadMic, Event::kBeacon,
     [](const AttackScene& s) {
       Octets element = mic_element(s);
       element[4 + 4] = 1;  // a packet number ahead of the original's
       return Frames{joined(joined(beacon(s), kPowerConstraint), element)};
     }},
    {"BeaconWithAnotherChannel", Victim::kStation, Drop::kRxBadMic, Event::kBeacon,
     [](const AttackScene& s) { return Frames{on_another_channel(s)}; }},
    {"BeaconReplayed", Victim::kStation, Drop::kRxReplay, Event::kBeacon,
     [](const AttackScene& s) { return Frames{joined(beacon(s), mic_element(s))}; }},
    {"BeaconWithAFarPacketNumber", Victim::kStation, Drop::kRxBadMic, Event::kBeacon,
     [](const AttackScene& s) {
       Octets element = mic_element(s);
       std::fill_n(element.begin() + 4, 6, 0xff);
       return Frames{joined(beacon(s), element)};
     }},
    {"BeaconWithItsMicNotLast", Victim::kStation, Drop::kRxClearBeacon, Event::kBeacon,
     [](const AttackScene& s) {
       return Frames{joined(joined(beacon(s), mic_element(s)), kChannelSwitch)};
     }},
    {"BeaconWithAMicElementTooShort", Victim::kStation, Drop::kRxClearBeacon, Event::kBeacon,
     [](const AttackScene& s) {
       Octets element = mic_element(s);
       element[1] -= 1;
       element.pop_back();
       return Frames{joined(beacon(s), element)};
     }},
    {"BeaconWithAMicElementTooLong", Victim::kStation, Drop::kRxClearBeacon, Event::kBeacon,
     [](const AttackScene& s) {
       Octets element = mic_element(s);
       element[1] += 1;
       element.push_back(0);
       return Frames{joined(beacon(s), element)};
     }},
    {"BeaconWithAnotherCiphersMicElement", Victim::kStation, Drop::kRxProtection, Event::kBeacon,
     [](const AttackScene& s) {
       Octets element = mic_element(s);
       element[1] = 24;
       element.resize(26);
       return Frames{joined(beacon(s), element)};
     }},
    {"BeaconUnderKeyIdFour", Victim::kStation, Drop::kRxNoKey, Event::kBeacon,
     [](const AttackScene& s) {
       return Frames{with_mic_element(s.management_key(4), beacon(s), 4, kFar)};
     }},
    {"BeaconUnderTheOtherKeyId", Victim::kStation, Drop::kRxNoKey, Event::kBeacon,
     [](const AttackScene& s) {
       const LoggedKey key = s.management_key(6);
       return Frames{with_mic_element(key, beacon(s), key.index ^ 1, kFar)};
     }},
    {"BeaconUnderAHugeKeyId", Victim::kStation, Drop::kRxNoKey, Event::kBeacon,
     [](const AttackScene& s) {
       return Frames{with_mic_element(s.management_key(6), beacon(s), 0x0106, kFar)};
     }},
    {"BeaconThatSaysItIsEncrypted", Victim::kStation, Drop::kRxProtection, Event::kBeacon,
     [](const AttackScene& s) {
       Octets frame = joined(beacon(s), kChannelSwitch);
       frame[1] |= 0x40;
       return Frames{frame};
     }},
    {"BeaconToTheVictimAlone", Victim::kStation, Drop::kRxManagement, Event::kNone,
     [](const AttackScene& s) {
       Octets frame = joined(beacon(s), kChannelSwitch);
       std::copy(s.victim.octets.begin(), s.victim.octets.end(), frame.begin() + 4);
       return Frames{frame};
     }},
    {"InsiderForgesABeaconUnderTheGroupKey", Victim::kStation, Drop::kRxBadMic, Event::kBeacon,
     [](const AttackScene& s) {
       LoggedKey key = s.group_key();
       key.cipher = ieee80211::cipher::kBipCmac128;
       const LoggedKey bigtk = s.management_key(6);
       return Frames{with_mic_element(key, joined(beacon(s), kChannelSwitch), bigtk.index, kFar)};
     }},
    {"InsiderForgesABeaconUnderTheManagementKey", Victim::kStation, Drop::kRxBadMic, Event::kBeacon,
     [](const AttackScene& s) {
       const LoggedKey bigtk = s.management_key(6);
       return Frames{with_mic_element(s.management_key(4), joined(beacon(s), kChannelSwitch),
                                      bigtk.index, kFar)};
     }},
};

/// Counts the events of unprotected frames at each host.
class EventCounter final : public NetlinkObserver {
 public:
  explicit EventCounter(World& world) : world_(world) { world_.add_netlink_observer(*this); }
  ~EventCounter() override { world_.remove_netlink_observer(*this); }
  void on_netlink(const WorldHost& host, NetlinkDirection direction,
                  std::span<const uint8_t> datagram) override {
    if (direction != NetlinkDirection::kFromKernel) return;
    netlink::MessageReader reader(datagram);
    while (const auto message = reader.next())
      if (const auto genl = message->genl()) ++seen_[{host.name(), genl->command}];
  }
  size_t of(const std::string& host, Event event) const {
    static const std::map<Event, uint8_t> kCommands = {
        {Event::kDeauthenticate, NL80211_CMD_UNPROT_DEAUTHENTICATE},
        {Event::kDisassociate, NL80211_CMD_UNPROT_DISASSOCIATE},
        {Event::kBeacon, NL80211_CMD_UNPROT_BEACON}};
    const auto found = seen_.find({host, kCommands.at(event)});
    return found == seen_.end() ? 0 : found->second;
  }

 private:
  World& world_;
  std::map<std::pair<std::string, uint8_t>, size_t> seen_;
};

class ManagementAttack : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(scene.set_up({.pmf = sme::Pmf::kRequired, .beacon_protection = true}));
    run(300ms);  // some beacons under the key
  }
  void run(Duration duration) { scene.network.simulation.run_for(duration); }
  void expect_all_is_well() {
    run(2s);
    EXPECT_TRUE(scene.network.all_are_connected()) << scene.network.log();
    EXPECT_EQ(scene.network.count_pings_answered(), 2u);
    EXPECT_EQ(scene.network.count_in_log("disconnected"), 0u);
    EXPECT_EQ(scene.air.faults(), "");
    // On its channel: beacons are still heard, and verify.
    const auto& bss = bss_of_ap();
    EXPECT_EQ(bss.mhz, AttackScene::kMhz);
    const Duration age = scene.network.simulation.queue().now() - bss.last_seen;
    EXPECT_LT(age, 300ms);
  }
  cfg80211::Wiphy& victims_wiphy() {
    return *scene.network.station(0).host().all_radios().begin()->second->wiphy;
  }
  mac80211::RadioStack& victims_stack() {
    return *scene.network.station(0).host().all_radios().begin()->second->stack;
  }
  cfg80211::Bss bss_of_ap() {
    for (const auto* bss : victims_wiphy().bss_table().entries())
      if (bss->bssid == scene.ap) return *bss;
    return {};
  }
  /// The victim's entry has the newest beacon that the access point itself sent, octet for octet.
  void expect_bss_is_genuine() {
    const auto beacons = scene.attacker.heard(Subtype::kBeacon, scene.ap, MacAddress::broadcast());
    ASSERT_FALSE(beacons.empty());
    const auto genuine = ieee80211::BeaconBody::parse(FrameView::of(beacons.back())->body());
    ASSERT_TRUE(genuine);
    const cfg80211::Bss bss = bss_of_ap();
    EXPECT_EQ(bss.beacon->elements, Octets(genuine->elements.begin(), genuine->elements.end()));
    EXPECT_EQ(bss.beacon->tsf_us, genuine->timestamp_us);
    EXPECT_EQ(bss.beacon_interval_tu, genuine->interval_tu);
    EXPECT_EQ(bss.capability, genuine->capability);
  }

  AttackScene scene;
  EventCounter events{scene.world()};
};

/// No attack.
class GenuineManagement : public ManagementAttack {};

class ForgedManagement : public ManagementAttack, public testing::WithParamInterface<Attack> {};

TEST_P(ForgedManagement, IsRefusedCountedAndReported) {
  const Attack& attack = GetParam();
  const MacAddress target = attack.victim == Victim::kStation ? scene.victim : scene.ap;
  const std::string host = attack.victim == Victim::kStation ? "sta1" : "ap";
  const cfg80211::Bss bss = bss_of_ap();
  const uint64_t before = scene.drops(target, attack.reason);
  for (const Octets& frame : attack.frames(scene)) scene.send(frame);
  EXPECT_EQ(scene.drops(target, attack.reason), before + 1);
  for (const Event event : {Event::kDeauthenticate, Event::kDisassociate, Event::kBeacon})
    EXPECT_EQ(events.of(host, event), event == attack.event ? 1u : 0u);
  expect_bss_is_genuine();
  const cfg80211::Bss now = bss_of_ap();
  if (now.beacon->tsf_us == bss.beacon->tsf_us) {
    EXPECT_EQ(now.last_seen, bss.last_seen) << "a replay keeps no entry fresh";
  }
  expect_all_is_well();
}
INSTANTIATE_TEST_SUITE_P(Attacks, ForgedManagement, testing::ValuesIn(kAttacks),
                         [](const auto& info) { return info.param.name; });

/// A goodbye that was genuine, recorded, and sent again once the station is back: it is under the
/// keys of before.
TEST_F(ManagementAttack, GenuineGoodbyesReplayedAfterTheRejoin) {
  auto& ap = *scene.network.ap().sme()->access_point();
  ASSERT_TRUE(ap.deauthenticate(scene.victim, ieee80211::ReasonCode::kUnspecified));
  run(1s);
  const auto goodbyes = scene.attacker.heard(Subtype::kDeauthentication, scene.ap, scene.victim);
  ASSERT_FALSE(goodbyes.empty());
  EXPECT_TRUE(FrameView::of(goodbyes.front())->fc().is_protected());
  ASSERT_TRUE(scene.network.wait_until_all_are_connected());
  run(1s);
  const size_t departures = scene.network.count_in_log("disconnected");
  const uint64_t before = scene.drops(scene.victim, Drop::kRxBadMic);
  scene.send(goodbyes.front());
  EXPECT_EQ(scene.drops(scene.victim, Drop::kRxBadMic), before + 1);
  run(2s);
  EXPECT_EQ(scene.network.count_in_log("disconnected"), departures);
  EXPECT_TRUE(scene.network.all_are_connected());
}

/// While a scan runs, too, an entry of the BSS table changes by verified beacons alone; a foreign
/// transmitter's address does not help.
TEST_F(ManagementAttack, ForgedBeaconsDuringAScan) {
  const uint64_t before = scene.drops(scene.victim, Drop::kRxClearBeacon);
  const Octets forged = joined(beacon(scene), kChannelSwitch);
  Octets from_elsewhere = forged;
  from_elsewhere[15] ^= 0x55;  // the transmitter, not the BSSID
  auto& wdev = *victims_wiphy().wdevs().begin()->second;
  ASSERT_TRUE(cfg80211::trigger_scan(wdev, {.channels = {{.mhz = AttackScene::kMhz}}}));
  run(10ms);
  for (int i = 0; i < 5; ++i) {
    for (const Octets& one : {forged, from_elsewhere, on_another_channel(scene)}) {
      ASSERT_TRUE(victims_stack().scan_work().is_running());
      scene.send(one);
      expect_bss_is_genuine();
    }
  }
  EXPECT_EQ(scene.drops(scene.victim, Drop::kRxClearBeacon), before + 5);
  EXPECT_EQ(scene.drops(scene.victim, Drop::kRxSpoofed), 5u) << "from elsewhere";
  EXPECT_EQ(scene.drops(scene.victim, Drop::kRxBadMic), 5u) << "as long as a genuine one";
  const TimePoint then = scene.network.simulation.queue().now();
  run(110ms);
  EXPECT_GT(bss_of_ap().last_seen, then) << "genuine ones still count";
  EXPECT_EQ(events.of("sta1", Event::kBeacon), 1u);
  expect_all_is_well();
}

/// An attacker who keeps forging is told of once in ten seconds.
TEST_F(ManagementAttack, AFloodOfForgedBeaconsIsReportedRarely) {
  const Octets forged = beacon(scene);
  const uint64_t before = scene.drops(scene.victim, Drop::kRxClearBeacon);
  for (int i = 0; i < 250; ++i) {
    scene.send(forged);
    run(95ms);
  }
  EXPECT_EQ(scene.drops(scene.victim, Drop::kRxClearBeacon), before + 250);
  EXPECT_EQ(events.of("sta1", Event::kBeacon), 3u);
  expect_bss_is_genuine();
  expect_all_is_well();
}

TEST_F(ManagementAttack, AFloodOfSaQueriesInClear) {
  const auto answers = [&] {
    return scene.attacker.heard(Subtype::kAction, scene.victim, scene.ap).size() +
           scene.attacker.heard(Subtype::kAction, scene.ap, scene.victim).size();
  };
  const size_t before = answers();
  for (int i = 0; i < 200; ++i) {
    scene.send(sa_query(scene, scene.victim));
    scene.send(management_frame(kAction, scene.ap, scene.victim, scene.ap, {8, 0, 0x56, 0x78}));
  }
  EXPECT_EQ(answers(), before);
  EXPECT_GE(scene.drops(scene.victim, Drop::kRxClearManagement), 200u);
  EXPECT_GE(scene.drops(scene.ap, Drop::kRxClearManagement), 200u);
  expect_all_is_well();
}

/// What its peer asks under the key is answered, by the stack, as the program did not register.
TEST_F(GenuineManagement, AnSaQueryUnderTheKeyIsAnswered) {
  const auto answers = [&] {
    return scene.attacker.heard(Subtype::kAction, scene.victim, scene.ap).size();
  };
  const size_t before = answers();
  scene.send(seal(scene.pairwise(scene.ap, scene.victim), sa_query(scene, scene.victim), kFar));
  EXPECT_EQ(answers(), before + 1);
}

/// An access point does not judge the beacons of others by its own key.
TEST_F(ManagementAttack, ForeignBeaconsAreNotTheAccessPointsToJudge) {
  Octets foreign = joined(beacon(scene), mic_element(scene));
  for (const size_t at : {15, 21}) foreign[at] ^= 0x55;  // another BSS
  for (int i = 0; i < 10; ++i) scene.send(foreign);
  for (const Drop reason : {Drop::kRxBadMic, Drop::kRxReplay, Drop::kRxClearBeacon, Drop::kRxNoKey})
    for (const MacAddress& radio : {scene.ap, scene.victim})
      EXPECT_EQ(scene.drops(radio, reason), 0u) << to_string(reason);
  EXPECT_EQ(events.of("ap", Event::kBeacon) + events.of("sta1", Event::kBeacon), 0u);
  expect_all_is_well();
}

/// A channel switch announced in a Public Action frame has no protection; where beacons have, they
/// are believed alone.
TEST_F(ManagementAttack, AnExtendedChannelSwitchInClear) {
  const Octets switch_to_6 = {4, 4, 1, 81, 6, 1};
  scene.send(management_frame(kAction, scene.victim, scene.ap, scene.ap, switch_to_6));
  scene.send(management_frame(kAction, MacAddress::broadcast(), scene.ap, scene.ap, switch_to_6));
  EXPECT_EQ(scene.drops(scene.victim, Drop::kRxClearManagement), 2u);
  expect_all_is_well();
}

}  // namespace
}  // namespace airloom::lab
