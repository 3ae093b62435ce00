// The host's side of an emulated interface: what ioctls and rtnetlink show and do.
#include "daemon/emulated_netdev.h"

#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <net/if_arp.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "daemon/emulated_ioctl.h"

namespace airloom::daemon {
namespace {

constexpr MacAddress kAddress{{2, 0, 0, 0, 0, 1}};

struct FakeDriver final : cfg80211::NetdevClient {
  Result<void> on_up() override { return outcome; }
  void on_down() override { ++downs; }
  Result<void> on_address_change(const MacAddress& address) override {
    TRY(outcome);
    told_address = address;
    return {};
  }
  void on_renamed() override { ++renames; }
  void on_transmit(std::span<FrameBuffer> burst) override { sent += burst.size(); }

  Result<void> outcome{};
  int downs = 0;
  int renames = 0;
  size_t sent = 0;
  MacAddress told_address;
};

struct LinkCounter final : NetdevWatcher {
  void on_link(const EmulatedNetdev&, bool gone) override { ++(gone ? gones : news); }
  int news = 0;
  int gones = 0;
};

struct EmulatedNetdevTest : testing::Test {
  EmulatedNetdevTest() {
    network.add_watcher(&watcher);
    netdev = *network.create({.name = "wlan%d", .address = kAddress}, driver);
  }
  ~EmulatedNetdevTest() override {
    netdev.reset();
    network.remove_watcher(&watcher);
  }
  EmulatedNetdev& wlan0() { return *network.find("wlan0"); }
  /// Does an ioctl on `name` and returns its errno.
  int ioctl(uint32_t request, const char* name, ifreq& argument) {
    std::strncpy(argument.ifr_name, name, IFNAMSIZ - 1);
    Octets octets(sizeof argument);
    std::memcpy(octets.data(), &argument, sizeof argument);
    const auto answer = perform_ioctl(network, {request, true, octets});
    if (!answer.octets.empty()) std::memcpy(&argument, answer.octets.data(), sizeof argument);
    return answer.error;
  }

