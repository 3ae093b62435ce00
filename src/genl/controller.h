// nlctrl, the family that tells about families: ids and groups by name, and policies.
// [genetlink.h CTRL_CMD_GETFAMILY] [genetlink.h CTRL_CMD_GETPOLICY]
#pragma once

#include "genl/bus.h"

namespace airloom::genl {

class Controller final : public Family {
 public:
  explicit Controller(Bus& bus) : bus_(bus) {}

  /// Tells the group "notify", in every namespace, that a family came or went.
  void announce(const Bus::Registered& family, uint8_t command);

  const FamilyInfo& info() const override;
  Result<void> on_request(const Operation& operation, Request& request) override;
  Result<std::unique_ptr<Dump>> start_dump(const Operation& operation, Request& request) override;
  void on_client_closed(NamespaceId, PortId) override {}

 private:
  Result<Bus::Registered> find_asked(const netlink::AttributeTable& attributes) const;

  Bus& bus_;
};

}  // namespace airloom::genl
