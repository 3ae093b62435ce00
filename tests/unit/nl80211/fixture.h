// A host with radios whose driver is a fake, served over a bus to a client that the tests speak
// through. The driver records what it is asked and fails where a test says so.
#pragma once

#include <gtest/gtest.h>
#include <linux/nl80211.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "base/event_queue.h"
#include "cfg80211/host.h"
#include "genl/bus.h"
#include "hwsim/capabilities.h"
#include "netlink/client.h"
#include "nl80211/server.h"

namespace airloom::nl80211 {

class FakeNetdev final : public cfg80211::Netdev {
 public:
  FakeNetdev(uint32_t ifindex, const cfg80211::NetdevSpec& spec) : ifindex_(ifindex), spec_(spec) {}
  uint32_t ifindex() const override { return ifindex_; }
  const std::string& name() const override { return spec_.name; }
  MacAddress address() const override { return spec_.address; }
  bool is_up() const override { return up; }
  uint32_t name_space() const override { return spec_.name_space; }
  void set_carrier(bool) override {}
  Result<void> set_address(const MacAddress& address) override {
    spec_.address = address;
    return {};
  }
  Result<void> set_link_layer(cfg80211::LinkLayer) override { return {}; }
  Result<void> move_to(uint32_t name_space) override {
    spec_.name_space = name_space;
    return {};
  }
  void close() override { up = false; }
  void receive(FrameBuffer) override {}
  void pause_transmit(bool) override {}

  bool up = false;

 private:
  uint32_t ifindex_;
  cfg80211::NetdevSpec spec_;
};

class FakeNetdevs final : public cfg80211::NetdevFactory {
 public:
  Result<std::unique_ptr<cfg80211::Netdev>> create(const cfg80211::NetdevSpec& spec,
                                                   cfg80211::NetdevClient&) override {
    if (!names_.insert(spec.name).second) return fail(Errc::kExists);
    return std::make_unique<FakeNetdev>(++last_ifindex_, spec);
  }

  Result<uint32_t> name_space_of_process(uint32_t pid) override {
    if (pid != kFarProcess) return fail(Errc::kInvalid);
    return kFarNamespace;
  }
  Result<uint32_t> name_space_of_descriptor(uint32_t pid, int descriptor) override {
    if (pid != kFarProcess || descriptor != 3) return fail(Errc::kInvalid);
    return kFarNamespace;
  }
  static constexpr uint32_t kFarProcess = 100;  // the client's, too
  static constexpr uint32_t kFarNamespace = 9;

 private:
  uint32_t last_ifindex_ = 2;
  std::set<std::string> names_;
};

class FakeOps final : public cfg80211::Ops {
 public:
  using Wdev = cfg80211::Wdev;
  using Wiphy = cfg80211::Wiphy;

