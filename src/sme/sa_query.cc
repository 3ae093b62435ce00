#include "sme/sa_query.h"

#include <algorithm>
#include <utility>

#include "ieee80211/mac_header.h"

namespace airloom::sme {

SaQueryProcedure::SaQueryProcedure(Scheduler& scheduler, Rng& rng,
                                   std::function<void(uint16_t)> ask,
                                   std::function<void()> on_timeout)
    : scheduler_(scheduler),
      rng_(rng),
      ask_(std::move(ask)),
      on_timeout_(std::move(on_timeout)),
      retry_(scheduler, [this] {
        if (remaining_tu() > 0) return this->ask();
        stop();
        on_timeout_();
      }) {}

void SaQueryProcedure::start() {
  // DEVIATES: the standard, and hostapd, ask again as soon as the last answer is in.
  if (is_running() || remaining_tu() > 0) return;
  started_ = scheduler_.now();
  ask();
}

void SaQueryProcedure::stop() {
  transactions_.clear();
  started_ = {};
  retry_.cancel();
}

bool SaQueryProcedure::on_response(uint16_t transaction) {
  if (std::ranges::find(transactions_, transaction) == transactions_.end()) return false;
  transactions_.clear();
  retry_.cancel();
  return true;
}

uint32_t SaQueryProcedure::remaining_tu() const {
  if (started_ == TimePoint{}) return 0;
  const auto elapsed = (scheduler_.now() - started_) / tu(1);
  return elapsed < kLimitTu ? kLimitTu - static_cast<uint32_t>(elapsed) : 0;
}

void SaQueryProcedure::ask() {
  const auto transaction = static_cast<uint16_t>(rng_.below(0x10000));
  transactions_.push_back(transaction);
  retry_.arm(tu(kRetryTu));
  ask_(transaction);
}

Octets sa_query_frame(ieee80211::SaQuery query, const MacAddress& to, const MacAddress& from,
                      const MacAddress& bssid) {
  ieee80211::MacHeader header;
  header.fc = ieee80211::FrameControl(ieee80211::Subtype::kAction);
  header.address1 = to;
  header.address2 = from;
  header.address3 = bssid;
  Octets frame;
  Writer writer(frame);
  header.emit(writer);
  query.emit(writer);
  return frame;
}

}  // namespace airloom::sme
