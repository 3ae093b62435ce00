// The station against a scripted nl80211, with the frames of a traced connection.
#include "sme/station.h"

#include <gtest/gtest.h>

#include "fake_port.h"
#include "sme/authenticator.h"
#include "support/vector_file.h"

namespace airloom::sme {
namespace {

using ieee80211::ReasonCode;
using test::find_vector;

const MacAddress kAp{{2, 0, 0, 0, 0, 0}}, kSelf{{2, 0, 0, 0, 1, 0}};
constexpr uint32_t kIfindex = 4;

struct Observer final : StationObserver {
  void on_connected(const Bss& bss) override { log += "+" + bss.bssid.to_string() + " "; }
  void on_disconnected(ReasonCode reason) override {
    log += "-" + std::to_string(static_cast<int>(reason)) + " ";
  }
  void on_wrong_key() override { log += "wrong-key "; }
  void on_failed(const Error&) override { log += "failed "; }
  std::string log;
};

class StationTest : public testing::Test {
 protected:
  explicit StationTest(bool psk = true) {
    auto port_owner = std::make_unique<FakePort>(queue);
    port = port_owner.get();
    port->answers[NL80211_CMD_GET_INTERFACE] = [](const auto&) {
      return FakePort::data(NL80211_CMD_NEW_INTERFACE,
                            [](auto& w) { w.mac(NL80211_ATTR_MAC, kSelf); });
    };
    port->answers[NL80211_CMD_GET_SCAN] = [this](const auto&) { return scan_results(); };
    StationConfig config{.ifindex = kIfindex, .ssid = connection.octets("ssid")};
    if (psk) {
      config.security.emplace();
      std::ranges::copy(connection.octets("psk"), config.security->psk.begin());
    }
    station = std::make_unique<Station>(std::move(config), SmePorts{&queue, &rng, &link, {}},
                                        std::move(port_owner), observer);
  }

  Octets ap_rsn() const {
    Octets rsn = emit_rsn(ieee80211::RsnElement{.akms = {ieee80211::akm::kPsk}});
    if (secured) rsn[rsn.size() - 2] = 0x0c;
    return secured ? rsn : Octets{};
  }
  Result<Reply> scan_results() const {
    return FakePort::data(NL80211_CMD_NEW_SCAN_RESULTS, [this](netlink::MessageWriter& w) {
      const auto bss = w.nest(NL80211_ATTR_BSS);
      Octets elements = {0, 6, 'o', 'r', 'a', 'c', 'l', 'e'};
      const Octets rsn = ap_rsn();
      elements.insert(elements.end(), rsn.begin(), rsn.end());
      w.mac(NL80211_BSS_BSSID, kAp).u32(NL80211_BSS_FREQUENCY, 2412);
      w.bytes(NL80211_BSS_INFORMATION_ELEMENTS, elements);
      w.u16(NL80211_BSS_CAPABILITY, secured ? 0x0411 : 0x0401).s32(NL80211_BSS_SIGNAL_MBM, -3000);
    });
  }
  void event(uint8_t command, const ClientPort::Fill& fill) {
    port->event(command, [&](netlink::MessageWriter& w) {
      w.u32(NL80211_ATTR_IFINDEX, kIfindex);
      fill(w);
    });
    settle();
  }
  void frame_event(uint8_t command, Octets body_and_subtype_first) {
    Octets frame = {body_and_subtype_first[0], 0, 0, 0};
    for (const MacAddress& address : {kSelf, kAp, kAp})
      frame.insert(frame.end(), address.octets.begin(), address.octets.end());
    frame.insert(frame.end(), 2, 0);
    frame.insert(frame.end(), body_and_subtype_first.begin() + 1, body_and_subtype_first.end());
    event(command, [&](netlink::MessageWriter& w) { w.bytes(NL80211_ATTR_FRAME, frame); });
  }
  void eapol(const Octets& frame, bool encrypted = false) {
    event(NL80211_CMD_CONTROL_PORT_FRAME, [&](netlink::MessageWriter& w) {
      w.mac(NL80211_ATTR_MAC, kAp).bytes(NL80211_ATTR_FRAME, frame);
      w.flag_if(!encrypted, NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT);
    });
  }
  void settle() { queue.run_until(queue.now()); }
  void reach_association() {
    station->start();
    settle();
    event(NL80211_CMD_NEW_SCAN_RESULTS, [](auto&) {});
    frame_event(NL80211_CMD_AUTHENTICATE, {0xb0, 0, 0, 2, 0, 0, 0});
    frame_event(NL80211_CMD_ASSOCIATE, {0x10, 0x11, 4, 0, 0, 1, 0xc0});
  }
  /// Runs a real authenticator against the station until nothing more is said.
  Authenticator::State handshake() {
    Authenticator ap(
        {.profile = *AkmProfile::of(ieee80211::akm::kPsk),
         .pmk = connection.octets("psk"),
         .authenticator = kAp,
         .supplicant = kSelf,
         .own_rsn_element = ap_rsn(),
         .station_rsn_element = emit_rsn(ieee80211::RsnElement{.akms = {ieee80211::akm::kPsk}})});
    auto step = ap.on(Authenticator::Idle{}, Authenticator::Start{{}, {{1, Octets(16, 9), {}}}});
    while (!step.actions.empty()) {
      const auto* frame = std::get_if<SendFrame>(&step.actions[0]);
      if (!frame) break;
      eapol(frame->octets);
      const Octets answer = port->last(NL80211_CMD_CONTROL_PORT_FRAME).bytes(NL80211_ATTR_FRAME);
      step = ap.on(step.state, Authenticator::Received{answer});
    }
    return step.state;
  }

