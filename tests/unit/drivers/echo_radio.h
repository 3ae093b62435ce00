// The smallest FullMAC driver (docs/drivers.md): a radio that hears one open network, joins it when
// asked, and whose access point sends every frame back. It begins with ops.h and answers through
// driver_events.h; cfg80211 and nl80211 do the rest.
#pragma once

#include <linux/nl80211.h>

#include <algorithm>
#include <functional>

#include "base/scheduler.h"
#include "cfg80211/driver_events.h"
#include "cfg80211/ops.h"
#include "cfg80211/wiphy.h"
#include "ieee80211/element.h"
#include "ieee80211/ethernet.h"

namespace example {

using namespace airloom;

class EchoRadio final : public cfg80211::Ops {
 public:
  static constexpr uint32_t kMhz = 2412;
  static constexpr MacAddress kAccessPoint{{2, 0, 0, 0, 0xec, 0}};

  explicit EchoRadio(Scheduler& scheduler) : scheduler_(scheduler) {}

  /// What it is, and which commands it serves: CONNECT in place of AUTHENTICATE and ASSOCIATE.
  static cfg80211::SharedCapabilities capabilities() {
    auto caps = std::make_shared<cfg80211::Capabilities>();
    caps->full_mac = true;
    caps->bands = {{.band = ieee80211::Band::k2GHz, .channels = {{.mhz = kMhz}}, .rates = {{10}}}};
    caps->interface_types = bit(cfg80211::InterfaceType::kStation);
    caps->combinations = {{.limits = {{1, caps->interface_types}}, .max_interfaces = 1}};
    caps->cipher_suites = {0x000fac04};
    caps->supported_commands = {NL80211_CMD_NEW_INTERFACE, NL80211_CMD_CONNECT,
                                NL80211_CMD_DISCONNECT};
    return caps;
  }

  Result<void> add_interface(cfg80211::Wdev&) override { return {}; }
  void delete_interface(cfg80211::Wdev&) override {}
  Result<void> change_interface(cfg80211::Wdev&, cfg80211::InterfaceType,
                                const cfg80211::ChangeInterfaceRequest&) override {
    return fail(Errc::kUnsupported);
  }
  Result<void> open(cfg80211::Wdev&) override { return {}; }
  void stop(cfg80211::Wdev&) override {}
  Result<void> change_address(cfg80211::Wdev&, const MacAddress&) override { return {}; }

  /// Results first, then the end of the scan; both later, never from within the call.
  Result<void> scan(cfg80211::Wdev& wdev, const cfg80211::ScanRequest&) override {
    later(wdev, [](cfg80211::Wdev& on) {
      hear_access_point(on);
      cfg80211::scan_done(on.wiphy(), /*aborted=*/false);
    });
    return {};
  }
  Result<void> connect(cfg80211::Wdev& wdev, const cfg80211::ConnectRequest& request) override {
    const bool is_ours = request.ssid == kSsid;
    later(wdev, [is_ours](cfg80211::Wdev& on) {
      constexpr uint16_t kUnspecifiedFailure = 1;
      if (!is_ours) return cfg80211::connect_result(on, {.status = kUnspecifiedFailure}, 0);
      hear_access_point(on);  // cfg80211 knows whom the connection is with
      cfg80211::connect_result(on, {.bssid = kAccessPoint}, 0);
      on.netdev()->set_carrier(true);
    });
    return {};
  }
  Result<void> disconnect(cfg80211::Wdev& wdev, uint16_t reason) override {
    later(wdev, [reason](cfg80211::Wdev& on) {
      on.netdev()->set_carrier(false);
      cfg80211::disconnected(on, reason, {}, /*by_ap=*/false);
    });
    return {};
  }
  /// Frames from the host, which it may keep, change and hand back.
  void transmit(cfg80211::Wdev& wdev, std::span<FrameBuffer> burst) override {
    for (FrameBuffer& frame : burst) {
      if (!wdev.is_connected() || frame.size() < ieee80211::kEthernetHeaderLength) continue;
      auto octets = frame.writable();
      std::swap_ranges(octets.begin(), octets.begin() + 6, octets.begin() + 6);
      later(wdev, [frame](cfg80211::Wdev& on) { on.netdev()->receive(frame); });
    }
  }

 private:
  static inline const Octets kSsid{'e', 'c', 'h', 'o'};

  /// The interface may have gone by then.
  void later(cfg80211::Wdev& wdev, std::function<void(cfg80211::Wdev&)> action) {
    scheduler_.post([&wiphy = wdev.wiphy(), id = wdev.id(), action = std::move(action)] {
      if (cfg80211::Wdev* on = wiphy.find_wdev(id)) action(*on);
    });
  }
  static void hear_access_point(cfg80211::Wdev& wdev) {
    Octets beacon;
    Writer writer(beacon);
    writer.le16(0x0080).le16(0).mac(MacAddress::broadcast());
    writer.mac(kAccessPoint).mac(kAccessPoint).le16(0);
    writer.le64(0).le16(100).le16(0x0001);
    ieee80211::emit_element(writer, ieee80211::ElementId::kSsid, kSsid);
    cfg80211::inform_bss(wdev.wiphy(), {.frame = beacon, .mhz = kMhz, .signal_mbm = -4000});
  }

  Scheduler& scheduler_;
};

}  // namespace example
