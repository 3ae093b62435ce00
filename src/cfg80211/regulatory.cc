#include "cfg80211/regulatory.h"

#include <linux/nl80211.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace airloom::cfg80211 {

namespace {

constexpr uint32_t khz(uint32_t mhz) {
  return mhz * 1000;
}

RegulatoryRule rule(uint32_t start_mhz, uint32_t end_mhz, uint32_t bandwidth_mhz, uint32_t dbm,
                    uint32_t flags) {
  return {.start_khz = khz(start_mhz),
          .end_khz = khz(end_mhz),
          .max_bandwidth_khz = khz(bandwidth_mhz),
          .max_antenna_gain_mbi = 0,
          .max_eirp_mbm = dbm * 100,
          .flags = flags};
}

}  // namespace

const RegulatoryDomain& world_domain() {
  static const RegulatoryDomain kWorld{
      .alpha2 = {'0', '0'},
      .dfs_region = 0,
      .rules = {
          rule(2402, 2472, 40, 20, 0),
          rule(2457, 2482, 20, 20, NL80211_RRF_NO_IR | NL80211_RRF_AUTO_BW),
          rule(2474, 2494, 20, 20, NL80211_RRF_NO_IR | NL80211_RRF_NO_OFDM),
          rule(5170, 5250, 80, 20, NL80211_RRF_NO_IR | NL80211_RRF_AUTO_BW),
          rule(5250, 5330, 80, 20, NL80211_RRF_NO_IR | NL80211_RRF_AUTO_BW | NL80211_RRF_DFS),
          rule(5490, 5730, 160, 20, NL80211_RRF_NO_IR | NL80211_RRF_DFS),
          rule(5735, 5835, 80, 20, NL80211_RRF_NO_IR),
          rule(57240, 63720, 2160, 0, 0),
      }};
  return kWorld;
}

bool is_world(const RegulatoryDomain& domain) {
  return domain.alpha2 == std::array<char, 2>{'0', '0'};
}

