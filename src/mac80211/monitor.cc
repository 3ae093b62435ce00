// Monitor interfaces: what the radio hears, behind a radiotap header, and injected frames.
#include "ieee80211/radiotap.h"
#include "ieee80211/rates.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rates.h"

namespace airloom::mac80211 {

namespace {

ieee80211::RadiotapHeader make_radiotap(const RxStatus& status) {
  ieee80211::RadiotapHeader header;
  const bool is_2ghz = ieee80211::band_of(status.mhz) == ieee80211::Band::k2GHz;
  header.tsft_us = status.mactime_us;
  header.flags = status.short_preamble ? ieee80211::radiotap_flag::kShortPreamble : uint8_t{0};
  uint16_t channel =
      is_2ghz ? ieee80211::radiotap_channel::k2GHz : ieee80211::radiotap_channel::k5GHz;
  if (status.rate.kind == RateInfo::Kind::kLegacy) {
    header.rate_500kbps = ieee80211::to_500kbps(status.rate.legacy_100kbps);
    channel |= ieee80211::is_dsss_rate(status.rate.legacy_100kbps)
                   ? ieee80211::radiotap_channel::kCck
                   : ieee80211::radiotap_channel::kOfdm;
  } else {
    channel |= is_2ghz ? ieee80211::radiotap_channel::kDynamic : ieee80211::radiotap_channel::kOfdm;
  }
  if (status.rate.kind == RateInfo::Kind::kHt) {
    using Mcs = ieee80211::RadiotapMcs;
    header.mcs =
        Mcs{.known = Mcs::kKnowsMcs | Mcs::kKnowsGi | Mcs::kKnowsBandwidth,
            .flags = static_cast<uint8_t>((status.rate.width_mhz == 40 ? Mcs::kWidth40 : 0) |
                                          (status.rate.short_gi ? Mcs::kShortGi : 0)),
            .mcs = status.rate.mcs};
  }
  header.channel = ieee80211::RadiotapChannel{static_cast<uint16_t>(status.mhz), channel};
  header.signal_dbm = status.signal_dbm;
  header.rx_flags = 0;
  if (status.ampdu_reference != 0) {
    using Ampdu = ieee80211::RadiotapAmpdu;
    header.ampdu = Ampdu{.reference = status.ampdu_reference, .flags = Ampdu::kLastKnown};
    if (status.ampdu_last) header.ampdu->flags |= Ampdu::kLast;
  }
  header.antenna = 0;
  return header;
}

}  // namespace

void RadioStack::deliver_to_monitors(const FrameBuffer& mpdu, const RxStatus& status) {
  if (!filter_ || !filter_->all) return;
  Octets header;
  Writer writer(header);
  make_radiotap(status).emit(writer);
  for (const auto& [id, interface] : interfaces_) {
    auto* netdev = interface->wdev().netdev();
    if (!interface->is_up() || interface->type() != InterfaceType::kMonitor || netdev == nullptr)
      continue;
    FrameBuffer copy = mpdu.copy();
    auto out = copy.push_front(header.size());
    std::copy(header.begin(), header.end(), out.begin());
    netdev->receive(std::move(copy));
  }
}

void RadioStack::inject(Interface& interface, const FrameBuffer& frame) {
  Reader reader(frame.octets());
  const auto radiotap = ieee80211::RadiotapHeader::parse(reader);
  if (!radiotap) return;
  auto octets = reader.rest();
  if (radiotap->fcs_at_end() && octets.size() >= 4) octets = octets.first(octets.size() - 4);
  const auto view = ieee80211::FrameView::of(octets);
  if (!view || !view->has_address2()) return;
  TxFrame tx;
  tx.mpdu = pool().from(octets);
  tx.channel = channels_.current();
  tx.vif = interface.id();
  tx.as_written = true;
  const bool wants_no_ack =
      radiotap->tx_flags && (*radiotap->tx_flags & ieee80211::radiotap_tx::kNoAck) != 0;
  tx.no_ack = wants_no_ack || view->is_group_addressed();
  const uint16_t rate = radiotap->rate_500kbps
                            ? static_cast<uint16_t>(*radiotap->rate_500kbps * 5)
                            : lowest_basic_rate_100kbps(interface, tx.channel.primary_mhz);
  tx.rates = single_rate(rate, tx.no_ack ? 1 : 7);
  driver_.transmit(std::move(tx));
}

}  // namespace airloom::mac80211
