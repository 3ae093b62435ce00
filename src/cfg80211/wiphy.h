// A radio as userspace sees it: shared capabilities, names and settings that change, its
// interfaces and its scan results. Owned by a Host.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/scheduler.h"
#include "cfg80211/bss_table.h"
#include "cfg80211/capabilities.h"
#include "cfg80211/ops.h"
#include "cfg80211/regulatory.h"
#include "cfg80211/requests.h"
#include "cfg80211/wdev.h"

namespace airloom::cfg80211 {

class Host;

/// A scan that runs on a wiphy.
struct ActiveScan {
  WdevId wdev = 0;
  ScanRequest request;
  TimePoint started;
};

/// A scheduled scan that a wiphy makes.
struct SchedScan {
  WdevId wdev = 0;
  uint64_t id = 0;  ///< a cookie; 0: the only one
  PortId owner = 0;
  bool flush = false;
  TimePoint since;  ///< when the round began whose results come next
};

class Wiphy {
 public:
  Wiphy(Host& host, uint32_t index, std::string name, SharedCapabilities capabilities,
        std::vector<MacAddress> addresses, uint32_t name_space, Ops& ops);
  ~Wiphy();

  Host& host() const { return host_; }
  uint32_t index() const { return index_; }
  const std::string& name() const { return name_; }
  Result<void> rename(std::string name);
  const Capabilities& capabilities() const { return *capabilities_; }
  const SharedCapabilities& shared_capabilities() const { return capabilities_; }
  const std::vector<MacAddress>& addresses() const { return addresses_; }
  MacAddress permanent_address() const { return addresses_.front(); }
  uint32_t name_space() const { return name_space_; }
  Scheduler& scheduler() const;
  const Log& log() const { return log_; }

  /// The driver, through the traced wrapper.
  Ops& ops() const { return *ops_; }

  /// Regulatory state of each channel now.
  const ChannelTable& channels() const { return *channels_; }
  const ChannelState* find_channel(uint32_t mhz, uint16_t offset_khz = 0) const;
  /// Takes over another regulatory domain's table; what was known of radar is forgotten.
  void set_channels(SharedChannelTable channels);
  const SharedChannelTable& shared_channels() const { return channels_; }
  // Of this wiphy's table only:
  /// @param state  nl80211_dfs_state
  void set_dfs_state(uint32_t mhz, uint8_t state, TimePoint since);
  /// A beacon was heard: no need to stay silent there any more.
  void allow_radiation(uint32_t mhz, uint16_t offset_khz);
  TimePoint dfs_state_since(uint32_t mhz) const;
  /// Whether a name may be a wiphy's: "phyN" belongs to the wiphy with that number.
  static bool is_name_possible(const std::string& name, uint32_t index);

  /// Creates an interface and its netdev and tells the driver and the events.
  Result<Wdev*> add_interface(const NewInterfaceRequest& request);
  /// Leaves, stops and destroys it. The reference is dead afterwards.
  void remove_interface(Wdev& wdev);
  Result<void> change_interface(Wdev& wdev, const ChangeInterfaceRequest& request);
  const std::map<WdevId, std::unique_ptr<Wdev>>& wdevs() const { return wdevs_; }
  Wdev* find_wdev(WdevId id) const;

  BssTable& bss_table() { return bss_table_; }
  const BssTable& bss_table() const { return bss_table_; }
  std::optional<ActiveScan> scan;
  std::vector<SchedScan> sched_scans;  ///< in the order of their start
  OwnRegulatory own_regulatory;

  /// Cookies count per wiphy from 1.
  uint64_t next_cookie() { return ++last_cookie_; }
  /// Takes back a cookie that named nothing in the end, if it is the newest.
  void return_cookie(uint64_t cookie) {
    if (cookie == last_cookie_) --last_cookie_;
  }

  /// Moves the wiphy with all its interfaces; tells the events of both sides.
  Result<void> move_to(uint32_t name_space);
  /// GENERATION of interfaces: counts their changes, mixed with the host's.
  uint32_t interface_generation() const;

  Timer dfs_timer;  ///< when a channel's DFS state expires (dfs.cc)

  uint8_t retry_short = 7, retry_long = 4, coverage_class = 0;
  uint32_t fragmentation_threshold = 0xffffffff, rts_threshold = 0xffffffff;
  TxQueueLimits tx_queue_limits;
  std::vector<PortId> beacon_listeners;  ///< REGISTER_BEACONS

 private:
  Result<MacAddress> choose_address(const NewInterfaceRequest& request) const;
  Result<void> attach_netdev(Wdev& wdev, const NewInterfaceRequest& request);
  void erase(Wdev& wdev);
  template <typename Change>
  void change_channel(uint32_t mhz, uint16_t offset_khz, Change change);

  Host& host_;
  uint32_t index_;
  std::string name_;
  SharedCapabilities capabilities_;
  std::vector<MacAddress> addresses_;
  uint32_t name_space_;
  std::unique_ptr<Ops> traced_ops_;
  Ops* ops_;
  SharedChannelTable channels_;              // set when the host has added the wiphy
  std::map<uint32_t, TimePoint> dfs_since_;  // MHz
  TimePoint channels_since_;
  Log log_;
  BssTable bss_table_;
  uint32_t last_wdev_number_ = 0;
  uint64_t last_cookie_ = 0;
  uint32_t interface_changes_ = 0;
  std::map<WdevId, std::unique_ptr<Wdev>> wdevs_;
};

}  // namespace airloom::cfg80211
