// The directory that is laid over a host's /sys: what cfg80211 would show there, as plain files
// and links. Write an interface's entry before its netdev exists: programs that hear of it look at
// once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/mac_address.h"
#include "base/result.h"

namespace airloom::platform {

struct SysfsWiphy {
  uint32_t index = 0;
  std::string name;                   ///< "phy0"
  std::vector<MacAddress> addresses;  ///< its own first
  uint32_t radio = 0;                 ///< number N of the card, device hwsimN
};

class SysfsTree {
 public:
  /// Takes `root`, creates it where absent, and the folders every host has. Removed with the tree.
  static Result<SysfsTree> create(std::string root);
  SysfsTree(SysfsTree&& other) noexcept
      : root_(std::exchange(other.root_, {})), radios_(std::move(other.radios_)) {}
  SysfsTree& operator=(SysfsTree&&) = delete;
  ~SysfsTree();

  const std::string& root() const { return root_; }
  /// Runs after each change.
  std::function<void()> on_changed = [] {};
  /// As on Linux: class/mac80211_hwsim/hwsimN -> devices/virtual/mac80211_hwsim/hwsimN, and
  /// class/ieee80211/NAME -> ieee80211/NAME in there with index, name, macaddress, addresses.
  Result<void> add_wiphy(const SysfsWiphy& wiphy);
  Result<void> remove_wiphy(const std::string& name);
  /// What interfaces say of it is theirs: add_interface() says it anew.
  Result<void> rename_wiphy(const std::string& from, const std::string& to);
  /// devices/virtual/net/NAME/phy80211 -> the wiphy, device -> its card.
  /// @error kNotFound  there is no such wiphy.
  Result<void> add_interface(const std::string& name, const std::string& wiphy);
  Result<void> remove_interface(const std::string& name);
  /// class/rfkill/rfkillN -> the wiphy's rfkillN with its name, type and state.
  /// @error kNotFound  there is no such wiphy.
  Result<void> add_rfkill(uint32_t index, const std::string& wiphy, bool blocked);
  Result<void> set_rfkill(uint32_t index, bool blocked);
  Result<void> remove_rfkill(uint32_t index);
  /// devices/virtual/net/NAME/address, for a netdev whose own the kernel does not show (a TAP that
  /// is not of Ethernet); none: the kernel's own again.
  Result<void> show_address(const std::string& name, const std::optional<MacAddress>& address);

 private:
  explicit SysfsTree(std::string root) : root_(std::move(root)) {}
  std::string root_;
  std::map<std::string, uint32_t> radios_;  // by wiphy
};

}  // namespace airloom::platform
