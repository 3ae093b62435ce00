// The server of the generic netlink family nl80211 for one host: a request becomes one cfg80211
// call, cfg80211's events become messages. It keeps no state of its own. [nl80211.h]
#pragma once

#include <memory>

#include "cfg80211/host.h"
#include "genl/bus.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

class Events;

/// Multicast groups, by their index in the family.
enum class Group : uint8_t { kConfig, kScan, kRegulatory, kMlme, kVendor, kNan };

class Server final : public genl::Family {
 public:
  /// Puts the family on the bus and listens to the host's events. The bus's namespaces are the
  /// host's (cfg80211::Netdev::name_space()).
  Server(genl::Bus& bus, cfg80211::Host& host);
  ~Server() override;

  genl::Bus& bus() const { return bus_; }
  cfg80211::Host& host() const { return host_; }
  const Table& table() const { return table_; }

  // For events.
  netlink::MessageWriter event(uint8_t command) const;
  void multicast(Group group, genl::NamespaceId ns, netlink::MessageWriter&& message);
  /// False if nobody has that port any more.
  bool unicast(genl::NamespaceId ns, genl::PortId port, netlink::MessageWriter&& message);

  // genl::Family
  const genl::FamilyInfo& info() const override { return info_; }
  Result<void> on_request(const genl::Operation& operation, genl::Request& request) override;
  Result<std::unique_ptr<genl::Dump>> start_dump(const genl::Operation& operation,
                                                 genl::Request& request) override;
  void on_client_closed(genl::NamespaceId ns, genl::PortId port) override;

 private:
  Result<void> prepare(const KernelOperation& operation, Context& context) const;

  genl::Bus& bus_;
  cfg80211::Host& host_;
  Table table_;
  genl::FamilyInfo info_;
  genl::FamilyId id_ = 0;
  std::unique_ptr<Events> events_;
};

}  // namespace airloom::nl80211
