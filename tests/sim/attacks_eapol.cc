// Attacks on the handshakes of a WPA2 network, and on what lies between leaving and coming back:
// key reinstallation, forged and replayed EAPOL-Key frames, queues that outlive their keys. What
// must never happen, a packet number used twice under a key, is for AirChecker to see.
#include "cfg80211/commands.h"
#include "sim/attack_scene.h"
#include "sim/beacon_checker.h"
#include "sim/raw_station.h"
#include "sme/eapol_key.h"

namespace airloom::lab {
namespace {

using namespace std::chrono_literals;
using ieee80211::FrameView;
using mac80211::Drop;
namespace message = sme::message;

/// The EAPOL frame in a clear data frame.
std::span<const uint8_t> eapol_of(const FrameView& view) {
  const auto body = view.body();
  const bool eapol = view.fc().is_data() && !view.fc().is_protected() && body.size() > 8 &&
                     body[6] == 0x88 && body[7] == 0x8e;
  return eapol ? body.subspan(8) : std::span<const uint8_t>();
}
bool is_message(const FrameView& view, uint16_t kind) {
  const auto frame = sme::UnverifiedKeyFrame::parse(eapol_of(view));
  return frame && frame->info().kind() == kind;
}

class HandshakeAttack : public testing::Test {
 protected:
  void expect_all_is_well() {
    EXPECT_TRUE(scene.network.wait_until_all_are_connected());
    EXPECT_EQ(scene.network.count_pings_answered(), 2u);
    EXPECT_EQ(scene.air.faults(), "");
    EXPECT_GT(scene.air.protected_frames(), 0u);
  }
  void run(Duration duration) { scene.network.simulation.run_for(duration); }
  /// The newest message of a kind on the air.
  Octets overheard(uint16_t kind) {
    return scene.attacker.last_heard([&](const FrameView& view) { return is_message(view, kind); });
  }
  /// Such a message to the victim, changed so that duplicate detection lets it pass.
  Octets fresh(Octets frame, uint16_t sequence) {
    frame[22] = static_cast<uint8_t>(sequence << 4);
    frame[23] = static_cast<uint8_t>(sequence >> 4);
    frame[1] &= 0xf7;  // Retry
    return frame;
  }
  Octets to_victim(const Octets& eapol) {
    return scene.to_victim(msdu(ieee80211::ethertype::kEapol, eapol)).octets();
  }

