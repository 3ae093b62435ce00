#include "hwsim/rate_map.h"

#include "ieee80211/rates.h"

namespace airloom::hwsim {

namespace {

constexpr uint32_t k5GhzBeginsMhz = 3000;

uint32_t kbps_of(const cfg80211::RateInfo& rate) {
  if (rate.kind == cfg80211::RateInfo::Kind::kLegacy) return rate.legacy_100kbps * 100u;
  return ieee80211::bitrate_100kbps(cfg80211::to_rate(rate)) * 100;
}

}  // namespace

medium::Channel to_medium(const cfg80211::ChannelDefinition& channel) {
  return {.primary_khz = channel.primary_mhz * 1000 + channel.primary_offset_khz,
          .center_khz = channel.center1_mhz * 1000 + channel.center1_offset_khz,
          .width_khz = static_cast<uint32_t>(ieee80211::width_mhz(channel.width)) * 1000,
          .center2_khz = channel.center2_mhz * 1000};
}

medium::Rate to_medium(const cfg80211::RateInfo& rate, bool short_preamble, uint32_t mhz) {
  medium::Rate out{.kind = static_cast<medium::Rate::Kind>(rate.kind),
                   .kbps = kbps_of(rate),
                   .mcs = rate.mcs,
                   .nss = rate.nss,
                   .width_mhz = static_cast<uint16_t>(rate.width_mhz),
                   .short_gi = rate.short_gi,
                   .he_gi = rate.he_gi,
                   .he_dcm = rate.he_dcm,
                   .short_preamble = short_preamble};
  if (out.kbps == 0) out.kbps = mhz < k5GhzBeginsMhz ? 1000 : 6000;
  return out;
}

cfg80211::RateInfo from_medium(const medium::Rate& rate) {
  cfg80211::RateInfo out{.kind = static_cast<cfg80211::RateInfo::Kind>(rate.kind),
                         .mcs = rate.mcs,
                         .nss = rate.nss,
                         .width_mhz = rate.width_mhz,
                         .short_gi = rate.short_gi,
                         .he_gi = rate.he_gi,
                         .he_dcm = rate.he_dcm};
  if (rate.kind == medium::Rate::Kind::kLegacy)
    out.legacy_100kbps = static_cast<uint16_t>(rate.kbps / 100);
  return out;
}

}  // namespace airloom::hwsim
