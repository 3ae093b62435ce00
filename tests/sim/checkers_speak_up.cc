// A checker that never speaks up proves nothing: each is shown what it is there to find.
#include "sim/checkers.h"
#include "sim/event_checker.h"
#include "sim/outsider.h"
#include "sim/port_checker.h"
#include "sim/tim_checker.h"

namespace airloom::lab {
namespace {

using namespace std::chrono_literals;
using ieee80211::FrameControl;
using ieee80211::Subtype;

const MacAddress kStation{{2, 0, 0, 0, 9, 0}};
constexpr uint16_t kAid = 1;
constexpr medium::ReceiverId kApRadio = 1;

/// A host that plays access point: nothing runs on it; its messages and frames are the test's.
class StagedAccessPoint : public testing::Test {
 protected:
  StagedAccessPoint() {
    ports_.watch_access_point(host_.host(), ap_);
    tim_.watch_access_point(ap_, kApRadio, 0);
    simulation_.run_for(2s);  // the air has been good for long
  }

  static Octets request(uint8_t command, const sme::ClientPort::Fill& fill) {
    netlink::MessageWriter writer(netlink::MessageHeader{.type = 28},
                                  netlink::GenlHeader{.command = command});
    fill(writer);
    return std::move(writer).finish();
  }
  void hear(NetlinkDirection direction, const Octets& datagram) {
    ports_.on_netlink(host_.host(), direction, datagram);
    keys_.on_netlink(host_.host(), direction, datagram);
  }
  void authorise() {
    hear(NetlinkDirection::kToKernel, request(NL80211_CMD_SET_STATION, [](auto& writer) {
           Octets flags;
           Writer(flags).le32(1U << NL80211_STA_FLAG_AUTHORIZED);
           Writer(flags).le32(1U << NL80211_STA_FLAG_AUTHORIZED);
           writer.mac(NL80211_ATTR_MAC, kStation).bytes(NL80211_ATTR_STA_FLAGS2, flags);
         }));
  }
  void install_key() {
    hear(NetlinkDirection::kToKernel, request(NL80211_CMD_NEW_KEY, [&](auto& writer) {
           writer.mac(NL80211_ATTR_MAC, kStation);
           const auto nest = writer.nest(NL80211_ATTR_KEY);
           writer.u8(NL80211_KEY_IDX, 0).u32(NL80211_KEY_CIPHER, ieee80211::cipher::kCcmp128);
           writer.bytes(NL80211_KEY_DATA, Octets(16, 7));
         }));
  }
  void on_air(const Octets& octets) {
    const medium::Transmission transmission{.frame = simulation_.world().pool().from(octets)};
    ports_.on_begin(transmission);
    tim_.on_begin(transmission);
    const medium::Observer::Decoder ap{kApRadio, -50};
    tim_.on_end(transmission, {&ap, 1});
  }

  Octets frame(FrameControl control, const MacAddress& to, const MacAddress& from) const {
    ieee80211::MacHeader header;
    header.fc = control;
    header.address1 = to;
    header.address2 = from;
    header.address3 = ap_;
    Octets octets;
    Writer writer(octets);
    header.emit(writer);
    return octets;
  }
  void associate() {
    Octets response = frame(Subtype::kAssociationResponse, kStation, ap_);
    ieee80211::AssociationResponseBody body;
    body.set_aid(kAid);
    Writer writer(response);
    body.emit(writer);
    on_air(response);
    authorise();
    install_key();
  }
  void doze(bool on) {
    FrameControl control(Subtype::kNull);
    control.set(FrameControl::kToDs).set(FrameControl::kPowerManagement, on);
    on_air(frame(control, ap_, kStation));
    simulation_.run_for(50ms);
  }
  void beacon(bool announces) {
    Octets octets = frame(Subtype::kBeacon, MacAddress::broadcast(), ap_);
    Writer writer(octets);
    ieee80211::BeaconBody{.interval_tu = 100}.emit(writer);
    ieee80211::emit_element(writer,
                            ieee80211::TimElement::from_aids(
                                0, 2, false, announces ? std::set{kAid} : std::set<uint16_t>{}));
    on_air(octets);
    simulation_.run_for(50ms);
  }
  void hand_in(const TestFrame& test_frame) {
    tim_.on_handed(ap_, kStation, test_frame);
    simulation_.run_for(50ms);
  }
  void send_data(const TestFrame& test_frame) {
    Octets clear = frame(FrameControl(Subtype::kData).set(FrameControl::kFromDs), kStation, ap_);
    const Octets ethernet = test_frame.to_ethernet(kStation, ap_);
    Writer(clear).bytes(ieee80211::kRfc1042Header).bytes(std::span(ethernet).subspan(12));
    on_air(seal(*keys_.find(ap_, kStation, 0), clear, ++packet_number_));
  }

