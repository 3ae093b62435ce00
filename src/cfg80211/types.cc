#include "cfg80211/types.h"

#include <algorithm>
#include <cstdlib>

#include "cfg80211/capabilities.h"

namespace airloom::cfg80211 {

const char* to_string(InterfaceType type) {
  switch (type) {
    case InterfaceType::kUnspecified:
      return "unspecified";
    case InterfaceType::kAdhoc:
      return "IBSS";
    case InterfaceType::kStation:
      return "managed";
    case InterfaceType::kAp:
      return "AP";
    case InterfaceType::kApVlan:
      return "AP/VLAN";
    case InterfaceType::kWds:
      return "WDS";
    case InterfaceType::kMonitor:
      return "monitor";
    case InterfaceType::kMeshPoint:
      return "mesh point";
    case InterfaceType::kP2pClient:
      return "P2P-client";
    case InterfaceType::kP2pGo:
      return "P2P-GO";
    case InterfaceType::kP2pDevice:
      return "P2P-device";
    case InterfaceType::kOcb:
      return "outside context of a BSS";
    case InterfaceType::kNan:
      return "NAN";
  }
  return "?";
}

namespace {

/// Data bits per subcarrier and symbol, times 12, by MCS. [802.11-2020 Tables 21-30 ff., 27-55 ff.]
constexpr std::array<uint32_t, 12> kBitsTimes12{6, 12, 18, 24, 36, 48, 54, 60, 72, 80, 90, 100};

uint32_t ht_bitrate(const RateInfo& rate) {
  if (rate.mcs >= 32) return 0;
  const uint32_t streams = (rate.mcs >> 3) + 1;
  const uint32_t first_mcs = rate.width_mhz == 40 ? 13'500'000 : 6'500'000;
  uint64_t bps = uint64_t{first_mcs} * kBitsTimes12[rate.mcs & 7] / 6 * streams;
  if (rate.short_gi) bps = bps / 9 * 10;
  return static_cast<uint32_t>((bps + 50'000) / 100'000);
}

/// Subcarriers that carry data at a VHT width. [802.11-2020 Table 21-5]
uint32_t vht_subcarriers(int width_mhz) {
  if (width_mhz >= 160) return 468;
  if (width_mhz >= 80) return 234;
  return width_mhz >= 40 ? 108 : 52;
}

uint32_t vht_bitrate(const RateInfo& rate) {
  if (rate.mcs >= kBitsTimes12.size()) return 0;
  // 4 us a symbol; the tables round each width's single-stream rate to 100 kb/s.
  const uint64_t per_stream =
      uint64_t{vht_subcarriers(rate.width_mhz)} * kBitsTimes12[rate.mcs] * 250'000 / 12;
  uint64_t bps = (per_stream + 50'000) / 100'000 * 100'000 * rate.nss;
  if (rate.short_gi) bps = bps / 9 * 10;
  return static_cast<uint32_t>((bps + 50'000) / 100'000);
}

uint32_t he_subcarriers(int width_mhz) {
  if (width_mhz >= 320) return 3920;
  if (width_mhz >= 160) return 1960;
  if (width_mhz >= 80) return 980;
  return width_mhz >= 40 ? 468 : 234;
}

uint32_t he_bitrate(const RateInfo& rate) {
  if (rate.mcs >= kBitsTimes12.size()) return 0;
  static constexpr std::array<uint32_t, 3> kSymbolTenths{136, 144, 160};  // 12.8 us and the GI
  const uint32_t symbol = kSymbolTenths[std::min<size_t>(rate.he_gi, 2)];
  uint64_t bits = uint64_t{he_subcarriers(rate.width_mhz)} * kBitsTimes12[rate.mcs] * rate.nss;
  if (rate.he_dcm != 0) bits /= 2;
  return static_cast<uint32_t>(bits * 100 / 12 / symbol);
}

}  // namespace

uint32_t bitrate_100kbps(const RateInfo& rate) {
  switch (rate.kind) {
    case RateInfo::Kind::kLegacy:
      return rate.legacy_100kbps;
    case RateInfo::Kind::kHt:
      return ht_bitrate(rate);
    case RateInfo::Kind::kVht:
      return vht_bitrate(rate);
    case RateInfo::Kind::kHe:
    case RateInfo::Kind::kEht:
      return he_bitrate(rate);
  }
  return 0;
}

ieee80211::Rate to_rate(const RateInfo& rate) {
  using Kind = RateInfo::Kind;
  const Kind kind = rate.kind == Kind::kEht ? Kind::kHe : rate.kind;
  return {.kind = static_cast<ieee80211::RateKind>(kind),
          .legacy_100kbps = rate.legacy_100kbps,
          .mcs = rate.mcs,
          .nss = rate.nss,
          .width_mhz = static_cast<uint16_t>(rate.width_mhz),
          .short_gi = rate.short_gi,
          .he_gi = static_cast<ieee80211::HeGuardInterval>(rate.he_gi),
          .he_dcm = rate.he_dcm != 0};
}

RateInfo to_rate_info(const ieee80211::Rate& rate) {
  return {.kind = static_cast<RateInfo::Kind>(rate.kind),
          .legacy_100kbps = rate.legacy_100kbps,
          .mcs = rate.mcs,
          .nss = rate.nss,
          .width_mhz = rate.width_mhz,
          .short_gi = rate.short_gi,
          .he_gi = static_cast<uint8_t>(rate.he_gi),
          .he_dcm = rate.he_dcm};
}

const BandCapability* Capabilities::find_band(Band band) const {
  const auto it =
      std::find_if(bands.begin(), bands.end(), [&](const auto& b) { return b.band == band; });
  return it == bands.end() ? nullptr : &*it;
}

bool Capabilities::has_extended_feature(unsigned feature) const {
  const size_t octet = feature / 8;
  return octet < extended_features.size() && (extended_features[octet] >> (feature % 8) & 1) != 0;
}

}  // namespace airloom::cfg80211
