#include <linux/nl80211.h>

#include "cfg80211/wiphy.h"
#include "nl80211/events.h"
#include "nl80211/put_interface.h"
#include "nl80211/server.h"

namespace airloom::nl80211 {
namespace {

void put_scan(netlink::MessageWriter& message, const cfg80211::Wdev& wdev,
              const cfg80211::ScanRequest& request) {
  put_wdev_ids(message, wdev);
  {
    const auto ssids = message.nest(NL80211_ATTR_SCAN_SSIDS);
    uint16_t index = 0;
    for (const auto& ssid : request.ssids) message.bytes(index++, ssid);
  }
  const bool in_khz = request.flags & NL80211_SCAN_FLAG_FREQ_KHZ;
  {
    const auto channels =
        message.nest(in_khz ? NL80211_ATTR_SCAN_FREQ_KHZ : NL80211_ATTR_SCAN_FREQUENCIES);
    uint16_t index = 0;
    for (const auto& channel : request.channels)
      message.u32(index++, in_khz ? channel.mhz * 1000 + channel.offset_khz : channel.mhz);
  }
  if (!request.elements.empty()) message.bytes(NL80211_ATTR_IE, request.elements);
  if (request.flags != 0) message.u32(NL80211_ATTR_SCAN_FLAGS, request.flags);
}

}  // namespace

void Events::scan_started(const Wdev& wdev, const cfg80211::ScanRequest& request) {
  auto message = server_.event(NL80211_CMD_TRIGGER_SCAN);
  put_scan(message, wdev, request);
  server_.multicast(Group::kScan, wdev.name_space(), std::move(message));
}

void Events::scan_done(const Wdev& wdev, const cfg80211::ScanRequest& request, bool aborted) {
  auto message = server_.event(aborted ? NL80211_CMD_SCAN_ABORTED : NL80211_CMD_NEW_SCAN_RESULTS);
  put_scan(message, wdev, request);
  server_.multicast(Group::kScan, wdev.name_space(), std::move(message));
}

void Events::sched_scan_started(const Wdev& wdev, const cfg80211::SchedScan& scan) {
  tell_sched_scan(NL80211_CMD_START_SCHED_SCAN, wdev, scan);
}

void Events::sched_scan_results(const Wdev& wdev, const cfg80211::SchedScan& scan) {
  tell_sched_scan(NL80211_CMD_SCHED_SCAN_RESULTS, wdev, scan);
}

void Events::sched_scan_stopped(const Wdev& wdev, const cfg80211::SchedScan& scan) {
  tell_sched_scan(NL80211_CMD_SCHED_SCAN_STOPPED, wdev, scan);
}

void Events::tell_sched_scan(uint8_t command, const Wdev& wdev, const cfg80211::SchedScan& scan) {
  auto message = about(command, wdev);
  message.u64(NL80211_ATTR_COOKIE, scan.id, NL80211_ATTR_PAD);
  server_.multicast(Group::kScan, wdev.name_space(), std::move(message));
}

}  // namespace airloom::nl80211