  Simulation simulation_{1};
  SimulatedHost& host_ = simulation_.add_host("ap");
  const MacAddress ap_ = host_.wlan0().address();
  KeyLog keys_{simulation_.world()};
  PortChecker ports_{simulation_.world()};
  TimChecker tim_{simulation_.world(), keys_, ports_};
  uint64_t packet_number_ = 0;
  const TestFrame frame_{.sender = 0, .priority = 0, .number = 1, .size = 50};
};

TEST_F(StagedAccessPoint, AnHonestOneIsNotBlamed) {
  associate();
  doze(true);
  beacon(false);
  hand_in(frame_);
  beacon(true);
  doze(false);
  send_data(frame_);
  simulation_.run_for(1s);
  EXPECT_EQ(tim_.faults(), "");
  EXPECT_EQ(ports_.faults(), "");
  EXPECT_EQ(tim_.judged(), 1u);
}

TEST_F(StagedAccessPoint, AHiddenFrameIsSeen) {
  associate();
  doze(true);
  hand_in(frame_);
  beacon(false);
  send_data(frame_);
  EXPECT_NE(tim_.faults().find("hides a frame"), std::string::npos);
}

TEST_F(StagedAccessPoint, AnEmptyPromiseIsSeen) {
  associate();
  doze(true);
  beacon(true);
  doze(false);
  simulation_.run_for(1s);
  EXPECT_NE(tim_.faults().find("does not have"), std::string::npos);
}

TEST_F(StagedAccessPoint, OnABadAirNobodyIsBlamed) {
  tim_.on_air(false);
  associate();
  doze(true);
  beacon(true);
  doze(false);
  simulation_.run_for(1s);
  EXPECT_EQ(tim_.faults(), "");
}

TEST_F(StagedAccessPoint, DataToAnUnauthorisedPortIsSeen) {
  install_key();
  send_data(frame_);
  EXPECT_NE(ports_.faults().find("sends data to " + kStation.to_string()), std::string::npos);
  const size_t before = ports_.faults().size();
  authorise();
  send_data(frame_);
  EXPECT_EQ(ports_.faults().size(), before);
  hear(NetlinkDirection::kFromKernel, request(NL80211_CMD_DEL_STATION, [](auto& writer) {
         writer.mac(NL80211_ATTR_MAC, kStation);
       }));
  ports_.on_delivery(ap_, frame_.to_ethernet(ap_, kStation));
  EXPECT_NE(ports_.faults().find("hands up data of " + kStation.to_string()), std::string::npos);
}

/// The same stage for AirChecker and BeaconChecker, with management keys.
class StagedManagement : public StagedAccessPoint {
 protected:
  void ask(uint8_t command, const sme::ClientPort::Fill& fill) {
    simulation_.world().on_netlink(host_.host(), NetlinkDirection::kToKernel,
                                   request(command, fill));
  }
  void install(const LoggedKey& key) {
    ask(NL80211_CMD_NEW_KEY, [&](auto& writer) {
      if (key.index < 4) writer.mac(NL80211_ATTR_MAC, kStation);
      const auto nest = writer.nest(NL80211_ATTR_KEY);
      writer.u8(NL80211_KEY_IDX, key.index).u32(NL80211_KEY_CIPHER, key.cipher);
      writer.bytes(NL80211_KEY_DATA, key.material);
    });
  }
  void admit(uint8_t flag) {
    ask(NL80211_CMD_NEW_STATION, [&](auto& writer) {
      Octets flags;
      Writer(flags).le32(1U << flag).le32(1U << flag);
      writer.mac(NL80211_ATTR_MAC, kStation).bytes(NL80211_ATTR_STA_FLAGS2, flags);
    });
  }
  void send(const Octets& octets) {
    const auto& radio = *host_.host().all_radios().begin()->second;
    const medium::Transmission transmission{.sender = radio.device->receiver_id(),
                                            .frame = simulation_.world().pool().from(octets)};
    air_.on_end(transmission, {});
    beacons_.on_end(transmission, {});
  }
  Octets leave(const MacAddress& to, uint16_t sequence) const {
    Octets octets = frame(Subtype::kDeauthentication, to, ap_);
    octets[22] = static_cast<uint8_t>(sequence << 4);
    Writer(octets).le16(3);
    return octets;
  }
  void leave_all(const LoggedKey& key, uint64_t ipn, uint16_t sequence) {
    send(with_mic_element(key, leave(MacAddress::broadcast(), sequence), key.index, ipn));
  }
  void protected_beacon(uint64_t ipn) {
    Octets octets = frame(Subtype::kBeacon, MacAddress::broadcast(), ap_);
    Writer writer(octets);
    ieee80211::BeaconBody{.interval_tu = 100}.emit(writer);
    send(with_mic_element(bigtk_, octets, bigtk_.index, ipn));
  }

