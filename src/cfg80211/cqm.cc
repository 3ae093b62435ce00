// Connection quality monitoring: signal thresholds, and what drivers notice. A driver watches one
// threshold with a hysteresis, or one range; a list of thresholds becomes the range around the
// signal, which moves on with each event. [nl80211.h NL80211_CMD_SET_CQM]
#include <linux/nl80211.h>

#include <algorithm>
#include <limits>

#include "cfg80211/internal.h"

namespace airloom::cfg80211 {

namespace {

/// Tells the driver the range between the thresholds around the newest signal.
Result<void> watch_range(Wdev& wdev) {
  Wdev::SignalThresholds& watched = *wdev.signal_thresholds;
  if (watched.last_dbm == 0 && wdev.is_connected())
    if (const auto info = wdev.wiphy().ops().get_station(wdev, wdev.connection.bssid))
      watched.last_dbm = info->beacon_signal_avg_dbm.value_or(0);
  const auto& thresholds = watched.thresholds_dbm;
  const auto hysteresis = static_cast<int32_t>(watched.hysteresis_db);
  const auto above = std::upper_bound(thresholds.begin(), thresholds.end(), watched.last_dbm);
  CqmRequest request;
  request.rssi_range_dbm = {std::numeric_limits<int32_t>::min(),
                            std::numeric_limits<int32_t>::max()};
  if (above != thresholds.begin()) request.rssi_range_dbm->first = *(above - 1) - hysteresis;
  if (above != thresholds.end()) request.rssi_range_dbm->second = *above + hysteresis - 1;
  return wdev.wiphy().ops().set_cqm(wdev, request);
}

Result<void> set_thresholds(Wdev& wdev, const CqmRequest& request) {
  const auto& thresholds = request.rssi_thresholds_dbm;
  for (size_t i = 0; i < thresholds.size(); ++i)
    if (thresholds[i] > 0 || (i > 0 && thresholds[i] <= thresholds[i - 1]))
      return fail(Errc::kInvalid);
  if (!is_station(wdev.type())) return fail(Errc::kUnsupported);
  if (thresholds.size() <= 1) {
    wdev.signal_thresholds.reset();
    const bool off = thresholds.empty() || thresholds.front() == 0;
    return wdev.wiphy().ops().set_cqm(wdev, off ? CqmRequest{} : request);
  }
  if (!wdev.wiphy().capabilities().has_extended_feature(NL80211_EXT_FEATURE_CQM_RSSI_LIST))
    return fail(Errc::kUnsupported);
  wdev.signal_thresholds = Wdev::SignalThresholds{.thresholds_dbm = thresholds,
                                                  .hysteresis_db = request.rssi_hysteresis_db};
  auto watched = watch_range(wdev);
  if (!watched) wdev.signal_thresholds.reset();
  return watched;
}

}  // namespace

Result<void> set_cqm(Wdev& wdev, const CqmRequest& request) {
  if (!request.tx_errors) return set_thresholds(wdev, request);
  if ((*request.tx_errors)[0] > 100) return fail(Errc::kInvalid);
  if (!is_station(wdev.type())) return fail(Errc::kUnsupported);
  return wdev.wiphy().ops().set_cqm(wdev, request);
}

void cqm_rssi(Wdev& wdev, bool low, int32_t rssi_dbm) {
  if (wdev.signal_thresholds) {
    wdev.signal_thresholds->last_dbm = rssi_dbm;
    (void)watch_range(wdev);  // a driver that has taken one range takes the next
  }
  wdev.wiphy().host().events().cqm_rssi(wdev, low, rssi_dbm);
}

void cqm_beacon_loss(Wdev& wdev) {
  wdev.wiphy().host().events().cqm_beacon_loss(wdev);
}

void cqm_packet_loss(Wdev& wdev, const MacAddress& mac, uint32_t packets) {
  wdev.wiphy().host().events().cqm_packet_loss(wdev, mac, packets);
}

}  // namespace airloom::cfg80211
