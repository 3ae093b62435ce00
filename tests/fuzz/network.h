// The network that strangers meet: airloom's own access point, a monitor beside it and a station,
// in virtual time.
#pragma once

#include <string_view>

#include "lab/simulation.h"
#include "law.h"

namespace airloom::fuzz {

enum class Protection : uint8_t { kNone, kData, kManagement };

class Network {
 public:
  static constexpr uint32_t kMhz = 2412;

  explicit Network(Protection protection)
      : protection_(protection),
        ap_(simulation_.add_host("ap")),
        station_(simulation_.add_host("sta")) {
    const std::string passphrase = protection == Protection::kNone ? "" : "correcthorsebattery";
    sme::Security security;
    if (protection == Protection::kManagement)
      security = {.pmf = sme::Pmf::kRequired, .beacon_protection = true};
    ap_.set_address(kApAddress);
    ap_.run(lab::AccessPointEntry{
        .ssid = "oracle", .passphrase = passphrase, .mhz = kMhz, .security = security});
    ap_.add_monitor("mon0");
    station_.set_address(kStationAddress);
    station_.run(lab::StationEntry{
        .ssid = "oracle", .passphrase = passphrase, .scan_mhz = {kMhz}, .security = security});
    expect_connection();
    simulation_.run_for(std::chrono::milliseconds(300));  // the station has heard beacons
    simulation_.event_log().ignore_frames();
    before_ = simulation_.event_log().text().size();
  }

  /// Where a stranger can end nothing, the connection has stood all the time; else the two find
  /// together again.
  void expect_survival() {
    if (protection_ != Protection::kManagement) return expect_connection();
    expect(is_up(), "the connection stands");
    const std::string_view since = std::string_view(simulation_.event_log().text()).substr(before_);
    expect(since.find(": link ") == std::string_view::npos, "no link has changed");
    if (!ping()) pass_by_moved_windows();
    expect(ping(), "pings are answered");
  }

  lab::Simulation& simulation() { return simulation_; }
  lab::SimulatedHost& ap() { return ap_; }
  lab::SimulatedHost& station() { return station_; }

 private:
  static constexpr lab::Ipv4 kApAddress{10, 0, 0, 1}, kStationAddress{10, 0, 0, 2};

  bool ping() { return simulation_.ping(station_, kApAddress).has_value(); }
  /// Whoever forges a data frame moves the window of a block-ack agreement, on Linux too, as frames
  /// are put in order before they are decrypted: what is behind it is lost, up to half of all
  /// sequence numbers. [802.11-2020 10.25.6.6.2]
  void pass_by_moved_windows() {
    for (int i = 0; i < 2048; ++i) {
      station_.ip().ping(kApAddress, [](auto) {});
      ap_.ip().ping(kStationAddress, [](auto) {});
      simulation_.run_for(std::chrono::milliseconds(1));
    }
  }
  bool is_up() const { return ap_.is_up() && station_.is_up(); }
  /// A spoofed farewell is found out by traffic alone, so there is some.
  void expect_connection() {
    bool answered = false;
    for (int seconds = 0; seconds < 60 && !answered; ++seconds) {
      simulation_.run_until([this] { return is_up(); }, std::chrono::seconds(1));
      answered = is_up() && ping();
    }
    if (is_up() && !answered) pass_by_moved_windows();
    expect(answered || ping(), "the station and its access point are connected");
  }

  const Protection protection_;
  lab::Simulation simulation_{1};
  lab::SimulatedHost& ap_;
  lab::SimulatedHost& station_;
  size_t before_ = 0;  // octets of the event log
};

}  // namespace airloom::fuzz