namespace {

uint32_t khz_of(const HardwareChannel& hardware) {
  return khz(hardware.mhz) + hardware.offset_khz;
}

bool fits(uint32_t start_khz, uint32_t end_khz, uint32_t center_khz, uint32_t bandwidth_khz) {
  return center_khz >= start_khz + bandwidth_khz / 2 && center_khz + bandwidth_khz / 2 <= end_khz;
}

bool fits(const RegulatoryRule& rule, uint32_t center_khz, uint32_t bandwidth_khz) {
  return fits(rule.start_khz, rule.end_khz, center_khz, bandwidth_khz);
}

const RegulatoryRule* find_rule(const RegulatoryDomain& domain, uint32_t center_khz,
                                uint32_t bandwidth_khz) {
  for (const RegulatoryRule& rule : domain.rules)
    if (fits(rule, center_khz, bandwidth_khz)) return &rule;
  return nullptr;
}

/// The first rule in which the channel fits with 20 MHz, or with less below 1 GHz (S1G).
const RegulatoryRule* find_rule(const RegulatoryDomain& domain, uint32_t center_khz) {
  if (center_khz >= khz(1000)) return find_rule(domain, center_khz, khz(20));
  for (const uint32_t mhz : {20, 16, 10, 8, 5, 4, 2, 1})
    if (const RegulatoryRule* rule = find_rule(domain, center_khz, khz(mhz))) return rule;
  return nullptr;
}

uint32_t max_bandwidth_khz(const RegulatoryDomain& domain, const RegulatoryRule& rule) {
  return (rule.flags & NL80211_RRF_AUTO_BW) ? contiguous_bandwidth_khz(domain, rule)
                                            : rule.max_bandwidth_khz;
}

/// S1G channels do not overlap: each has the widest width that divides the rule cleanly there.
void set_s1g_width(ChannelState& state, const RegulatoryRule& rule, uint32_t center_khz,
                   uint32_t bandwidth_khz) {
  for (; bandwidth_khz != 0; bandwidth_khz /= 2) {
    const uint32_t edge = center_khz - bandwidth_khz / 2 - rule.start_khz;
    if (edge % bandwidth_khz != 0) continue;
    const uint32_t mhz = bandwidth_khz / 1000;
    if (mhz == 1 || mhz == 2 || mhz == 4 || mhz == 8 || mhz == 16)
      state.s1g_width_mhz = static_cast<uint8_t>(mhz);
    else
      state.disabled = true;  // the edge of the band
    return;
  }
}

void apply_bandwidth(ChannelState& state, const RegulatoryDomain& domain,
                     const RegulatoryRule& rule, Band band, uint32_t center_khz) {
  const uint32_t bandwidth = max_bandwidth_khz(domain, rule);
  state.no_10mhz |= !fits(rule, center_khz, khz(10));
  state.no_20mhz |= !fits(rule, center_khz, khz(20));
  if (band == Band::kS1GHz) {
    set_s1g_width(state, rule, center_khz, bandwidth);
    return;
  }
  state.no_10mhz |= bandwidth < khz(10);
  state.no_20mhz |= bandwidth < khz(20);
  if (bandwidth < khz(40)) state.no_ht40_minus = state.no_ht40_plus = true;
  state.no_80mhz |= bandwidth < khz(80);
  state.no_160mhz |= bandwidth < khz(160);
  state.no_320mhz |= bandwidth < khz(320);
}

void apply_flags(ChannelState& state, const RegulatoryRule& rule) {
  const auto has = [&](uint32_t flag) { return (rule.flags & flag) != 0; };
  state.no_ir |= has(NL80211_RRF_NO_IR | __NL80211_RRF_NO_IBSS);
  state.radar |= has(NL80211_RRF_DFS);
  state.no_ofdm |= has(NL80211_RRF_NO_OFDM);
  state.indoor_only |= has(NL80211_RRF_NO_OUTDOOR);
  state.ir_concurrent |= has(NL80211_RRF_IR_CONCURRENT);
  state.no_ht40_minus |= has(NL80211_RRF_NO_HT40MINUS);
  state.no_ht40_plus |= has(NL80211_RRF_NO_HT40PLUS);
  state.no_80mhz |= has(NL80211_RRF_NO_80MHZ);
  state.no_160mhz |= has(NL80211_RRF_NO_160MHZ);
  state.no_he |= has(NL80211_RRF_NO_HE);
  state.no_320mhz |= has(NL80211_RRF_NO_320MHZ);
}

/// The rules for one channel: one that holds it, or two neighbours that hold it together.
std::vector<const RegulatoryRule*> rules_of(const RegulatoryDomain& domain, uint32_t center_khz) {
  if (const RegulatoryRule* rule = find_rule(domain, center_khz)) return {rule};
  const RegulatoryRule* below = find_rule(domain, center_khz - khz(20));
  const RegulatoryRule* above = find_rule(domain, center_khz + khz(20));
  if (below == nullptr || above == nullptr || below->end_khz != above->start_khz) return {};
  if (!fits(below->start_khz, above->end_khz, center_khz, khz(20))) return {};
  return {below, above};
}

/// What one domain says of a channel. Its power is the domain's, whatever the hardware can.
ChannelState domain_state(const RegulatoryDomain& domain, const HardwareChannel& hardware,
                          Band band) {
  constexpr uint32_t kCacDefaultMs = 60'000;
  ChannelState state{.mhz = hardware.mhz, .offset_khz = hardware.offset_khz};
  const uint32_t center_khz = khz_of(hardware);
  const auto rules = rules_of(domain, center_khz);
  if (rules.empty()) {
    state.disabled = true;
    state.max_power_mbm = hardware.max_power_dbm * 100;
    return state;
  }
  int power_mbm = std::numeric_limits<int>::max();
  for (const RegulatoryRule* rule : rules) {
    apply_bandwidth(state, domain, *rule, band, center_khz);
    apply_flags(state, *rule);
    power_mbm = std::min(power_mbm, static_cast<int>(rule->max_eirp_mbm / 100 * 100));
    state.max_antenna_gain_dbi = static_cast<int>(rule->max_antenna_gain_mbi / 100);
    state.dfs_cac_ms = std::max(state.dfs_cac_ms, rule->dfs_cac_ms);
  }
  if (rules.size() == 2) state.no_10mhz = state.no_20mhz = false;  // they fit the two together
  if (state.radar && state.dfs_cac_ms == 0) state.dfs_cac_ms = kCacDefaultMs;
  state.max_power_mbm = power_mbm;
  return state;
}

/// What the radio was made for narrows what the domain in force allows.
void narrow(ChannelState& state, const ChannelState& base) {
  using Flag = bool ChannelState::*;
  for (const Flag flag :
       {&ChannelState::disabled, &ChannelState::no_ir, &ChannelState::radar,
        &ChannelState::no_ht40_minus, &ChannelState::no_ht40_plus, &ChannelState::no_ofdm,
        &ChannelState::no_80mhz, &ChannelState::no_160mhz, &ChannelState::no_320mhz,
        &ChannelState::no_20mhz, &ChannelState::no_10mhz, &ChannelState::indoor_only,
        &ChannelState::ir_concurrent, &ChannelState::no_he, &ChannelState::no_eht})
    state.*flag |= base.*flag;
  if (state.radar) state.dfs_cac_ms = std::max(state.dfs_cac_ms, base.dfs_cac_ms);
}

ChannelState channel_state(const ChannelRules& rules, const HardwareChannel& hardware, Band band) {
  ChannelState base{.mhz = hardware.mhz,
                    .offset_khz = hardware.offset_khz,
                    .max_power_mbm = hardware.max_power_dbm * 100};
  if (rules.base != nullptr) base = domain_state(*rules.base, hardware, band);
  if (rules.domain == nullptr) return base;
  ChannelState state = domain_state(*rules.domain, hardware, band);
  narrow(state, base);
  if (base.max_power_mbm != 0)
    state.max_power_mbm = std::min(base.max_power_mbm, state.max_power_mbm);
  return state;
}

/// Whether a domain has a rule near a frequency: within 2 GHz, or 20 GHz above 45 GHz.
bool speaks_of(const RegulatoryDomain& domain, uint32_t center_khz) {
  const int64_t limit = center_khz > khz(45'000) ? khz(20'000) : khz(2'000);
  return std::any_of(domain.rules.begin(), domain.rules.end(), [&](const RegulatoryRule& rule) {
    return std::abs(int64_t{center_khz} - rule.start_khz) <= limit ||
           std::abs(int64_t{center_khz} - rule.end_khz) <= limit;
  });
}

bool allows_ht40(const ChannelState* state) {
  return state != nullptr && !state->disabled && !(state->no_ht40_minus && state->no_ht40_plus);
}

/// 40 MHz needs a neighbour 20 MHz away that exists and allows it too.
void apply_ht40_neighbours(std::vector<ChannelState>& channels) {
  const auto at = [&](uint32_t mhz) -> const ChannelState* {
    const auto it = std::find_if(channels.rbegin(), channels.rend(),
                                 [&](const ChannelState& c) { return c.mhz == mhz; });
    return it == channels.rend() ? nullptr : &*it;
  };
  // In order and in place, as the kernel does: neighbours below have had their turn.
  for (ChannelState& channel : channels) {
    const bool none = !allows_ht40(&channel);
    channel.no_ht40_minus |= none || !allows_ht40(at(channel.mhz - 20));
    channel.no_ht40_plus |= none || !allows_ht40(at(channel.mhz + 20));
  }
}

/// AUTO_BW stays where both have it; otherwise the bandwidth is settled here.
std::optional<RegulatoryRule> intersect(const RegulatoryDomain& a, const RegulatoryRule& rule_a,
                                        const RegulatoryDomain& b, const RegulatoryRule& rule_b) {
  RegulatoryRule both{.start_khz = std::max(rule_a.start_khz, rule_b.start_khz),
                      .end_khz = std::min(rule_a.end_khz, rule_b.end_khz)};
  if (both.start_khz >= both.end_khz) return std::nullopt;
  both.max_bandwidth_khz = std::min(
      {max_bandwidth_khz(a, rule_a), max_bandwidth_khz(b, rule_b), both.end_khz - both.start_khz});
  both.max_antenna_gain_mbi = std::min(rule_a.max_antenna_gain_mbi, rule_b.max_antenna_gain_mbi);
  both.max_eirp_mbm = std::min(rule_a.max_eirp_mbm, rule_b.max_eirp_mbm);
  both.flags = (rule_a.flags | rule_b.flags) & ~uint32_t{NL80211_RRF_AUTO_BW};
  both.flags |= rule_a.flags & rule_b.flags & NL80211_RRF_AUTO_BW;
  both.dfs_cac_ms = std::max(rule_a.dfs_cac_ms, rule_b.dfs_cac_ms);
  return both;
}

/// Whether a rule makes another one needless: the same flags, at least its span and bandwidth, and
/// no more power.
bool contains(const RegulatoryRule& rule, const RegulatoryRule& other) {
  return rule.flags == other.flags && rule.max_antenna_gain_mbi <= other.max_antenna_gain_mbi &&
         rule.max_eirp_mbm <= other.max_eirp_mbm && rule.start_khz <= other.start_khz &&
         rule.end_khz >= other.end_khz && rule.max_bandwidth_khz >= other.max_bandwidth_khz;
}

void add_rule(std::vector<RegulatoryRule>& rules, const RegulatoryRule& added) {
  for (RegulatoryRule& rule : rules) {
    if (contains(rule, added)) return;
    if (contains(added, rule)) {
      rule = added;
      return;
    }
  }
  rules.push_back(added);
}

}  // namespace

uint32_t contiguous_bandwidth_khz(const RegulatoryDomain& domain, const RegulatoryRule& rule) {
  const auto self = std::find_if(domain.rules.begin(), domain.rules.end(),
                                 [&](const RegulatoryRule& r) { return &r == &rule; });
  uint32_t start = rule.start_khz, end = rule.end_khz;
  for (auto it = self; it != domain.rules.begin();) {
    --it;
    if (it->end_khz < start) break;
    start = it->start_khz;
  }
  for (auto it = self + 1; it < domain.rules.end(); ++it) {
    if (it->start_khz > end) break;
    end = it->end_khz;
  }
  uint32_t bandwidth = end - start;
  if (rule.flags & NL80211_RRF_NO_320MHZ) bandwidth = std::min(bandwidth, khz(160));
  if (rule.flags & NL80211_RRF_NO_160MHZ) bandwidth = std::min(bandwidth, khz(80));
  if (rule.flags & NL80211_RRF_NO_80MHZ) bandwidth = std::min(bandwidth, khz(40));
  if ((rule.flags & NL80211_RRF_NO_HT40) == NL80211_RRF_NO_HT40)
    bandwidth = std::min(bandwidth, khz(20));
  return bandwidth;
}

bool is_valid(const RegulatoryDomain& domain) {
  if (domain.rules.empty() || domain.rules.size() > kMaxRegulatoryRules) return false;
  return std::all_of(domain.rules.begin(), domain.rules.end(), [](const RegulatoryRule& rule) {
    return rule.start_khz != 0 && rule.start_khz < rule.end_khz &&
           rule.max_bandwidth_khz <= rule.end_khz - rule.start_khz;
  });
}

std::optional<RegulatoryDomain> intersect(const RegulatoryDomain& a, const RegulatoryDomain& b) {
  RegulatoryDomain both{.alpha2 = {'9', '8'}};
  for (const RegulatoryRule& rule_a : a.rules)
    for (const RegulatoryRule& rule_b : b.rules)
      if (const auto rule = intersect(a, rule_a, b, rule_b)) add_rule(both.rules, *rule);
  if (both.rules.empty()) return std::nullopt;
  if (a.dfs_region == b.dfs_region) both.dfs_region = a.dfs_region;
  return both;
}

SharedChannelTable apply(const Capabilities& capabilities, const ChannelRules& rules) {
  auto table = std::make_shared<ChannelTable>();
  for (size_t b = 0; b < capabilities.bands.size(); ++b) {
    const BandCapability& band = capabilities.bands[b];
    std::vector<ChannelState>& channels = table->bands.emplace_back();
    for (size_t c = 0; c < band.channels.size(); ++c) {
      const HardwareChannel& hardware = band.channels[c];
      if (rules.before != nullptr && !speaks_of(*rules.domain, khz_of(hardware))) {
        channels.push_back(rules.before->bands[b][c]);
        continue;
      }
      channels.push_back(channel_state(rules, hardware, band.band));
      if (rules.hints != nullptr && rules.hints->contains({hardware.mhz, hardware.offset_khz}))
        channels.back().no_ir = false;
    }
    if (rules.domain != nullptr) apply_ht40_neighbours(channels);
  }
  return table;
}

}  // namespace airloom::cfg80211
