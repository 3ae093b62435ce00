// START_SCHED_SCAN and STOP_SCHED_SCAN.
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/commands.h"
#include "nl80211/context.h"
#include "nl80211/crypto_settings.h"
#include "nl80211/policies.h"
#include "nl80211/rows.h"
#include "nl80211/scan_request.h"

namespace airloom::nl80211 {
namespace {

using cfg80211::SchedScanRequest;
using netlink::AttributeRange;
using netlink::AttributeTable;

static_assert(SchedScanRequest::kNoThreshold == NL80211_SCAN_RSSI_THOLD_OFF);

Result<std::vector<AttributeTable>> parse_nests(const Context& context, uint16_t type,
                                                const netlink::Policy& policy) {
  std::vector<AttributeTable> tables;
  if (const auto* list = context.attributes().find(type))
    for (const auto& entry : AttributeRange(*list))
      tables.push_back(TRY(netlink::validate_and_parse(entry, policy, context.request.ack)));
  return tables;
}

Result<SchedScanRequest::MatchSet> parse_match_set(const AttributeTable& nest, int32_t rssi_dbm) {
  SchedScanRequest::MatchSet set;
  set.ssid = octets_of(nest, NL80211_SCHED_SCAN_MATCH_ATTR_SSID);
  set.bssid = nest.mac(NL80211_SCHED_SCAN_MATCH_ATTR_BSSID);
  set.rssi_dbm = nest.s32(NL80211_SCHED_SCAN_MATCH_ATTR_RSSI).value_or(rssi_dbm);
  if (const auto* bands = nest.find(NL80211_SCHED_SCAN_MATCH_PER_BAND_RSSI)) {
    for (const auto& entry : AttributeRange(*bands)) {
      if (entry.type >= set.band_rssi_dbm.size()) return fail(Errc::kInvalid);
      set.band_rssi_dbm[entry.type] = entry.s32().value_or(0);
    }
  }
  return set;
}

/// A set with a threshold alone is that of all sets which have none, as old programs mean it; only
/// where there are no others it is a set of its own.
/// DEVIATES: the kernel forgets the threshold of such a set, and then nothing would match.
Result<void> parse_match_sets(const Context& context, SchedScanRequest& request) {
  const auto nests =
      TRY(parse_nests(context, NL80211_ATTR_SCHED_SCAN_MATCH, kSchedScanMatchPolicy));
  const auto names_one = [](const AttributeTable& nest) {
    return nest.has(NL80211_SCHED_SCAN_MATCH_ATTR_SSID) ||
           nest.has(NL80211_SCHED_SCAN_MATCH_ATTR_BSSID);
  };
  int32_t rssi_dbm = SchedScanRequest::kNoThreshold;
  for (const AttributeTable& nest : nests) {
    if (nest.has(NL80211_SCHED_SCAN_MATCH_ATTR_SSID) &&
        nest.has(NL80211_SCHED_SCAN_MATCH_ATTR_BSSID))
      return fail(Errc::kInvalid);
    if (!names_one(nest))
      rssi_dbm = nest.s32(NL80211_SCHED_SCAN_MATCH_ATTR_RSSI).value_or(rssi_dbm);
  }
  for (const AttributeTable& nest : nests)
    if (names_one(nest)) request.match_sets.push_back(TRY(parse_match_set(nest, rssi_dbm)));
  if (request.match_sets.empty() && rssi_dbm != SchedScanRequest::kNoThreshold)
    request.match_sets.emplace_back().rssi_dbm = rssi_dbm;
  return {};
}

Result<void> parse_plans(const Context& context, SchedScanRequest& request) {
  const auto& attributes = context.attributes();
  const auto interval_ms = attributes.u32(NL80211_ATTR_SCHED_SCAN_INTERVAL);
  const bool has_plans = attributes.has(NL80211_ATTR_SCHED_SCAN_PLANS);
  if (has_plans == interval_ms.has_value()) return fail(Errc::kInvalid);
  if (interval_ms) {
    const uint32_t limit = context.wdev().wiphy().capabilities().max_sched_scan_plan_interval;
    const uint32_t seconds = *interval_ms / 1000 + (*interval_ms % 1000 != 0);
    request.plans.push_back({.interval_s = std::min(seconds, limit)});
    return {};
  }
  const auto nests = TRY(parse_nests(context, NL80211_ATTR_SCHED_SCAN_PLANS, kSchedScanPlanPolicy));
  for (const AttributeTable& nest : nests) {
    const auto rounds = nest.u32(NL80211_SCHED_SCAN_PLAN_ITERATIONS);
    if (rounds == 0u) return fail(Errc::kInvalid);
    request.plans.push_back({.interval_s = nest.u32(NL80211_SCHED_SCAN_PLAN_INTERVAL).value_or(0),
                             .rounds = rounds.value_or(0)});
  }
  return {};
}

void parse_relative_rssi(const AttributeTable& attributes, SchedScanRequest& request) {
  request.relative_rssi_db = attributes.s8(NL80211_ATTR_SCHED_SCAN_RELATIVE_RSSI);
  const auto adjust = attributes.bytes(NL80211_ATTR_SCHED_SCAN_RSSI_ADJUST);
  constexpr size_t kBandAndDelta = sizeof(nl80211_bss_select_rssi_adjust);
  if (adjust && adjust->size() >= kBandAndDelta)
    request.rssi_adjust = SchedScanRequest::RssiAdjust{
        .band = (*adjust)[0], .delta_db = static_cast<int8_t>((*adjust)[1])};
}

Result<void> start_sched_scan(Context& context) {
  const auto& attributes = context.attributes();
  SchedScanRequest request;
  request.multi = attributes.has(NL80211_ATTR_SCHED_SCAN_MULTI);
  TRY(cfg80211::may_start_sched_scan(context.wdev().wiphy(), request.multi));
  TRY(parse_frequencies(attributes, request.scan));
  request.scan.ssids = parse_ssids(attributes);
  TRY(parse_match_sets(context, request));
  request.scan.elements = octets_of(attributes, NL80211_ATTR_IE);
  TRY(parse_plans(context, request));
  request.scan.flags = attributes.u32(NL80211_ATTR_SCAN_FLAGS).value_or(0);
  TRY(parse_random_address(attributes, request.scan));
  request.delay_s = attributes.u32(NL80211_ATTR_SCHED_SCAN_DELAY).value_or(0);
  parse_relative_rssi(attributes, request);
  request.owner = context.owner();
  return cfg80211::start_sched_scan(context.wdev(), std::move(request));
}

Result<void> stop_sched_scan(Context& context) {
  return cfg80211::stop_sched_scan(
      context.wdev().wiphy(), context.attributes().u64(NL80211_ATTR_COOKIE), context.request.port);
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_START_SCHED_SCAN, .handle = start_sched_scan},
    {.command = NL80211_CMD_STOP_SCHED_SCAN, .handle = stop_sched_scan},
};

}  // namespace

std::span<const Row> sched_scan_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
