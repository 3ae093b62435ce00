// The control port's promise: no frame of it reaches its owner before the event that makes it
// meaningful, nor after the one that ends that, whatever order the air brings things in. Every
// order is tried, once with all frames at the same instant and once with time between them.
#include <algorithm>

#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using Orders = std::vector<std::vector<char>>;

Orders every_order_of(std::string frames) {
  std::sort(frames.begin(), frames.end());
  Orders all;
  do {
    all.emplace_back(frames.begin(), frames.end());
  } while (std::next_permutation(frames.begin(), frames.end()));
  return all;
}

/// Events of one end: '+' and '-' where a connection begins and ends, a digit for an EAPOL frame.
template <typename Base>
class Order : public Base {
 public:
  std::string told;
  bool control_port_received(const cfg80211::Wdev&, cfg80211::PortId, const MacAddress&, uint16_t,
                             cfg80211::Span payload, bool) override {
    told += static_cast<char>(payload[0]);
    return true;
  }
};

class StationOrder final : public Order<MlmeRecorder> {
  void connect_result(const Wdev&, const cfg80211::ConnectResult& result) override {
    if (result.status == 0) told += '+';
  }
  void disconnected(const Wdev&, uint16_t, Span, bool) override { told += '-'; }
};

class AccessPointOrder final : public Order<Doorkeeper> {
 public:
  bool frame_received(const Wdev& wdev, cfg80211::PortId port, Span frame, uint32_t mhz,
                      uint16_t offset, std::optional<int8_t> dbm, uint32_t flags) override {
    const auto view = ieee80211::FrameView::of(frame);
    if (!view->fc().is(Subtype::kDeauthentication))
      return Order::frame_received(wdev, port, frame, mhz, offset, dbm, flags);
    // Who deauthenticates before it has been admitted is not there to be removed.
    (void)cfg80211::delete_station(*wdev.wiphy().find_wdev(wdev.id()), {.mac = view->address2()});
    return true;
  }

 private:
  void station_added(const Wdev&, const MacAddress&, const cfg80211::StationInfo&) override {
    told += '+';
  }
  void station_removed(const Wdev&, const MacAddress&, const cfg80211::StationInfo&) override {
    told += '-';
  }
};

/// Whether every frame lies between a beginning and its end.
bool is_meaningful(const std::string& told) {
  bool connected = false;
  for (const char what : told) {
    if (what == '+' || what == '-') {
      connected = what == '+';
    } else if (!connected) {
      return false;
    }
  }
  return true;
}

/// Two hosts for one order.
class Story final : public MlmeHosts {
 public:
  StationOrder station_events;
  AccessPointOrder ap_events;

  void TestBody() override {}
  ~Story() override {
    ap.host.clear_event_sink();
    sta.host.clear_event_sink();
  }

  /// The station has authenticated and asked to associate, with itself as the control port's owner.
  void begin() {
    ap.host.set_event_sink(ap_events);
    sta.host.set_event_sink(station_events);
    ap_events.client = client(1, /*authorized=*/false);
    auto request = access_point();
    request.crypto = over_nl80211();
    request.owner = kPort;
    ASSERT_TRUE(cfg80211::start_ap(*ap.wdev, request, kPort));
    ASSERT_TRUE(cfg80211::register_frame(*ap.wdev, {.port = kPort, .frame_type = 0xb0}));
    ASSERT_TRUE(cfg80211::trigger_scan(
        *sta.wdev, {.channels = {{.mhz = kMhz, .band = ieee80211::Band::k2GHz}}}));
    run(std::chrono::milliseconds(500));
    ASSERT_TRUE(
        cfg80211::authenticate(*sta.wdev, {.bssid = ap.address, .mhz = kMhz, .ssid = kSsid}));
    run(std::chrono::milliseconds(50));
    ASSERT_TRUE(cfg80211::associate(
        *sta.wdev,
        {.bssid = ap.address, .mhz = kMhz, .ssid = kSsid, .crypto = over_nl80211(), .owner = kPort},
        kPort));
    run(std::chrono::microseconds(10));
  }

