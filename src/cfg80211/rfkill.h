// rfkill: a switch for each wiphy of a host, and what programs hear of them at /dev/rfkill. There
// are no other radios than ours, so every switch is of type WLAN; no switch is of hardware.
// Switches are the host's, whatever network namespace their wiphy is in. [linux/rfkill.h]
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace airloom::cfg80211 {

class Wdev;
class Wiphy;

struct RfkillSwitch {
  uint32_t index = 0;
  std::string wiphy;
  bool blocked = false;
};

/// Values of the uapi's rfkill_operation.
enum class RfkillChange : uint8_t { kAdded = 0, kRemoved = 1, kChanged = 2 };

class RfkillWatcher {
 public:
  virtual ~RfkillWatcher() = default;
  virtual void on_rfkill(const RfkillSwitch& which, RfkillChange change) = 0;
};

class Rfkill {
 public:
  /// A switch for a new wiphy; blocked if all were blocked last.
  void add(Wiphy& wiphy);
  void remove(const Wiphy& wiphy);
  bool is_blocked(const Wiphy& wiphy) const;
  /// In the order of their indices.
  const std::map<uint32_t, RfkillSwitch>& switches() const { return switches_; }

  /// Blocking takes the wiphy's interfaces down before it returns. An unknown index: nothing.
  void block(uint32_t index, bool blocked);
  /// All there are, and those that come later.
  void block_all(bool blocked);

  void add_watcher(RfkillWatcher& watcher) { watchers_.push_back(&watcher); }
  void remove_watcher(RfkillWatcher& watcher) { std::erase(watchers_, &watcher); }

 private:
  void silence(Wiphy& wiphy) const;
  void tell(const RfkillSwitch& which, RfkillChange change);

  std::map<uint32_t, RfkillSwitch> switches_;
  std::map<uint32_t, Wiphy*> wiphys_;  // by switch
  uint32_t next_index_ = 0;
  bool blocked_by_default_ = false;
  std::vector<RfkillWatcher*> watchers_;
};

}  // namespace airloom::cfg80211