  AttackScene scene;
};

TEST_F(HandshakeAttack, MessageThreeReplayedAsItWas) {
  ASSERT_NO_FATAL_FAILURE(scene.set_up());
  const Octets message3 = overheard(message::kPairwise3);
  ASSERT_FALSE(message3.empty());
  for (uint16_t i = 0; i < 20; ++i) {
    scene.send(fresh(message3, static_cast<uint16_t>(2000 + i)));
    EXPECT_EQ(scene.network.count_pings_answered(), 2u);
  }
  expect_all_is_well();
}

/// Key reinstallation as published: message 4 never arrives, so the access point says message 3
/// again to a station that has its key already and uses it.
TEST_F(HandshakeAttack, MessageFourHeldBackAndMessageThreeSaidAgain) {
  size_t messages3 = 0;
  scene.jammer.jams = [&](const FrameView& view) { return is_message(view, message::kPairwise4); };
  scene.network.start_access_point();
  SimulatedHost& station = scene.network.add_station();
  ASSERT_TRUE(scene.network.simulation.run_until([&] { return station.is_up(); }, 20s));
  for (int i = 0; i < 3; ++i)  // its packet numbers count up
    EXPECT_FALSE(scene.network.simulation.ping(station, Network::kApAddress));
  scene.attacker.last_heard([&](const FrameView& view) {
    messages3 += is_message(view, message::kPairwise3) && !view.fc().retry();
    return false;
  });
  EXPECT_GE(messages3, 2u) << "the access point says it again";
  EXPECT_GT(scene.air.protected_frames(), 0u);
  EXPECT_EQ(scene.air.faults(), "");
  scene.jammer.jams = {};
  EXPECT_TRUE(scene.network.wait_until_all_are_connected(60s));
  EXPECT_EQ(scene.network.count_pings_answered(), 1u);
  EXPECT_EQ(scene.air.faults(), "");
}

/// A supplicant that falls for it cannot do harm: whoever installs the key in use again gets 0 and
/// the packet numbers go on.
TEST_F(HandshakeAttack, ASupplicantThatReinstallsItsKeys) {
  ASSERT_NO_FATAL_FAILURE(scene.set_up());
  auto& radio = *scene.network.station(0).host().all_radios().begin()->second;
  cfg80211::Wdev& wdev = *radio.wiphy->wdevs().begin()->second;
  const LoggedKey ptk = scene.pairwise(scene.victim, scene.ap);
  const LoggedKey gtk = scene.group_key();
  const auto last_group_frame = scene.attacker.last_heard(
      [&](const FrameView& view) { return view.fc().is_protected() && view.is_group_addressed(); });
  ASSERT_FALSE(last_group_frame.empty());
  for (int i = 0; i < 5; ++i) {
    const cfg80211::KeySlot pairwise{.index = 0, .pairwise = true, .peer = scene.ap};
    EXPECT_TRUE(cfg80211::new_key(wdev, pairwise, {.key = ptk.material, .cipher = ptk.cipher}));
    EXPECT_TRUE(
        cfg80211::new_key(wdev, {.index = gtk.index}, {.key = gtk.material, .cipher = gtk.cipher}));
    EXPECT_EQ(scene.network.count_pings_answered(), 2u);
  }
  // Nor does its replay counter go back.
  const uint64_t before = scene.drops(scene.victim, Drop::kRxReplay);
  scene.send(last_group_frame);
  EXPECT_EQ(scene.drops(scene.victim, Drop::kRxReplay), before + 1);
  expect_all_is_well();
}

/// The same of the keys for management frames and beacons. (CVE-2017-13081)
TEST_F(HandshakeAttack, BothEndsReinstallTheirManagementKeys) {
  BeaconChecker beacons(scene.world(), scene.network.ap().host());
  ASSERT_NO_FATAL_FAILURE(scene.set_up({.pmf = sme::Pmf::kRequired, .beacon_protection = true}));
  const LoggedKey igtk = scene.management_key(4), bigtk = scene.management_key(6);
  RawClient at_ap(scene.network.simulation, scene.network.ap());
  RawClient at_victim(scene.network.simulation, scene.network.station(0));
  const auto install = [](RawClient& client, const LoggedKey& key) {
    EXPECT_TRUE(client.ask(NL80211_CMD_NEW_KEY, [&](netlink::MessageWriter& writer) {
      const auto nest = writer.nest(NL80211_ATTR_KEY);
      writer.u8(NL80211_KEY_IDX, key.index).u32(NL80211_KEY_CIPHER, key.cipher);
      writer.bytes(NL80211_KEY_DATA, key.material).bytes(NL80211_KEY_SEQ, Octets(6));
    }));
  };
  auto& radio = *scene.network.ap().host().all_radios().begin()->second;
  cfg80211::Wdev& wdev = *radio.wiphy->wdevs().begin()->second;
  // Nobody hears the goodbyes, so that all stay.
  const MacAddress all = MacAddress::broadcast();
  const Octets goodbye = management_frame(0xc0, all, scene.ap, scene.ap, {3, 0});
  scene.jammer.jams = [&](const FrameView& view) {
    return view.fc().is(ieee80211::Subtype::kDeauthentication) && view.address1() == all;
  };
  // A robust frame that does no harm, with a number far ahead: an SA Query response.
  const Octets query = with_mic_element(
      igtk, management_frame(0xd0, all, scene.ap, scene.ap, {8, 1, 0x12, 0x34}), igtk.index, 1000);
  scene.send(query);
  EXPECT_EQ(scene.drops(scene.victim, Drop::kRxReplay), 0u);

  for (int i = 0; i < 5; ++i) {
    const size_t seen = scene.air.group_management_frames();
    ASSERT_TRUE(cfg80211::send_frame(wdev, {.frame = goodbye}));
    run(250ms);
    EXPECT_EQ(scene.air.group_management_frames(), seen + 1);
    for (RawClient* client : {&at_ap, &at_victim})
      for (const LoggedKey& key : {igtk, bigtk}) install(*client, key);
    // What was heard before is a replay still.
    const Octets beacon =
        scene.attacker.last_heard([](const FrameView& view) { return view.fc().is_beacon(); });
    for (const Octets& heard : {query, beacon}) {
      const uint64_t before = scene.drops(scene.victim, Drop::kRxReplay);
      scene.send(heard);
      EXPECT_EQ(scene.drops(scene.victim, Drop::kRxReplay), before + 1);
    }
  }
  EXPECT_EQ(beacons.faults(), "");
  EXPECT_GT(beacons.count(), 10u);
  expect_all_is_well();
}

TEST_F(HandshakeAttack, GroupKeyMessageReplayedAfterARekey) {
  ASSERT_NO_FATAL_FAILURE(scene.set_up());
  const uint64_t before = scene.drops(scene.victim, Drop::kRxReplay);
  scene.network.ap().sme()->access_point()->rekey_group();
  run(100ms);
  // It goes under the pairwise key, so it is the newest protected frame to the victim.
  const Octets message1 = scene.attacker.last_heard([&](const FrameView& view) {
    return view.fc().is_protected() && view.address1() == scene.victim;
  });
  ASSERT_FALSE(message1.empty());
  scene.send(fresh(message1, 3000));
  EXPECT_EQ(scene.drops(scene.victim, Drop::kRxReplay), before + 1);
  expect_all_is_well();
}

TEST_F(HandshakeAttack, AFloodOfForgedMessageOnes) {
  ASSERT_NO_FATAL_FAILURE(scene.set_up());
  const auto profile = *sme::AkmProfile::of(ieee80211::akm::kPsk);
  for (int i = 0; i < 100; ++i) {
    sme::KeyFrame forged;
    forged.info.bits = message::kPairwise1 | profile.descriptor_version;
    forged.replay_counter = 1000 + static_cast<uint64_t>(i);
    forged.nonce.fill(static_cast<uint8_t>(i));
    scene.send(to_victim(forged.emit(profile, {})));
  }
  expect_all_is_well();
  // And a rekey still works, although the station has answered all of them.
  scene.network.ap().sme()->access_point()->rekey_group();
  run(5s);
  expect_all_is_well();
}

TEST_F(HandshakeAttack, MessageThreeWithAnotherGroupKeyOrNoMic) {
  ASSERT_NO_FATAL_FAILURE(scene.set_up());
  const Octets message3 = overheard(message::kPairwise3);
  const auto view = FrameView::of(message3);
  const size_t eapol = view->header_length() + 8;
  for (size_t at = eapol + 9; at < message3.size(); at += 7) {  // replay counter to key data
    Octets forged = fresh(message3, static_cast<uint16_t>(2000 + at));
    forged[eapol + 9] = 0xff;  // a replay counter beyond any
    forged[at] ^= 0x20;
    scene.send(forged);
  }
  expect_all_is_well();
}

/// Frames that wait for a sleeping station must not leave under another key, or none, when an
/// attacker has slept and associated in its name.
TEST_F(HandshakeAttack, QueuedFramesDoNotOutliveTheirKeys) {
  ASSERT_NO_FATAL_FAILURE(scene.set_up());
  const Octets association = scene.attacker.last_heard([&](const FrameView& view) {
    return view.fc().is(ieee80211::Subtype::kAssociationRequest) && view.address2() == scene.victim;
  });
  ASSERT_FALSE(association.empty());
  Octets sleep;  // Null, to the DS, Power Management
  Writer(sleep)
      .u8(0x48)
      .u8(0x11)
      .le16(0)
      .mac(scene.ap)
      .mac(scene.victim)
      .mac(scene.ap)
      .le16(0x7770);
  scene.send(sleep);
  const TestFrame secret{.sender = 1, .number = 1, .size = 64};
  auto& netdev = scene.network.ap().wlan0();
  for (int i = 0; i < 10; ++i)
    netdev.send(scene.world().pool().from(secret.to_ethernet(scene.victim, scene.ap)));
  run(1ms);
  // Still asleep, by their Power Management bits, so that nothing leaves before.
  const auto asleep = [](Octets frame) {
    frame[1] |= 0x10;
    return frame;
  };
  scene.send(asleep(management_frame(0xb0, scene.ap, scene.victim, scene.ap, {0, 0, 1, 0, 0, 0})));
  run(10ms);
  scene.send(asleep(fresh(association, 2222)));
  run(2s);
  EXPECT_GE(scene.drops(scene.ap, Drop::kTxPurged), 10u);
  EXPECT_EQ(scene.air.faults(), "");
  EXPECT_TRUE(scene.network.wait_until_all_are_connected(120s)) << scene.network.log();
  EXPECT_EQ(scene.network.count_pings_answered(), 2u);
  EXPECT_EQ(scene.air.faults(), "");
}

}  // namespace
}  // namespace airloom::lab
