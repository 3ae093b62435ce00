// The PMKSA cache of one end: what SAE has settled with a peer, so that the next association can go
// without. [802.11-2020 12.6.10.3]
#pragma once

#include <algorithm>
#include <map>
#include <optional>

#include "base/mac_address.h"
#include "base/time.h"
#include "bytes/writer.h"
#include "ieee80211/rsn_element.h"

namespace airloom::sme {

struct Pmksa {
  ieee80211::Pmkid pmkid{};
  Octets pmk;
  TimePoint expires{};
};

class PmksaCache {
 public:
  // dot11RSNAConfigPMKLifetime's default.
  static constexpr Duration kLifetime = std::chrono::seconds(43200);

  /// One per peer; where `limit` are there, the one that ends first goes.
  void add(const MacAddress& peer, Pmksa pmksa, size_t limit) {
    if (!entries_.contains(peer) && entries_.size() >= limit)
      entries_.erase(std::ranges::min_element(
          entries_, {}, [](const auto& entry) { return entry.second.expires; }));
    entries_[peer] = std::move(pmksa);
  }
  void remove(const MacAddress& peer) { entries_.erase(peer); }
  /// Null: none that still holds.
  const Pmksa* find(const MacAddress& peer, TimePoint now) const {
    const auto found = entries_.find(peer);
    return found != entries_.end() && now < found->second.expires ? &found->second : nullptr;
  }

 private:
  std::map<MacAddress, Pmksa> entries_;
};

}  // namespace airloom::sme
