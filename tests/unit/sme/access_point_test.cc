// The access point against a scripted nl80211, with the requests and frames of a traced hostapd.
#include "sme/access_point.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fake_port.h"
#include "ieee80211/bss_elements.h"
#include "ieee80211/element.h"
#include "netlink/native.h"
#include "sme/bss.h"
#include "sme/supplicant.h"
#include "support/vector_file.h"

namespace airloom::sme {
namespace {

using ieee80211::ReasonCode;
using test::find_vector;

const MacAddress kSelf{{2, 0, 0, 0, 0, 0}}, kStation{{2, 0, 0, 0, 1, 0}};
constexpr uint32_t kIfindex = 3;

struct Observer final : AccessPointObserver {
  void on_started() override { log += "started "; }
  void on_failed(const Error& error) override { log += "failed:" + error.text + " "; }
  void on_station_joined(const MacAddress&) override { log += "joined "; }
  void on_station_left(const MacAddress&) override { log += "left "; }
  std::string log;
};

class AccessPointTest : public testing::Test {
 protected:
  explicit AccessPointTest(bool psk = true, bool hidden = false, const Security& security = {}) {
    auto port_owner = std::make_unique<FakePort>(queue);
    port = port_owner.get();
    port->answers[NL80211_CMD_GET_INTERFACE] = [](const auto&) {
      return FakePort::data(NL80211_CMD_NEW_INTERFACE,
                            [](auto& w) { w.mac(NL80211_ATTR_MAC, kSelf); });
    };
    port->answers[NL80211_CMD_GET_WIPHY] = [](const auto&) { return wiphy(); };
    port->answers[NL80211_CMD_GET_KEY] = [](const auto&) {
      const Octets sequence = {7, 0, 0, 0, 0, 0};
      return FakePort::data(NL80211_CMD_NEW_KEY, [&](netlink::MessageWriter& w) {
        w.bytes(NL80211_ATTR_KEY_SEQ, sequence);
      });
    };
    AccessPointConfig config{
        .ifindex = kIfindex, .ssid = connection.octets("ssid"), .hidden = hidden};
    if (psk) {
      config.security = security;
      std::ranges::copy(connection.octets("psk"), config.security->psk.begin());
    }
    ap = std::make_unique<AccessPoint>(std::move(config), SmePorts{&queue, &rng, &link, {}},
                                       std::move(port_owner), observer);
  }

