// The server of generic netlink family MAC80211_HWSIM for one host: radios come and go by its
// requests, and a client may become the medium. It keeps no state but who asked that a radio end
// with him.
// [mac80211_hwsim.h enum hwsim_commands]
#pragma once

#include <map>
#include <utility>

#include "genl/bus.h"
#include "hwsimnl/radios.h"
#include "hwsimnl/userspace_medium.h"

namespace airloom::hwsimnl {

class Server final : public genl::Family {
 public:
  /// Puts the family on the bus. All outlive the server.
  Server(genl::Bus& bus, Radios& radios, UserspaceMedium& medium);
  ~Server() override;

  // genl::Family
  const genl::FamilyInfo& info() const override;
  Result<void> on_request(const genl::Operation& operation, genl::Request& request) override;
  Result<std::unique_ptr<genl::Dump>> start_dump(const genl::Operation& operation,
                                                 genl::Request& request) override;
  void on_client_closed(genl::NamespaceId ns, genl::PortId port) override;

 private:
  Result<void> new_radio(genl::Request& request);
  Result<void> delete_radio(genl::Request& request);
  Result<void> get_radio(genl::Request& request);
  UserspaceMedium::Client client(genl::NamespaceId ns, genl::PortId port) const;
  void remove(const RadioInfo& radio);
  void tell(genl::NamespaceId ns, netlink::MessageWriter&& message);

  genl::Bus& bus_;
  Radios& radios_;
  UserspaceMedium& medium_;
  genl::FamilyId id_ = 0;
  /// Radios that go when a client's port closes.
  std::multimap<std::pair<genl::NamespaceId, genl::PortId>, uint32_t> owned_;
};

}  // namespace airloom::hwsimnl
