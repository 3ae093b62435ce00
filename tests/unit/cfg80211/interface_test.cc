// Interfaces: creation, going up and down, changes of type, owners.
#include <gmock/gmock.h>

#include "world.h"

namespace airloom::cfg80211 {
namespace {

using testing::Contains;

class InterfaceTest : public testing::Test {
 protected:
  World world;
  Wiphy& wiphy = world.wiphy();
};

TEST_F(InterfaceTest, ComesToLifeAndGoes) {
  const auto added = wiphy.add_interface({.name = "wlan%d", .type = InterfaceType::kStation});
  ASSERT_TRUE(added);
  Wdev& wdev = **added;
  EXPECT_EQ(wdev.id(), 1u);
  EXPECT_EQ(wdev.address(), kOwnAddress);
  EXPECT_EQ(world.events.take(), (Lines{"NEW_INTERFACE wlan0"}));
  ASSERT_TRUE(world.netdevs["wlan0"].up());
  EXPECT_TRUE(wdev.is_running());
  wiphy.remove_interface(wdev);
  EXPECT_EQ(world.ops.take(),
            (Lines{"add_interface wlan0", "open wlan0", "set_power_management wlan0", "stop wlan0",
                   "delete_interface wlan0"}));
  EXPECT_EQ(world.events.take(), (Lines{"DEL_INTERFACE wlan0"}));
  EXPECT_FALSE(world.netdevs.has("wlan0"));
}

TEST_F(InterfaceTest, SecondInterfaceTakesTheNextAddress) {
  world.add(InterfaceType::kStation);
  EXPECT_EQ(world.add(InterfaceType::kAp).address(), wiphy.addresses()[1]);
}

TEST_F(InterfaceTest, RefusesInTheKernelsWords) {
  world.add(InterfaceType::kStation, "wlan0");
  const auto attempt = [&](NewInterfaceRequest request) {
    return code_of(wiphy.add_interface(request));
  };
  EXPECT_EQ(attempt({.name = "wlan0", .type = InterfaceType::kStation}), Errc::kTooMany);
  EXPECT_EQ(attempt({.name = "x"}), Errc::kUnsupported);
  EXPECT_EQ(attempt({.name = "x", .type = InterfaceType::kNan}), Errc::kUnsupported);
  EXPECT_EQ(attempt({.name = "x", .type = InterfaceType::kAp, .use_4addr = true}),
            Errc::kUnsupported);
  EXPECT_EQ(attempt({.name = "x", .type = InterfaceType::kAp, .monitor_flags = 1}), Errc::kInvalid);
  world.ops.failures["add_interface"] = Errc::kNoMemory;
  EXPECT_EQ(attempt({.name = "x", .type = InterfaceType::kAp}), Errc::kNoMemory);
  EXPECT_FALSE(world.netdevs.has("x"));
  EXPECT_EQ(world.events.take(), Lines{});
}

TEST_F(InterfaceTest, CombinationsLimitWhatGoesUp) {
  world.add(InterfaceType::kStation);
  world.add(InterfaceType::kAp);
  Wdev& third = **wiphy.add_interface({.name = "third", .type = InterfaceType::kAp});
  EXPECT_EQ(code_of(world.netdevs["third"].up()), Errc::kBusy);
  EXPECT_FALSE(third.is_running());
  world.netdevs["wlan0"].down();
  EXPECT_TRUE(world.netdevs["third"].up());    // two of the two kinds
  world.add(InterfaceType::kMonitor, "mon0");  // outside the combinations
}

TEST_F(InterfaceTest, FailedOpenLeavesItDown) {
  Wdev& wdev = **wiphy.add_interface({.name = "wlan0", .type = InterfaceType::kStation});
  world.ops.failures["open"] = Errc::kIo;
  EXPECT_EQ(code_of(world.netdevs["wlan0"].up()), Errc::kIo);
  EXPECT_FALSE(wdev.is_running());
}

TEST_F(InterfaceTest, ChangeOfTypeStopsTheAccessPointFirst) {
  Wdev& wdev = world.add(InterfaceType::kAp);
  ASSERT_TRUE(start_ap(wdev, world.access_point(), 7));
  world.ops.take();
  ASSERT_TRUE(wiphy.change_interface(wdev, {.type = InterfaceType::kStation}));
  world.settle();
  EXPECT_EQ(world.events.take(),
            (Lines{"STOP_AP", "SET_INTERFACE wlan0", "REG_CHANGE 0 1 - phy0"}));
  EXPECT_EQ(world.ops.take(), (Lines{"set_qos_map wlan0", "stop_ap wlan0", "set_qos_map wlan0",
                                     "change_interface managed wlan0"}));
  EXPECT_EQ(code_of(wiphy.change_interface(wdev, {.type = InterfaceType::kP2pDevice})),
            Errc::kUnsupported);
  EXPECT_TRUE(wiphy.change_interface(wdev, {.type = InterfaceType::kStation}));
  EXPECT_EQ(world.events.take(), Lines{});  // nothing changed
}

TEST_F(InterfaceTest, MonitorsSpeakRadiotap) {
  Wdev& wdev = **wiphy.add_interface({.name = "wlan0", .type = InterfaceType::kStation});
  ASSERT_TRUE(wiphy.change_interface(wdev, {.type = InterfaceType::kMonitor}));
  EXPECT_EQ(world.netdevs["wlan0"].link_layer(), LinkLayer::kRadiotap);
}

TEST_F(InterfaceTest, P2pDeviceHasNoNetdev) {
  world.add(InterfaceType::kStation);
  Wdev& device = **wiphy.add_interface({.name = "p2p-dev", .type = InterfaceType::kP2pDevice});
  EXPECT_EQ(device.netdev(), nullptr);
  EXPECT_EQ(device.address(), wiphy.addresses()[1]);
  EXPECT_EQ(code_of(wiphy.change_interface(device, {.type = InterfaceType::kP2pDevice})),
            Errc::kInvalid);
  EXPECT_TRUE(start_p2p_device(device));
  EXPECT_TRUE(start_p2p_device(device));
  EXPECT_TRUE(device.is_running());
  ASSERT_TRUE(trigger_scan(device, {}));
  world.events.take();
  wiphy.remove_interface(device);
  EXPECT_EQ(world.events.take(), (Lines{"SCAN_ABORTED", "DEL_INTERFACE wdev2"}));
  EXPECT_FALSE(wiphy.scan);
}

TEST_F(InterfaceTest, OwnersDeathTakesTheInterface) {
  ASSERT_TRUE(wiphy.add_interface({.name = "own", .type = InterfaceType::kStation, .owner = 7}));
  world.events.take();
  world.host.on_port_closed(8);
  EXPECT_EQ(world.events.take(), Lines{});
  world.host.on_port_closed(7);
  EXPECT_EQ(world.events.take(), (Lines{"DEL_INTERFACE own"}));
}

TEST_F(InterfaceTest, GenerationsCountChanges) {
  const uint32_t wiphys = world.host.generation(), before = wiphy.interface_generation();
  world.add(InterfaceType::kStation);
  EXPECT_EQ(world.host.generation(), wiphys);
  EXPECT_NE(wiphy.interface_generation(), before);
}

TEST_F(InterfaceTest, AddressesAreTheKernels) {
  const auto& addresses = wiphy.addresses();
  ASSERT_GE(addresses.size(), 2u);
  auto address_of_new = [&](InterfaceType type) {
    const std::string name = "new" + std::to_string(wiphy.wdevs().size());
    const auto added = wiphy.add_interface({.name = name, .type = type});
    return added ? (*added)->address() : MacAddress{};
  };
  EXPECT_EQ(address_of_new(InterfaceType::kAp), addresses[0]);
  EXPECT_EQ(address_of_new(InterfaceType::kStation), addresses[1]);
  EXPECT_EQ(address_of_new(InterfaceType::kStation), addresses[0]);  // none is free
  EXPECT_EQ(address_of_new(InterfaceType::kMonitor), addresses[0]);
}

TEST_F(InterfaceTest, AnImpossibleNameOfAWiphyIsReplaced) {
  test::FakeOps other;
  for (const std::string name : {"", "phy77", "phy0",
                                 "name of more than sixty-four octets, "
                                 "which is more than a wiphy's may have"}) {
    Wiphy& added = world.host.add_wiphy(
        {.name = name, .capabilities = wiphy.shared_capabilities(), .addresses = wiphy.addresses()},
        other);
    EXPECT_EQ(added.name(), "phy" + std::to_string(added.index()));
    world.host.remove_wiphy(added);
  }
}

TEST_F(InterfaceTest, RenamesAreUnique) {
  EXPECT_EQ(code_of(wiphy.rename("phy7")), Errc::kInvalid);
  EXPECT_EQ(code_of(wiphy.rename("")), Errc::kInvalid);
  EXPECT_TRUE(wiphy.rename("radio"));
  EXPECT_EQ(world.host.find_wiphy(std::string("radio")), &wiphy);
}

TEST_F(InterfaceTest, MovesBetweenNameSpaces) {
  Wdev& wdev = world.add(InterfaceType::kStation);
  ASSERT_TRUE(wiphy.move_to(1));
  EXPECT_EQ(wdev.name_space(), 1u);
  EXPECT_EQ(world.events.take(), (Lines{"DEL_INTERFACE wlan0", "DEL_WIPHY phy0", "NEW_WIPHY phy0",
                                        "NEW_INTERFACE wlan0"}));
}

}  // namespace
}  // namespace airloom::cfg80211
