// Management frames and the control port, from and to userspace.
#include <gmock/gmock.h>

#include "world.h"

namespace airloom::cfg80211 {
namespace {

class Frames : public testing::Test {
 protected:
  /// An Action frame of ours to the access point.
  static FrameTxRequest action(uint8_t category, const MacAddress& to = kApAddress) {
    FrameTxRequest request;
    Writer writer(request.frame);
    writer.le16(0x00d0).le16(0).mac(to).mac(kOwnAddress).mac(kApAddress).le16(0).u8(category);
    return request;
  }
  std::string refusal(FrameRegistration wanted) {
    return error_of(register_frame(wdev, std::move(wanted))).text;
  }

  World world;
  Wdev& wdev = world.add(InterfaceType::kStation);
  static constexpr uint16_t kAction = 0x00d0, kAuthentication = 0x00b0;
};

TEST_F(Frames, RegistrationsMatchByPrefix) {
  ASSERT_TRUE(register_frame(wdev, {.port = 7, .frame_type = kAction, .match = {4, 9}}));
  ASSERT_TRUE(register_frame(wdev, {.port = 8, .frame_type = kAction, .match = {5}}));
  EXPECT_EQ(refusal({.port = 8, .frame_type = kAction, .match = {4}}), "Match already configured");
  EXPECT_EQ(refusal({.port = 8, .frame_type = kAction}), "Match already configured");
  EXPECT_EQ(world.ops.interest.unicast_subtypes, 1u << 13);
  EXPECT_TRUE(rx_management(wdev, World::management(kAction, {4, 9, 1}), 2412, {}));
  EXPECT_TRUE(rx_management(wdev, World::management(kAction, {5}), 2412, {}));
  EXPECT_FALSE(rx_management(wdev, World::management(kAction, {4}), 2412, {}));
  EXPECT_FALSE(rx_management(wdev, World::management(kAction, {}), 2412, {}));
  EXPECT_FALSE(rx_management(wdev, World::management(0x00c0, {4, 9}), 2412, {}));
  EXPECT_EQ(world.events.take(), (Lines{"FRAME to 7: 27 octets", "FRAME to 8: 25 octets"}));
  world.host.on_port_closed(7);
  EXPECT_FALSE(rx_management(wdev, World::management(kAction, {4, 9, 1}), 2412, {}));
  EXPECT_TRUE(register_frame(wdev, {.port = 9, .frame_type = kAction, .match = {4, 9}}));
}

TEST_F(Frames, RegistrationsAreRefusedInTheKernelsWords) {
  EXPECT_EQ(refusal({.frame_type = 0x0008}), "frame type not management");
  EXPECT_EQ(refusal({.frame_type = 0x01d0}), "Invalid frame type");
  EXPECT_EQ(refusal({.frame_type = 0x0080}), "Registration to specific type not supported");
  EXPECT_EQ(refusal({.frame_type = kAuthentication}), "Authentication algorithm number required");
  EXPECT_EQ(refusal({.frame_type = kAction, .multicast = true}),
            "multicast RX registrations are not supported");
  Wdev& monitor = world.add(InterfaceType::kMonitor, "mon0");
  EXPECT_EQ(code_of(register_frame(monitor, {.frame_type = kAction})), Errc::kUnsupported);
}

TEST_F(Frames, CookiesNameWhatWillHaveAStatus) {
  EXPECT_EQ(*send_frame(wdev, action(4)), 1u);
  auto silent = action(4);
  silent.dont_wait_for_ack = true;
  EXPECT_EQ(*send_frame(wdev, silent), 0u);
  world.ops.failures["management_tx"] = Errc::kBusy;
  EXPECT_FALSE(send_frame(wdev, action(4)));
  world.ops.failures.clear();
  EXPECT_EQ(*send_frame(wdev, action(4)), 2u);  // the failure used none up
}

TEST_F(Frames, AddressesMustFitTheInterface) {
  EXPECT_EQ(code_of(send_frame(wdev, action(3))), Errc::kNotConnected);
  world.join(wdev);
  EXPECT_TRUE(send_frame(wdev, action(3)));
  EXPECT_EQ(code_of(send_frame(wdev, action(3, kOwnAddress))), Errc::kNotConnected);
  auto foreign = action(4);
  foreign.frame[15] ^= 1;  // somebody else's source address
  EXPECT_EQ(code_of(send_frame(wdev, foreign)), Errc::kInvalid);
  auto data = action(4);
  data.frame[0] = 0x08;
  EXPECT_EQ(code_of(send_frame(wdev, data)), Errc::kInvalid);
  auto order = action(4);
  order.frame[1] = 0x80;
  EXPECT_EQ(code_of(send_frame(wdev, order)), Errc::kInvalid);
  for (size_t length = 0; length <= 24; ++length) {
    auto cut = action(4);
    cut.frame.resize(length);
    EXPECT_EQ(code_of(send_frame(wdev, cut)), Errc::kInvalid);
  }
}

TEST_F(Frames, TimeOffChannelIsBounded) {
  const auto channel = ChannelDefinition::from_type(2437, ieee80211::ChannelType::kNoHt);
  EXPECT_EQ(*remain_on_channel(wdev, channel, 100), 1u);
  EXPECT_EQ(code_of(remain_on_channel(wdev, channel, 9)), Errc::kInvalid);
  EXPECT_EQ(code_of(remain_on_channel(wdev, channel, 5001)), Errc::kInvalid);
  EXPECT_EQ(
      error_of(remain_on_channel(
                   wdev, ChannelDefinition::from_type(5845, ieee80211::ChannelType::kNoHt), 100))
          .text,
      "Channel is disabled");
  auto request = action(4);
  request.offchannel_ok = true;
  EXPECT_EQ(code_of(send_frame(wdev, request)), Errc::kInvalid);  // where?
  request.channel = channel;
  request.wait_ms = 5001;
  EXPECT_EQ(code_of(send_frame(wdev, request)), Errc::kInvalid);
  request.wait_ms = 50;
  EXPECT_TRUE(send_frame(wdev, request));
}

TEST_F(Frames, ControlPortTellsWhoMaySend) {
  ControlPortTxRequest request{.destination = kApAddress, .ethertype = 0x888e};
  EXPECT_EQ(code_of(send_control_port_frame(wdev, request)), Errc::kNotConnected);
  world.join(wdev, 7);
  EXPECT_EQ(*send_control_port_frame(wdev, request), 1u);
  request.ethertype = 0x0800;
  EXPECT_EQ(code_of(send_control_port_frame(wdev, request)), Errc::kInvalid);
  request.ethertype = 0x88c7;
  world.ops.control_port_status = false;
  EXPECT_EQ(*send_control_port_frame(wdev, request), 0u);
  request.ethertype = 0x888e;
  world.ops.control_port_status = true;
  request.link = 1;
  EXPECT_EQ(code_of(send_control_port_frame(wdev, request)), Errc::kNoLink);
  request.link = 0;
  EXPECT_EQ(*send_control_port_frame(wdev, request), 2u);
  request.want_status = false;
  EXPECT_EQ(*send_control_port_frame(wdev, request), 0u);
  Wdev& ap = world.add(InterfaceType::kAp);
  EXPECT_TRUE(send_control_port_frame(ap, request));  // even while not beaconing
  Wdev& monitor = world.add(InterfaceType::kMonitor, "mon0");
  EXPECT_EQ(code_of(send_control_port_frame(monitor, request)), Errc::kUnsupported);
}

TEST_F(Frames, ControlPortDeliversToTheOwnerOnly) {
  EXPECT_FALSE(rx_control_port(wdev, kApAddress, 0x888e, {}, true));
  world.join(wdev, 7);
  EXPECT_TRUE(rx_control_port(wdev, kApAddress, 0x888e, {}, true));
  EXPECT_EQ(world.events.take(), (Lines{"CONTROL_PORT_FRAME to 7: 888e"}));
}

TEST_F(Frames, UnexpectedFramesHaveOneListener) {
  EXPECT_EQ(code_of(register_unexpected_frame(wdev, 7)), Errc::kInvalid);
  Wdev& ap = world.add(InterfaceType::kAp);
  EXPECT_FALSE(rx_spurious_frame(ap, kApAddress));
  EXPECT_TRUE(register_unexpected_frame(ap, 7));
  EXPECT_EQ(code_of(register_unexpected_frame(ap, 8)), Errc::kBusy);
  EXPECT_TRUE(rx_spurious_frame(ap, kApAddress));
  EXPECT_EQ(world.events.take(), (Lines{"UNEXPECTED_FRAME to 7"}));
  world.host.on_port_closed(7);
  EXPECT_TRUE(register_unexpected_frame(ap, 8));
  EXPECT_TRUE(register_beacons(world.wiphy(), 7));
  EXPECT_EQ(code_of(register_beacons(world.wiphy(), 7)), Errc::kAlready);
  EXPECT_TRUE(register_beacons(world.wiphy(), 8));
}

TEST(Bitrates, AreTheKernels) {
  const auto rate = [](RateInfo info) { return bitrate_100kbps(info); };
  using Kind = RateInfo::Kind;
  EXPECT_EQ(rate({.legacy_100kbps = 55}), 55u);
  EXPECT_EQ(rate({.kind = Kind::kHt, .mcs = 7}), 650u);
  EXPECT_EQ(rate({.kind = Kind::kHt, .mcs = 7, .short_gi = true}), 722u);
  EXPECT_EQ(rate({.kind = Kind::kHt, .mcs = 15, .width_mhz = 40}), 2700u);
  EXPECT_EQ(rate({.kind = Kind::kVht, .mcs = 9, .nss = 2, .width_mhz = 80}), 7800u);
  EXPECT_EQ(rate({.kind = Kind::kVht, .mcs = 2, .width_mhz = 80}), 878u);
  EXPECT_EQ(rate({.kind = Kind::kHe, .mcs = 11, .nss = 2, .width_mhz = 80}), 12009u);
  EXPECT_EQ(rate({.kind = Kind::kHt, .mcs = 200}), 0u);
}

}  // namespace
}  // namespace airloom::cfg80211
