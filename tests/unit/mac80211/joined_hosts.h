// A station that has joined an access point through the air, with or without keys, and the two
// event sinks that played hostapd's and wpa_supplicant's part.
#pragma once

#include "cfg80211/driver_events.h"
#include "ieee80211/mac_header.h"
#include "two_hosts.h"

namespace airloom::mac80211 {

using namespace std::chrono_literals;

/// Answers authentication and association requests, admits whoever was told so.
class OpenDoor final : public cfg80211::EventSink {
 public:
  std::vector<std::pair<uint64_t, bool>> control_port_status;
  std::vector<Octets> control_port_status_frames;
  std::vector<std::pair<uint16_t, bool>> control_port;  // EtherType, unencrypted
  cfg80211::StationParams client;

  bool frame_received(const cfg80211::Wdev& wdev, cfg80211::PortId, cfg80211::Span frame, uint32_t,
                      uint16_t, std::optional<int8_t>, uint32_t) override {
    const auto view = ieee80211::FrameView::of(frame);
    auto& mutable_wdev = *wdev.wiphy().find_wdev(wdev.id());
    if (view->fc().is(Subtype::kAuthentication))
      answer(mutable_wdev, *view, 0xb0, {0, 0, 2, 0, 0, 0});
    if (view->fc().is(Subtype::kAssociationRequest))
      answer(mutable_wdev, *view, 0x10, {1, 4, 0, 0, 1, 0xc0, 1, 4, 0x82, 0x84, 0x8b, 0x96});
    return true;
  }
  void frame_tx_status(const cfg80211::Wdev& wdev, uint64_t, cfg80211::Span frame,
                       bool ack) override {
    const auto view = ieee80211::FrameView::of(frame);
    if (!ack || !view->fc().is(Subtype::kAssociationResponse)) return;
    EXPECT_TRUE(
        cfg80211::new_station(*wdev.wiphy().find_wdev(wdev.id()), view->address1(), client));
  }
  bool control_port_received(const cfg80211::Wdev&, cfg80211::PortId, const MacAddress&,
                             uint16_t type, cfg80211::Span, bool unencrypted) override {
    control_port.emplace_back(type, unencrypted);
    return true;
  }
  void control_port_tx_status(const cfg80211::Wdev&, uint64_t cookie, cfg80211::Span ethernet,
                              bool ack) override {
    control_port_status.emplace_back(cookie, ack);
    control_port_status_frames.emplace_back(ethernet.begin(), ethernet.end());
  }

 private:
  static void answer(cfg80211::Wdev& wdev, const ieee80211::FrameView& to, uint16_t type,
                     const Octets& body) {
    cfg80211::FrameTxRequest request;
    Writer(request.frame)
        .le16(type)
        .le16(0)
        .mac(to.address2())
        .mac(wdev.address())
        .mac(wdev.address())
        .le16(0)
        .bytes(body);
    EXPECT_TRUE(cfg80211::send_frame(wdev, request));
  }
};

class JoinedHosts : public TwoHosts {
 protected:
  void join(bool control_port) {
    ap.host.set_event_sink(door);
    sta.host.set_event_sink(sta_door);
    door.client = client(1, !control_port);
    auto request = access_point();
    request.owner = kPort;
    request.crypto.control_port_over_nl80211 = control_port;
    request.crypto.control_port = control_port;
    ASSERT_TRUE(cfg80211::start_ap(*ap.wdev, request, kPort));
    for (const uint16_t type : {0x00, 0xb0})
      ASSERT_TRUE(cfg80211::register_frame(*ap.wdev, {.port = kPort, .frame_type = type}));
    ASSERT_TRUE(cfg80211::trigger_scan(
        *sta.wdev, {.channels = {{.mhz = kMhz, .band = ieee80211::Band::k2GHz}}}));
    run(500ms);
    ASSERT_TRUE(
        cfg80211::authenticate(*sta.wdev, {.bssid = ap.address, .mhz = kMhz, .ssid = kSsid}));
    run(50ms);
    cfg80211::AssociateRequest associate{.bssid = ap.address, .mhz = kMhz, .ssid = kSsid};
    associate.owner = kPort;
    associate.crypto.control_port = associate.crypto.control_port_over_nl80211 = control_port;
    auto associated = cfg80211::associate(*sta.wdev, associate, kPort);
    ASSERT_TRUE(associated) << associated.error().text;
    run(50ms);
    ASSERT_TRUE(sta.wdev->is_connected());
    ap.netdev().received.clear();
    air.frames.clear();
  }

  void set_keys() {
    const cfg80211::KeySlot to_ap{.index = 0, .pairwise = true, .peer = ap.address};
    const cfg80211::KeySlot to_sta{.index = 0, .pairwise = true, .peer = sta.address};
    ASSERT_TRUE(cfg80211::new_key(*sta.wdev, to_ap, ccmp_key(0x11)));
    ASSERT_TRUE(cfg80211::new_key(*ap.wdev, to_sta, ccmp_key(0x11)));
    ASSERT_TRUE(cfg80211::new_key(*sta.wdev, {.index = 1}, ccmp_key(0x22)));
    ASSERT_TRUE(cfg80211::new_key(*ap.wdev, {.index = 1}, ccmp_key(0x22)));
    ASSERT_TRUE(cfg80211::set_default_key(*ap.wdev, 1, false, true));
    const uint32_t authorized = 1u << NL80211_STA_FLAG_AUTHORIZED;
    const cfg80211::StationParams params{.flags_mask = authorized, .flags_set = authorized};
    ASSERT_TRUE(cfg80211::set_station(*ap.wdev, sta.address, params));
    ASSERT_TRUE(cfg80211::set_station(*sta.wdev, ap.address, params));
    ap.netdev().received.clear();
  }

  Station& station_at_ap() { return *ap.stack.stations().find(ap.interface(), sta.address); }
  Station& ap_at_station() { return *sta.stack.stations().find(sta.interface(), ap.address); }
  /// Both ends send QoS frames and are HT stations, as if their elements had said so.
  void make_ht() {
    for (Station* station : {&station_at_ap(), &ap_at_station()}) {
      station->wme = true;
      station->ht = cfg80211::HtCapability{.info = 0x107e, .mcs = {0xff}};
    }
  }

  Octets payload{0x45, 0, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  OpenDoor door, sta_door;
};

}  // namespace airloom::mac80211
