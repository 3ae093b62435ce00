// What platform does with the operating system: sockets, processes, TAPs, namespaces, sysfs. Tests
// that make netdevs need root and /dev/net/tun, as CI has them, and say so where they are missing.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "platform/link_monitor.h"
#include "platform/namespace.h"
#include "platform/os_error.h"
#include "platform/process.h"
#include "platform/rtnetlink.h"
#include "platform/sysfs_tree.h"
#include "platform/system_rng.h"
#include "platform/tap.h"
#include "platform/unix_socket.h"

namespace airloom::platform {
namespace {

namespace fs = std::filesystem;

struct TemporaryFolder {
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "airloom-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { fs::remove_all(path); }
  std::string path;
};

TEST(OsError, KeepsTheCodeAndTheWords) {
  const Error error = os_error(EBUSY, "bind");
  EXPECT_EQ(error.code, Errc::kBusy);
  EXPECT_EQ(error.text, "bind: Device or resource busy");
}

TEST(SystemRng, FillsWithoutRepeating) {
  SystemRng rng;
  EXPECT_NE(rng.next_u64(), rng.next_u64());
}

TEST(PacketSocket, CarriesMessagesAndDescriptors) {
  TemporaryFolder folder;
  auto listener = PacketListener::listen(folder.path + "/socket");
  ASSERT_TRUE(listener) << listener.error().text;
  EXPECT_EQ(PacketListener::listen(listener->path()).error().code, Errc::kAddressInUse);
  auto client = PacketSocket::connect(listener->path());
  ASSERT_TRUE(client);
  ASSERT_TRUE(listener->accept());  // the second listener's look whether somebody is there
  auto server = listener->accept();
  ASSERT_TRUE(server);
  EXPECT_EQ(listener->accept().error().code, Errc::kTryAgain);
  EXPECT_EQ(server->receive(100).error().code, Errc::kTryAgain);
  const Octets hello{1, 2, 3};
  ASSERT_TRUE(client->send(hello, std::array{STDIN_FILENO, STDOUT_FILENO}));
  auto packet = server->receive(100);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->octets, hello);
  EXPECT_EQ(packet->descriptors.size(), 2u);
  EXPECT_EQ(server->peer()->pid, getpid());
  ASSERT_TRUE(client->send(Octets(200)));
  EXPECT_EQ(server->receive(100).error().code, Errc::kMalformed);
  client->close();
  EXPECT_EQ(server->receive(100).error().code, Errc::kNotConnected);
}

TEST(PacketSocket, NobodyListens) {
  TemporaryFolder folder;
  EXPECT_FALSE(PacketSocket::connect(folder.path + "/none"));
  EXPECT_FALSE(PacketSocket::connect(std::string(200, 'x')));
}

int run_to_end(ChildOptions options) {
  auto child = spawn(std::move(options));
  EXPECT_TRUE(child);
  for (;;) {
    if (auto ended = reap(*child)) return ended->status;
    usleep(1000);
  }
}

TEST(Process, TellsStatusAsAShellDoes) {
  EXPECT_EQ(run_to_end({{"true"}}), 0);
  EXPECT_EQ(run_to_end({{"sh", "-c", "exit 7"}}), 7);
  EXPECT_EQ(run_to_end({{"sh", "-c", "kill -TERM $$"}}), 143);
  EXPECT_EQ(run_to_end({{"no-such-program-here"}}), 127);
  EXPECT_EQ(run_to_end({{"/etc/passwd"}}), 126);
}

/// Runs `body` in a child with a fresh network namespace; the test passes if it returns true.
template <typename Body>
void in_fresh_namespace(Body body) {
  if (!has_admin_rights() || access("/dev/net/tun", R_OK | W_OK) != 0)
    GTEST_SKIP() << "needs root and /dev/net/tun";
  auto fresh = NetNamespace::create();
  ASSERT_TRUE(fresh) << fresh.error().text;
  auto inside = fresh->enter();
  ASSERT_TRUE(inside);
  body();
}

constexpr MacAddress kAddress{{2, 0, 0, 0, 1, 0}};

TEST(Tap, IsANetdevUntilItCloses) {
  in_fresh_namespace([] {
    auto rtnetlink = Rtnetlink::open();
    {
      auto tap = Tap::open("wlan%d", kAddress);
      ASSERT_TRUE(tap) << tap.error().text;
      EXPECT_EQ(tap->name(), "wlan0");
      EXPECT_EQ(tap->address(), kAddress);
      EXPECT_EQ(Tap::open("wlan0", kAddress).error().code, Errc::kExists);
      const auto link = rtnetlink->find("wlan0");
      ASSERT_TRUE(link);
      EXPECT_EQ(link->ifindex, tap->ifindex());
      EXPECT_EQ(link->address, kAddress);
      ASSERT_TRUE(rtnetlink->set_name(tap->ifindex(), "sta0"));
      EXPECT_EQ(tap->name(), "sta0");
    }
    EXPECT_EQ(rtnetlink->find("sta0").error().code, Errc::kNoDevice);
  });
}

TEST(Tap, CarrierOnADormantLinkWaitsForUserspace) {
  in_fresh_namespace([] {
    auto rtnetlink = Rtnetlink::open();
    auto tap = Tap::open("wlan0", kAddress);
    ASSERT_TRUE(tap);
    ASSERT_TRUE(rtnetlink->set_link_mode(tap->ifindex(), kLinkModeDormant));
    ASSERT_TRUE(rtnetlink->set_up(tap->ifindex(), true));
    ASSERT_TRUE(tap->set_carrier(true));
    EXPECT_EQ(rtnetlink->find("wlan0")->operstate, kOperDormant);
    ASSERT_TRUE(rtnetlink->set_operstate(tap->ifindex(), kOperUp));
    EXPECT_EQ(rtnetlink->find("wlan0")->operstate, kOperUp);
  });
}

UniqueFd packet_socket(uint32_t ifindex) {
  UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(0x0003)));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(0x0003);
  address.sll_ifindex = static_cast<int>(ifindex);
  EXPECT_EQ(bind(fd.get(), static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address),
            0);
  return fd;
}

