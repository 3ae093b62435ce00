// nl80211's commands as data. operations.cc lists every command of the kernel of record with its
// conditions; each command family's file adds handlers for those that airloom serves; table.cc
// puts the two together. A command without a handler answers -EOPNOTSUPP and says so.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "genl/family.h"

namespace airloom::nl80211 {

struct Context;

/// What a command needs before its handler runs; checked in this order.
enum Needs : uint8_t {
  kWiphy = 1 << 0,   // WIPHY, IFINDEX or WDEV names a wiphy
  kWdev = 1 << 1,    // IFINDEX or WDEV names an interface
  kNetdev = 1 << 2,  // as kWdev, and it has a netdev
  kUp = 1 << 3,      // the interface is up
  kLink = 1 << 4,    // MLO_LINK_ID exactly where the interface has several links
  kNoLink = 1 << 5,  // never an MLO_LINK_ID
};

/// A command as the kernel has it, served here or not.
struct KernelOperation {
  const char* name;      // without NL80211_CMD_
  const char* scenario;  // the folder of tests/interop that drives it; null: none does yet
  uint8_t needs;
  genl::Operation on_bus;
};

using Handler = Result<void> (*)(Context&);
/// Finds its own wiphy or interface, because a dump's errors travel in NLMSG_DONE.
using DumpHandler = Result<std::unique_ptr<genl::Dump>> (*)(Context&);

/// A command that airloom serves.
struct Row {
  uint8_t command;
  Handler handle = nullptr;
  DumpHandler dump = nullptr;
};

/// A command that is no request: of the kernel's replies and events, or of none.
struct KernelMessage {
  uint8_t command;
  const char* name;
  const char* scenario;  // as above
  bool is_served;        // the kernel of record sends it; else it refuses it
  /// Why the kernel never sends it on a simulated radio; null where it may.
  const char* never_because = nullptr;
};

/// Every request of the kernel, in its order.
std::span<const KernelOperation> kernel_operations();
/// Every other command, by number.
std::span<const KernelMessage> kernel_messages();

/// What airloom serves, all families together.
class Table {
 public:
  Table();
  /// Null for a command that airloom does not serve.
  const Row* find(uint8_t command) const { return rows_[command]; }
  /// Null for a command that the kernel does not have either.
  const KernelOperation* operation(uint8_t command) const { return operations_[command]; }
  std::span<const genl::Operation> on_bus() const { return on_bus_; }

 private:
  std::array<const Row*, 256> rows_{};  // by command
  std::array<const KernelOperation*, 256> operations_{};
  std::vector<genl::Operation> on_bus_;
};

// One per command family: its file has the same name.
std::span<const Row> interface_rows();
std::span<const Row> wiphy_rows();
std::span<const Row> key_rows();
std::span<const Row> station_rows();
std::span<const Row> reg_rows();
std::span<const Row> settings_rows();
std::span<const Row> survey_rows();
std::span<const Row> rates_rows();
std::span<const Row> vendor_rows();
std::span<const Row> scan_rows();
std::span<const Row> sched_scan_rows();
std::span<const Row> mlme_rows();
std::span<const Row> connect_rows();
std::span<const Row> ap_rows();
std::span<const Row> frame_rows();
std::span<const Row> control_port_rows();
std::span<const Row> channel_switch_rows();
std::span<const Row> dfs_rows();
std::span<const Row> links_rows();
std::span<const Row> offload_rows();
std::span<const Row> tdls_rows();
std::span<const Row> traffic_rows();

}  // namespace airloom::nl80211
