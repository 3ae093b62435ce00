// The two drivers of docs/drivers.md, written against driver.h and ops.h alone, under the stack.
#include <gmock/gmock.h>
#include <linux/nl80211.h>

#include "base/event_queue.h"
#include "base/rng.h"
#include "cfg80211/commands.h"
#include "cfg80211/host.h"
#include "echo_radio.h"
#include "mac80211/radio_stack.h"
#include "support/event_recorder.h"
#include "support/memory_netdev.h"
#include "wire_radio.h"

namespace example {
namespace {

using cfg80211::InterfaceType;
using std::chrono::milliseconds;

FrameBuffer ethernet(FramePool& pool, const MacAddress& to, const MacAddress& from) {
  Octets frame;
  Writer writer(frame);
  writer.mac(to).mac(from).be16(0x0800).bytes(Octets(20, 7));
  return pool.from(frame);
}

struct EchoHost {
  EchoHost() {
    host.set_event_sink(events);
    wiphy = &host.add_wiphy({.capabilities = EchoRadio::capabilities(), .addresses = {own}}, radio);
    wdev = *wiphy->add_interface({.name = "wlan0", .type = InterfaceType::kStation});
    EXPECT_TRUE(netdevs["wlan0"].up());
    events.take();
  }
  ~EchoHost() { host.clear_event_sink(); }

  const MacAddress own{{2, 0, 0, 0, 1, 0}};
  FramePool pool;
  EventQueue queue;
  test::MemoryNetdevs netdevs;
  test::EventRecorder events;
  EchoRadio radio{queue};
  cfg80211::Host host{"host", {.scheduler = &queue, .netdevs = &netdevs}, {}};
  cfg80211::Wiphy* wiphy = nullptr;
  cfg80211::Wdev* wdev = nullptr;
};

TEST(FullMacDriver, ScansConnectsCarriesDataAndLeaves) {
  EchoHost node;
  ASSERT_TRUE(cfg80211::trigger_scan(*node.wdev, {}));
  node.queue.run_for(milliseconds(1));
  ASSERT_TRUE(cfg80211::connect(*node.wdev, {.ssid = {'e', 'c', 'h', 'o'}}, 0));
  node.queue.run_for(milliseconds(1));
  EXPECT_TRUE(node.wdev->is_connected_to(EchoRadio::kAccessPoint));
  test::MemoryNetdev& wlan0 = node.netdevs["wlan0"];
  EXPECT_TRUE(wlan0.carrier());
  wlan0.send(ethernet(node.pool, EchoRadio::kAccessPoint, node.own));
  node.queue.run_for(milliseconds(1));
  ASSERT_EQ(wlan0.received.size(), 1u);
  EXPECT_EQ(MacAddress::from(wlan0.received[0].octets()), node.own);
  ASSERT_TRUE(cfg80211::disconnect(*node.wdev, 3, 0));
  node.queue.run_for(milliseconds(1));
  // With nobody connected any more cfg80211 returns to the country that was set.
  EXPECT_THAT(node.events.take(),
              testing::ElementsAre("TRIGGER_SCAN", "NEW_SCAN_RESULTS", "CONNECT 0", "DISCONNECT 3",
                                   "REG_CHANGE 0 1 - phy0"));
}

TEST(FullMacDriver, AnswersUnsupportedForWhatItHasNot) {
  EchoHost node;
  const auto code = [](const auto& result) { return result.error().code; };
  EXPECT_EQ(code(cfg80211::authenticate(*node.wdev, {.bssid = EchoRadio::kAccessPoint})),
            Errc::kUnsupported);
  EXPECT_EQ(code(cfg80211::set_wiphy_params(*node.wiphy, {.rts_threshold = 500})),
            Errc::kUnsupported);
  EXPECT_EQ(code(cfg80211::get_station(*node.wdev, EchoRadio::kAccessPoint)), Errc::kUnsupported);
}

/// A host with mac80211 on a radio of the wire.
struct WireHost {
  WireHost(EventQueue& queue, Wire& wire, FramePool& pool, Rng& rng, uint8_t number)
      : radio(wire),
        stack({.scheduler = &queue, .rng = &rng, .pool = &pool}, radio, {}),
        host("host", {.scheduler = &queue, .netdevs = &netdevs}, {}),
        own{{2, 0, 0, 0, number, 0}} {
    radio.set_hw(stack);
    auto caps = std::make_shared<cfg80211::Capabilities>();
    caps->bands = {{.band = ieee80211::Band::k2GHz,
                    .channels = {{.mhz = 2412, .max_power_dbm = 17}},
                    .rates = {{10}, {20}, {55}, {110}}}};
    caps->interface_types = bit(InterfaceType::kStation) | bit(InterfaceType::kAp);
    caps->combinations = {{.limits = {{1, caps->interface_types}}, .max_interfaces = 1}};
    wiphy = &host.add_wiphy({.capabilities = caps, .addresses = {own}}, stack);
  }
  cfg80211::Wdev& up(InterfaceType type) {
    cfg80211::Wdev* wdev = *wiphy->add_interface({.name = "wlan0", .type = type});
    EXPECT_TRUE(netdevs["wlan0"].up());
    return *wdev;
  }

  WireRadio radio;
  test::MemoryNetdevs netdevs;
  mac80211::RadioStack stack;
  cfg80211::Host host;
  const MacAddress own;
  cfg80211::Wiphy* wiphy = nullptr;
};

TEST(SoftMacDriver, BeaconsAreHeardByAScan) {
  FramePool pool;
  EventQueue queue;
  SeededRng rng{1};
  Wire wire{queue, {}};
  WireHost ap(queue, wire, pool, rng, 1), sta(queue, wire, pool, rng, 2);
  cfg80211::StartApRequest request;
  request.channel = ieee80211::ChannelDefinition::from_type(2412, ieee80211::ChannelType::kNoHt);
  Octets head;
  Writer writer(head);
  writer.le16(0x0080).le16(0).mac(MacAddress::broadcast()).mac(ap.own).mac(ap.own).le16(0);
  writer.le64(0).le16(100).le16(0x0001);
  ieee80211::emit_element(writer, ieee80211::ElementId::kSsid, Octets{'n', 'e', 't'});
  ieee80211::emit_element(writer, ieee80211::ElementId::kSupportedRates, Octets{0x82, 0x84});
  request.beacon.head = head;
  request.beacon_interval_tu = 100;
  request.dtim_period = 2;
  request.ssid = {'n', 'e', 't'};
  ASSERT_TRUE(cfg80211::start_ap(ap.up(InterfaceType::kAp), request, 0));
  ASSERT_TRUE(cfg80211::trigger_scan(sta.up(InterfaceType::kStation), {}));
  queue.run_for(milliseconds(500));
  const auto* bss = sta.wiphy->bss_table().find(2412, ap.own, request.ssid);
  ASSERT_NE(bss, nullptr);
  EXPECT_EQ(bss->signal_mbm, -3000);
}

}  // namespace
}  // namespace example
