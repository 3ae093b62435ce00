// Writes down cfg80211's events as short lines, in order.
#pragma once

#include <fmt/core.h>

#include <string>
#include <vector>

#include "cfg80211/event_sink.h"
#include "cfg80211/wdev.h"
#include "cfg80211/wiphy.h"

namespace airloom::test {

class EventRecorder : public cfg80211::EventSink {
 public:
  using Wdev = cfg80211::Wdev;
  using Wiphy = cfg80211::Wiphy;
  using Span = cfg80211::Span;

  std::vector<std::string> events;
  int uapsd_queues = -1;  ///< of the newest ASSOCIATE
  std::vector<std::string> take() { return std::exchange(events, {}); }

  void wiphy_added(const Wiphy& w) override { note("NEW_WIPHY {}", w.name()); }
  void wiphy_removed(const Wiphy& w) override { note("DEL_WIPHY {}", w.name()); }
  void interface_added(const Wdev& w) override { note("NEW_INTERFACE {}", w.name()); }
  void interface_changed(const Wdev& w) override { note("SET_INTERFACE {}", w.name()); }
  void interface_removed(const Wdev& w) override { note("DEL_INTERFACE {}", w.name()); }
  void scan_started(const Wdev&, const cfg80211::ScanRequest&) override { note("TRIGGER_SCAN"); }
  void scan_done(const Wdev&, const cfg80211::ScanRequest&, bool aborted) override {
    note("{}", aborted ? "SCAN_ABORTED" : "NEW_SCAN_RESULTS");
  }
  void sched_scan_started(const Wdev&, const cfg80211::SchedScan& scan) override {
    note("START_SCHED_SCAN {}", scan.id);
  }
  void sched_scan_results(const Wdev&, const cfg80211::SchedScan& scan) override {
    note("SCHED_SCAN_RESULTS {}", scan.id);
  }
  void sched_scan_stopped(const Wdev&, const cfg80211::SchedScan& scan) override {
    note("SCHED_SCAN_STOPPED {}", scan.id);
  }
  void regulatory_changed(uint8_t initiator, uint8_t type, const char* alpha2,
                          const Wiphy* wiphy) override {
    note("REG_CHANGE {} {} {}{}", initiator, type, alpha2 ? alpha2 : "-",
         wiphy != nullptr ? " " + wiphy->name() : "");
  }
  void beacon_hint(const Wiphy& w, uint32_t mhz) override {
    note("REG_BEACON_HINT {} {}", w.name(), mhz);
  }
  void authenticated(const Wdev&, Span) override { note("AUTHENTICATE"); }
  void associated(const Wdev&, Span, Span, int queues) override {
    note("ASSOCIATE");
    uapsd_queues = queues;
  }
  void deauthenticated(const Wdev&, Span, bool) override { note("DEAUTHENTICATE"); }
  void disassociated(const Wdev&, Span, bool) override { note("DISASSOCIATE"); }
  void unprotected_beacon(const Wdev&, Span) override { note("UNPROT_BEACON"); }
  void authentication_timed_out(const Wdev&, const MacAddress&) override {
    note("AUTHENTICATE timed out");
  }
  void association_timed_out(const Wdev&, const MacAddress&) override {
    note("ASSOCIATE timed out");
  }
  void connect_result(const Wdev&, const cfg80211::ConnectResult& result) override {
    note("CONNECT {}", result.status);
  }
  void disconnected(const Wdev&, uint16_t reason, Span, bool by_ap) override {
    note("DISCONNECT {}{}", reason, by_ap ? " by AP" : "");
  }
  void ap_stopped(const Wdev&, cfg80211::LinkId) override { note("STOP_AP"); }
  bool frame_received(const Wdev&, cfg80211::PortId port, Span frame, uint32_t, uint16_t,
                      std::optional<int8_t>, uint32_t) override {
    note("FRAME to {}: {} octets", port, frame.size());
    return true;
  }
  bool control_port_received(const Wdev&, cfg80211::PortId port, const MacAddress&, uint16_t type,
                             Span, bool) override {
    note("CONTROL_PORT_FRAME to {}: {:04x}", port, type);
    return true;
  }
  bool unexpected_frame(const Wdev&, cfg80211::PortId port, const MacAddress&, bool) override {
    note("UNEXPECTED_FRAME to {}", port);
    return true;
  }

 private:
  template <typename... Args>
  void note(fmt::format_string<Args...> format, Args&&... args) {
    events.push_back(fmt::format(format, std::forward<Args>(args)...));
  }
};

}  // namespace airloom::test