  Result<void> add_interface(Wdev&) override { return record("add_interface"); }
  void delete_interface(Wdev&) override { (void)record("delete_interface"); }
  Result<void> change_interface(Wdev&, cfg80211::InterfaceType,
                                const cfg80211::ChangeInterfaceRequest&) override {
    return record("change_interface");
  }
  Result<void> open(Wdev&) override { return record("open"); }
  void stop(Wdev&) override { (void)record("stop"); }
  Result<void> change_address(Wdev&, const MacAddress&) override { return {}; }
  void transmit(Wdev&, std::span<FrameBuffer>) override {}
  Result<void> add_key(Wdev&, const cfg80211::KeySlot& slot,
                       const cfg80211::KeyParams& params) override {
    key_slot = slot;
    key = params;
    return record("add_key");
  }
  Result<void> delete_key(Wdev&, const cfg80211::KeySlot& slot) override {
    key_slot = slot;
    return record("delete_key");
  }
  Result<cfg80211::KeyReport> get_key(Wdev&, const cfg80211::KeySlot& slot) override {
    key_slot = slot;
    if (auto recorded = record("get_key"); !recorded) return std::unexpected(recorded.error());
    return cfg80211::KeyReport{.sequence = {7}, .cipher = 0x000fac04};
  }
  Result<void> set_default_key(Wdev&, uint8_t, bool, bool) override {
    return record("set_default_key");
  }
  Result<void> set_default_management_key(Wdev&, uint8_t) override {
    return record("set_default_management_key");
  }
  Result<void> set_default_beacon_key(Wdev&, uint8_t) override {
    return record("set_default_beacon_key");
  }
  Result<void> start_ap(Wdev&, const cfg80211::StartApRequest& request) override {
    access_point = request;
    return record("start_ap");
  }
  Result<void> change_beacon(Wdev&, const cfg80211::BeaconData&) override {
    return record("change_beacon");
  }
  Result<void> set_ap_channel_width(Wdev&, const cfg80211::ChannelDefinition& channel) override {
    changed_width = channel;
    return record("set_ap_channel_width");
  }
  Result<void> add_station(Wdev&, const MacAddress&,
                           const cfg80211::StationParams& params) override {
    station = params;
    return record("add_station");
  }
  Result<void> change_station(Wdev&, const MacAddress&,
                              const cfg80211::StationParams& params) override {
    station = params;
    return record("change_station");
  }
  Result<void> delete_station(Wdev&, const cfg80211::DeleteStationRequest&) override {
    return record("delete_station");
  }
  Result<cfg80211::StationInfo> get_station(Wdev&, const MacAddress&) override {
    if (auto recorded = record("get_station"); !recorded) return std::unexpected(recorded.error());
    return station_info;
  }
  Result<std::pair<MacAddress, cfg80211::StationInfo>> dump_station(Wdev&, size_t index) override {
    if (index >= stations.size()) return fail(Errc::kNotFound);
    return std::pair{stations[index], station_info};
  }
  Result<void> change_bss(Wdev&, const cfg80211::BssParams& params) override {
    bss = params;
    return record("change_bss");
  }
  Result<void> set_tx_queue_params(Wdev&, const cfg80211::TxQueueParams& params) override {
    queues.push_back(params);
    return record("set_tx_queue_params");
  }
  Result<void> set_multicast_to_unicast(Wdev&, bool) override {
    return record("set_multicast_to_unicast");
  }
  Result<void> set_wiphy_params(Wiphy&, const cfg80211::WiphyParams&) override {
    return record("set_wiphy_params");
  }
  Result<void> set_power_management(Wdev&, bool, int) override {
    return record("set_power_management");
  }
  Result<void> set_cqm(Wdev&, const cfg80211::CqmRequest&) override { return record("set_cqm"); }
  Result<void> set_bitrate_mask(Wdev&, const std::optional<MacAddress>&,
                                const cfg80211::BitrateMask& wanted) override {
    mask = wanted;
    return record("set_bitrate_mask");
  }
  Result<void> set_qos_map(Wdev&, const std::optional<Octets>& map) override {
    qos_map = map;
    return record("set_qos_map");
  }
  Result<void> scan(Wdev&, const cfg80211::ScanRequest&) override {
    return scans ? record("scan") : fail(Errc::kUnsupported);
  }
  Result<void> start_sched_scan(Wdev&, const cfg80211::SchedScanRequest& request) override {
    sched_scan = request;
    return record("start_sched_scan");
  }
  Result<void> stop_sched_scan(Wdev&, uint64_t) override { return record("stop_sched_scan"); }
  Result<int> get_tx_power_dbm(Wiphy&, Wdev&) override { return 20; }
  Result<cfg80211::SurveyInfo> dump_survey(Wdev&, size_t index) override {
    if (index >= surveys.size()) return fail(Errc::kNotFound);
    return surveys[index];
  }

  bool was_asked(const std::string& call) const {
    return std::find(calls.begin(), calls.end(), call) != calls.end();
  }

  std::vector<std::string> calls;
  std::map<std::string, Errc> failures;  // by call
  cfg80211::KeySlot key_slot;
  cfg80211::KeyParams key;
  cfg80211::StartApRequest access_point;
  cfg80211::ChannelDefinition changed_width;
  cfg80211::StationParams station;
  cfg80211::StationInfo station_info;
  cfg80211::BitrateMask mask;
  cfg80211::BssParams bss;
  std::vector<cfg80211::TxQueueParams> queues;
  std::optional<Octets> qos_map;
  bool scans = false;  // else it refuses to
  cfg80211::SchedScanRequest sched_scan;
  std::vector<MacAddress> stations;
  std::vector<cfg80211::SurveyInfo> surveys;