Octets an_ethernet_frame() {
  Octets frame(60, 0x5a);
  std::fill_n(frame.begin(), 6, 0xff);
  frame[12] = 0x88;
  frame[13] = 0xb5;  // local experimental
  return frame;
}

bool holds(std::span<const FrameBuffer> frames, const Octets& wanted) {
  return std::any_of(frames.begin(), frames.end(), [&](const FrameBuffer& frame) {
    return std::equal(wanted.begin(), wanted.end(), frame.octets().begin(), frame.octets().end());
  });
}

TEST(Tap, CarriesFramesBothWays) {
  in_fresh_namespace([] {
    FramePool pool;
    auto tap = Tap::open("wlan0", kAddress);
    ASSERT_TRUE(tap);
    ASSERT_TRUE(tap->set_carrier(true));
    ASSERT_TRUE(Rtnetlink::open()->set_up(tap->ifindex(), true));
    const UniqueFd packets = packet_socket(tap->ifindex());
    const Octets frame = an_ethernet_frame();
    ASSERT_EQ(send(packets.get(), frame.data(), frame.size(), 0), 60);
    TapReader reader(pool);
    std::vector<FrameBuffer> burst;
    tap->read_burst(reader, burst, 64);
    EXPECT_TRUE(holds(burst, frame));
    burst.clear();
    EXPECT_EQ(tap->read_burst(reader, burst, 64), 0u);

    Octets other = frame;
    other[20] = 0;
    EXPECT_TRUE(tap->write(other));
    EXPECT_FALSE(tap->write(Octets(5)));  // too short: refused by the device
    Octets got(2000);
    ssize_t size;
    while ((size = recv(packets.get(), got.data(), got.size(), 0)) > 0)
      if (static_cast<size_t>(size) == other.size() && got[20] == 0) break;
    got.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
    EXPECT_EQ(got, other);
  });
}

