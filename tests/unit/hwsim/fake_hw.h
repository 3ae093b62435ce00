// A mac80211 that records what its driver tells it, and has frames where a test put some.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <tuple>
#include <vector>

#include "base/scheduler.h"
#include "mac80211/classify.h"
#include "mac80211/driver.h"

namespace airloom::hwsim {

class FakeHw final : public mac80211::Hw {
 public:
  explicit FakeHw(Scheduler& scheduler) : scheduler_(scheduler) {}

  void receive(std::span<const mac80211::ReceivedFrame> burst) override {
    for (const auto& frame : burst) received.emplace_back(frame.mpdu, frame.status);
  }
  void tx_status(const mac80211::TxStatus& status) override { statuses.push_back(status); }
  void dequeue(uint32_t vif, uint32_t station, uint8_t tid, size_t max,
               std::vector<mac80211::TxFrame>& out) override {
    for (size_t i = 0; i < max; ++i) {
      auto frame = take(queues[{vif, station, tid}]);
      if (!frame) return;
      out.push_back(*std::move(frame));
    }
  }
  bool dequeue_next(uint8_t access_category, size_t max,
                    std::vector<mac80211::TxFrame>& out) override {
    for (auto& [id, queue] : queues) {
      if (mac80211::access_category_of(std::get<2>(id)) != access_category || queue.empty())
        continue;
      dequeue(std::get<0>(id), std::get<1>(id), std::get<2>(id), max, out);
      return true;
    }
    return false;
  }
  std::optional<mac80211::TxFrame> beacon(uint32_t vif, mac80211::LinkId) override {
    beacons.emplace_back(scheduler_.now(), vif);
    return make_beacon ? make_beacon() : std::nullopt;
  }
  std::optional<mac80211::TxFrame> next_after_dtim(uint32_t, mac80211::LinkId) override {
    return take(after_dtim);
  }
  void radar_detected() override { ++radars; }
  void sched_scan_results() override {}
  void sched_scan_stopped() override {}
  Octets probe_request(uint32_t, const cfg80211::ScanRequest&,
                       const cfg80211::ScanRequest::Channel&, std::span<const uint8_t>) override {
    return {};
  }
  void ampdu_tx_started(uint32_t, uint32_t, uint8_t) override {}
  void ampdu_tx_stopped(uint32_t, uint32_t station, uint8_t tid) override {
    stopped.emplace_back(station, tid);
  }

  int radars = 0;
  std::vector<std::pair<FrameBuffer, mac80211::RxStatus>> received;
  std::vector<mac80211::TxStatus> statuses;
  std::vector<std::pair<uint32_t, uint8_t>> stopped;  ///< block-ack agreements
  std::map<std::tuple<uint32_t, uint32_t, uint8_t>, std::deque<mac80211::TxFrame>> queues;
  std::vector<std::pair<TimePoint, uint32_t>> beacons;
  std::function<std::optional<mac80211::TxFrame>()> make_beacon;
  std::deque<mac80211::TxFrame> after_dtim;

 private:
  static std::optional<mac80211::TxFrame> take(std::deque<mac80211::TxFrame>& queue) {
    if (queue.empty()) return std::nullopt;
    mac80211::TxFrame frame = std::move(queue.front());
    queue.pop_front();
    return frame;
  }
  Scheduler& scheduler_;
};

}  // namespace airloom::hwsim
