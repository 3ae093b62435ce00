// Power save of an AP's clients: what is kept for them while they sleep, the TIM, PS-Poll, and
// U-APSD's service periods. Group frames wait for the DTIM beacon in held_group_queue.
// [802.11-2020 11.2.3.4 to 11.2.3.7]
#include <algorithm>

#include "ieee80211/mac_header.h"
#include "ieee80211/tim_element.h"
#include "mac80211/access_point.h"
#include "mac80211/classify.h"
#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

using ieee80211::FrameControl;
using ieee80211::FrameView;
using ieee80211::QosControl;

namespace {

constexpr size_t kHeldMax = 64;
constexpr Duration kAgeCheck = std::chrono::seconds(10);

/// The access categories that a TIM bit speaks of, and that a PS-Poll fetches: those that are not
/// delivery-enabled, or all if all are.
uint8_t legacy_acs(const Station& station) {
  const auto rest = static_cast<uint8_t>(kUapsdAll & ~station.uapsd_acs);
  return rest == 0 ? kUapsdAll : rest;
}

constexpr std::array<std::array<uint8_t, 2>, 4> kTidsOf = {{{7, 6}, {5, 4}, {3, 0}, {2, 1}}};

/// Those that can go: none while an agreement is being made or ended.
size_t queued_of(const Station& station, size_t ac) {
  size_t count = 0;
  for (const uint8_t tid : kTidsOf[ac])
    if (!station.block_ack.holds(tid)) count += station.queues[tid].size();
  return count;
}

/// Whether frames of these access categories wait. Management counts as voice.
bool has_frames(const Station& station, uint8_t acs) {
  if (!station.tx_fragments.empty()) return true;
  for (size_t ac = 0; ac < kUapsd.size(); ++ac)
    if ((acs & kUapsd[ac]) != 0 && (!station.held[ac].empty() || queued_of(station, ac) > 0))
      return true;
  return false;
}

}  // namespace

void AccessPoint::on_station_sleep(Station& station) {
  if (station.sleeping) return;
  station.sleeping = true;
  station.in_service_period = false;
  ++sleeping_;
  stack_.driver().station_sleeps(interface_.vif(), station.entry(), true);
  if (station.queued() > 0) watch_age();
  update_tim(station);
}

void AccessPoint::on_station_wake(Station& station) {
  if (!station.sleeping) return;
  station.sleeping = false;
  station.in_service_period = false;
  --sleeping_;
  stack_.driver().station_sleeps(interface_.vif(), station.entry(), false);
  for (auto& held : station.held)
    while (!held.empty()) stack_.driver().transmit(held.pop_front().frame);
  update_tim(station);
  stack_.tx().wake(station);
}

void AccessPoint::hold(Station& station, TxFrame frame) {
  auto& held = station.held[frame.access_category];
  if (held.size() >= kHeldMax) stack_.tx().discard(held.pop_front().frame, Drop::kTxSleepFull);
  held.push_back({std::move(frame), stack_.now()});
  watch_age();
  update_tim(station);
}

/// Frames of a block-ack agreement are not kept: a radio that aggregates has said that it will not
/// repeat them.
bool AccessPoint::keep_unheard(Station& station, const TxStatus& status) {
  if (status.acked || status.no_ack || !station.sleeping) return false;
  if (station.in_service_period || status.end_of_service_period) return false;
  if (status.lost_in_aggregate || station.block_ack.is_operational(status.tid)) return false;
  const auto view = FrameView::of(status.mpdu.octets());
  if (!view) return false;
  constexpr uint8_t kBestEffort = 2;
  const uint8_t ac = view->fc().is_qos_data() ? status.access_category : kBestEffort;
  if (station.held[ac].size() >= kHeldMax) return false;
  TxFrame frame{.mpdu = status.mpdu.copy(),
                .rates = status.tried,  // all of them, since it failed
                .channel = stack_.channels().channel_of(interface_),
                .vif = status.vif,
                .station = status.station,
                .token = status.token,
                .tid = status.tid,
                .sequence = status.sequence,
                .access_category = ac};
  frame.mpdu.writable()[1] &= static_cast<uint8_t>(~(FrameControl::kMoreData >> 8));
  hold(station, std::move(frame));
  return true;
}

void AccessPoint::on_ps_poll(Station& station) {
  if (!station.sleeping || station.in_service_period) return;
  serve(station, Service::kPoll, 1, legacy_acs(station));
}

void AccessPoint::on_trigger(Station& station, uint8_t tid) {
  if ((station.uapsd_acs & kUapsd[access_category_of(tid)]) == 0) return;
  if (!station.sleeping || station.in_service_period) return;
  constexpr size_t kAll = 128;  // what we let "all" mean, as the kernel does
  const size_t limit = station.max_service_period == 0 ? kAll : 2u * station.max_service_period;
  serve(station, Service::kUapsd, limit, station.uapsd_acs);
}

