// CONNECT with WEP keys: open system and shared key authentication, and the keys in use afterwards.
// [802.11-2020 12.3.3]
#include <gtest/gtest.h>

#include "cfg80211/wep.h"
#include "ieee80211/rsn_element.h"
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;
using cfg80211::AuthType;

constexpr uint16_t kChallengeFailure = 15, kUnsupportedAlgorithm = 13;

/// What an access point with WEP asks before it lets anybody in.
class WepDoorkeeper final : public Doorkeeper {
 public:
  bool wants_shared_key = false;
  std::vector<uint16_t> transactions;  ///< of the authentication frames that came
  bool answers_were_encrypted = true;

  bool frame_received(const Wdev& wdev, cfg80211::PortId port, Span frame, uint32_t mhz,
                      uint16_t offset, std::optional<int8_t> signal, uint32_t flags) override {
    const auto view = ieee80211::FrameView::of(frame);
    const auto body = ieee80211::AuthenticationBody::parse(Reader(view->body()));
    if (!view->fc().is(Subtype::kAuthentication) || !body)
      return Doorkeeper::frame_received(wdev, port, frame, mhz, offset, signal, flags);
    transactions.push_back(body->transaction);
    const bool shared = body->algorithm == ieee80211::AuthAlgorithm::kSharedKey;
    if (shared != wants_shared_key) {
      reply(wdev, *view, body->algorithm, 2, kUnsupportedAlgorithm, {});
    } else if (body->transaction == 3) {
      answers_were_encrypted = answers_were_encrypted && view->fc().is_protected();
      const bool right = Octets(body->data.begin(), body->data.end()) == challenge();
      reply(wdev, *view, body->algorithm, 4, right ? 0 : kChallengeFailure, {});
    } else {
      reply(wdev, *view, body->algorithm, 2, 0, shared ? challenge() : Octets());
    }
    return true;
  }

 private:
  static Octets challenge() {
    Octets element{16, 128};
    for (uint8_t i = 0; i < 128; ++i) element.push_back(static_cast<uint8_t>(7 * i + 1));
    return element;
  }
  static void reply(const Wdev& wdev, const ieee80211::FrameView& to,
                    ieee80211::AuthAlgorithm algorithm, uint16_t transaction, uint16_t status,
                    const Octets& elements) {
    cfg80211::FrameTxRequest request;
    Writer writer(request.frame);
    writer.le16(0xb0).le16(0).mac(to.address2()).mac(wdev.address()).mac(wdev.address()).le16(0);
    writer.le16(static_cast<uint16_t>(algorithm)).le16(transaction).le16(status).bytes(elements);
    EXPECT_TRUE(cfg80211::send_frame(*wdev.wiphy().find_wdev(wdev.id()), request));
  }
};

