// Listens to a host's nl80211 events as any program could, and knows in which order they make
// sense: a station is new before it goes, a scan ends once, what connects was associated before,
// an access point that stops had started, and no control port frame comes from a peer that nobody
// has heard of.
#pragma once

#include <linux/nl80211.h>

#include <map>
#include <set>
#include <string>

#include "ieee80211/management.h"
#include "lab/bus_transport.h"
#include "lab/simulation.h"
#include "sme/client_port.h"

namespace airloom::lab {

class EventChecker final : public NetlinkObserver {
 public:
  EventChecker(Simulation& simulation, SimulatedHost& host)
      : world_(simulation.world()),
        scheduler_(simulation.queue()),
        host_(host.host()),
        name_(host.name()),
        transport_(simulation.queue(), host.host().bus()),
        client_(transport_) {
    client_.open(
        {"config", "scan", "regulatory", "mlme"},
        [this](const sme::Nl80211Event& event) { on_event(event.command, event.attributes); },
        [this] { note("lost events"); },
        [this](Result<void> done) {
          if (!done) note("has no events: " + done.error().text);
        });
    world_.add_netlink_observer(*this);
  }
  ~EventChecker() override { world_.remove_netlink_observer(*this); }

  /// Control port frames go to their owner alone, so they are seen where all messages pass.
  void on_netlink(const WorldHost& host, NetlinkDirection direction,
                  std::span<const uint8_t> datagram) override {
    if (&host != &host_ || direction != NetlinkDirection::kFromKernel) return;
    netlink::MessageReader reader(datagram);
    while (const auto message = reader.next()) {
      const auto genl = message->genl();
      if (!genl) continue;
      const auto peer = netlink::AttributeTable(message->genl_attributes()).mac(NL80211_ATTR_MAC);
      if (!peer) continue;
      if (genl->command == NL80211_CMD_NEW_STATION) heard_of_.insert(*peer);
      if (genl->command == NL80211_CMD_DEL_STATION) heard_of_.erase(*peer);
      if (genl->command == NL80211_CMD_CONTROL_PORT_FRAME && !heard_of_.contains(*peer))
        note("gets a control port frame of " + peer->to_string() + ", which is no station");
    }
  }

  /// Takes one event; those of the host's come by themselves.
  void on_event(uint8_t command, const netlink::AttributeTable& attributes) {
    ++count_;
    const auto peer = attributes.mac(NL80211_ATTR_MAC);
    switch (command) {
      case NL80211_CMD_START_AP:
        beacons_ = true;
        return;
      case NL80211_CMD_STOP_AP:
        if (!std::exchange(beacons_, false)) note("stops an access point that had not started");
        return;
      case NL80211_CMD_NEW_STATION:
        if (peer && !stations_.insert(*peer).second) note("has a new station that it had already");
        return;
      case NL80211_CMD_DEL_STATION:
        if (peer && stations_.erase(*peer) == 0) note("loses a station that it did not have");
        return;
      case NL80211_CMD_TRIGGER_SCAN:
        if (std::exchange(scans_, true)) note("begins a scan during another");
        return;
      case NL80211_CMD_NEW_SCAN_RESULTS:
      case NL80211_CMD_SCAN_ABORTED:
        if (!std::exchange(scans_, false)) note("ends a scan that had not begun");
        return;
      default:
        on_connection_event(command, attributes);
    }
  }

  const std::string& faults() const { return faults_; }
  size_t count() const { return count_; }

 private:
  enum class Connection : uint8_t { kNone, kAssociated, kConnected };

  void on_connection_event(uint8_t command, const netlink::AttributeTable& attributes) {
    switch (command) {
      case NL80211_CMD_ASSOCIATE:
        if (connection_ == Connection::kConnected) note("associates while connected");
        if (accepted(attributes)) connection_ = Connection::kAssociated;
        return;
      case NL80211_CMD_CONNECT:
        if (attributes.u16(NL80211_ATTR_STATUS_CODE).value_or(0) != 0) return;
        if (connection_ != Connection::kAssociated) note("connects without having associated");
        connection_ = Connection::kConnected;
        return;
      case NL80211_CMD_DISCONNECT:
        if (connection_ != Connection::kConnected) note("disconnects without a connection");
        connection_ = Connection::kNone;
        return;
      default:
        return;
    }
  }
  /// Whether an ASSOCIATE event tells of success: it brings the peer's response.
  static bool accepted(const netlink::AttributeTable& attributes) {
    const auto frame = attributes.bytes(NL80211_ATTR_FRAME);
    const auto view = frame ? ieee80211::FrameView::of(*frame) : std::nullopt;
    if (!view) return false;
    const auto body = ieee80211::AssociationResponseBody::parse(view->body());
    return body && body->status == 0;
  }
  void note(const std::string& what) {
    faults_ += std::to_string(scheduler_.now().us()) + ": " + name_ + " " + what + "\n";
  }

  World& world_;
  Scheduler& scheduler_;
  const WorldHost& host_;
  const std::string name_;
  bool beacons_ = false, scans_ = false;
  Connection connection_ = Connection::kNone;
  std::set<MacAddress> stations_;
  std::set<MacAddress> heard_of_;  // by then; an event takes its time to get to us
  std::string faults_;
  size_t count_ = 0;
  BusTransport transport_;
  sme::Nl80211Client client_;
};

}  // namespace airloom::lab
