// A station that has joined an access point, with hostapd's part played by a doorkeeper, and the
// events of both ends written down. Beacons carry what a test puts into `tail`.
#pragma once

#include <gmock/gmock.h>

#include "cfg80211/driver_events.h"
#include "ieee80211/ht_vht_elements.h"
#include "ieee80211/wmm_element.h"
#include "two_hosts.h"

namespace airloom::mac80211 {

/// Events that the MLME's procedures raise, as short lines, beside those of EventRecorder.
class MlmeRecorder : public test::EventRecorder {
 public:
  void channel_switch_started(const Wdev&, const ChannelDefinition& channel, uint8_t count,
                              bool quiet) override {
    events.push_back(fmt::format("CH_SWITCH_STARTED {} count {}{}", channel.primary_mhz, count,
                                 quiet ? " quiet" : ""));
  }
  void channel_switched(const Wdev&, const ChannelDefinition& channel) override {
    events.push_back(fmt::format("CH_SWITCH {}", channel.primary_mhz));
  }
  void station_opmode_changed(const Wdev&, const MacAddress&, std::optional<uint8_t> smps,
                              std::optional<cfg80211::ChannelWidth> width,
                              std::optional<uint8_t> rx_nss) override {
    std::string line = "STA_OPMODE_CHANGED";
    if (smps) line += fmt::format(" smps {}", *smps);
    if (width) line += fmt::format(" width {}", ieee80211::width_mhz(*width));
    if (rx_nss) line += fmt::format(" streams {}", *rx_nss);
    events.push_back(line);
  }
  void cqm_rssi(const Wdev&, bool low, int32_t dbm) override {
    events.push_back(fmt::format("CQM {} {}", low ? "low" : "high", dbm));
  }
  void cqm_beacon_loss(const Wdev&) override { events.push_back("CQM beacon loss"); }
  void cqm_packet_loss(const Wdev&, const MacAddress&, uint32_t packets) override {
    events.push_back(fmt::format("CQM packet loss {}", packets));
  }
  void client_probed(const Wdev&, const MacAddress&, uint64_t, bool ack,
                     std::optional<int8_t> dbm) override {
    events.push_back(fmt::format("PROBE_CLIENT {} {}", ack, dbm.value_or(0)));
  }
};

inline Octets supported_rates() {
  return {1, 4, 0x82, 0x84, 0x8b, 0x96};
}

/// Answers authentication and association, and admits whoever has heard that.
class Doorkeeper : public MlmeRecorder {
 public:
  cfg80211::StationParams client;
  Octets response_elements = supported_rates();

  bool frame_received(const Wdev& wdev, cfg80211::PortId, Span frame, uint32_t, uint16_t,
                      std::optional<int8_t>, uint32_t) override {
    const auto view = ieee80211::FrameView::of(frame);
    if (view->fc().is(Subtype::kAuthentication)) answer(wdev, *view, 0xb0, {0, 0, 2, 0, 0, 0});
    if (view->fc().is(Subtype::kAssociationRequest)) {
      request.assign(frame.begin(), frame.end());
      Octets body{1, 4, 0, 0, 1, 0xc0};
      body.insert(body.end(), response_elements.begin(), response_elements.end());
      answer(wdev, *view, 0x10, body);
    }
    return true;
  }
  void frame_tx_status(const Wdev& wdev, uint64_t, Span frame, bool ack) override {
    const auto view = ieee80211::FrameView::of(frame);
    if (!ack || !view->fc().is(Subtype::kAssociationResponse)) return;
    EXPECT_TRUE(
        cfg80211::new_station(*wdev.wiphy().find_wdev(wdev.id()), view->address1(), client));
  }
  Octets request;  ///< the newest Association Request

 private:
  static void answer(const Wdev& wdev, const ieee80211::FrameView& to, uint16_t type,
                     const Octets& body) {
    cfg80211::FrameTxRequest reply;
    Writer writer(reply.frame);
    writer.le16(type).le16(0).mac(to.address2()).mac(wdev.address()).mac(wdev.address());
    writer.le16(0).bytes(body);
    EXPECT_TRUE(cfg80211::send_frame(*wdev.wiphy().find_wdev(wdev.id()), reply));
  }
};

class MlmeHosts : public TwoHosts {
 protected:
  Octets tail{42, 1, 4};  ///< the beacon's elements behind the TIM
  Doorkeeper door;
  MlmeRecorder sta_events;

  ~MlmeHosts() override {  // the hosts outlive the listeners
    ap.host.clear_event_sink();
    sta.host.clear_event_sink();
  }
  void join() {
    ap.host.set_event_sink(door);
    sta.host.set_event_sink(sta_events);
    door.client = client(1, /*authorized=*/true);
    auto request = access_point();
    request.beacon.tail = tail;
    ASSERT_TRUE(cfg80211::start_ap(*ap.wdev, request, kPort));
    for (const uint16_t type : {0x00, 0xb0})
      ASSERT_TRUE(cfg80211::register_frame(*ap.wdev, {.port = kPort, .frame_type = type}));
    ASSERT_TRUE(cfg80211::trigger_scan(
        *sta.wdev, {.channels = {{.mhz = kMhz, .band = ieee80211::Band::k2GHz}}}));
    run(std::chrono::milliseconds(500));
    ASSERT_TRUE(
        cfg80211::authenticate(*sta.wdev, {.bssid = ap.address, .mhz = kMhz, .ssid = kSsid}));
    run(std::chrono::milliseconds(50));
    ASSERT_TRUE(
        cfg80211::associate(*sta.wdev, {.bssid = ap.address, .mhz = kMhz, .ssid = kSsid}, kPort));
    run(std::chrono::milliseconds(50));
    ASSERT_TRUE(sta.wdev->is_connected());
    run(std::chrono::milliseconds(200));  // for the first beacon
    door.take();
    sta_events.take();
    ap.netdev().received.clear();
    air.frames.clear();
  }

  bool data_gets_through() {
    const size_t before = ap.netdev().received.size();
    sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, Octets(20, 1)));
    run(std::chrono::milliseconds(1));
    return ap.netdev().received.size() == before + 1;
  }
};

}  // namespace airloom::mac80211
