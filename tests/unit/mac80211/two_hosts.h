// An access point and stations in virtual time: real cfg80211 and mac80211 over drivers wired to
// each other, with a stand-in for hostapd that lets everybody in.
#pragma once

#include <linux/nl80211.h>

#include <deque>

#include "base/event_queue.h"
#include "base/rng.h"
#include "cfg80211/commands.h"
#include "cfg80211/host.h"
#include "ieee80211/element.h"
#include "ieee80211/ethernet.h"
#include "ieee80211/management.h"
#include "mac80211/radio_stack.h"
#include "support/event_recorder.h"
#include "support/loop_driver.h"
#include "support/memory_netdev.h"

namespace airloom::mac80211 {

using ieee80211::Subtype;

inline cfg80211::Capabilities small_radio() {
  cfg80211::Capabilities c;
  cfg80211::BandCapability low{.band = ieee80211::Band::k2GHz};
  for (const uint32_t mhz : {2412, 2437}) low.channels.push_back({.mhz = mhz, .max_power_dbm = 17});
  for (const uint16_t rate : {10, 20, 55, 110, 60, 120, 240, 540})
    low.rates.push_back({.rate_100kbps = rate});
  low.ht = cfg80211::HtCapability{.info = 0x107e, .mcs = {0xff, 0xff}};
  c.bands = {low};
  c.cipher_suites = {0x000fac04, 0x000fac06, 0x000fac01, 0x000fac02, 0x000fac05};
  const uint32_t types = bit(InterfaceType::kStation) | bit(InterfaceType::kAp);
  const uint32_t software = bit(InterfaceType::kMonitor) | bit(InterfaceType::kApVlan);
  c.interface_types = types | software;
  c.software_interface_types = software;
  c.combinations = {{.limits = {{2, types}}, .max_interfaces = 2, .channels = 1}};
  c.max_scan_elements_len = 2000;
  c.max_scan_ssids = 4;
  c.features = NL80211_FEATURE_SAE | NL80211_FEATURE_FULL_AP_CLIENT_STATE |
               NL80211_FEATURE_LOW_PRIORITY_SCAN | NL80211_FEATURE_SCAN_RANDOM_MAC_ADDR |
               NL80211_FEATURE_AP_SCAN | NL80211_FEATURE_SCAN_FLUSH;
  c.extended_features.resize(8, 0xff);
  c.offchannel_tx = c.control_port_ethertype = true;
  for (const InterfaceType type : {InterfaceType::kStation, InterfaceType::kAp}) {
    c.tx_frame_types[static_cast<size_t>(type)] = 0xffff;
    c.rx_frame_types[static_cast<size_t>(type)] = 0xffff;
  }
  return c;
}

/// One host with one radio and one interface.
struct Node {
  Node(EventQueue& queue, test::LoopAir& air, FramePool& pool, Rng& rng, uint8_t number)
      : driver(air),
        stack({.scheduler = &queue, .rng = &rng, .pool = &pool}, driver, {}),
        host("host", {.scheduler = &queue, .netdevs = &netdevs}, {}),
        address{{2, 0, 0, 0, number, 0}} {
    driver.set_hw(stack);
    host.set_event_sink(events);
    static const auto capabilities = std::make_shared<const cfg80211::Capabilities>(small_radio());
    wiphy = &host.add_wiphy({.capabilities = capabilities, .addresses = {address}}, stack);
  }
  void bring_up(InterfaceType type) {
    wdev = *wiphy->add_interface({.name = "wlan0", .type = type});
    EXPECT_TRUE(netdev().up().has_value());
    events.take();
  }
  test::MemoryNetdev& netdev() { return netdevs["wlan0"]; }
  Interface& interface() { return stack.of(*wdev); }

  test::LoopDriver driver;
  test::MemoryNetdevs netdevs;
  test::EventRecorder events;
  RadioStack stack;
  cfg80211::Host host;
  MacAddress address;
  cfg80211::Wiphy* wiphy = nullptr;
  cfg80211::Wdev* wdev = nullptr;
};

class TwoHosts : public testing::Test {
 protected:
  static constexpr uint32_t kMhz = 2412;
  const Octets kSsid{'n', 'e', 't'};
  static constexpr cfg80211::PortId kPort = 7;

  TwoHosts() {
    ap.bring_up(InterfaceType::kAp);
    sta.bring_up(InterfaceType::kStation);
  }

