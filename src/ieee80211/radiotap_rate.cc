#include "ieee80211/radiotap_rate.h"

namespace airloom::ieee80211 {
namespace {

constexpr uint8_t kBandwidthMask = 0x03;  // of MCS flags
constexpr uint8_t kHtMcsMax = 31;
constexpr uint8_t kVhtMcsMax = 11;
constexpr uint8_t kNssMax = 8;

/// A width as a field counts it. HE: its index into {20, 40, 80, 160}.
struct Width {
  uint16_t mhz;
  uint8_t vht;
  uint8_t he;
};
constexpr std::array<Width, 4> kWidths = {{{20, 0, 0}, {40, 1, 1}, {80, 4, 2}, {160, 11, 3}}};

const Width& width_of(uint16_t mhz) {
  for (const Width& width : kWidths)
    if (width.mhz == mhz) return width;
  return kWidths.front();
}

RadiotapMcs mcs_field(const Rate& rate) {
  return {.known = RadiotapMcs::kKnowsBandwidth | RadiotapMcs::kKnowsMcs | RadiotapMcs::kKnowsGi,
          .flags = static_cast<uint8_t>((rate.width_mhz == 40 ? RadiotapMcs::kWidth40 : 0) |
                                        (rate.short_gi ? RadiotapMcs::kShortGi : 0)),
          .mcs = rate.mcs};
}

RadiotapVht vht_field(const Rate& rate) {
  RadiotapVht vht{.known = RadiotapVht::kKnowsGi | RadiotapVht::kKnowsBandwidth,
                  .flags = rate.short_gi ? RadiotapVht::kShortGi : uint8_t{0},
                  .bandwidth = width_of(rate.width_mhz).vht};
  vht.mcs_nss[0] = static_cast<uint8_t>(rate.mcs << 4 | (rate.nss & 0xf));
  return vht;
}

RadiotapHe he_field(const Rate& rate) {
  RadiotapHe he;  // the format bits stay 0: a single-user frame
  he.data[0] = RadiotapHe::kKnowsMcs | RadiotapHe::kKnowsDcm | RadiotapHe::kKnowsBandwidth;
  he.data[1] = RadiotapHe::kKnowsGi;
  he.data[2] = static_cast<uint16_t>((rate.mcs & 0xf) << 8 | (rate.he_dcm ? 0x1000 : 0));
  he.data[4] =
      static_cast<uint16_t>(width_of(rate.width_mhz).he | static_cast<unsigned>(rate.he_gi) << 4);
  he.data[5] = rate.nss & 0xf;
  return he;
}

std::optional<Rate> ht_rate(const RadiotapMcs& mcs) {
  if ((mcs.known & RadiotapMcs::kKnowsMcs) == 0 || mcs.mcs > kHtMcsMax) return std::nullopt;
  const bool wide = (mcs.known & RadiotapMcs::kKnowsBandwidth) != 0 &&
                    (mcs.flags & kBandwidthMask) == RadiotapMcs::kWidth40;
  const bool short_gi =
      (mcs.known & RadiotapMcs::kKnowsGi) != 0 && (mcs.flags & RadiotapMcs::kShortGi) != 0;
  return Rate{.kind = RateKind::kHt,
              .mcs = mcs.mcs,
              .width_mhz = static_cast<uint16_t>(wide ? 40 : 20),
              .short_gi = short_gi};
}

Rate vht_rate(const RadiotapVht& vht) {
  Rate rate{.kind = RateKind::kVht,
            .mcs = static_cast<uint8_t>(vht.mcs_nss[0] >> 4),
            .nss = static_cast<uint8_t>(vht.mcs_nss[0] & 0xf)};
  if (rate.mcs > kVhtMcsMax) rate.mcs = 0;
  if (rate.nss == 0 || rate.nss > kNssMax) rate.nss = 1;
  if ((vht.known & RadiotapVht::kKnowsBandwidth) != 0)
    for (const Width& width : kWidths)
      if (width.vht == vht.bandwidth) rate.width_mhz = width.mhz;
  rate.short_gi =
      (vht.known & RadiotapVht::kKnowsGi) != 0 && (vht.flags & RadiotapVht::kShortGi) != 0;
  return rate;
}

std::optional<Rate> he_rate(const RadiotapHe& he) {
  if ((he.data[0] & RadiotapHe::kKnowsMcs) == 0) return std::nullopt;
  Rate rate{.kind = RateKind::kHe,
            .mcs = static_cast<uint8_t>(he.data[2] >> 8 & 0xf),
            .nss = static_cast<uint8_t>(he.data[5] & 0xf)};
  if (rate.mcs > kVhtMcsMax) return std::nullopt;
  if (rate.nss == 0 || rate.nss > kNssMax) rate.nss = 1;
  const unsigned width = he.data[4] & 0xf;
  if ((he.data[0] & RadiotapHe::kKnowsBandwidth) != 0 && width < kWidths.size())
    rate.width_mhz = kWidths[width].mhz;
  const unsigned gi = he.data[4] >> 4 & 3;
  if ((he.data[1] & RadiotapHe::kKnowsGi) != 0 && gi < 3)
    rate.he_gi = static_cast<HeGuardInterval>(gi);
  rate.he_dcm = (he.data[0] & RadiotapHe::kKnowsDcm) != 0 && (he.data[2] & 0x1000) != 0;
  return rate;
}

}  // namespace

void set_rate(RadiotapHeader& header, const Rate& rate) {
  switch (rate.kind) {
    case RateKind::kLegacy:
      header.rate_500kbps = to_500kbps(rate.legacy_100kbps);
      break;
    case RateKind::kHt:
      header.mcs = mcs_field(rate);
      break;
    case RateKind::kVht:
      header.vht = vht_field(rate);
      break;
    case RateKind::kHe:
      header.he = he_field(rate);
      break;
  }
}

std::optional<Rate> rate_of(const RadiotapHeader& header) {
  if (header.he)
    if (const auto rate = he_rate(*header.he)) return rate;
  if (header.vht) return vht_rate(*header.vht);
  if (header.mcs)
    if (const auto rate = ht_rate(*header.mcs)) return rate;
  if (!header.rate_500kbps || *header.rate_500kbps == 0) return std::nullopt;
  return Rate{.legacy_100kbps = static_cast<uint16_t>(*header.rate_500kbps * 5)};
}

RadiotapChannel radiotap_channel_field(uint16_t mhz, const std::optional<Rate>& rate) {
  namespace flag = radiotap_channel;
  uint16_t flags = mhz < 3000 ? flag::k2GHz : flag::k5GHz;
  if (mhz >= 3000)
    flags |= flag::kOfdm;
  else if (rate && rate->kind != RateKind::kLegacy)
    flags |= flag::kDynamic;
  else if (rate)
    flags |= is_dsss_rate(rate->legacy_100kbps) ? flag::kCck : flag::kOfdm;
  return {mhz, flags};
}

}  // namespace airloom::ieee80211
