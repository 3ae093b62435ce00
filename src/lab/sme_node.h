// airloom's own access point or station on one interface of a host, as a client of the host's
// nl80211 and nothing else.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lab/bus_transport.h"
#include "lab/lab_file.h"
#include "lab/world.h"
#include "sme/access_point.h"
#include "sme/netlink_transport.h"
#include "sme/station.h"

namespace airloom::lab {

class SmeNode final : private sme::AccessPointObserver, private sme::StationObserver {
 public:
  /// One line for each thing that happens.
  using Report = std::function<void(const std::string&)>;

  /// All but the entry outlive the node.
  SmeNode(World& world, WorldHost& host, sme::LinkPort& link, uint32_t ifindex,
          const AccessPointEntry& entry, Report report);
  SmeNode(World& world, WorldHost& host, sme::LinkPort& link, uint32_t ifindex,
          const StationEntry& entry, Report report);

  void start();
  void stop();
  /// The station is connected, or the access point runs.
  bool is_up() const { return up_; }
  /// Why it gave up; it tries no more before the next start().
  const std::optional<Error>& failure() const { return failure_; }
  sme::AccessPoint* access_point() { return access_point_.get(); }
  sme::Station* station() { return station_.get(); }

 private:
  SmeNode(World& world, WorldHost& host, sme::LinkPort& link, Report report);

  void on_started() override;
  void on_failed(const Error& error) override;
  void on_station_joined(const MacAddress& station) override;
  void on_station_left(const MacAddress& station) override;
  void on_connected(const sme::Bss& bss) override;
  void on_disconnected(ieee80211::ReasonCode reason) override;
  void on_wrong_key() override;

  sme::SmePorts ports_;
  Report report_;
  bool up_ = false;
  std::optional<Error> failure_;
  BusTransport transport_;
  std::unique_ptr<sme::AccessPoint> access_point_;
  std::unique_ptr<sme::Station> station_;
};

}  // namespace airloom::lab
