// Scanning and choosing. [802.11-2020 11.1.4] [nl80211.h NL80211_CMD_TRIGGER_SCAN]
#include <linux/nl80211.h>

#include "sme/station.h"

namespace airloom::sme {

void Station::scan() {
  enter(State::kScanning);
  request("scan", NL80211_CMD_TRIGGER_SCAN, [this](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex);
    {
      const auto ssids = w.nest(NL80211_ATTR_SCAN_SSIDS);
      w.bytes(1, config_.ssid);  // by name, so that a hidden network answers too
    }
    if (config_.scan_mhz.empty()) return;
    const auto frequencies = w.nest(NL80211_ATTR_SCAN_FREQUENCIES);
    uint16_t index = 0;
    for (const uint32_t mhz : config_.scan_mhz) w.u32(index++, mhz);
  });
}

void Station::fetch_results() {
  const auto fill = [this](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex);
  };
  const auto on_answer = [this, attempt = attempt_](Result<Reply> reply) {
    if (attempt != attempt_ || state_ != State::kScanning) return;
    if (!reply) return back_off();
    on_results(*reply);
  };
  port_->request(NL80211_CMD_GET_SCAN, fill, on_answer, ClientPort::Kind::kDump);
}

void Station::on_results(const Reply& reply) {
  std::vector<Bss> found;
  for (const Reply::Data& data : reply.data) {
    auto bss = Bss::parse(data.attributes().nest(NL80211_ATTR_BSS));
    if (bss) found.push_back(*std::move(bss));
  }
  bss_ = choose_bss(found, {config_.ssid, config_.bssid, config_.security});
  if (!bss_) {
    log_.debug("none of {} BSSs fits", found.size());
    return back_off();
  }
  authenticate();
}

}  // namespace airloom::sme
