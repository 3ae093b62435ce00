// A host with one radio whose driver is a fake, for cfg80211's tests.
#pragma once

#include <linux/nl80211.h>

#include <memory>

#include "base/event_queue.h"
#include "cfg80211/commands.h"
#include "cfg80211/driver_events.h"
#include "cfg80211/host.h"
#include "ieee80211/element.h"
#include "support/event_recorder.h"
#include "support/fake_ops.h"
#include "support/memory_netdev.h"

namespace airloom::cfg80211 {

inline void set_bit(Octets& bits, unsigned number) {
  if (bits.size() <= number / 8) bits.resize(number / 8 + 1);
  bits[number / 8] = static_cast<uint8_t>(bits[number / 8] | 1u << number % 8);
}

/// In the manner of mac80211_hwsim: 2.4 and 5 GHz, its cipher suites, frames and combinations.
inline Capabilities simulated_radio() {
  Capabilities c;
  BandCapability low{.band = Band::k2GHz, .rates = {{10}, {20}, {55}, {110}}};
  for (const uint32_t mhz : {2412, 2437, 2462, 2467}) low.channels.push_back({.mhz = mhz});
  BandCapability high{.band = Band::k5GHz, .rates = {{60}, {120}}};
  for (const uint32_t mhz : {5180, 5200, 5260, 5845}) high.channels.push_back({.mhz = mhz});
  low.ht = high.ht = HtCapability{.info = 0x107e};
  c.bands = {low, high};
  c.cipher_suites = {0x000fac01, 0x000fac02, 0x000fac04, 0x000fac05, 0x000fac06};
  c.interface_types = bit(InterfaceType::kStation) | bit(InterfaceType::kAp) |
                      bit(InterfaceType::kP2pDevice) | bit(InterfaceType::kMonitor) |
                      bit(InterfaceType::kP2pClient) | bit(InterfaceType::kP2pGo);
  c.software_interface_types = bit(InterfaceType::kMonitor);
  const uint32_t several = bit(InterfaceType::kStation) | bit(InterfaceType::kAp);
  c.combinations = {{.limits = {{2, several}, {1, bit(InterfaceType::kP2pDevice)}},
                     .max_interfaces = 3,
                     .channels = 1}};
  c.max_scan_elements_len = 2000;
  c.max_remain_on_channel_ms = 5000;
  c.features = NL80211_FEATURE_SAE | NL80211_FEATURE_FULL_AP_CLIENT_STATE;
  c.offchannel_tx = true;
  c.control_port_ethertype = true;
  c.reports_obss = true;
  set_bit(c.extended_features, NL80211_EXT_FEATURE_CONTROL_PORT_OVER_NL80211);
  set_bit(c.extended_features, NL80211_EXT_FEATURE_BEACON_PROTECTION);
  for (const InterfaceType type : {InterfaceType::kStation, InterfaceType::kAp}) {
    c.tx_frame_types[static_cast<size_t>(type)] = 0xffff;
    c.rx_frame_types[static_cast<size_t>(type)] = type == InterfaceType::kAp ? 0x7c55 : 0x2810;
  }
  return c;
}

const MacAddress kOwnAddress{{2, 0, 0, 0, 1, 0}};
const MacAddress kApAddress{{2, 0, 0, 0, 0, 0}};

class World {
 public:
  explicit World(const RegulatoryDatabase* database = nullptr)
      : host("host", {.scheduler = &queue, .netdevs = &netdevs, .regulatory = database}, {}) {
    host.set_event_sink(events);
    add_radio(ops, {kOwnAddress, {{0x42, 0, 0, 0, 1, 0}}});
    events.take();
    ops.take();
  }

  Wiphy& add_radio(test::FakeOps& driver, std::vector<MacAddress> addresses) {
    return host.add_wiphy({.capabilities = capabilities, .addresses = std::move(addresses)},
                          driver);
  }
  Wiphy& wiphy() { return *host.find_wiphy(0u); }

  /// An interface that is up; nothing of it is on record.
  Wdev& add(InterfaceType type, const std::string& name = "wlan%d") {
    Wdev& wdev = **wiphy().add_interface({.name = name, .type = type});
    EXPECT_TRUE(netdevs[wdev.name()].up());
    events.take();
    ops.take();
    return wdev;
  }
  /// What runs after the event that is handled now.
  void settle() { queue.run_for({}); }

  /// Hears a Beacon or Probe Response of an open network.
  BssId hear(const std::string& ssid, uint32_t mhz = 2412, bool response = false,
             const MacAddress& bssid = kApAddress) {
    return inform_bss(wiphy(), {.frame = announcement(ssid, response, bssid), .mhz = mhz});
  }
  static Octets announcement(const std::string& ssid, bool response, const MacAddress& bssid) {
    Octets frame;
    Writer writer(frame);
    writer.le16(response ? 0x0050 : 0x0080).le16(0).mac(MacAddress::broadcast());
    writer.mac(bssid).mac(bssid).le16(0);
    writer.le64(1000).le16(100).le16(0x0001);
    const Octets octets(ssid.begin(), ssid.end());
    ieee80211::emit_element(writer, ieee80211::ElementId::kSsid, octets);
    return frame;
  }

  /// A received management frame of our AP's with this body.
  static Octets management(uint16_t frame_control, const Octets& body,
                           const MacAddress& from = kApAddress) {
    Octets frame;
    Writer writer(frame);
    writer.le16(frame_control).le16(0).mac(kOwnAddress).mac(from).mac(kApAddress).le16(0);
    writer.bytes(body);
    return frame;
  }

  AssociateRequest association(PortId owner = 0) const {
    return {.bssid = kApAddress, .mhz = 2412, .ssid = kSsid, .owner = owner};
  }
  /// Takes the interface through association; forgets calls and events.
  void join(Wdev& wdev, PortId owner = 0) {
    hear("net");
    EXPECT_TRUE(associate(wdev, association(owner), owner));
    rx_association_response(wdev,
                            {.bss = ops.bss, .frame = management(0x0010, {1, 0, 0, 0, 1, 0xc0})});
    EXPECT_TRUE(wdev.is_connected());
    events.take();
    ops.take();
  }

  StartApRequest access_point(PortId owner = 0) const {
    StartApRequest request;
    request.channel = ChannelDefinition::from_type(2412, ieee80211::ChannelType::kHt20);
    request.beacon.head = announcement("net", false, kOwnAddress);
    request.beacon_interval_tu = 100;
    request.dtim_period = 2;
    request.ssid = kSsid;
    request.owner = owner;
    return request;
  }

  const Octets kSsid{'n', 'e', 't'};
  SharedCapabilities capabilities = std::make_shared<Capabilities>(simulated_radio());
  EventQueue queue;
  test::MemoryNetdevs netdevs;
  test::EventRecorder events;
  test::FakeOps ops;
  Host host;
};

/// The error of a result that must have one.
template <typename T>
Error error_of(const Result<T>& result) {
  EXPECT_FALSE(result.has_value());
  return result ? Error{} : result.error();
}
template <typename T>
Errc code_of(const Result<T>& result) {
  return error_of(result).code;
}

using Lines = std::vector<std::string>;

}  // namespace airloom::cfg80211