/// Frames in the order of their access categories; none of a lower one while a higher has more.
std::vector<TxFrame> AccessPoint::take_frames(Station& station, size_t limit, uint8_t acs) {
  std::vector<TxFrame> frames;
  for (size_t ac = 0; ac < kUapsd.size() && frames.size() < limit; ++ac) {
    if ((acs & kUapsd[ac]) == 0) continue;
    while (frames.size() < limit && !station.held[ac].empty())
      frames.push_back(station.held[ac].pop_front().frame);
    for (const uint8_t tid : kTidsOf[ac]) {
      while (frames.size() < limit) {
        auto frame = stack_.tx().take_one(station, tid);
        if (!frame) break;
        frames.push_back(*std::move(frame));
        // The rest of a frame that was cut counts as one with it.
        while (!station.tx_fragments.empty()) frames.push_back(station.tx_fragments.pop_front());
      }
    }
    if (has_frames(station, kUapsd[ac])) break;
  }
  return frames;
}

void AccessPoint::serve(Station& station, Service service, size_t limit, uint8_t acs) {
  station.in_service_period = true;
  std::vector<TxFrame> frames = take_frames(station, limit, acs);
  const bool more = has_frames(station, acs);
  update_tim(station);
  if (frames.empty()) return send_null_response(station, service, acs);
  bool needs_null = false;
  for (size_t i = 0; i < frames.size(); ++i) {
    TxFrame& frame = frames[i];
    const bool last = i + 1 == frames.size();
    if (!frame.mpdu.is_unique()) frame.mpdu = frame.mpdu.copy();
    auto octets = frame.mpdu.writable();
    const FrameView view = *FrameView::of(octets);
    if (last && service == Service::kUapsd && !view.fc().is_qos_data())
      needs_null = true;  // only a QoS frame can say that the period ends
    if (!last || more || needs_null) octets[1] |= FrameControl::kMoreData >> 8;
    if (!last || needs_null) continue;
    if (service == Service::kUapsd) octets[view.qos_offset()] |= QosControl::kEosp;
    frame.end_of_service_period = true;
    if (frame.token == 0) frame.token = kStatisticsToken;
  }
  const uint32_t id = station.id();
  for (TxFrame& frame : frames) stack_.driver().transmit(std::move(frame));
  Station* still = stack_.stations().find(id);
  if (needs_null && still != nullptr) send_null_response(*still, service, acs);
}

void AccessPoint::send_null_response(Station& station, Service service, uint8_t acs) {
  // The highest TID of the first access category that may be served: 7, 5, 3 or 1.
  size_t ac = 0;
  while (ac < 3 && (acs & kUapsd[ac]) == 0) ++ac;
  const bool uapsd = service == Service::kUapsd;
  stack_.management_tx_path().send_null(interface_, station.address(),
                                        {.qos = station.wme,
                                         .tid = static_cast<uint8_t>(7 - 2 * ac),
                                         .end_of_service_period = station.wme && uapsd,
                                         .in_service_period = true},
                                        [this, id = station.id()](const TxStatus&) {
                                          if (Station* peer = stack_.stations().find(id))
                                            on_service_period_end(*peer);
                                        });
}

void AccessPoint::on_station_removed(Station& station) {
  if (station.sleeping) {
    station.sleeping = false;
    --sleeping_;
  }
  for (auto& held : station.held)
    while (!held.empty()) stack_.tx().discard(held.pop_front().frame, Drop::kTxPurged);
  if (waiting_aids_.erase(station.aid) != 0) stack_.driver().tim_changed(interface_.vif(), 0);
}

void AccessPoint::update_tim(Station& station) {
  const bool waits = station.sleeping && has_frames(station, legacy_acs(station));
  if (station.aid == 0 || station.aid > ieee80211::kMaxAid) return;
  const bool changed =
      waits ? waiting_aids_.insert(station.aid).second : waiting_aids_.erase(station.aid) != 0;
  if (changed) stack_.driver().tim_changed(interface_.vif(), 0);
}

void AccessPoint::watch_age() {
  if (!age_timer_.is_armed()) age_timer_.arm(kAgeCheck);
}

/// Drops what a sleeping station has not fetched within two of its listen intervals, but nothing
/// before ten seconds, as the kernel does. [802.11-2020 11.2.3.12]
void AccessPoint::drop_aged() {
  bool any = false;
  const TimePoint now = stack_.now();
  const uint16_t interval_tu = interface_.link().config.beacon_interval_tu;
  stack_.stations().for_each(interface_, [&](Station& station) {
    if (!station.sleeping) return;
    const Duration patience =
        std::max<Duration>(kAgeCheck, tu(int64_t{2} * interval_tu * station.listen_interval));
    for (auto& held : station.held)
      while (!held.empty() && now - held.front().since > patience)
        stack_.tx().discard(held.pop_front().frame, Drop::kTxExpired);
    stack_.tx().drop_older(station, now - patience);
    update_tim(station);
    any |= station.queued() > 0 || has_frames(station, kUapsdAll);
  });
  if (any) watch_age();
}

}  // namespace airloom::mac80211
