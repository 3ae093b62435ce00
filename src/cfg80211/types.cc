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

uint32_t bitrate_100kbps(const RateInfo& rate) {
  return ieee80211::bitrate_100kbps(to_rate(rate));
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