  static Result<Reply> wiphy(bool can_pmf = false, bool can_protect_beacons = false) {
    return FakePort::data(NL80211_CMD_NEW_WIPHY, [=](netlink::MessageWriter& w) {
      Octets ciphers, features(8);
      netlink::append(ciphers, ieee80211::cipher::kCcmp128);
      if (can_pmf) netlink::append(ciphers, ieee80211::cipher::kBipGmac128);
      w.bytes(NL80211_ATTR_CIPHER_SUITES, ciphers);
      constexpr unsigned kFeature = NL80211_EXT_FEATURE_BEACON_PROTECTION;
      if (can_protect_beacons) features[kFeature / 8] = 1 << kFeature % 8;
      w.bytes(NL80211_ATTR_EXT_FEATURES, features);
      const auto bands = w.nest(NL80211_ATTR_WIPHY_BANDS);
      const auto band = w.nest(NL80211_BAND_2GHZ);
      const Octets mcs = {0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0};
      w.bytes(NL80211_BAND_ATTR_HT_MCS_SET, mcs);
      w.u8(NL80211_BAND_ATTR_HT_AMPDU_FACTOR, 3).u8(NL80211_BAND_ATTR_HT_AMPDU_DENSITY, 6);
    });
  }
  void settle() { queue.run_until(queue.now()); }
  void event(uint8_t command, const ClientPort::Fill& fill) {
    port->event(command, [&](netlink::MessageWriter& w) {
      w.u32(NL80211_ATTR_IFINDEX, kIfindex);
      fill(w);
    });
    settle();
  }
  void receive(const Octets& frame) {
    event(NL80211_CMD_FRAME, [&](auto& w) { w.bytes(NL80211_ATTR_FRAME, frame); });
  }
  void tx_status(const Octets& frame, bool acked = true) {
    event(NL80211_CMD_FRAME_TX_STATUS, [&](netlink::MessageWriter& w) {
      w.bytes(NL80211_ATTR_FRAME, frame).flag_if(acked, NL80211_ATTR_ACK);
    });
  }
  Octets last_frame() const { return port->last(NL80211_CMD_FRAME).bytes(NL80211_ATTR_FRAME); }
  void start() {
    ap->start();
    settle();
  }
  void associate() {
    receive(join.octets("authentication_request"));
    receive(join.octets("association_request"));
    tx_status(last_frame());
  }
  SupplicantConfig supplicant_config() const {
    return {.profile = *AkmProfile::of(ieee80211::akm::kPsk),
            .pmk = connection.octets("psk"),
            .authenticator = kSelf,
            .supplicant = kStation,
            .own_rsn_element = emit_rsn({.akms = {ieee80211::akm::kPsk}}),
            .ap_rsn_element = emit_rsn({.akms = {ieee80211::akm::kPsk}, .capabilities = 0x000c})};
  }
  /// Lets a real supplicant answer each EAPOL frame that the access point sends.
  void run_supplicant(const Supplicant& supplicant, Supplicant::State& state) {
    for (size_t answered = eapol_seen; answered < eapol_frames().size();) {
      const auto request = eapol_frames()[answered++];
      const bool clear = request.attributes().has(NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT);
      const Octets frame = request.bytes(NL80211_ATTR_FRAME);
      auto step = supplicant.on(state, Supplicant::Received{frame, !clear, {}});
      state = step.state;
      for (const Action& action : step.actions)
        if (const auto* answer = std::get_if<SendFrame>(&action)) eapol(answer->octets);
      eapol_seen = answered;
    }
  }
  std::vector<FakePort::Request> eapol_frames() const {
    return port->all(NL80211_CMD_CONTROL_PORT_FRAME);
  }
  void eapol(const Octets& frame) {
    event(NL80211_CMD_CONTROL_PORT_FRAME, [&](netlink::MessageWriter& w) {
      w.mac(NL80211_ATTR_MAC, kStation).bytes(NL80211_ATTR_FRAME, frame);
    });
  }

