#include "hwsim/radio_spec.h"

namespace airloom::hwsim {

namespace {

using cfg80211::RegulatoryDomain;
using cfg80211::RegulatoryRule;

constexpr uint32_t kNoIr = 1u << 7;  // [nl80211.h NL80211_RRF_NO_IR]

/// What lies 10 MHz around two frequencies and between them, at most so wide and so strong.
RegulatoryRule channels(uint32_t first_mhz, uint32_t last_mhz, uint32_t width_mhz, uint32_t dbm,
                        uint32_t flags = 0) {
  return {.start_khz = (first_mhz - 10) * 1000,
          .end_khz = (last_mhz + 10) * 1000,
          .max_bandwidth_khz = width_mhz * 1000,
          .max_eirp_mbm = dbm * 100,
          .flags = flags};
}

RegulatoryDomain domain(std::vector<RegulatoryRule> rules) {
  return {.alpha2 = {'9', '9'}, .rules = std::move(rules)};
}

}  // namespace

const std::vector<RegulatoryDomain>& custom_domains() {
  static const RegulatoryRule in_2ghz = channels(2412, 2462, 40, 20);
  static const RegulatoryRule channel_14 = channels(2484, 2484, 40, 20);
  static const RegulatoryRule low_5ghz = channels(5150, 5240, 40, 30);
  static const RegulatoryRule high_5ghz = channels(5745, 5825, 40, 30);
  static const RegulatoryRule in_5_9ghz = channels(5855, 5925, 40, 33);
  static const std::vector<RegulatoryDomain> kDomains{
      domain({in_2ghz, channel_14, low_5ghz, high_5ghz, in_5_9ghz}),
      domain({in_2ghz, channels(5725, 5850, 40, 30, kNoIr), in_5_9ghz}),
      domain({in_2ghz, channel_14, low_5ghz, high_5ghz, in_5_9ghz, channels(5955, 7125, 320, 33)})};
  return kDomains;
}

}  // namespace airloom::hwsim
