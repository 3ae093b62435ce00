// Regulatory domains: the database (wireless-regdb's regulatory.db, version 20) and what a domain
// makes of a radio's channels. One Regulatory per host. [kernel Documentation: regulatory.rst]
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cfg80211/capabilities.h"

namespace airloom::cfg80211 {

/// One rule, in kHz, kHz and mBm. Flags are NL80211_RRF_*.
struct RegulatoryRule {
  uint32_t start_khz = 0, end_khz = 0, max_bandwidth_khz = 0;
  uint32_t max_antenna_gain_mbi = 0, max_eirp_mbm = 0;
  uint32_t flags = 0;
  uint32_t dfs_cac_ms = 0;
};

struct RegulatoryDomain {
  std::array<char, 2> alpha2{'0', '0'};
  uint8_t dfs_region = 0;  ///< nl80211_dfs_regions
  std::vector<RegulatoryRule> rules;
};

/// What a radio knows of where it may transmit, beside what holds on the host.
struct OwnRegulatory {
  bool custom = false;                     ///< keeps its own domain while nobody knows a country
  bool strict = false;                     ///< what it was made for bounds whatever comes later
  std::optional<RegulatoryDomain> domain;  ///< its own: GET_REG tells it beside the host's
  std::optional<RegulatoryDomain> base;    ///< what every later domain can only narrow

  void set_custom(const RegulatoryDomain& made_with) {
    custom = true;
    domain = base = made_with;
  }
};

/// The built-in world domain, as the kernel has it without a database.
const RegulatoryDomain& world_domain();

constexpr size_t kMaxRegulatoryRules = 128;  // [nl80211.h NL80211_MAX_SUPP_REG_RULES]

/// Whether there are rules, and each of them spans at least its own bandwidth.
bool is_valid(const RegulatoryDomain& domain);
/// What both allow, named "98"; none if they have nothing in common.
std::optional<RegulatoryDomain> intersect(const RegulatoryDomain& a, const RegulatoryDomain& b);
/// The widest channel of a rule that has AUTO_BW: it counts as one with the rules that touch it.
uint32_t contiguous_bandwidth_khz(const RegulatoryDomain& domain, const RegulatoryRule& rule);

/// A parsed regulatory.db.
class RegulatoryDatabase {
 public:
  RegulatoryDatabase() = default;
  static Result<RegulatoryDatabase> parse(std::span<const uint8_t> file);
  /// @error kNotFound  no such country.
  Result<RegulatoryDomain> find(std::array<char, 2> alpha2) const;

 private:
  std::map<std::array<char, 2>, RegulatoryDomain> domains_;
};

/// What a domain allows on one channel.
struct ChannelState {
  uint32_t mhz = 0;
  uint16_t offset_khz = 0;
  bool disabled = false, no_ir = false, radar = false, no_ht40_minus = false, no_ht40_plus = false,
       no_ofdm = false, no_80mhz = false, no_160mhz = false, no_320mhz = false, no_20mhz = false,
       no_10mhz = false, indoor_only = false, ir_concurrent = false, no_he = false, no_eht = false;
  int max_power_mbm = 0;
  int max_antenna_gain_dbi = 0;
  uint8_t s1g_width_mhz = 0;  ///< S1G: the one width that this channel has (1, 2, 4, 8 or 16)
  uint8_t dfs_state = 0;      ///< nl80211_dfs_state, where radar is set
  uint32_t dfs_cac_ms = 0;
};

/// All channels of a Capabilities value under a domain, indexed as bands[i].channels[j].
/// Immutable and shared by equal radios of a host.
struct ChannelTable {
  std::vector<std::vector<ChannelState>> bands;
};
using SharedChannelTable = std::shared_ptr<const ChannelTable>;

/// Channels (MHz, kHz offset) where an access point was heard: while roaming the world one may
/// initiate radiation where somebody who must know already does.
using BeaconHints = std::set<std::pair<uint32_t, uint16_t>>;

bool is_world(const RegulatoryDomain& domain);

/// What decides on a radio's channels.
struct ChannelRules {
  const RegulatoryDomain* domain = nullptr;  ///< none: as the hardware and `base` have it
  const RegulatoryDomain* base = nullptr;    ///< OwnRegulatory::base
  const BeaconHints* hints = nullptr;        ///< none: not while roaming the world
  /// A country that an access point tells may leave whole bands out: they stay as they were.
  const ChannelTable* before = nullptr;
};
SharedChannelTable apply(const Capabilities& capabilities, const ChannelRules& rules);

}  // namespace airloom::cfg80211
