// The directory that is laid over a host's /sys: what cfg80211 would show there, as plain files
// and links. Write a wiphy, and an interface's entry before its netdev exists: a mounted overlay
// shows what was there when a path was first looked up.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/mac_address.h"
#include "base/result.h"

namespace airloom::platform {

struct SysfsWiphy {
  uint32_t index = 0;
  std::string name;  ///< "phy0"
  MacAddress address;
  std::string device = "airloom";  ///< the directory under devices/virtual that stands for the card
};

class SysfsTree {
 public:
  /// Takes `root`, creates it where absent, and the folders every host has. Removed with the tree.
  static Result<SysfsTree> create(std::string root);
  SysfsTree(SysfsTree&& other) noexcept : root_(std::exchange(other.root_, {})) {}
  SysfsTree& operator=(SysfsTree&&) = delete;
  ~SysfsTree();

  const std::string& root() const { return root_; }
  /// class/ieee80211/NAME -> devices/virtual/ieee80211/NAME with index, name, macaddress,
  /// addresses and device.
  Result<void> add_wiphy(const SysfsWiphy& wiphy);
  Result<void> remove_wiphy(const std::string& name);
  /// devices/virtual/net/NAME/phy80211 -> the wiphy.
  Result<void> add_interface(const std::string& name, const std::string& wiphy);
  Result<void> remove_interface(const std::string& name);

 private:
  explicit SysfsTree(std::string root) : root_(std::move(root)) {}
  std::string root_;
};

}  // namespace airloom::platform