TEST(Tap, BecomesAMonitorWhileDown) {
  in_fresh_namespace([] {
    auto rtnetlink = Rtnetlink::open();
    auto tap = Tap::open("mon0", kAddress);
    ASSERT_TRUE(tap);
    ASSERT_TRUE(tap->set_link_type(kLinkTypeRadiotap));
    ASSERT_TRUE(rtnetlink->set_up(tap->ifindex(), true));
    EXPECT_EQ(tap->set_link_type(kLinkTypeEthernet).error().code, Errc::kBusy);
    ASSERT_TRUE(rtnetlink->set_up(tap->ifindex(), false));
    ASSERT_TRUE(tap->set_link_type(kLinkTypeEthernet));
    EXPECT_EQ(tap->address(), kAddress);
  });
}

TEST(LinkMonitor, HasSeenWhatHasFinished) {
  in_fresh_namespace([] {
    std::vector<LinkEvent> events;
    auto monitor = LinkMonitor::open([&](const LinkEvent& event) { events.push_back(event); });
    ASSERT_TRUE(monitor);
    auto rtnetlink = Rtnetlink::open();
    auto elsewhere = NetNamespace::create();
    ASSERT_TRUE(elsewhere);
    auto tap = Tap::open("wlan0", kAddress);
    ASSERT_TRUE(tap);
    monitor->drain();
    ASSERT_FALSE(events.empty());
    EXPECT_EQ(events.back().name, "wlan0");
    EXPECT_FALSE(events.back().is_up());

    ASSERT_TRUE(rtnetlink->set_up(tap->ifindex(), true));
    monitor->drain();
    EXPECT_TRUE(events.back().is_up());

    constexpr MacAddress kOther{{2, 0, 0, 0, 2, 0}};
    ASSERT_TRUE(rtnetlink->set_address(tap->ifindex(), kOther));
    monitor->drain();
    EXPECT_EQ(events.back().address, kOther);

    ASSERT_TRUE(rtnetlink->move_to(tap->ifindex(), elsewhere->fd()));
    monitor->drain();
    EXPECT_TRUE(events.back().gone);
    EXPECT_TRUE(events.back().moved);
    EXPECT_EQ(tap->name(), "wlan0");
  });
}

TEST(LinkMonitor, MalformedMessagesAreRefused) {
  Octets message(64);
  EXPECT_FALSE(parse_link(message));
  for (size_t size = 0; size < 40; ++size) {
    Octets octets(size, 0x10);
    EXPECT_FALSE(parse_link(octets));
  }
}

TEST(Rtnetlink, AddsAddresses) {
  in_fresh_namespace([] {
    auto rtnetlink = Rtnetlink::open();
    auto tap = Tap::open("wlan0", kAddress);
    ASSERT_TRUE(tap);
    EXPECT_TRUE(rtnetlink->add_address(tap->ifindex(), "10.1.2.3/24"));
    EXPECT_TRUE(rtnetlink->add_address(tap->ifindex(), "fd00::1/64"));
    for (const char* wrong : {"", "10.1.2", "10.1.2.3/33", "10.1.2.3/", "fd00::1/129", "x/24"})
      EXPECT_EQ(rtnetlink->add_address(tap->ifindex(), wrong).error().code, Errc::kInvalid);
    EXPECT_EQ(rtnetlink->links()->size(), 2u);
  });
}