  FramePool pool;
  platform::SysfsTree sysfs = *platform::SysfsTree::create(
      (std::filesystem::path(testing::TempDir()) / "airloom-emulated").string());
  EmulatedNetwork network{pool, sysfs, Log()};
  LinkCounter watcher;
  FakeDriver driver;
  std::unique_ptr<cfg80211::Netdev> netdev;
};

TEST_F(EmulatedNetdevTest, OperstateFollowsCarrierAndLinkMode) {
  EXPECT_EQ(wlan0().operstate(), IF_OPER_DOWN);
  wlan0().set_link_mode(IF_LINK_MODE_DORMANT);
  ASSERT_TRUE(wlan0().set_up(true));
  EXPECT_EQ(wlan0().flags() & (IFF_UP | IFF_RUNNING | IFF_LOWER_UP), uint32_t{IFF_UP});
  netdev->set_carrier(true);
  EXPECT_EQ(wlan0().operstate(), IF_OPER_DORMANT);
  EXPECT_FALSE(wlan0().flags() & IFF_RUNNING);
  wlan0().set_operstate(IF_OPER_UP);
  EXPECT_EQ(wlan0().operstate(), IF_OPER_UP);
  EXPECT_TRUE(wlan0().flags() & IFF_RUNNING);
  netdev->set_carrier(false);
  EXPECT_EQ(wlan0().operstate(), IF_OPER_DOWN);
  wlan0().set_operstate(IF_OPER_UP);  // without a carrier there is none
  EXPECT_EQ(wlan0().operstate(), IF_OPER_DOWN);
}

TEST_F(EmulatedNetdevTest, ADriverThatRefusesLeavesItDown) {
  driver.outcome = fail(Errc::kBusy);
  ifreq argument{};
  argument.ifr_flags = IFF_UP;
  EXPECT_EQ(ioctl(SIOCSIFFLAGS, "wlan0", argument), EBUSY);
  EXPECT_FALSE(netdev->is_up());
  EXPECT_EQ(driver.downs, 0);
}

TEST_F(EmulatedNetdevTest, ADriverThatRefusesLeavesItItsAddress) {
  ifreq argument{};
  ASSERT_EQ(ioctl(SIOCGIFHWADDR, "wlan0", argument), 0);
  argument.ifr_hwaddr.sa_data[5] = 9;
  driver.outcome = fail(Errc::kBusy);
  const int told = watcher.news;
  EXPECT_EQ(ioctl(SIOCSIFHWADDR, "wlan0", argument), EBUSY);
  EXPECT_EQ(netdev->address(), kAddress);
  EXPECT_EQ(watcher.news, told);
}

TEST_F(EmulatedNetdevTest, IoctlsTellAndChange) {
  ifreq argument{};
  EXPECT_EQ(ioctl(SIOCGIFINDEX, "eth0", argument), ENODEV);  // the kernel's affair
  argument = {};
  EXPECT_EQ(ioctl(SIOCGIFINDEX, "wlan0", argument), 0);
  EXPECT_EQ(argument.ifr_ifindex, static_cast<int>(netdev->ifindex()));
  argument = {};
  EXPECT_EQ(ioctl(SIOCGIFHWADDR, "wlan0", argument), 0);
  EXPECT_EQ(argument.ifr_hwaddr.sa_family, ARPHRD_ETHER);
  argument.ifr_hwaddr.sa_data[5] = 9;
  EXPECT_EQ(ioctl(SIOCSIFHWADDR, "wlan0", argument), 0);
  EXPECT_EQ(driver.told_address.octets[5], 9);
  argument.ifr_hwaddr.sa_data[0] = 1;
  EXPECT_EQ(ioctl(SIOCSIFHWADDR, "wlan0", argument), EADDRNOTAVAIL);  // a group's
  argument = {};
  EXPECT_EQ(ioctl(SIOCGIFADDR, "wlan0", argument), EADDRNOTAVAIL);
  EXPECT_EQ(ioctl(SIOCETHTOOL, "wlan0", argument), EOPNOTSUPP);
}

TEST_F(EmulatedNetdevTest, IsRenamedWhileDownToAFreeName) {
  const auto other = *network.create({.name = "wlan%d", .address = kAddress}, driver);
  EXPECT_EQ(other->name(), "wlan1");
  EXPECT_EQ(wlan0().rename("wlan1").error().code, Errc::kExists);
  ASSERT_TRUE(wlan0().set_up(true));
  EXPECT_EQ(wlan0().rename("x").error().code, Errc::kBusy);
  ASSERT_TRUE(wlan0().set_up(false));
  ASSERT_TRUE(wlan0().rename("x"));
  EXPECT_EQ(driver.renames, 1);
  EXPECT_EQ(netdev->name(), "x");
  EXPECT_EQ(network.create({.name = "x", .address = kAddress}, driver).error().code, Errc::kExists);
}

TEST_F(EmulatedNetdevTest, FramesWaitWhileTheDriverHasNoRoom) {
  const Octets frame(60);
  EXPECT_EQ(wlan0().send(frame).error().code, Errc::kNetDown);
  ASSERT_TRUE(wlan0().set_up(true));
  EXPECT_TRUE(wlan0().send(frame));
  EXPECT_EQ(driver.sent, 1u);
  netdev->pause_transmit(true);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(wlan0().send(frame));
  EXPECT_EQ(wlan0().send(frame).error().code, Errc::kNoBuffers);
  EXPECT_EQ(driver.sent, 1u);
  netdev->pause_transmit(false);
  EXPECT_EQ(driver.sent, 1001u);
  EXPECT_EQ(wlan0().send(Octets(5)).error().code, Errc::kInvalid);
}

TEST_F(EmulatedNetdevTest, WatchersHearOfEachChange) {
  EXPECT_EQ(watcher.news, 1);
  ASSERT_TRUE(wlan0().set_up(true));
  ASSERT_TRUE(wlan0().set_up(true));
  netdev->set_carrier(true);
  EXPECT_EQ(watcher.news, 3);
  netdev.reset();
  EXPECT_EQ(watcher.gones, 1);
  EXPECT_EQ(network.find("wlan0"), nullptr);
}

}  // namespace
}  // namespace airloom::daemon
