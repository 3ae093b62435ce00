// Scheduled scans: who may start one, whose they are, and what ends them. The radio makes them by
// itself. [nl80211.h NL80211_CMD_START_SCHED_SCAN]
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/internal.h"

namespace airloom::cfg80211 {

namespace {

/// How much of everything the radio takes.
Result<void> check_amounts(const Capabilities& can, const SchedScanRequest& request) {
  if (request.scan.ssids.size() > can.max_sched_scan_ssids) return fail(Errc::kInvalid);
  if (request.match_sets.size() > can.max_match_sets) return fail(Errc::kInvalid);
  if (request.scan.elements.size() > can.max_sched_scan_elements_len) return fail(Errc::kInvalid);
  const size_t plans = request.plans.size();
  if (plans == 0 || plans > can.max_sched_scan_plans) return fail(Errc::kInvalid);
  const bool relative = request.relative_rssi_db || request.rssi_adjust;
  if (relative && !can.has_extended_feature(NL80211_EXT_FEATURE_SCHED_SCAN_RELATIVE_RSSI))
    return fail(Errc::kInvalid);
  return {};
}

Result<void> check_match_sets(const Capabilities& can, const SchedScanRequest& request) {
  for (const auto& set : request.match_sets)
    for (const auto& threshold : set.band_rssi_dbm)
      if (threshold &&
          !can.has_extended_feature(NL80211_EXT_FEATURE_SCHED_SCAN_BAND_SPECIFIC_RSSI_THOLD))
        return fail(Errc::kUnsupported);
  return {};
}

/// All plans but the last end, and the last does not.
Result<void> check_plans(const Capabilities& can, const SchedScanRequest& request) {
  for (const auto& plan : request.plans) {
    if (plan.interval_s == 0 || plan.interval_s > can.max_sched_scan_plan_interval)
      return fail(Errc::kInvalid);
    const bool is_last = &plan == &request.plans.back();
    if (is_last != (plan.rounds == 0)) return fail(Errc::kInvalid);
    if (plan.rounds > can.max_sched_scan_plan_iterations) return fail(Errc::kInvalid);
  }
  return {};
}

auto find(Wiphy& wiphy, uint64_t id) {
  return std::ranges::find(wiphy.sched_scans, id, &SchedScan::id);
}

/// It has ended, and everybody hears so.
void forget(Wiphy& wiphy, uint64_t id) {
  const auto at = find(wiphy, id);
  if (at == wiphy.sched_scans.end()) return;
  const SchedScan scan = *at;
  wiphy.sched_scans.erase(at);
  if (const Wdev* wdev = wiphy.find_wdev(scan.wdev))
    wiphy.host().events().sched_scan_stopped(*wdev, scan);
}

Result<void> stop(Wiphy& wiphy, const SchedScan& scan) {
  const uint64_t id = scan.id;
  TRY(wiphy.ops().stop_sched_scan(*wiphy.find_wdev(scan.wdev), id));
  forget(wiphy, id);
  return {};
}

/// Stops all that `meets`, whether or not the driver is content.
template <typename Meets>
void stop_each(Wiphy& wiphy, Meets meets) {
  const auto scans = wiphy.sched_scans;
  for (const SchedScan& scan : scans) {
    if (!meets(scan)) continue;
    if (!stop(wiphy, scan)) forget(wiphy, scan.id);
  }
}

}  // namespace

Result<void> may_start_sched_scan(const Wiphy& wiphy, bool multi) {
  const uint32_t limit = wiphy.capabilities().max_sched_scans;
  if (limit == 0) return fail(Errc::kUnsupported);
  const auto& running = wiphy.sched_scans;
  if (running.empty()) return {};
  if (running.front().id == 0 || !multi) return fail(Errc::kInProgress);
  if (running.size() == limit) return fail(Errc::kNoSpace);
  return {};
}

Result<void> start_sched_scan(Wdev& wdev, SchedScanRequest request) {
  Wiphy& wiphy = wdev.wiphy();
  const Capabilities& can = wiphy.capabilities();
  TRY(may_start_sched_scan(wiphy, request.multi));
  TRY(check_amounts(can, request));
  TRY(resolve_channels(wiphy, request.scan));
  for (const Octets& ssid : request.scan.ssids)
    if (ssid.size() > 32) return fail(Errc::kInvalid);
  TRY(check_match_sets(can, request));
  TRY(check_scan_flags(wdev, request.scan.flags, NL80211_FEATURE_SCHED_SCAN_RANDOM_MAC_ADDR));
  if (request.relative_rssi_db && request.rssi_adjust &&
      can.find_band(static_cast<Band>(request.rssi_adjust->band)) == nullptr)
    return fail(Errc::kInvalid);
  TRY(check_plans(can, request));

  if (request.multi && can.max_sched_scans > 1) request.id = wiphy.next_cookie();
  TRY(wiphy.ops().start_sched_scan(wdev, request));
  wiphy.sched_scans.push_back({.wdev = wdev.id(),
                               .id = request.id,
                               .owner = request.owner,
                               .flush = (request.scan.flags & NL80211_SCAN_FLAG_FLUSH) != 0,
                               .since = wiphy.scheduler().now()});
  wiphy.host().events().sched_scan_started(wdev, wiphy.sched_scans.back());
  return {};
}

Result<void> stop_sched_scan(Wiphy& wiphy, std::optional<uint64_t> id, PortId caller) {
  if (wiphy.capabilities().max_sched_scans == 0) return fail(Errc::kUnsupported);
  const auto& running = wiphy.sched_scans;
  const auto at = id ? find(wiphy, *id) : wiphy.sched_scans.begin();
  if (at == running.end()) return fail(Errc::kNotFound);
  const bool is_anothers = at->owner != 0 && at->owner != caller;
  if (!id && (at->id != 0 || is_anothers)) return fail(Errc::kNotFound);
  return stop(wiphy, *at);
}

void stop_sched_scans(Wdev& wdev) {
  stop_each(wdev.wiphy(), [&](const SchedScan& scan) { return scan.wdev == wdev.id(); });
}

void stop_orphaned_sched_scans(Wiphy& wiphy, PortId owner) {
  stop_each(wiphy, [&](const SchedScan& scan) { return scan.owner == owner; });
}

void sched_scan_results(Wiphy& wiphy, uint64_t id) {
  const auto scan = find(wiphy, id);
  if (scan == wiphy.sched_scans.end()) return;
  if (scan->flush) wiphy.bss_table().flush(scan->since);
  scan->since = wiphy.scheduler().now();
  if (const Wdev* wdev = wiphy.find_wdev(scan->wdev))
    wiphy.host().events().sched_scan_results(*wdev, *scan);
}

void sched_scan_stopped(Wiphy& wiphy, uint64_t id) {
  forget(wiphy, id);
}

}  // namespace airloom::cfg80211
