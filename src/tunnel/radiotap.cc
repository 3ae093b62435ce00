#include "tunnel/radiotap.h"

#include <algorithm>

#include "ieee80211/rates.h"

namespace airloom::tunnel {
namespace {

using ieee80211::RadiotapMcs;
using ieee80211::RadiotapVht;
using mac80211::RateInfo;

constexpr int kNoiseDbm = -92;  // where the radio does not tell
constexpr uint8_t kMcsPerStream = 8;

RateInfo rate_of(const ieee80211::RadiotapHeader& radiotap) {
  RateInfo rate;
  if (radiotap.mcs && (radiotap.mcs->known & RadiotapMcs::kKnowsMcs)) {
    rate.kind = RateInfo::Kind::kHt;
    rate.mcs = radiotap.mcs->mcs;
    rate.nss = static_cast<uint8_t>(1 + rate.mcs / kMcsPerStream);
    rate.width_mhz = radiotap.mcs->flags & RadiotapMcs::kWidth40 ? 40 : 20;
    rate.short_gi = (radiotap.mcs->flags & RadiotapMcs::kShortGi) != 0;
  } else if (radiotap.vht) {
    rate.kind = RateInfo::Kind::kVht;
    rate.mcs = radiotap.vht->mcs_nss[0] >> 4;
    rate.nss = std::max<uint8_t>(radiotap.vht->mcs_nss[0] & 0x0f, 1);
    rate.short_gi = (radiotap.vht->flags & RadiotapVht::kShortGi) != 0;
  } else {
    rate.legacy_100kbps = ieee80211::from_500kbps(radiotap.rate_500kbps.value_or(2));
  }
  return rate;
}

}  // namespace

ieee80211::RadiotapHeader injection_header(const TxInfo& info) {
  namespace tx = ieee80211::radiotap_tx;
  ieee80211::RadiotapHeader header;
  header.flags = info.short_preamble ? ieee80211::radiotap_flag::kShortPreamble : uint8_t{0};
  // The stack at the other end has given the frame its sequence number.
  header.tx_flags =
      static_cast<uint16_t>(tx::kNoSequence | tx::kOrder | (info.no_ack ? tx::kNoAck : 0));
  if (info.rate.kind == RateInfo::Kind::kHt) {
    header.mcs = RadiotapMcs{
        .known = RadiotapMcs::kKnowsMcs | RadiotapMcs::kKnowsGi | RadiotapMcs::kKnowsBandwidth,
        .flags = static_cast<uint8_t>((info.rate.width_mhz == 40 ? RadiotapMcs::kWidth40 : 0) |
                                      (info.rate.short_gi ? RadiotapMcs::kShortGi : 0)),
        .mcs = info.rate.mcs};
  } else if (info.rate.legacy_100kbps != 0) {
    header.rate_500kbps = ieee80211::to_500kbps(info.rate.legacy_100kbps);
  }
  if (info.tries > 1) header.data_retries = static_cast<uint8_t>(info.tries - 1);
  return header;
}

RxInfo reception_of(const ieee80211::RadiotapHeader& radiotap) {
  const int signal = radiotap.signal_dbm.value_or(0);
  const int noise = radiotap.noise_dbm.value_or(kNoiseDbm);
  return {.signal_dbm = static_cast<int8_t>(signal),
          .snr_db = static_cast<uint8_t>(std::clamp(signal - noise, 0, 127)),
          .tsf_us = radiotap.tsft_us.value_or(0),
          .mhz = radiotap.channel ? radiotap.channel->mhz : uint16_t{0},
          .rate = rate_of(radiotap),
          .short_preamble =
              (radiotap.flags.value_or(0) & ieee80211::radiotap_flag::kShortPreamble) != 0};
}

}  // namespace airloom::tunnel