  cfg80211::StartApRequest access_point() const {
    Octets head;
    Writer writer(head);
    writer.le16(0x0080).le16(0).mac(MacAddress::broadcast());
    writer.mac(ap.address).mac(ap.address).le16(0);
    writer.le64(0).le16(100).le16(0x0401);
    ieee80211::emit_element(writer, ieee80211::ElementId::kSsid, kSsid);
    ieee80211::emit_element(writer, ieee80211::ElementId::kSupportedRates,
                            Octets{0x82, 0x84, 0x8b, 0x96});
    cfg80211::StartApRequest request;
    request.channel = ChannelDefinition::from_type(kMhz, ieee80211::ChannelType::kHt20);
    request.beacon.head = head;
    request.beacon.tail = Octets{42, 1, 4};
    request.beacon_interval_tu = 100;
    request.dtim_period = 2;
    request.ssid = kSsid;
    return request;
  }
  void start_access_point() { ASSERT_TRUE(cfg80211::start_ap(*ap.wdev, access_point(), kPort)); }

  /// What hostapd tells the stack of a client.
  cfg80211::StationParams client(uint16_t aid, bool authorized) const {
    uint32_t flags = 1u << NL80211_STA_FLAG_AUTHENTICATED | 1u << NL80211_STA_FLAG_ASSOCIATED |
                     1u << NL80211_STA_FLAG_WME;
    if (authorized) flags |= 1u << NL80211_STA_FLAG_AUTHORIZED;
    cfg80211::StationParams params;
    params.supported_rates = Octets{2, 4, 11, 22, 12, 24, 48, 108};
    params.listen_interval = 10;
    params.aid = aid;
    params.flags_mask = flags | 1u << NL80211_STA_FLAG_AUTHORIZED;
    params.flags_set = flags;
    return params;
  }
  Station& admit(const MacAddress& address, uint16_t aid = 1, bool authorized = true) {
    EXPECT_TRUE(cfg80211::new_station(*ap.wdev, address, client(aid, authorized)));
    return *ap.stack.stations().find(ap.interface(), address);
  }

  /// A data frame or other MPDU of `sta` that did not come out of its stack.
  void hear_at_ap(std::span<const uint8_t> mpdu) {
    ap.stack.receive(pool.from(mpdu), {.mhz = kMhz, .signal_dbm = -30});
  }
  Octets qos_data(const MacAddress& from, const MacAddress& to, uint16_t sequence,
                  std::span<const uint8_t> msdu, uint16_t flags = 0) const {
    Octets frame;
    Writer writer(frame);
    writer.le16(static_cast<uint16_t>(0x0188 | flags)).le16(0).mac(ap.address).mac(from).mac(to);
    writer.le16(static_cast<uint16_t>(sequence << 4)).le16(0).bytes(msdu);
    return frame;
  }
  static Octets msdu(uint16_t type, const Octets& payload) {
    Octets out;
    Writer(out).bytes(ieee80211::kRfc1042Header).be16(type).bytes(payload);
    return out;
  }

  FrameBuffer ethernet(const MacAddress& to, const MacAddress& from, uint16_t type,
                       const Octets& payload) {
    Octets frame;
    Writer writer(frame);
    ieee80211::EthernetHeader{to, from, type}.emit(writer);
    writer.bytes(payload);
    return pool.from(frame);
  }
  static Octets octets(const FrameBuffer& frame) {
    return {frame.octets().begin(), frame.octets().end()};
  }
  std::vector<ieee80211::FrameView> on_air(Subtype subtype) const {
    std::vector<ieee80211::FrameView> found;
    for (const auto& frame : air.frames)
      if (auto view = ieee80211::FrameView::of(frame.octets()); view && view->fc().is(subtype))
        found.push_back(*view);
    return found;
  }
  void run(Duration duration) { queue.run_for(duration); }

  FramePool pool;  // first, so that it goes last: events that wait hold frames
  EventQueue queue;
  SeededRng rng{1};
  test::LoopAir air{queue};
  Node ap{queue, air, pool, rng, 0};
  Node sta{queue, air, pool, rng, 1};
};

inline cfg80211::KeyParams ccmp_key(uint8_t fill) {
  return {.key = Octets(16, fill), .cipher = 0x000fac04, .mode = 0};
}

}  // namespace airloom::mac80211