  AirChecker air_{simulation_.world()};
  BeaconChecker beacons_{simulation_.world(), host_.host()};
  const LoggedKey ptk_{0, ieee80211::cipher::kCcmp128, Octets(16, 7)};
  const LoggedKey igtk_{4, ieee80211::cipher::kBipCmac128, Octets(16, 8)};
  const LoggedKey bigtk_{6, ieee80211::cipher::kBipCmac128, Octets(16, 9)};
};

TEST_F(StagedManagement, AReinstalledManagementKeyThatBeginsAnewIsSeen) {
  install(igtk_);
  leave_all(igtk_, 1, 1);
  leave_all(igtk_, 2, 2);
  leave_all(igtk_, 2, 2);  // the same again
  install(igtk_);
  leave_all(igtk_, 3, 3);
  EXPECT_EQ(air_.faults(), "");
  EXPECT_EQ(air_.group_management_frames(), 4u);
  install(igtk_);
  leave_all(igtk_, 1, 4);
  EXPECT_NE(air_.faults().find("uses packet number 1 twice"), std::string::npos);
}

TEST_F(StagedManagement, AnotherManagementKeyIsSeen) {
  send(leave(MacAddress::broadcast(), 1));
  install(igtk_);
  EXPECT_EQ(air_.faults(), "");
  LoggedKey guessed = igtk_;
  guessed.material[0] ^= 1;
  leave_all(guessed, 1, 2);
  EXPECT_NE(air_.faults().find("no management key"), std::string::npos);
}

TEST_F(StagedManagement, AReinstalledBeaconKeyThatBeginsAnewIsSeen) {
  install(bigtk_);
  protected_beacon(1);
  protected_beacon(2);
  install(bigtk_);
  protected_beacon(3);
  EXPECT_EQ(beacons_.faults(), "");
  EXPECT_EQ(beacons_.count(), 3u);
  install(bigtk_);
  protected_beacon(1);
  EXPECT_NE(beacons_.faults().find("packet number 1 after 3"), std::string::npos);
}

TEST_F(StagedManagement, ARobustFrameInClearIsSeenBetweenPeersWithPmf) {
  admit(NL80211_STA_FLAG_ASSOCIATED);
  install(ptk_);
  send(leave(kStation, 1));
  admit(NL80211_STA_FLAG_MFP);
  send(leave(kStation, 2));  // as yet without a key
  install(ptk_);
  send(seal(ptk_, leave(kStation, 3), 1));
  EXPECT_EQ(air_.faults(), "");
  Octets block_ack = frame(Subtype::kAction, kStation, ap_);
  Writer(block_ack).u8(3).u8(2);
  send(block_ack);
  EXPECT_NE(air_.faults().find("robust management frame in clear"), std::string::npos);
  const size_t before = air_.faults().size();
  ask(NL80211_CMD_DEL_STATION, [](auto& writer) { writer.mac(NL80211_ATTR_MAC, kStation); });
  send(leave(kStation, 4));  // to a stranger there is no other way
  EXPECT_EQ(air_.faults().size(), before);
}

TEST_F(StagedAccessPoint, EventsOutOfOrderAreSeen) {
  EventChecker events(simulation_, host_);
  const auto tell = [&](
                        uint8_t command, const sme::ClientPort::Fill& fill = [](auto&) {}) {
    const Octets datagram = request(command, fill);
    const auto message = netlink::MessageReader(datagram).next();
    events.on_event(command, netlink::AttributeTable(message->genl_attributes()));
  };
  const auto about_station = [](auto& writer) { writer.mac(NL80211_ATTR_MAC, kStation); };
  tell(NL80211_CMD_START_AP);
  tell(NL80211_CMD_NEW_STATION, about_station);
  tell(NL80211_CMD_DEL_STATION, about_station);
  tell(NL80211_CMD_STOP_AP);
  tell(NL80211_CMD_TRIGGER_SCAN);
  tell(NL80211_CMD_SCAN_ABORTED);
  EXPECT_EQ(events.faults(), "");
  const std::vector<std::tuple<uint8_t, sme::ClientPort::Fill, std::string>> wrong = {
      {NL80211_CMD_STOP_AP, {}, "had not started"},
      {NL80211_CMD_DEL_STATION, about_station, "did not have"},
      {NL80211_CMD_NEW_SCAN_RESULTS, {}, "had not begun"},
      {NL80211_CMD_CONNECT, {}, "without having associated"},
      {NL80211_CMD_ASSOCIATE, {}, "associates while connected"},
      {NL80211_CMD_DISCONNECT, {}, ""},
      {NL80211_CMD_DISCONNECT, {}, "without a connection"}};
  for (const auto& [command, fill, words] : wrong) {
    tell(
        command, fill ? fill : [](auto&) {});
    EXPECT_NE(events.faults().find(words), std::string::npos) << words;
  }
  const Octets eapol = request(NL80211_CMD_CONTROL_PORT_FRAME, about_station);
  const Octets known = request(NL80211_CMD_NEW_STATION, about_station);
  const std::string before = events.faults();
  events.on_netlink(host_.host(), NetlinkDirection::kFromKernel, known);
  events.on_netlink(host_.host(), NetlinkDirection::kFromKernel, eapol);
  EXPECT_EQ(events.faults(), before);
  events.on_netlink(host_.host(), NetlinkDirection::kFromKernel,
                    request(NL80211_CMD_DEL_STATION, about_station));
  events.on_netlink(host_.host(), NetlinkDirection::kFromKernel, eapol);
  EXPECT_NE(events.faults().find("control port frame"), std::string::npos);
}

}  // namespace
}  // namespace airloom::lab
