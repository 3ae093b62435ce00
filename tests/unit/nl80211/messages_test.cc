// What others hear of: vendor commands, frames from strangers, and scans with channels in kHz.
#include <cerrno>

#include "cfg80211/driver_events.h"
#include "fixture.h"

namespace airloom::nl80211 {
namespace {

using cfg80211::InterfaceType;
using cfg80211::Wdev;
using netlink::AttributeTable;
using netlink::MessageWriter;

constexpr MacAddress kStranger{{2, 0, 0, 0, 7, 0}};
constexpr uint32_t kTestOui = 0x001374;  // of Linux's simulator
constexpr uint32_t kTestSubcommand = 1;
constexpr uint16_t kTestNumber = 8;

class MessagesTest : public Nl80211Test {
 protected:
  MessagesTest() {
    const auto world = cfg80211::world_domain();
    wiphy.set_channels(cfg80211::apply(*capabilities, {.domain = &world}));
    ops.scans = true;
  }
  void listen(Group group) {
    ASSERT_TRUE(bus.join(user_id, genl::Bus::kFirstGroup + static_cast<uint32_t>(group)));
  }
  Wdev& station() {
    Wdev& wdev = add_interface("wlan0");
    bring_up(wdev);
    return wdev;
  }
  /// Of the test command; a number of none leaves its data empty.
  MessageWriter vendor(const Wdev& wdev, std::optional<uint32_t> number, uint32_t oui = kTestOui,
                       uint32_t subcommand = kTestSubcommand) {
    MessageWriter message = request(NL80211_CMD_VENDOR, wdev);
    message.u32(NL80211_ATTR_VENDOR_ID, oui).u32(NL80211_ATTR_VENDOR_SUBCMD, subcommand);
    const auto nest = message.flagged_nest(NL80211_ATTR_VENDOR_DATA);
    if (number) message.u32(kTestNumber, *number);
    return message;
  }
  MessageWriter scan_khz(const Wdev& wdev, const std::vector<uint32_t>& channels) {
    MessageWriter message = request(NL80211_CMD_TRIGGER_SCAN, wdev);
    message.u32(NL80211_ATTR_SCAN_FLAGS, NL80211_SCAN_FLAG_FREQ_KHZ);
    const auto list = message.flagged_nest(NL80211_ATTR_SCAN_FREQ_KHZ);
    uint16_t index = 0;
    for (const uint32_t khz : channels) message.u32(++index, khz);
    return message;
  }
};

TEST_F(MessagesTest, TheVendorsTestAnswersTheAskerAndTellsItsGroup) {
  const Wdev& wdev = station();
  listen(Group::kVendor);
  user.clear();
  EXPECT_EQ(ask(vendor(wdev, 40)).error, 0);
  EXPECT_EQ(client.messages()[0].genl()->command, NL80211_CMD_VENDOR);
  EXPECT_EQ(reply().u32(NL80211_ATTR_WIPHY), wiphy.index());
  EXPECT_EQ(reply().nest(NL80211_ATTR_VENDOR_DATA).u32(kTestNumber), 42u);

  const auto told = user.messages();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].genl()->command, NL80211_CMD_VENDOR);
  const AttributeTable event(told[0].genl_attributes());
  EXPECT_EQ(event.u32(NL80211_ATTR_VENDOR_ID), kTestOui);
  EXPECT_EQ(event.u32(NL80211_ATTR_VENDOR_SUBCMD), kTestSubcommand);
  EXPECT_EQ(event.u32(NL80211_ATTR_IFINDEX), wdev.ifindex());
  EXPECT_EQ(event.u64(NL80211_ATTR_WDEV), wdev.id());
  EXPECT_EQ(event.nest(NL80211_ATTR_VENDOR_DATA).u32(kTestNumber), 41u);
}

TEST_F(MessagesTest, OtherVendorCommandsAreRefusedAndTellNobody) {
  const Wdev& wdev = station();
  listen(Group::kVendor);
  user.clear();
  EXPECT_EQ(ask(vendor(wdev, 40, kTestOui + 1)).error, EOPNOTSUPP);
  EXPECT_EQ(ask(vendor(wdev, 40, kTestOui, kTestSubcommand + 1)).error, EOPNOTSUPP);
  EXPECT_EQ(ask(vendor(wdev, std::nullopt)).error, EINVAL) << "no number";
  EXPECT_EQ(
      ask(std::move(request(NL80211_CMD_VENDOR, wdev).u32(NL80211_ATTR_VENDOR_ID, kTestOui))).error,
      EINVAL);
  EXPECT_EQ(ask_as_user(vendor(wdev, 40)).error, EPERM);
  EXPECT_EQ(user.messages().size(), 1u) << "the answer alone";
}

