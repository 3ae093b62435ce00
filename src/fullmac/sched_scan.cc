#include "fullmac/sched_scan.h"

#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/commands.h"

namespace airloom::fullmac {

namespace {

using cfg80211::SchedScanRequest;
using std::chrono::seconds;

/// How soon a round is tried again that something else has put off.
constexpr auto kPutOff = seconds(1);

bool matches(const SchedScanRequest::MatchSet& set, const cfg80211::Bss& bss) {
  if (!set.ssid.empty() && bss.ssid() != set.ssid) return false;
  if (set.bssid && bss.bssid != *set.bssid) return false;
  int32_t threshold_dbm = set.rssi_dbm;
  if (const auto band = ieee80211::band_of(bss.mhz))
    threshold_dbm = set.band_rssi_dbm[static_cast<size_t>(*band)].value_or(threshold_dbm);
  return bss.signal_mbm >= int64_t{threshold_dbm} * 100;
}

bool matches(const std::vector<SchedScanRequest::MatchSet>& sets, const cfg80211::Bss& bss) {
  return sets.empty() ||
         std::ranges::any_of(sets, [&](const auto& set) { return matches(set, bss); });
}

}  // namespace

Result<void> SchedScans::start(uint16_t interface, cfg80211::Wdev& wdev,
                               const SchedScanRequest& request) {
  const bool without_pause = std::ranges::any_of(
      request.plans, [](const SchedScanRequest::Plan& plan) { return plan.interval_s == 0; });
  if (request.plans.empty() || without_pause) return fail(Errc::kInvalid);
  if (entries_.contains(request.id)) return fail(Errc::kExists);
  if (entries_.size() == kSchedScansMax) return fail(Errc::kNoSpace);
  const auto [at, added] = entries_.try_emplace(request.id, *this, interface, wdev, request);
  at->second.timer.arm(seconds(request.delay_s));
  return {};
}

Result<void> SchedScans::stop(uint16_t interface, uint64_t id) {
  const auto at = entries_.find(id);
  if (at == entries_.end() || at->second.interface != interface) return fail(Errc::kNotFound);
  erase(at);
  return {};
}

void SchedScans::stop_all(uint16_t interface) {
  for (auto at = entries_.begin(); at != entries_.end();) {
    const auto next = std::next(at);
    if (at->second.interface == interface) erase(at);
    at = next;
  }
}

void SchedScans::erase(std::map<uint64_t, Entry>::iterator at) {
  const bool is_running = running_ == at->first;
  entries_.erase(at);
  if (is_running) yield();
}

void SchedScans::yield() {
  if (scanning_ != nullptr) (void)cfg80211::abort_scan(*scanning_);
}

void SchedScans::begin_round(Entry& entry) {
  cfg80211::Wdev& wdev = entry.wdev;
  cfg80211::ScanRequest round = entry.request.scan;
  round.flags &= ~uint32_t{NL80211_SCAN_FLAG_FLUSH};  // what the host forgets is its own matter
  entry.round_since = scheduler_.now();
  const bool is_connecting = wdev.sme && !wdev.is_connected();
  if (is_connecting || !cfg80211::trigger_scan(wdev, std::move(round)))
    return entry.timer.arm(kPutOff);
  scanning_ = &wdev;
  running_ = entry.request.id;
}

bool SchedScans::on_scan_done(bool aborted) {
  if (scanning_ == nullptr) return false;
  scanning_ = nullptr;
  const auto id = std::exchange(running_, std::nullopt);
  const auto at = id ? entries_.find(*id) : entries_.end();
  if (at == entries_.end()) return true;
  if (aborted)
    at->second.timer.arm(kPutOff);
  else
    end_round(at->second);
  return true;
}

void SchedScans::end_round(Entry& entry) {
  const SchedScanRequest::Plan& plan = entry.request.plans[entry.plan];
  entry.timer.arm_at(std::max(entry.round_since + seconds(plan.interval_s), scheduler_.now()));
  const bool is_last = entry.plan + 1 == entry.request.plans.size();
  if (++entry.rounds >= plan.rounds && !is_last) {
    ++entry.plan;
    entry.rounds = 0;
  }
  std::vector<const cfg80211::Bss*> found;
  for (const cfg80211::Bss* bss : entry.wdev.wiphy().bss_table().entries())
    if (bss->last_seen >= entry.round_since && matches(entry.request.match_sets, *bss))
      found.push_back(bss);
  if (!found.empty()) owner_.sched_scan_found(entry.interface, entry.request.id, found);
}

}  // namespace airloom::fullmac
