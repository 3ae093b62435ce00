// A driver that does nothing but remember what cfg80211 asked of it; each call can be made to fail.
#pragma once

#include <fmt/core.h>

#include <map>
#include <string>
#include <vector>

#include "cfg80211/driver_events.h"
#include "cfg80211/ops.h"
#include "cfg80211/wdev.h"
#include "cfg80211/wiphy.h"

namespace airloom::test {

class FakeOps final : public cfg80211::Ops {
 public:
  std::vector<std::string> calls;              ///< "open wlan0", oldest first
  std::map<std::string, Errc> failures;        ///< by the call's name
  std::vector<uint64_t> cookies;               ///< of management_tx and control_port_tx
  cfg80211::ManagementFrameInterest interest;  ///< the last one
  bool control_port_status = true;             ///< whether control_port_tx promises a status

  /// The calls since the last time, forgotten.
  std::vector<std::string> take() { return std::exchange(calls, {}); }

  using Wdev = cfg80211::Wdev;
  using Wiphy = cfg80211::Wiphy;
  Result<void> add_interface(Wdev& w) override { return call("add_interface", w); }
  void delete_interface(Wdev& w) override { (void)call("delete_interface", w); }
  Result<void> change_interface(Wdev& w, cfg80211::InterfaceType type,
                                const cfg80211::ChangeInterfaceRequest&) override {
    return call(fmt::format("change_interface {}", cfg80211::to_string(type)), w);
  }
  Result<void> open(Wdev& w) override { return call("open", w); }
  void stop(Wdev& w) override { (void)call("stop", w); }
  Result<void> change_address(Wdev& w, const MacAddress&) override {
    return call("change_address", w);
  }
  void transmit(Wdev& w, std::span<FrameBuffer>) override { (void)call("transmit", w); }
  Result<void> start_p2p_device(Wdev& w) override { return call("start_p2p_device", w); }
  void stop_p2p_device(Wdev& w) override { (void)call("stop_p2p_device", w); }
  Result<void> add_key(Wdev& w, const cfg80211::KeySlot&, const cfg80211::KeyParams&) override {
    return call("add_key", w);
  }
  Result<void> delete_key(Wdev& w, const cfg80211::KeySlot& slot) override {
    return call(fmt::format("delete_key {}", slot.index), w);
  }
  Result<cfg80211::KeyReport> get_key(Wdev& w, const cfg80211::KeySlot&) override {
    TRY(call("get_key", w));
    return cfg80211::KeyReport{};
  }
  Result<void> set_default_key(Wdev& w, uint8_t, bool, bool) override {
    return call("set_default_key", w);
  }
  Result<void> start_ap(Wdev& w, const cfg80211::StartApRequest&) override {
    return call("start_ap", w);
  }
  Result<void> change_beacon(Wdev& w, const cfg80211::BeaconData&) override {
    return call("change_beacon", w);
  }
  Result<void> stop_ap(Wdev& w, cfg80211::LinkId) override { return call("stop_ap", w); }
  Result<void> change_bss(Wdev& w, const cfg80211::BssParams&) override {
    return call("change_bss", w);
  }
  Result<void> add_station(Wdev& w, const MacAddress&,
                           const cfg80211::StationParams& params) override {
    station = params;
    return call("add_station", w);
  }
  Result<void> change_station(Wdev& w, const MacAddress&,
                              const cfg80211::StationParams& params) override {
    station = params;
    return call("change_station", w);
  }
  Result<void> delete_station(Wdev& w, const cfg80211::DeleteStationRequest&) override {
    return call("delete_station", w);
  }
  Result<void> probe_client(Wdev& w, const MacAddress&, uint64_t) override {
    return call("probe_client", w);
  }
  Result<void> scan(Wdev& w, const cfg80211::ScanRequest& request) override {
    scanned = request;
    return call("scan", w);
  }
  void abort_scan(Wdev& w) override {
    (void)call("abort_scan", w);
    cfg80211::scan_done(w.wiphy(), true);
  }
  Result<void> start_sched_scan(Wdev& w, const cfg80211::SchedScanRequest& request) override {
    scheduled = request;
    return call("start_sched_scan", w);
  }
  Result<void> stop_sched_scan(Wdev& w, uint64_t) override { return call("stop_sched_scan", w); }
  Result<void> authenticate(Wdev& w, const cfg80211::AuthenticateRequest& request) override {
    bss = request.bss;
    return call("authenticate", w);
  }
  Result<void> associate(Wdev& w, const cfg80211::AssociateRequest& request) override {
    bss = request.bss;
    return call("associate", w);
  }
  Result<void> deauthenticate(Wdev& w, const cfg80211::LeaveRequest& request) override;
  Result<void> disassociate(Wdev& w, const cfg80211::LeaveRequest&) override {
    return call("disassociate", w);
  }
  Result<void> set_wiphy_params(Wiphy&, const cfg80211::WiphyParams&) override { return {}; }
  Result<void> set_monitor_channel(Wiphy&, const cfg80211::ChannelDefinition&) override {
    calls.push_back("set_monitor_channel");
    return {};
  }
  Result<void> set_power_management(Wdev& w, bool, int) override {
    return call("set_power_management", w);
  }
  Result<void> set_qos_map(Wdev& w, const std::optional<Octets>&) override {
    return call("set_qos_map", w);
  }
  void update_frame_registrations(Wdev&, const cfg80211::ManagementFrameInterest& now) override {
    interest = now;
  }
  Result<void> management_tx(Wdev& w, const cfg80211::FrameTxRequest&, uint64_t cookie) override {
    cookies.push_back(cookie);
    return call("management_tx", w);
  }
  Result<void> remain_on_channel(Wdev& w, const cfg80211::ChannelDefinition&, uint32_t,
                                 uint64_t) override {
    return call("remain_on_channel", w);
  }
  Result<bool> control_port_tx(Wdev& w, const cfg80211::ControlPortTxRequest&,
                               uint64_t cookie) override {
    cookies.push_back(cookie);
    TRY(call("control_port_tx", w));
    return control_port_status;
  }

  cfg80211::StationParams station;
  cfg80211::ScanRequest scanned;
  cfg80211::SchedScanRequest scheduled;
  cfg80211::BssId bss = 0;
  bool answers_deauthentication = true;  ///< reports our own frame at once, as mac80211 does

 private:
  Result<void> call(const std::string& name, const Wdev& wdev) {
    calls.push_back(name + " " + wdev.name());
    const auto failure = failures.find(name);
    if (failure != failures.end()) return fail(failure->second);
    return {};
  }
};

inline Result<void> FakeOps::deauthenticate(Wdev& w, const cfg80211::LeaveRequest& request) {
  TRY(call("deauthenticate", w));
  if (!answers_deauthentication) return {};
  Octets frame;
  Writer(frame).le16(0x00c0).le16(0).mac(request.bssid).mac(w.address()).mac(request.bssid);
  Writer(frame).le16(0).le16(request.reason);
  cfg80211::tx_mlme_frame(w, frame, false);
  return {};
}

}  // namespace airloom::test