 private:
  Result<void> record(const char* call) {
    calls.push_back(call);
    const auto at = failures.find(call);
    if (at != failures.end()) return fail(at->second);
    return {};
  }
};

/// A client socket: what came back on it.
class FakeClient final : public genl::ClientSink {
 public:
  bool deliver(std::span<const uint8_t> datagram, uint32_t group) override {
    datagrams.emplace_back(datagram.begin(), datagram.end());
    groups.push_back(group);
    return true;
  }
  void overrun() override {}

  std::vector<netlink::Message> messages() const {
    std::vector<netlink::Message> all;
    for (const Octets& datagram : datagrams) {
      netlink::MessageReader reader(datagram);
      while (auto message = reader.next()) all.push_back(*message);
    }
    return all;
  }
  void clear() {
    datagrams.clear();
    groups.clear();
  }

  std::vector<Octets> datagrams;
  std::vector<uint32_t> groups;
};

class Nl80211Test : public ::testing::Test {
 protected:
  Nl80211Test() {
    bus.set_option(client_id, genl::ClientOption::kExtAck, true);
    bus.set_option(client_id, genl::ClientOption::kCapAck, true);
    bus.set_option(user_id, genl::ClientOption::kExtAck, true);
  }

  cfg80211::Wdev& add_interface(const std::string& name,
                                cfg80211::InterfaceType type = cfg80211::InterfaceType::kStation) {
    return **wiphy.add_interface({.name = name, .type = type});
  }
  void bring_up(cfg80211::Wdev& wdev) { ASSERT_TRUE(wdev.on_up()); }

  netlink::MessageWriter request(uint8_t command, uint16_t flags = 0) {
    return netlink::make_request(family(), command, ++sequence, flags);
  }
  netlink::MessageWriter request(uint8_t command, const cfg80211::Wdev& wdev) {
    return std::move(request(command).u32(NL80211_ATTR_IFINDEX, wdev.ifindex()));
  }
  /// Sends the request; what the client got is left in `client`.
  netlink::Outcome ask(netlink::MessageWriter&& message) {
    client.clear();
    return exchange(client, client_id, std::move(message));
  }
  netlink::Outcome ask_as_user(netlink::MessageWriter&& message) {
    user.clear();
    return exchange(user, user_id, std::move(message));
  }
  uint16_t family() const { return bus.find_family("nl80211")->id; }
  /// The attributes of the first reply.
  netlink::AttributeTable reply() const {
    const auto all = client.messages();
    return all.empty() ? netlink::AttributeTable()
                       : netlink::AttributeTable(all[0].genl_attributes());
  }

  EventQueue scheduler;
  FakeNetdevs netdevs;
  cfg80211::RegulatoryDatabase regulatory;
  FakeOps ops;
  FakeOps other_ops;
  cfg80211::Host host{"host", {&scheduler, &netdevs, &regulatory, {}}, Log()};
  genl::Bus bus{Log()};
  Server server{bus, host};
  cfg80211::SharedCapabilities capabilities = hwsim::make_capabilities();
  cfg80211::Wiphy& wiphy =
      host.add_wiphy({.capabilities = capabilities, .addresses = hwsim::radio_addresses(0)}, ops);
  FakeClient client;
  FakeClient user;
  genl::ClientId client_id = bus.open(client, 0, {.net_admin = true, .pid = 100});
  genl::ClientId user_id = bus.open(user, 0, {.net_admin = false, .pid = 200});
  uint32_t sequence = 0;

 private:
  netlink::Outcome exchange(FakeClient& sink, genl::ClientId id, netlink::MessageWriter&& message) {
    bus.request(id, std::move(message).finish());
    const auto all = sink.messages();
    if (all.empty()) return {.error = -1};
    const auto outcome = netlink::parse_outcome(all.back());
    return outcome && *outcome ? **outcome : netlink::Outcome{.error = -1};
  }
};

inline Octets golden(const std::string& name) {
  std::ifstream in(std::string(AIRLOOM_VECTORS "/linux-6.1/netlink/") + name, std::ios::binary);
  return Octets(std::istreambuf_iterator<char>(in), {});
}

}  // namespace airloom::nl80211
