// A bus with the family on it over radios that are only a list, and a client to speak through.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "genl/bus.h"
#include "hwsimnl/server.h"
#include "hwsimnl/uapi.h"
#include "netlink/client.h"

namespace airloom::hwsimnl {

class FakeRadios final : public Radios {
 public:
  Result<RadioInfo> make_radio(const hwsim::RadioSpec& spec, genl::NamespaceId ns) override {
    for (const auto& [id, radio] : made)
      if (spec.address && radio.spec.address == spec.address) return fail(Errc::kExists);
    const uint32_t id = next++;
    Made& radio = made[id];
    radio = {spec, spec.name.empty() ? "phy" + std::to_string(id) : spec.name, ns};
    ++generation;
    return RadioInfo{id, radio.name, ns, &radio.spec};
  }
  void remove_radio(uint32_t id) override {
    made.erase(id);
    ++generation;
  }
  std::vector<RadioInfo> radios() const override {
    std::vector<RadioInfo> all;
    for (const auto& [id, radio] : made) all.push_back({id, radio.name, radio.ns, &radio.spec});
    return all;
  }
  uint32_t radio_generation() const override { return generation; }

  struct Made {
    hwsim::RadioSpec spec;
    std::string name;
    genl::NamespaceId ns = 0;
  };
  std::map<uint32_t, Made> made;
  uint32_t next = 0;
  uint32_t generation = 1;
};

/// A client socket: what came back on it.
class FakeClient final : public genl::ClientSink {
 public:
  bool deliver(std::span<const uint8_t> datagram, uint32_t) override {
    datagrams.emplace_back(datagram.begin(), datagram.end());
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

  std::vector<Octets> datagrams;
};

class HwsimnlTest : public ::testing::Test {
 protected:
  HwsimnlTest() {
    for (const genl::ClientId id : {client_id, other_id})
      bus.set_option(id, genl::ClientOption::kExtAck, true);
    EXPECT_TRUE(bus.bind(client_id));
  }

  uint16_t family() const { return bus.find_family(kFamilyName)->id; }
  uint32_t config_group() const { return bus.find_family(kFamilyName)->first_group; }
  netlink::MessageWriter request(uint8_t command, uint16_t flags = 0) {
    return netlink::make_request(family(), command, ++sequence, flags);
  }
  /// Sends a request: the number in its acknowledgement as it stands there, negative for an errno.
  int32_t ask(netlink::MessageWriter&& message) {
    return ask(client, client_id, std::move(message));
  }
  int32_t ask(FakeClient& from, genl::ClientId id, netlink::MessageWriter&& message) {
    from.datagrams.clear();
    bus.request(id, std::move(message).finish());
    const auto all = from.messages();
    if (all.empty()) return INT32_MIN;
    const auto outcome = netlink::parse_outcome(all.back());
    if (!outcome || !*outcome) return INT32_MIN;
    text = (*outcome)->text;
    bad_offset = (*outcome)->bad_offset;
    return (*outcome)->error ? -(*outcome)->error : static_cast<int32_t>((*outcome)->value);
  }

  genl::Bus bus{Log()};
  FakeRadios radios;
  UserspaceMedium medium;
  Server server{bus, radios, medium};
  FakeClient client, other;
  genl::ClientId client_id = bus.open(client, 0, {.net_admin = true, .pid = 100});
  genl::ClientId other_id = bus.open(other, 0, {.net_admin = false, .pid = 200});
  uint32_t sequence = 0;
  std::string text;  // of the last acknowledgement
  std::optional<uint32_t> bad_offset;
};

}  // namespace airloom::hwsimnl