class WepConnect : public MlmeHosts {
 protected:
  static cfg80211::KeyParams key(size_t size, uint8_t octet) {
    using namespace ieee80211::cipher;
    return {.key = Octets(size, octet), .cipher = size == 5 ? kWep40 : kWep104};
  }
  void start(const cfg80211::KeyParams& wep, bool shared) {
    ap.host.set_event_sink(wep_door);
    sta.host.set_event_sink(sta_events);
    wep_door.client = client(1, /*authorized=*/true);
    wep_door.wants_shared_key = shared;
    auto request = access_point();
    (*request.beacon.head)[34] |= 0x10;  // Privacy
    ASSERT_TRUE(cfg80211::start_ap(*ap.wdev, request, kPort));
    for (const uint16_t type : {0x00, 0xb0})
      ASSERT_TRUE(cfg80211::register_frame(*ap.wdev, {.port = kPort, .frame_type = type}));
    ASSERT_TRUE(cfg80211::new_key(*ap.wdev, {.index = 2}, wep));
    ASSERT_TRUE(cfg80211::set_default_key(*ap.wdev, 2, true, true));
    scan();
  }
  void scan() {
    ASSERT_TRUE(cfg80211::trigger_scan(
        *sta.wdev, {.channels = {{.mhz = kMhz, .band = ieee80211::Band::k2GHz}}}));
    run(500ms);
  }
  Result<void> connect(const cfg80211::KeyParams& wep, AuthType type) {
    cfg80211::WepKeys keys{.transmit = 2};
    keys.keys[2] = wep;
    auto connected = cfg80211::connect_with_wep(
        *sta.wdev, {.ssid = kSsid, .auth_type = type, .privacy = true}, keys, kPort);
    if (connected) run(2s);
    return connected;
  }
  void expect_data_under_wep() {
    ASSERT_TRUE(sta.wdev->is_connected());
    air.frames.clear();
    EXPECT_TRUE(data_gets_through());
    ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, Octets(20, 2)));
    ap.netdev().send(ethernet(MacAddress::broadcast(), ap.address, 0x0800, Octets(20, 3)));
    run(300ms);
    EXPECT_EQ(sta.netdev().received.size(), 2u);
    for (const auto& frame : air.frames) {
      const auto view = ieee80211::FrameView::of(frame.octets());
      EXPECT_EQ(view->fc().is_protected(), view->fc().is_data() && view->fc().has_data());
    }
  }
  WepDoorkeeper wep_door;
};

TEST_F(WepConnect, OpenSystem) {
  start(key(5, 9), false);
  ASSERT_TRUE(connect(key(5, 9), AuthType::kOpenSystem));
  expect_data_under_wep();
  EXPECT_EQ(wep_door.transactions, std::vector<uint16_t>{1});
}

TEST_F(WepConnect, SharedKey) {
  start(key(13, 9), true);
  ASSERT_TRUE(connect(key(13, 9), AuthType::kSharedKey));
  expect_data_under_wep();
  EXPECT_EQ(wep_door.transactions, (std::vector<uint16_t>{1, 3}));
  EXPECT_TRUE(wep_door.answers_were_encrypted);
}

TEST_F(WepConnect, WhatItTriesFirstMayBeTheOther) {
  start(key(5, 9), true);
  ASSERT_TRUE(connect(key(5, 9), AuthType::kAutomatic));
  expect_data_under_wep();
  EXPECT_EQ(wep_door.transactions, (std::vector<uint16_t>{1, 1, 3}));
}

/// What does not decrypt never reaches whoever asked, so the station gives up in the end.
TEST_F(WepConnect, AWrongKeyDoesNotAnswerTheChallenge) {
  start(key(5, 9), true);
  ASSERT_TRUE(connect(key(5, 8), AuthType::kSharedKey));
  EXPECT_FALSE(sta.wdev->is_connected());
  EXPECT_EQ(wep_door.transactions, (std::vector<uint16_t>{1, 1, 1}));
  EXPECT_GE(ap.stack.drops().of(Drop::kRxBadMic), 3u);
  scan();  // whoever does not answer is forgotten
  ASSERT_TRUE(connect(key(5, 9), AuthType::kSharedKey));
  expect_data_under_wep();
}

TEST_F(WepConnect, KeysDoNotOutliveTheirConnection) {
  start(key(5, 9), false);
  ASSERT_TRUE(connect(key(5, 9), AuthType::kOpenSystem));
  ASSERT_TRUE(cfg80211::disconnect(*sta.wdev, 3, kPort));
  run(100ms);
  for (uint8_t index = 0; index < 4; ++index)
    EXPECT_EQ(sta.interface().link().keys.find(index), nullptr);
  const auto without = cfg80211::connect(
      *sta.wdev, {.ssid = kSsid, .auth_type = AuthType::kSharedKey, .privacy = true}, kPort);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, Errc::kInvalid);
  ASSERT_TRUE(cfg80211::delete_station(*ap.wdev, {.mac = sta.address}));
  ASSERT_TRUE(connect(key(5, 9), AuthType::kOpenSystem));
  expect_data_under_wep();
}

}  // namespace
}  // namespace airloom::mac80211
