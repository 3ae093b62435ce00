// What monitors see: each frame that the radio hears, and each of our own once its status is known,
// behind a radiotap header; a cooked monitor only what nobody else took. Fields as the kernel's,
// and the noise. [radiotap.org/fields/defined]
#include "ieee80211/radiotap_rate.h"
#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

namespace {

ieee80211::RadiotapHeader make_radiotap(const RxStatus& status) {
  ieee80211::RadiotapHeader header;
  const ieee80211::Rate rate = cfg80211::to_rate(status.rate);
  header.tsft_us = status.mactime_us;
  header.flags = status.short_preamble ? ieee80211::radiotap_flag::kShortPreamble : uint8_t{0};
  if (status.fcs_failed) *header.flags |= ieee80211::radiotap_flag::kBadFcs;
  ieee80211::set_rate(header, rate);
  header.channel = ieee80211::radiotap_channel_field(static_cast<uint16_t>(status.mhz), rate);
  header.signal_dbm = status.signal_dbm;
  header.noise_dbm = status.noise_dbm;
  header.rx_flags = 0;
  if (status.ampdu_reference != 0)
    header.ampdu = ieee80211::RadiotapAmpdu::of(status.ampdu_reference, status.ampdu_last);
  header.antenna = 0;
  return header;
}

/// Of a frame of our own: the rate that it went at last, and how often it was repeated.
ieee80211::RadiotapHeader make_radiotap(const TxStatus& status) {
  namespace tx = ieee80211::radiotap_tx;
  ieee80211::RadiotapHeader header;
  const RateAttempt* last = &status.tried.front();
  unsigned tries = 0;
  for (const RateAttempt& attempt : status.tried) {
    tries += attempt.tries;
    if (attempt.tries > 0) last = &attempt;
  }
  const ieee80211::Rate rate = cfg80211::to_rate(last->rate);
  if (rate.kind != ieee80211::RateKind::kLegacy || rate.legacy_100kbps != 0)
    ieee80211::set_rate(header, rate);
  const bool group = status.mpdu.size() > 4 && (status.mpdu.octets()[4] & 1) != 0;
  header.tx_flags = 0;
  if (!status.acked && !group) *header.tx_flags |= tx::kFailed;
  if (last->rts) *header.tx_flags |= tx::kRts;
  header.data_retries = static_cast<uint8_t>(tries > 0 ? tries - 1 : 0);
  return header;
}

bool is_cooked(const Interface& interface) {
  return (interface.monitor_flags & cfg80211::monitor_flag::kCookFrames) != 0;
}

}  // namespace

template <typename Status, typename Wants>
void RadioStack::show(const FrameBuffer& mpdu, const Status& status, Wants wants) {
  Octets header;
  for (const auto& [id, interface] : interfaces_) {
    auto* netdev = interface->wdev().netdev();
    if (!interface->is_up() || interface->type() != InterfaceType::kMonitor || netdev == nullptr ||
        !wants(*interface))
      continue;
    FrameBuffer copy = mpdu.copy();
    if (!interface->wdev().is_plain_monitor) {
      if (header.empty()) {
        Writer writer(header);
        make_radiotap(status).emit(writer);
      }
      auto out = copy.push_front(header.size());
      std::copy(header.begin(), header.end(), out.begin());
    }
    netdev->receive(std::move(copy));
  }
}

void RadioStack::deliver_to_monitors(const FrameBuffer& mpdu, const RxStatus& status) {
  if (monitors_ == 0) return;
  show(mpdu, status, [](const Interface& monitor) { return !is_cooked(monitor); });
}

void RadioStack::deliver_cooked(const FrameBuffer& mpdu, const RxStatus& status) {
  if (cooked_monitors_ == 0) return;
  show(mpdu, status, is_cooked);
}

void RadioStack::deliver_sent_to_monitors(const TxStatus& status) {
  if (monitors_ + cooked_monitors_ == 0 || status.mpdu.empty()) return;
  const ieee80211::FrameControl fc(status.mpdu.octets()[0]);
  const bool for_cooked = raw_tx_.owns(status.token) || !fc.is_data();
  show(status.mpdu, status,
       [&](const Interface& monitor) { return for_cooked || !is_cooked(monitor); });
}

}  // namespace airloom::mac80211