TEST_F(MessagesTest, TheVendorsDataSaysThatItIsNested) {
  MessageWriter message = request(NL80211_CMD_VENDOR, station());
  message.u32(NL80211_ATTR_VENDOR_ID, kTestOui).u32(NL80211_ATTR_VENDOR_SUBCMD, kTestSubcommand);
  {
    const auto nest = message.nest(NL80211_ATTR_VENDOR_DATA);
    message.u32(kTestNumber, 40);
  }
  const auto answer = ask(std::move(message));
  EXPECT_EQ(answer.error, EINVAL);
  EXPECT_EQ(answer.text, "expected nested data");
}

TEST_F(MessagesTest, FramesOfStrangersAreToldToTheOneThatAskedForThem) {
  Wdev& wdev = add_interface("ap0", InterfaceType::kAp);
  bring_up(wdev);
  EXPECT_FALSE(cfg80211::rx_spurious_frame(wdev, kStranger)) << "nobody asked";
  EXPECT_EQ(ask(request(NL80211_CMD_UNEXPECTED_FRAME, wdev)).error, 0);
  EXPECT_EQ(ask(request(NL80211_CMD_UNEXPECTED_FRAME, wdev)).error, EBUSY);
  user.clear();
  client.clear();
  EXPECT_TRUE(cfg80211::rx_spurious_frame(wdev, kStranger));
  EXPECT_TRUE(cfg80211::rx_unexpected_4addr_frame(wdev, kStranger));
  const auto told = client.messages();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(client.groups, (std::vector<uint32_t>{0, 0})) << "unicast";
  EXPECT_EQ(told[0].genl()->command, NL80211_CMD_UNEXPECTED_FRAME);
  EXPECT_EQ(told[1].genl()->command, NL80211_CMD_UNEXPECTED_4ADDR_FRAME);
  for (const auto& message : told) {
    const AttributeTable told_of(message.genl_attributes());
    EXPECT_EQ(told_of.u32(NL80211_ATTR_WIPHY), wiphy.index());
    EXPECT_EQ(told_of.u32(NL80211_ATTR_IFINDEX), wdev.ifindex());
    EXPECT_EQ(told_of.mac(NL80211_ATTR_MAC), kStranger);
    EXPECT_EQ(message.header.sequence, 0u);
  }
  EXPECT_TRUE(user.messages().empty());
}

TEST_F(MessagesTest, FramesOfStrangersAreAnAccessPointsAffair) {
  EXPECT_EQ(ask(request(NL80211_CMD_UNEXPECTED_FRAME, station())).error, EINVAL);
}

TEST_F(MessagesTest, AScanInKilohertzIsToldInKilohertz) {
  const Wdev& wdev = station();
  listen(Group::kScan);
  user.clear();
  EXPECT_EQ(ask(scan_khz(wdev, {2'412'000, 5'180'000})).error, 0);
  ASSERT_TRUE(wiphy.scan);
  ASSERT_EQ(wiphy.scan->request.channels.size(), 2u);
  EXPECT_EQ(wiphy.scan->request.channels[1].mhz, 5180u);
  EXPECT_EQ(wiphy.scan->request.channels[1].offset_khz, 0);
  cfg80211::scan_done(wiphy, /*aborted=*/false);
  const auto told = user.messages();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].genl()->command, NL80211_CMD_TRIGGER_SCAN);
  EXPECT_EQ(told[1].genl()->command, NL80211_CMD_NEW_SCAN_RESULTS);
  for (const auto& message : told) {
    const AttributeTable scan(message.genl_attributes());
    EXPECT_FALSE(scan.has(NL80211_ATTR_SCAN_FREQUENCIES));
    EXPECT_EQ(scan.u32(NL80211_ATTR_SCAN_FLAGS), uint32_t{NL80211_SCAN_FLAG_FREQ_KHZ});
    EXPECT_EQ(scan.nest(NL80211_ATTR_SCAN_FREQ_KHZ).u32(0), 2'412'000u);
    EXPECT_EQ(scan.nest(NL80211_ATTR_SCAN_FREQ_KHZ).u32(1), 5'180'000u);
  }
}

TEST_F(MessagesTest, KilohertzNameAChannelExactly) {
  const Wdev& wdev = station();
  EXPECT_EQ(ask(scan_khz(wdev, {2'412'500})).error, EINVAL);
  EXPECT_EQ(ask(scan_khz(wdev, {2412})).error, EINVAL) << "in MHz";
  EXPECT_EQ(ask(scan_khz(wdev, {})).error, EINVAL);
  EXPECT_FALSE(wiphy.scan);
}

}  // namespace
}  // namespace airloom::nl80211
