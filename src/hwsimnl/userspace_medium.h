// A program as the medium: one client of the world's hosts registers, gets each frame that any
// radio sends, and says who hears it and what became of it. The radios of one world share one air,
// so there is one such client at a time. When it ends the built-in medium takes over again.
// [mac80211_hwsim.h HWSIM_CMD_REGISTER]
#pragma once

#include <map>
#include <optional>

#include "genl/bus.h"
#include "hwsim/device.h"
#include "hwsim/outside_air.h"
#include "netlink/attributes.h"

namespace airloom::hwsimnl {

class UserspaceMedium final : public hwsim::OutsideAir {
 public:
  /// The client that is the medium.
  struct Client {
    genl::Bus* bus = nullptr;
    genl::FamilyId family = 0;
    genl::NamespaceId ns = 0;
    genl::PortId port = 0;
    friend bool operator==(const Client&, const Client&) = default;
  };

  /// Radios by their second address; they leave before they are destroyed.
  void attach(const MacAddress& radio, hwsim::Device& device) { devices_[radio] = &device; }
  void detach(const MacAddress& radio) { devices_.erase(radio); }
  bool knows(const MacAddress& radio) const { return devices_.contains(radio); }

  /// REGISTER. @error kBusy  somebody is the medium already.
  Result<void> enlist(const Client& client);
  /// A client has gone; nothing happens if it was not the medium.
  void dismiss(const Client& client);
  /// FRAME: a radio hears something.
  /// @error kInvalid  incomplete, not from the medium, or the radio cannot hear it.
  Result<void> on_frame(const Client& from, const netlink::AttributeTable& attributes);
  /// TX_INFO_FRAME: what became of a frame.
  /// @error kInvalid  incomplete, not from the medium, or no such frame waits.
  Result<void> on_tx_info(const Client& from, const netlink::AttributeTable& attributes);

  // hwsim::OutsideAir
  bool is_there() const override { return client_.has_value(); }
  bool carry(const hwsim::OutsideFrame& frame) override;
  void tell_address(const MacAddress& radio, const MacAddress& address, bool added) override;

 private:
  Result<hwsim::Device*> find(const Client& from, const std::optional<MacAddress>& radio) const;
  netlink::MessageWriter message(uint8_t command) const;
  bool send(netlink::MessageWriter&& message);

  std::optional<Client> client_;
  std::map<MacAddress, hwsim::Device*> devices_;
};

}  // namespace airloom::hwsimnl
