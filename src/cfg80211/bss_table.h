// The scan results of one wiphy: BSSs by channel, BSSID and SSID, with their newest beacon and
// probe response. Entries expire 30 s after they were last heard unless somebody holds them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/scheduler.h"
#include "cfg80211/types.h"
#include "ieee80211/management.h"

namespace airloom::cfg80211 {

/// One reception of a Beacon or Probe Response, as a driver reports it.
struct BssObservation {
  std::span<const uint8_t> frame;  ///< from Frame Control on, without FCS
  uint32_t mhz = 0;
  uint16_t offset_khz = 0;
  int signal_mbm = 0;
  bool signal_valid = true;  ///< false: heard on a neighbouring channel
  ChannelWidth scan_width = ChannelWidth::k20;
  MacAddress parent_bssid;  ///< of the AP we are associated with, else zero
  uint64_t parent_tsf_us = 0;
  Duration boottime{0};
};

/// What one Beacon or Probe Response said of a BSS.
struct Announcement {
  uint64_t tsf_us = 0;
  Octets elements;
};

struct Bss {
  BssId id = 0;
  MacAddress bssid;
  uint32_t mhz = 0;
  uint16_t offset_khz = 0;
  uint16_t capability = 0;
  uint16_t beacon_interval_tu = 0;
  /// The newest of each kind, if ever heard; an entry in the table has one at least.
  std::optional<Announcement> beacon, probe_response;
  bool from_probe_response = false;  ///< whether the newest was a Probe Response
  int signal_mbm = 0;
  ChannelWidth scan_width = ChannelWidth::k20;
  TimePoint last_seen;
  Duration last_seen_boottime{0};
  MacAddress parent_bssid;
  uint64_t parent_tsf_us = 0;  ///< 0: no parent
  uint32_t holds = 0;
  /// Of the table's generation when its contents last changed; 0: no echo stands for it.
  uint64_t contents = 0;
  /// Hidden SSID: the beacon's entry that this probe response's entry belongs to.
  BssId hidden_beacon = 0;

  /// The Probe Response if there ever was one, however old, else the Beacon.
  const Announcement& announcement() const { return probe_response ? *probe_response : *beacon; }
  const Octets& elements() const { return announcement().elements; }
  std::optional<Octets> ssid() const;
};

/// Stands for an entry whose newest beacon comes again and again.
struct BeaconEcho {
  BssId bss = 0;
  uint64_t contents = 0;
  friend bool operator==(const BeaconEcho&, const BeaconEcho&) = default;
};

/// What is new in a beacon that comes again: octets of its elements, if any, and the Timestamp.
struct BeaconChange {
  size_t offset = 0;
  std::span<const uint8_t> octets;
  uint64_t tsf_us = 0;
};

/// What else a match must be.
struct BssFilter {
  bool ess_only = false;
  std::optional<bool> privacy;
};

class BssTable {
 public:
  explicit BssTable(Scheduler& scheduler) : scheduler_(scheduler) {}

  /// Takes in a reception; the entry it made or refreshed, or 0 if the frame does not parse.
  BssId inform(const BssObservation& observation);
  /// Stands for the beacon that was just taken in, until its entry changes otherwise. None where
  /// other entries show that beacon too.
  std::optional<BeaconEcho> echo_of(BssId id) const;
  /// Takes in that beacon once more, without a look at the rest of its elements, which the caller
  /// knows to be the same. @return false: the entry has changed, inform() is needed.
  bool inform_again(const BeaconEcho& echo, const BssObservation& observation,
                    const BeaconChange& change);
  /// What inform() says may be another thing than it was: no echo stands for an entry any more.
  void forget_echoes();
  const Bss* find(BssId id) const;
  /// The best match; an absent criterion matches all. Expired entries do not match.
  const Bss* find(std::optional<uint32_t> mhz, std::optional<MacAddress> bssid,
                  std::optional<std::span<const uint8_t>> ssid, BssFilter filter = {}) const;
  void hold(BssId id);
  void release(BssId id);
  void unlink(BssId id);
  /// The BSS has moved; another entry that already stood for it there is forgotten.
  void move(BssId id, uint32_t mhz, uint16_t offset_khz);
  /// Forgets everything not held that was last heard before `before`.
  void flush(TimePoint before);
  void expire();

  /// All entries in id order, for GET_SCAN; generation counts every change.
  std::vector<const Bss*> entries() const;
  uint32_t generation() const { return static_cast<uint32_t>(generation_); }

  static constexpr Duration kLifetime = std::chrono::seconds(30);
  static constexpr size_t kEntriesMax = 1000;

 private:
  using Entries = std::map<BssId, Bss>;
  enum class SsidMatch : uint8_t { kSame, kEmpty, kZeros };

  bool is_expired(const Bss& bss) const;
  struct Place {
    MacAddress bssid;
    uint32_t mhz;
    uint16_t offset_khz;
  };
  Bss* find_same(const Place& place, std::optional<std::span<const uint8_t>> wanted,
                 SsidMatch match);
  void refresh(Bss& known, const BssObservation& observation, bool is_response,
               const ieee80211::BeaconBody& body);
  BssId insert(Bss bss);
  void adopt_hidden_beacon(Bss& probe_response);
  void adopt_probe_responses(const Bss& hidden_beacon);
  bool has_members(BssId hidden_beacon) const;
  bool make_room();
  Scheduler& scheduler_;
  std::map<BssId, Bss> entries_;
  BssId last_id_ = 0;
  uint64_t generation_ = 0;
};

}  // namespace airloom::cfg80211