  bool secured = true;
  const std::vector<test::Vector> vectors = test::read_vectors("linux-6.1/wpa2/connection.txt");
  const test::Vector connection = find_vector(vectors, "connection");
  EventQueue queue;
  SeededRng rng{1};
  FakeLink link;
  Observer observer;
  FakePort* port = nullptr;
  std::unique_ptr<Station> station;
};

TEST_F(StationTest, ConnectsInTheOrderOfWpaSupplicant) {
  reach_association();
  EXPECT_EQ(station->state(), Station::State::kHandshake);
  EXPECT_TRUE(std::holds_alternative<Authenticator::Established>(handshake()));
  EXPECT_EQ(observer.log, "+02:00:00:00:00:00 ");
  EXPECT_EQ(link.operstate, LinkPort::OperState::kUp);
  EXPECT_EQ(port->commands(),
            (std::vector<int>{NL80211_CMD_SET_INTERFACE, NL80211_CMD_GET_INTERFACE,
                              NL80211_CMD_TRIGGER_SCAN, NL80211_CMD_GET_SCAN,
                              NL80211_CMD_AUTHENTICATE, NL80211_CMD_ASSOCIATE,
                              NL80211_CMD_CONTROL_PORT_FRAME, NL80211_CMD_CONTROL_PORT_FRAME,
                              NL80211_CMD_NEW_KEY, NL80211_CMD_NEW_KEY, NL80211_CMD_SET_STATION}));
  const auto associate = port->last(NL80211_CMD_ASSOCIATE);
  const auto attributes = associate.attributes();
  EXPECT_TRUE(attributes.has(NL80211_ATTR_CONTROL_PORT));
  EXPECT_TRUE(attributes.has(NL80211_ATTR_CONTROL_PORT_OVER_NL80211));
  EXPECT_TRUE(attributes.has(NL80211_ATTR_SOCKET_OWNER));
  EXPECT_EQ(attributes.u32(NL80211_ATTR_AKM_SUITES), 0x000fac02u);
  const auto message4 = port->last(NL80211_CMD_CONTROL_PORT_FRAME);
  EXPECT_TRUE(message4.attributes().has(NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT));
}

TEST_F(StationTest, EapolBeforeTheAssociationEventIsKept) {
  station->start();
  settle();
  event(NL80211_CMD_NEW_SCAN_RESULTS, [](auto&) {});
  frame_event(NL80211_CMD_AUTHENTICATE, {0xb0, 0, 0, 2, 0, 0, 0});
  const Octets mpdu = find_vector(vectors, "message 1").octets("mpdu");
  eapol({mpdu.begin() + 34, mpdu.end()});
  EXPECT_TRUE(port->all(NL80211_CMD_CONTROL_PORT_FRAME).empty());
  frame_event(NL80211_CMD_ASSOCIATE, {0x10, 0x11, 4, 0, 0, 1, 0xc0});
  EXPECT_EQ(port->all(NL80211_CMD_CONTROL_PORT_FRAME).size(), 1u);
}

TEST_F(StationTest, DeauthenticationInTheHandshakeMeansAWrongKey) {
  reach_association();
  const Octets mpdu = find_vector(vectors, "message 1").octets("mpdu");
  eapol({mpdu.begin() + 34, mpdu.end()});
  frame_event(NL80211_CMD_DEAUTHENTICATE, {0xc0, 15, 0});
  EXPECT_EQ(observer.log, "wrong-key ");
  EXPECT_EQ(station->state(), Station::State::kBackoff);
  queue.run_for(std::chrono::seconds(9));
  EXPECT_EQ(port->all(NL80211_CMD_TRIGGER_SCAN).size(), 1u);
  queue.run_for(std::chrono::seconds(2));
  EXPECT_EQ(port->all(NL80211_CMD_TRIGGER_SCAN).size(), 2u);
}

TEST_F(StationTest, LostConnectionIsToldOnceAndTriedAgain) {
  reach_association();
  handshake();
  frame_event(NL80211_CMD_DEAUTHENTICATE, {0xc0, 3, 0});
  event(NL80211_CMD_DISCONNECT, [](auto& w) { w.u16(NL80211_ATTR_REASON_CODE, 3); });
  EXPECT_EQ(observer.log, "+02:00:00:00:00:00 -3 ");
  EXPECT_EQ(link.operstate, LinkPort::OperState::kDormant);
  queue.run_for(std::chrono::seconds(1));
  EXPECT_EQ(station->state(), Station::State::kScanning);
  event(NL80211_CMD_NEW_SCAN_RESULTS, [](auto&) {});
  EXPECT_EQ(station->state(), Station::State::kAuthenticating);
}

TEST_F(StationTest, SilentAccessPointRunsIntoTheDeadline) {
  reach_association();
  queue.run_for(std::chrono::seconds(11));
  EXPECT_EQ(port->all(NL80211_CMD_DEAUTHENTICATE).size(), 1u);
  EXPECT_EQ(observer.log, "");  // it never came to a message that a key could be wrong in
}

TEST_F(StationTest, BacksOffFurtherWhileNothingFits) {
  secured = false;  // the network is there, but open
  station->start();
  for (int i = 0; i < 30; ++i) {
    queue.run_for(std::chrono::seconds(1));
    if (station->state() == Station::State::kScanning)
      event(NL80211_CMD_NEW_SCAN_RESULTS, [](auto&) {});
  }
  EXPECT_TRUE(port->all(NL80211_CMD_AUTHENTICATE).empty());
  const size_t scans = port->all(NL80211_CMD_TRIGGER_SCAN).size();
  EXPECT_GE(scans, 5u);
  EXPECT_LE(scans, 12u);
}

TEST_F(StationTest, RefusalsAndTimeoutsLeadToAnotherTry) {
  station->start();
  settle();
  event(NL80211_CMD_NEW_SCAN_RESULTS, [](auto&) {});
  frame_event(NL80211_CMD_AUTHENTICATE, {0xb0, 0, 0, 2, 0, 17, 0});
  EXPECT_EQ(station->state(), Station::State::kBackoff);
  queue.run_for(std::chrono::seconds(1));
  event(NL80211_CMD_NEW_SCAN_RESULTS, [](auto&) {});
  event(NL80211_CMD_AUTHENTICATE, [](auto& w) { w.flag(NL80211_ATTR_TIMED_OUT); });
  EXPECT_EQ(station->state(), Station::State::kBackoff);
  port->answers[NL80211_CMD_TRIGGER_SCAN] = [](const auto&) { return fail(Errc::kBusy); };
  queue.run_for(std::chrono::seconds(1));
  EXPECT_EQ(station->state(), Station::State::kBackoff);
  port->lose_events();
  EXPECT_EQ(observer.log, "");
}

TEST_F(StationTest, StopDeauthenticatesAndStaysStopped) {
  reach_association();
  handshake();
  station->stop();
  settle();
  EXPECT_EQ(port->all(NL80211_CMD_DEAUTHENTICATE).size(), 1u);
  frame_event(NL80211_CMD_DEAUTHENTICATE, {0xc0, 3, 0});
  queue.run_for(std::chrono::minutes(1));
  EXPECT_EQ(station->state(), Station::State::kStopped);
  station->start();
  settle();
  EXPECT_EQ(station->state(), Station::State::kScanning);
}

TEST_F(StationTest, InterfaceThatCannotComeUpFails) {
  link.refuse = true;
  station->start();
  settle();
  EXPECT_EQ(observer.log, "failed ");
  EXPECT_EQ(station->state(), Station::State::kStopped);
}

TEST_F(StationTest, HostileEventsAreHarmless) {
  reach_association();
  for (int command = 0; command < 256; ++command) {
    event(static_cast<uint8_t>(command), [](auto&) {});
    for (const Octets& frame : {Octets{}, Octets{0xc0}, Octets(23, 0xff), Octets(26, 0x00)})
      event(static_cast<uint8_t>(command), [&](netlink::MessageWriter& w) {
        w.mac(NL80211_ATTR_MAC, kAp).bytes(NL80211_ATTR_FRAME, frame);
      });
  }
  queue.run_for(std::chrono::minutes(1));
  EXPECT_NE(station->state(), Station::State::kStopped);
}

class OpenStationTest : public StationTest {
 protected:
  OpenStationTest() : StationTest(false) { secured = false; }
};

TEST_F(OpenStationTest, ConnectsWithoutKeys) {
  reach_association();
  EXPECT_EQ(observer.log, "+02:00:00:00:00:00 ");
  EXPECT_TRUE(port->all(NL80211_CMD_NEW_KEY).empty());
  const auto associate = port->last(NL80211_CMD_ASSOCIATE);
  EXPECT_FALSE(associate.attributes().has(NL80211_ATTR_CONTROL_PORT));
}

TEST(ChooseBss, StrongestFittingThenLowestBssid) {
  const auto make = [](uint8_t last, int32_t signal, const char* ssid) {
    Bss bss{.bssid = {{2, 0, 0, 0, 0, last}}, .frequency_mhz = 2412, .signal_mbm = signal};
    bss.ssid.assign(ssid, ssid + 1);
    return bss;
  };
  const BssWish wish{.ssid = {'a'}};
  const auto best = choose_bss(
      {make(3, -50, "a"), make(2, -50, "a"), make(1, -90, "a"), make(4, -10, "b")}, wish);
  ASSERT_TRUE(best);
  EXPECT_EQ(best->bssid.octets[5], 2);
  EXPECT_FALSE(choose_bss({}, wish));
}

}  // namespace
}  // namespace airloom::sme