TEST(SysfsTree, HasWhatTheToolsRead) {
  TemporaryFolder folder;
  const std::string root = folder.path + "/sys";
  {
    auto tree = SysfsTree::create(root);
    ASSERT_TRUE(tree) << tree.error().text;
    ASSERT_TRUE(tree->add_wiphy({3, "phy3", {kAddress, kAddress}, 7}));
    ASSERT_TRUE(tree->add_interface("wlan0", "phy3"));
    std::string line;
    std::getline(std::ifstream(root + "/class/ieee80211/phy3/index"), line);
    EXPECT_EQ(line, "3");
    std::getline(std::ifstream(root + "/devices/virtual/net/wlan0/phy80211/name"), line);
    EXPECT_EQ(line, "phy3");
    EXPECT_TRUE(fs::exists(root + "/class/ieee80211/phy3/device/driver"));
    const auto card = fs::canonical(root + "/class/mac80211_hwsim/hwsim7");
    EXPECT_EQ(fs::canonical(root + "/class/ieee80211/phy3"), card / "ieee80211/phy3");
    EXPECT_EQ(fs::canonical(root + "/devices/virtual/net/wlan0/device"), card);
    EXPECT_EQ(fs::canonical(card / "ieee80211/phy3/subsystem").filename(), "ieee80211");
    EXPECT_EQ(fs::canonical(card / "driver").filename(), "mac80211_hwsim");
    EXPECT_FALSE(tree->add_interface("wlan1", "phy4"));
    for (const char* hostile : {"", "..", "../x", "a/b"}) {
      EXPECT_FALSE(tree->add_interface(hostile, "phy3"));
      EXPECT_FALSE(tree->remove_wiphy(hostile));
    }
    ASSERT_TRUE(tree->remove_interface("wlan0"));
    ASSERT_TRUE(tree->remove_wiphy("phy3"));
    EXPECT_FALSE(fs::exists(root + "/class/ieee80211/phy3"));
    EXPECT_FALSE(fs::exists(root + "/class/mac80211_hwsim/hwsim7"));
  }
  EXPECT_FALSE(fs::exists(root));
}

bool host_shows_its_wiphy(const HostNamespaces& host) {
  const pid_t child = fork();
  if (child == 0) {
    const bool joined = join_namespaces(-1, host.network.fd(), host.mount.get()).has_value();
    auto tap = Tap::open("wlan0", kAddress);
    const bool shown = fs::exists("/sys/class/ieee80211/phy0/index") &&
                       fs::exists("/sys/class/net/wlan0/address") &&
                       fs::exists("/sys/class/net/wlan0/phy80211/index");
    _exit(joined && tap && shown ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status == 0;
}

// What an ordinary user gets: root in a namespace of its own, and hosts in there.
TEST(HostNamespaces, AreToBeHadByOrdinaryUsers) {
  TemporaryFolder folder;
  fs::permissions(folder.path, fs::perms::all);
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && (setgid(kNobody) < 0 || setuid(kNobody) < 0)) _exit(2);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // setuid() took /proc/self away
    if (!become_root_in_user_namespace()) _exit(3);
    auto tree = SysfsTree::create(folder.path + "/sys");
    if (!tree || !tree->add_wiphy({0, "phy0", {kAddress}})) _exit(4);
    auto host = create_host_namespaces(tree->root());
    if (!host || host->sysfs_note != "") _exit(5);
    auto inside = host->network.enter();
    const auto tap = Tap::open("wlan0", kAddress);
    // The device may be root's alone: then the error says so.
    if (!inside || (!tap && tap.error().text.find("chmod") == std::string::npos)) _exit(6);
    _exit(user_namespace_to_join() && *user_namespace_to_join() ? 0 : 7);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WEXITSTATUS(status) == 3) GTEST_SKIP() << "user namespaces are not allowed here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(HostNamespaces, ShowTheirOwnSysfs) {
  if (!has_admin_rights()) GTEST_SKIP() << "needs root";
  TemporaryFolder folder;
  auto tree = SysfsTree::create(folder.path + "/sys");
  ASSERT_TRUE(tree);
  ASSERT_TRUE(tree->add_wiphy({0, "phy0", {kAddress}}));
  ASSERT_TRUE(tree->add_interface("wlan0", "phy0"));
  auto host = create_host_namespaces(tree->root());
  ASSERT_TRUE(host) << host.error().text;
  ASSERT_EQ(host->sysfs_note, "");
  EXPECT_TRUE(host_shows_its_wiphy(*host));
  // What comes and goes later shows too, whatever was looked up before.
  ASSERT_TRUE(tree->remove_wiphy("phy0"));
  host->refresh_sysfs();
  EXPECT_FALSE(host_shows_its_wiphy(*host));
  ASSERT_TRUE(tree->add_wiphy({0, "phy0", {kAddress}}));
  host->refresh_sysfs();
  EXPECT_TRUE(host_shows_its_wiphy(*host));
}

}  // namespace
}  // namespace airloom::platform