  const test::Vector connection =
      find_vector(test::read_vectors("linux-6.1/wpa2/connection.txt"), "connection");
  const std::vector<test::Vector> traced = test::read_vectors("linux-6.1/wpa2/start-ap.txt");
  const test::Vector join = find_vector(traced, "station");
  EventQueue queue;
  SeededRng rng{1};
  FakeLink link;
  Observer observer;
  FakePort* port = nullptr;
  std::unique_ptr<AccessPoint> ap;
  size_t eapol_seen = 0;
};

/// The elements with the given ids cut out.
Octets without(std::span<const uint8_t> elements, std::initializer_list<uint8_t> ids) {
  Octets out;
  for (const auto& element : ieee80211::ElementRange(elements)) {
    if (std::ranges::find(ids, element.id) != ids.end()) continue;
    out.insert(out.end(), element.whole.begin(), element.whole.end());
  }
  return out;
}

TEST_F(AccessPointTest, StartsAsHostapdDoes) {
  start();
  EXPECT_EQ(observer.log, "started ");
  EXPECT_TRUE(ap->is_running());
  EXPECT_TRUE(link.is_up);
  const auto expected = find_vector(traced, "START_AP");
  const auto start_ap = port->last(NL80211_CMD_START_AP);
  EXPECT_EQ(start_ap.bytes(NL80211_ATTR_BEACON_HEAD), expected.octets("beacon_head"));
  // Not announced: operating classes (59) and extended capabilities (127), which hostapd would
  // act on and this access point does not.
  EXPECT_EQ(start_ap.bytes(NL80211_ATTR_BEACON_TAIL),
            without(expected.octets("beacon_tail"), {59, 127}));
  EXPECT_EQ(start_ap.bytes(NL80211_ATTR_SSID), expected.octets("ssid"));
  const auto attributes = start_ap.attributes();
  EXPECT_EQ(attributes.u32(NL80211_ATTR_BEACON_INTERVAL), 100u);
  EXPECT_EQ(attributes.u32(NL80211_ATTR_DTIM_PERIOD), 2u);
  EXPECT_EQ(attributes.u32(NL80211_ATTR_AKM_SUITES), 0x000fac02u);
  EXPECT_EQ(attributes.u16(NL80211_ATTR_CONTROL_PORT_ETHERTYPE), 0x888e);
  for (uint16_t flag :
       {NL80211_ATTR_PRIVACY, NL80211_ATTR_SOCKET_OWNER, NL80211_ATTR_CONTROL_PORT_OVER_NL80211})
    EXPECT_TRUE(attributes.has(flag));
  EXPECT_EQ(port->all(NL80211_CMD_REGISTER_FRAME).size(), 6u);
  EXPECT_EQ(port->last(NL80211_CMD_SET_BSS).bytes(NL80211_ATTR_BSS_BASIC_RATES),
            (Octets{2, 4, 11, 22}));
  EXPECT_EQ(port->all(NL80211_CMD_NEW_KEY).size(), 1u);
  EXPECT_EQ(port->all(NL80211_CMD_SET_KEY).size(), 1u);
}

TEST_F(AccessPointTest, StationJoinsAsInTheTrace) {
  start();
  receive(join.octets("authentication_request"));
  EXPECT_EQ(last_frame(), join.octets("authentication_response"));
  EXPECT_EQ(port->last(NL80211_CMD_NEW_STATION).bytes(NL80211_ATTR_STA_FLAGS2),
            (Octets{0xa0, 0, 0, 0, 0, 0, 0, 0}));
  receive(join.octets("association_request"));
  const auto set = port->last(NL80211_CMD_SET_STATION);
  EXPECT_EQ(set.attributes().u16(NL80211_ATTR_STA_CAPABILITY), 0x0431);
  EXPECT_EQ(set.attributes().u16(NL80211_ATTR_STA_LISTEN_INTERVAL), 5);
  EXPECT_EQ(set.bytes(NL80211_ATTR_STA_FLAGS2), (Octets{0xa8, 0, 0, 0, 0xa8, 0, 0, 0}));
  EXPECT_EQ(set.bytes(NL80211_ATTR_HT_CAPABILITY).size(), 26u);
  const Octets response = last_frame(), expected = join.octets("association_response");
  ASSERT_GT(response.size(), 30u);
  EXPECT_TRUE(std::equal(response.begin(), response.begin() + 30, expected.begin()));
  // 90: BSS Max Idle Period, of which this access point makes no use.
  EXPECT_EQ(Octets(response.begin() + 30, response.end()),
            without(std::span(expected).subspan(30), {90, 127}));
  EXPECT_TRUE(eapol_frames().empty());  // not before the station has the response

  tx_status(response);
  ASSERT_EQ(eapol_frames().size(), 1u);
  const Supplicant supplicant(supplicant_config());
  Supplicant::State state;
  run_supplicant(supplicant, state);
  ASSERT_TRUE(std::holds_alternative<Supplicant::Established>(state));
  EXPECT_EQ(observer.log, "started joined ");
  EXPECT_EQ(ap->station_count(), 1u);
  const auto& keys = std::get<Supplicant::Established>(state);
  EXPECT_EQ(keys.keys.gtk.rsc[0], 7);  // as GET_KEY told
  const auto authorised = port->last(NL80211_CMD_SET_STATION);
  EXPECT_EQ(authorised.bytes(NL80211_ATTR_STA_FLAGS2), (Octets{2, 0, 0, 0, 2, 0, 0, 0}));
  const auto key = port->last(NL80211_CMD_NEW_KEY);
  EXPECT_EQ(key.attributes().mac(NL80211_ATTR_MAC), kStation);
}

TEST_F(AccessPointTest, WrongPskIsSentAwayAfterFourTries) {
  start();
  associate();
  SupplicantConfig wrong = supplicant_config();
  wrong.pmk[0] ^= 1;
  const Supplicant supplicant(wrong);
  Supplicant::State state;
  for (int second = 0; second < 5; ++second) {
    run_supplicant(supplicant, state);
    queue.run_for(std::chrono::seconds(1));
  }
  EXPECT_EQ(eapol_frames().size(), 4u);
  const Octets goodbye = last_frame();
  EXPECT_EQ(goodbye[0], 0xc0);
  EXPECT_EQ(goodbye[24], 15);
  EXPECT_EQ(port->last(NL80211_CMD_DEL_STATION).attributes().mac(NL80211_ATTR_MAC), kStation);
  EXPECT_EQ(observer.log, "started ");
}

TEST_F(AccessPointTest, RekeysTheGroupThenUsesTheKey) {
  start();
  associate();
  const Supplicant supplicant(supplicant_config());
  Supplicant::State state;
  run_supplicant(supplicant, state);
  const Octets old = std::get<Supplicant::Established>(state).keys.gtk.key;
  const size_t installed = port->all(NL80211_CMD_NEW_KEY).size();
  ap->rekey_group();
  settle();
  EXPECT_EQ(port->all(NL80211_CMD_NEW_KEY).size(), installed);  // not before the station has it
  EXPECT_FALSE(eapol_frames().back().attributes().has(NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT));
  run_supplicant(supplicant, state);
  EXPECT_EQ(port->all(NL80211_CMD_NEW_KEY).size(), installed + 1);
  const auto& gtk = std::get<Supplicant::Established>(state).keys.gtk;
  EXPECT_EQ(gtk.id, 2);
  EXPECT_NE(gtk.key, old);
}

TEST_F(AccessPointTest, RekeyEndsWhenAStationLeavesInsteadOfAnswering) {
  start();
  associate();
  const Supplicant supplicant(supplicant_config());
  Supplicant::State state;
  run_supplicant(supplicant, state);
  const size_t installed = port->all(NL80211_CMD_NEW_KEY).size();
  ap->rekey_group();
  queue.run_for(std::chrono::seconds(10));
  EXPECT_EQ(last_frame()[24], 16);
  EXPECT_EQ(observer.log, "started joined left ");
  EXPECT_EQ(port->all(NL80211_CMD_NEW_KEY).size(), installed + 1);
}

TEST_F(AccessPointTest, AssociationIsChecked) {
  start();
  Octets request = join.octets("association_request");
  receive(request);  // not authenticated
  EXPECT_EQ(last_frame()[0], 0xc0);
  EXPECT_EQ(last_frame()[24], 6);
  const auto status_of = [&](size_t offset, uint8_t value) {
    receive(join.octets("authentication_request"));
    Octets bad = request;
    bad[offset] = value;
    receive(bad);
    const Octets answer = last_frame();
    return answer[0] == 0x10 ? answer[26] : -1;
  };
  const auto at = [&](std::initializer_list<uint8_t> pattern) {
    return static_cast<size_t>(std::ranges::search(request, pattern).begin() - request.begin());
  };
  EXPECT_EQ(status_of(30, 'x'), 1);                            // another SSID
  EXPECT_EQ(status_of(at({0x01, 0x08, 0x02}) + 2, 0x6c), 18);  // a basic rate is missing
  EXPECT_EQ(status_of(at({0x30, 0x14}), 0xdc), 40);            // no RSN element
  EXPECT_EQ(status_of(at({0x30, 0x14}) + 2, 2), 44);           // its version
  EXPECT_EQ(status_of(at({0x30, 0x14}) + 7, 2), 41);           // group cipher
  EXPECT_EQ(status_of(at({0x30, 0x14}) + 13, 2), 42);          // pairwise cipher
  EXPECT_EQ(status_of(at({0x30, 0x14}) + 19, 1), 43);          // AKM
  EXPECT_EQ(observer.log, "started ");
}

TEST_F(AccessPointTest, UnacknowledgedResponseMayBeAskedForAgain) {
  start();
  receive(join.octets("authentication_request"));
  receive(join.octets("association_request"));
  tx_status(last_frame(), false);
  EXPECT_TRUE(eapol_frames().empty());
  receive(join.octets("association_request"));
  EXPECT_EQ(port->all(NL80211_CMD_NEW_STATION).size(), 2u);  // added anew, as associated
  tx_status(last_frame());
  EXPECT_EQ(eapol_frames().size(), 1u);
}

TEST_F(AccessPointTest, StationsLeaveInEveryWay) {
  start();
  const Supplicant supplicant(supplicant_config());
  const auto enter = [&] {
    Supplicant::State state;
    eapol_seen = eapol_frames().size();
    associate();
    run_supplicant(supplicant, state);
    ASSERT_EQ(ap->station_count(), 1u);
    observer.log.clear();
  };
  Octets leaving = join.octets("authentication_request");
  leaving.resize(26);
  for (uint8_t subtype : {0xa0, 0xc0}) {
    enter();
    leaving[0] = subtype;
    receive(leaving);
    EXPECT_EQ(observer.log, "left ");
  }
  enter();
  event(NL80211_CMD_DEL_STATION, [](auto& w) { w.mac(NL80211_ATTR_MAC, kStation); });
  EXPECT_EQ(observer.log, "left ");
  enter();
  ASSERT_TRUE(ap->deauthenticate(kStation, ReasonCode::kUnspecified));
  EXPECT_EQ(observer.log, "left ");
  EXPECT_FALSE(ap->deauthenticate(kStation, ReasonCode::kUnspecified));
  enter();
  receive(join.octets("authentication_request"));  // starts over without a word
  EXPECT_EQ(observer.log, "left ");
  EXPECT_EQ(ap->station_count(), 0u);
}

TEST_F(AccessPointTest, AnswersProbesForItAndForAny) {
  start();
  const auto probe = [&](const Octets& ssid) {
    Octets frame = {0x40, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    frame.insert(frame.end(), kStation.octets.begin(), kStation.octets.end());
    frame.insert(frame.end(), 6, 0xff);
    frame.insert(frame.end(), {0, 0, 0, static_cast<uint8_t>(ssid.size())});
    frame.insert(frame.end(), ssid.begin(), ssid.end());
    const size_t before = port->all(NL80211_CMD_FRAME).size();
    receive(frame);
    return port->all(NL80211_CMD_FRAME).size() - before;
  };
  EXPECT_EQ(probe({}), 1u);
  EXPECT_EQ(last_frame()[0], 0x50);
  EXPECT_EQ(probe(connection.octets("ssid")), 1u);
  EXPECT_EQ(probe({'o', 't', 'h', 'e', 'r'}), 0u);
}

TEST_F(AccessPointTest, StopsAndStartsAgain) {
  start();
  associate();
  ap->stop();
  settle();
  EXPECT_EQ(port->all(NL80211_CMD_STOP_AP).size(), 1u);
  EXPECT_FALSE(ap->is_running());
  queue.run_for(std::chrono::minutes(1));
  start();
  EXPECT_EQ(observer.log, "started started ");
  event(NL80211_CMD_STOP_AP, [](auto&) {});
  EXPECT_FALSE(ap->is_running());
}

TEST_F(AccessPointTest, RefusedStartIsToldWithItsStep) {
  port->answers[NL80211_CMD_START_AP] = [](const auto&) { return fail(Errc::kBusy, "no"); };
  start();
  EXPECT_EQ(observer.log, "failed:start: no ");
}

TEST_F(AccessPointTest, HostileFramesAreHarmless) {
  start();
  associate();
  const Octets good = join.octets("association_request");
  for (size_t size = 0; size < good.size(); ++size) receive({good.begin(), good.begin() + size});
  for (int first = 0; first < 256; ++first) {
    Octets frame = join.octets("authentication_request");
    frame[0] = static_cast<uint8_t>(first);
    receive(frame);
    tx_status(frame);
    eapol(frame);
  }
  Octets sae = join.octets("authentication_request");
  sae[24] = 3;
  receive(sae);
  EXPECT_EQ(last_frame()[28], 13);
  queue.run_for(std::chrono::minutes(1));
  EXPECT_TRUE(ap->is_running());
}

class PmfAccessPointTest : public AccessPointTest {
 protected:
  PmfAccessPointTest()
      : AccessPointTest(true, false,
                        {.pmf = Pmf::kRequired,
                         .group_management = ieee80211::cipher::kBipGmac128,
                         .beacon_protection = true}) {}
  void start_with(bool can_pmf, bool can_protect_beacons) {
    port->answers[NL80211_CMD_GET_WIPHY] = [=](const auto&) {
      return wiphy(can_pmf, can_protect_beacons);
    };
    start();
  }
  /// The indices of the keys that it installed, and of those that it made default ones.
  std::vector<uint8_t> key_ids(uint8_t command) const {
    std::vector<uint8_t> ids;
    for (const auto& request : port->all(command))
      ids.push_back(*request.attributes().nest(NL80211_ATTR_KEY).u8(NL80211_KEY_IDX));
    return ids;
  }
  std::optional<ieee80211::ExtendedCapabilitiesElement> announced() const {
    return ieee80211::find_element<ieee80211::ExtendedCapabilitiesElement>(
        port->last(NL80211_CMD_START_AP).bytes(NL80211_ATTR_BEACON_TAIL));
  }
};

TEST_F(PmfAccessPointTest, InstallsAKeyForEachUseAndAnnouncesBeaconProtection) {
  start_with(true, true);
  EXPECT_EQ(key_ids(NL80211_CMD_NEW_KEY), (std::vector<uint8_t>{1, 4, 6}));
  EXPECT_EQ(key_ids(NL80211_CMD_SET_KEY), (std::vector<uint8_t>{1, 4, 6}));
  const auto defaults = port->all(NL80211_CMD_SET_KEY);
  const auto has = [&](size_t i, uint16_t flag) {
    return defaults[i].attributes().nest(NL80211_ATTR_KEY).has(flag);
  };
  EXPECT_TRUE(has(0, NL80211_KEY_DEFAULT));
  EXPECT_TRUE(has(1, NL80211_KEY_DEFAULT_MGMT));
  EXPECT_TRUE(has(2, NL80211_KEY_DEFAULT_BEACON));
  ASSERT_TRUE(announced());
  EXPECT_TRUE(announced()->has(ieee80211::ExtendedCapabilitiesElement::kBeaconProtection));
  ap->rekey_group();
  settle();
  EXPECT_EQ(key_ids(NL80211_CMD_NEW_KEY), (std::vector<uint8_t>{1, 4, 6, 2, 5, 7}));
  ap->rekey_group();
  settle();
  EXPECT_EQ(key_ids(NL80211_CMD_NEW_KEY), (std::vector<uint8_t>{1, 4, 6, 2, 5, 7, 1, 4, 6}));
}

TEST_F(PmfAccessPointTest, GoesWithoutBeaconProtectionOnARadioThatCannot) {
  start_with(true, false);
  EXPECT_TRUE(ap->is_running());
  EXPECT_EQ(key_ids(NL80211_CMD_NEW_KEY), (std::vector<uint8_t>{1, 4}));
  EXPECT_FALSE(announced());
}

TEST_F(PmfAccessPointTest, DoesNotStartOnARadioWithoutTheCipher) {
  start_with(false, true);
  EXPECT_EQ(observer.log, "failed:get wiphy: the radio lacks the group management cipher ");
}

class SaeAccessPointTest : public AccessPointTest {
 protected:
  SaeAccessPointTest()
      : AccessPointTest(true, false, {.sae_password = {'x'}, .akms = {ieee80211::akm::kSae}}) {}
  /// An Authentication frame of SAE; the answer's status code, -1 if there was none.
  int status_of(uint16_t transaction, uint16_t status, const Octets& data) {
    Octets frame = join.octets("authentication_request");
    frame.resize(24);
    Writer(frame).le16(3).le16(transaction).le16(status).bytes(data);
    const size_t before = port->all(NL80211_CMD_FRAME).size();
    receive(frame);
    return port->all(NL80211_CMD_FRAME).size() == before ? -1 : last_frame()[28];
  }
  SaePassword password{connection.octets("ssid"), {'x'}, {19, 20}};
};

TEST_F(SaeAccessPointTest, JudgesCommitsAndConfirms) {
  start();
  const auto begin = [&](SaeExchange::Settings settings) {
    return *SaeExchange::begin(password, rng, kStation, kSelf, std::move(settings));
  };
  SaeExchange hunted = begin({.group = 19}), hashed = begin({.hash_to_element = true});
  EXPECT_EQ(status_of(2, 0, Octets(34)), -1);  // a confirm of nobody
  EXPECT_EQ(status_of(3, 0, {}), 14);
  EXPECT_EQ(status_of(1, 1, hunted.commit()), -1);  // no such method
  EXPECT_EQ(status_of(1, 0, {}), -1);
  EXPECT_EQ(status_of(1, 0, begin({.group = 20}).commit()), 77);
  const Octets refusal = last_frame();
  EXPECT_EQ(Octets(refusal.begin() + 30, refusal.end()), (Octets{20, 0}));
  EXPECT_EQ(status_of(1, 0, {19, 0, 1, 2, 3}), 1);
  EXPECT_EQ(status_of(1, 0, Octets(98, 19)), 77);  // group 19 * 257
  Octets off_curve = hunted.commit();
  off_curve.back() ^= 1;
  EXPECT_EQ(status_of(1, 0, off_curve), 1);
  EXPECT_EQ(ap->station_count(), 0u);
  // Somebody claims that we refuse group 19.
  EXPECT_EQ(
      status_of(1, 126, begin({.hash_to_element = true, .rejected_groups = {19, 0}}).commit()), 1);
  EXPECT_EQ(status_of(1, 126, hashed.commit()), 126);
  const Octets answer = last_frame();
  EXPECT_EQ(status_of(1, 126, hashed.commit()), 126);  // a retry
  EXPECT_EQ(last_frame(), answer);
  const auto taken =
      SaeCommitBody::parse(std::span(answer).subspan(30), *password.find_group(19), true);
  ASSERT_TRUE(taken && hashed.on_commit(*taken));
  EXPECT_EQ(status_of(2, 0, Octets(34)), 15);  // another password
  EXPECT_EQ(port->last(NL80211_CMD_DEL_STATION).attributes().mac(NL80211_ATTR_MAC), kStation);
}

class OpenAccessPointTest : public AccessPointTest {
 protected:
  OpenAccessPointTest() : AccessPointTest(false, true) {}
};

TEST_F(OpenAccessPointTest, HiddenAndOpen) {
  start();
  const auto start_ap = port->last(NL80211_CMD_START_AP);
  EXPECT_EQ(start_ap.attributes().u32(NL80211_ATTR_HIDDEN_SSID),
            uint32_t{NL80211_HIDDEN_SSID_ZERO_LEN});
  const Octets head = start_ap.bytes(NL80211_ATTR_BEACON_HEAD);
  EXPECT_EQ(head[37], 0);  // the SSID element's length
  EXPECT_TRUE(port->all(NL80211_CMD_NEW_KEY).empty());
  associate();
  EXPECT_EQ(observer.log, "started joined ");
}

}  // namespace
}  // namespace airloom::sme
