// Scanning and joining: straight to Scan and the interface's StationMlme.
#include <linux/nl80211.h>

#include "mac80211/radio_stack.h"
#include "mac80211/scan.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

namespace {

Result<StationMlme*> mlme_of(const Interface& interface) {
  if (!interface.is_up()) return fail(Errc::kNetDown);
  if (interface.station_mlme() == nullptr) return fail(Errc::kUnsupported);
  return interface.station_mlme();
}

/// A beaconing access point only if it is forced: its stations lose what it sends meanwhile.
Result<void> check_may_scan(const Interface& interface, const cfg80211::ScanRequest& request) {
  const InterfaceType type = interface.type();
  const bool never = type == InterfaceType::kMonitor || type == InterfaceType::kApVlan;
  const bool unless_forced = cfg80211::is_ap(type) && interface.wdev().is_beaconing();
  if (never || (unless_forced && !(request.flags & NL80211_SCAN_FLAG_AP)))
    return fail(Errc::kUnsupported);
  return {};
}

}  // namespace

Result<void> RadioStack::scan(cfg80211::Wdev& wdev, const cfg80211::ScanRequest& request) {
  Interface& interface = of(wdev);
  if (!interface.is_up()) return fail(Errc::kNetDown);
  TRY(check_may_scan(interface, request));
  return scan_->start(interface, request);
}

void RadioStack::abort_scan(cfg80211::Wdev&) {
  scan_->abort();
}

Result<void> RadioStack::start_sched_scan(cfg80211::Wdev& wdev,
                                          const cfg80211::SchedScanRequest& request) {
  return scan_->start_scheduled(of(wdev), request);
}

Result<void> RadioStack::stop_sched_scan(cfg80211::Wdev&, uint64_t) {
  return scan_->stop_scheduled();
}

Result<void> RadioStack::authenticate(cfg80211::Wdev& wdev,
                                      const cfg80211::AuthenticateRequest& request) {
  return TRY(mlme_of(of(wdev)))->authenticate(request);
}

Result<void> RadioStack::associate(cfg80211::Wdev& wdev,
                                   const cfg80211::AssociateRequest& request) {
  return TRY(mlme_of(of(wdev)))->associate(request);
}

Result<void> RadioStack::deauthenticate(cfg80211::Wdev& wdev,
                                        const cfg80211::LeaveRequest& request) {
  return TRY(mlme_of(of(wdev)))->deauthenticate(request);
}

Result<void> RadioStack::disassociate(cfg80211::Wdev& wdev, const cfg80211::LeaveRequest& request) {
  return TRY(mlme_of(of(wdev)))->disassociate(request);
}

}  // namespace airloom::mac80211