  /// What the access point sends: A accepts, R refuses, D ends; a digit is an EAPOL frame.
  Octets from_access_point(char what, uint16_t number) const {
    Octets frame;
    Writer writer(frame);
    const bool is_data = what >= '0' && what <= '9';
    writer.le16(is_data ? 0x0208 : what == 'D' ? 0x00c0 : 0x0010).le16(0).mac(sta.address);
    writer.mac(ap.address).mac(ap.address).le16(static_cast<uint16_t>(number << 4));
    if (is_data) return eapol(writer, what, frame);
    if (what == 'D')
      writer.le16(3);
    else
      writer.le16(0x0401).le16(what == 'A' ? 0 : 17).le16(0xc001).bytes(rates());
    return frame;
  }
  /// What the station sends to the access point: Q asks to associate.
  Octets from_station(char what, uint16_t number) const {
    Octets frame;
    Writer writer(frame);
    const bool is_data = what >= '0' && what <= '9';
    writer.le16(is_data ? 0x0108 : what == 'D' ? 0x00c0 : 0x0000).le16(0).mac(ap.address);
    writer.mac(sta.address).mac(ap.address).le16(static_cast<uint16_t>(number << 4));
    if (is_data) return eapol(writer, what, frame);
    if (what == 'D')
      writer.le16(3);
    else
      writer.le16(0x0401).le16(10).bytes(Octets{0, 3, 'n', 'e', 't'}).bytes(rates());
    return frame;
  }

  void hear(Node& at, const Octets& frame) {
    at.stack.receive(pool.from(frame), {.mhz = kMhz, .signal_dbm = -30});
  }
  using TwoHosts::ap;
  using TwoHosts::queue;
  using TwoHosts::run;
  using TwoHosts::sta;

 private:
  static cfg80211::CryptoSettings over_nl80211() {
    cfg80211::CryptoSettings crypto;
    crypto.control_port = crypto.control_port_over_nl80211 = crypto.control_port_no_preauth = true;
    return crypto;
  }
  static Octets rates() { return {1, 4, 0x82, 0x84, 0x8b, 0x96}; }
  static Octets eapol(Writer& writer, char what, Octets& frame) {
    writer.bytes(msdu(0x888e, Octets(20, static_cast<uint8_t>(what))));
    return frame;
  }
};

constexpr Duration kSpacings[] = {Duration{0}, std::chrono::microseconds(100)};

TEST(ControlPortOrder, AStationHearsOfItsConnectionFirst) {
  size_t delivered = 0;
  for (const Duration spacing : kSpacings) {
    for (const auto& order : every_order_of("123AD")) {
      Story story;
      ASSERT_NO_FATAL_FAILURE(story.begin());
      uint16_t number = 100;
      for (const char what : order) {
        story.hear(story.sta, story.from_access_point(what, ++number));
        if (spacing != Duration{0}) story.run(spacing);
      }
      story.run(std::chrono::seconds(3));
      const std::string arrived(order.begin(), order.end());
      const std::string& told = story.station_events.told;
      EXPECT_TRUE(is_meaningful(told)) << arrived << " told as " << told;
      // Nothing that came while it meant something is lost, and all in the order of arrival.
      std::string expected;
      if (arrived.find('A') < arrived.find('D')) {
        expected = "+";
        for (const char what : arrived.substr(0, arrived.find('D')))
          if (what != 'A') expected += what;
        expected += '-';
      }
      EXPECT_EQ(told, expected) << arrived;
      delivered += expected.size();
    }
  }
  EXPECT_GT(delivered, 0u);
}

TEST(ControlPortOrder, ARefusedStationHearsNothing) {
  for (const auto& order : every_order_of("12R")) {
    Story story;
    ASSERT_NO_FATAL_FAILURE(story.begin());
    uint16_t number = 100;
    for (const char what : order) story.hear(story.sta, story.from_access_point(what, ++number));
    story.run(std::chrono::seconds(3));
    EXPECT_EQ(story.station_events.told, "") << std::string(order.begin(), order.end());
  }
}

TEST(ControlPortOrder, AnAccessPointKnowsItsStationFirst) {
  for (const Duration spacing : kSpacings) {
    for (const auto& order : every_order_of("12QD")) {
      Story story;
      ASSERT_NO_FATAL_FAILURE(story.begin());
      for (const uint16_t type : {0x00, 0xc0})
        ASSERT_TRUE(cfg80211::register_frame(*story.ap.wdev, {.port = 7, .frame_type = type}));
      uint16_t number = 100;
      for (const char what : order) {
        story.hear(story.ap, story.from_station(what, ++number));
        if (spacing != Duration{0}) story.run(spacing);
      }
      story.run(std::chrono::milliseconds(100));
      const std::string arrived(order.begin(), order.end());
      // It is admitted once it has acknowledged the answer to Q: after all that came with that at
      // one instant, and before what came with time between. Nothing later is lost until it leaves.
      std::string expected = "+";
      if (spacing != Duration{0}) {
        for (const char what : arrived.substr(arrived.find('Q') + 1)) {
          expected += what == 'D' ? '-' : what;
          if (what == 'D') break;
        }
      }
      EXPECT_EQ(story.ap_events.told, expected) << arrived;
    }
  }
}

}  // namespace
}  // namespace airloom::mac80211
