#include "cfg80211/bss_table.h"

#include <algorithm>
#include <set>

#include "ieee80211/element.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/management.h"

namespace airloom::cfg80211 {

namespace {

using ieee80211::ElementId;
using ieee80211::Subtype;

/// The SSID's octets, or nothing if there is no such element.
std::optional<std::span<const uint8_t>> ssid_of(std::span<const uint8_t> elements) {
  const auto element = ieee80211::find_element(elements, ElementId::kSsid);
  if (!element) return std::nullopt;
  return element->body;
}

bool is_zeros(std::span<const uint8_t> octets) {
  return std::all_of(octets.begin(), octets.end(), [](uint8_t octet) { return octet == 0; });
}

bool is_hidden(const Octets& elements) {
  const auto ssid = ssid_of(elements);
  return ssid && is_zeros(*ssid);
}

/// What a reception says, where it lies in the frame.
struct Heard {
  MacAddress bssid;
  bool is_response;
  ieee80211::BeaconBody body;
};

Result<Heard> parse(std::span<const uint8_t> octets) {
  const auto frame = ieee80211::FrameView::of(octets);
  if (!frame) return fail(Errc::kMalformed);
  const bool is_response = frame->fc().is(Subtype::kProbeResponse);
  if (!is_response && !frame->fc().is_beacon()) return fail(Errc::kMalformed);
  return Heard{frame->bssid(), is_response,
               TRY(ieee80211::BeaconBody::parse(Reader(frame->body())))};
}

/// All but the elements, which the newest of its kind replaces.
void take_over(Bss& bss, const BssObservation& observation, const Heard& heard) {
  bss.from_probe_response = heard.is_response;
  bss.beacon_interval_tu = heard.body.interval_tu;
  bss.capability = heard.body.capability;
  bss.last_seen_boottime = observation.boottime;
  bss.parent_bssid = observation.parent_bssid;
  bss.parent_tsf_us = observation.parent_tsf_us;
}

void take_announcement(std::optional<Announcement>& kept, const ieee80211::BeaconBody& body) {
  if (!kept) kept.emplace();
  kept->tsf_us = body.timestamp_us;
  kept->elements.assign(body.elements.begin(), body.elements.end());
}

}  // namespace

std::optional<Octets> Bss::ssid() const {
  const auto octets = ssid_of(elements());
  if (!octets) return std::nullopt;
  return Octets(octets->begin(), octets->end());
}

BssId BssTable::inform(const BssObservation& observation) {
  const auto heard = parse(observation.frame);
  if (!heard) return 0;
  const Place place{heard->bssid, observation.mhz, observation.offset_khz};
  if (Bss* known = find_same(place, ssid_of(heard->body.elements), SsidMatch::kSame)) {
    // A beacon that shows an SSID it used to hide contradicts its own beacons: not believed.
    if (!heard->is_response && known->hidden_beacon != 0) return 0;
    refresh(*known, observation, heard->is_response, heard->body);
    take_over(*known, observation, *heard);
    known->contents = ++generation_;
    return known->id;
  }
  Bss bss;
  bss.bssid = heard->bssid;
  bss.mhz = observation.mhz;
  bss.offset_khz = observation.offset_khz;
  bss.signal_mbm = observation.signal_mbm;
  bss.scan_width = observation.scan_width;
  bss.last_seen = scheduler_.now();
  take_over(bss, observation, *heard);
  take_announcement(heard->is_response ? bss.probe_response : bss.beacon, heard->body);
  return insert(std::move(bss));
}

BssId BssTable::insert(Bss bss) {
  bss.id = ++last_id_;
  if (bss.from_probe_response)
    adopt_hidden_beacon(bss);
  else if (is_hidden(bss.beacon->elements))
    adopt_probe_responses(bss);
  if (entries_.size() >= kEntriesMax && !make_room()) return 0;
  bss.contents = ++generation_;
  return entries_.emplace(bss.id, std::move(bss)).first->first;
}

std::optional<BeaconEcho> BssTable::echo_of(BssId id) const {
  const Bss* bss = find(id);
  if (bss == nullptr || bss->from_probe_response || bss->contents == 0) return std::nullopt;
  if (is_hidden(bss->beacon->elements)) return std::nullopt;
  return BeaconEcho{id, bss->contents};
}

bool BssTable::inform_again(const BeaconEcho& echo, const BssObservation& observation,
                            const BeaconChange& change) {
  const auto it = entries_.find(echo.bss);
  if (it == entries_.end()) return false;
  Bss& bss = it->second;
  if (bss.contents != echo.contents || bss.mhz != observation.mhz ||
      bss.offset_khz != observation.offset_khz)
    return false;
  if (!change.octets.empty()) {
    Octets& elements = bss.beacon->elements;
    if (change.offset + change.octets.size() > elements.size()) return false;
    std::ranges::copy(change.octets, elements.begin() + static_cast<ptrdiff_t>(change.offset));
  }
  bss.beacon->tsf_us = change.tsf_us;
  bss.last_seen = scheduler_.now();
  bss.last_seen_boottime = observation.boottime;
  if (observation.signal_valid) bss.signal_mbm = observation.signal_mbm;
  ++generation_;
  return true;
}

void BssTable::forget_echoes() {
  for (auto& [id, bss] : entries_) bss.contents = 0;
}

/// An entry of the same BSSID and channel whose SSID is the wanted one, empty, or as many zeros.
Bss* BssTable::find_same(const Place& place, std::optional<std::span<const uint8_t>> wanted,
                         SsidMatch match) {
  for (auto& [id, bss] : entries_) {
    if (bss.bssid != place.bssid || bss.mhz != place.mhz || bss.offset_khz != place.offset_khz)
      continue;
    const auto ssid = ssid_of(bss.elements());
    if (!wanted || !ssid) {
      if (match == SsidMatch::kSame && !wanted && !ssid) return &bss;
      continue;
    }
    const bool same_length = ssid->size() == wanted->size();
    const bool fits = match == SsidMatch::kEmpty   ? ssid->empty()
                      : match == SsidMatch::kZeros ? same_length && is_zeros(*ssid)
                                                   : std::ranges::equal(*ssid, *wanted);
    if (fits) return &bss;
  }
  return nullptr;
}

void BssTable::refresh(Bss& known, const BssObservation& observation, bool is_response,
                       const ieee80211::BeaconBody& body) {
  known.last_seen = scheduler_.now();
  if (observation.signal_valid) known.signal_mbm = observation.signal_mbm;
  if (is_response) return take_announcement(known.probe_response, body);
  take_announcement(known.beacon, body);
  if (entries_.size() == 1) return;
  for (auto& [id, member] : entries_)
    if (member.hidden_beacon == known.id) take_announcement(member.beacon, body);
}

void BssTable::adopt_hidden_beacon(Bss& probe_response) {
  const Place place{probe_response.bssid, probe_response.mhz, probe_response.offset_khz};
  const auto ssid = ssid_of(probe_response.elements());
  Bss* hidden = find_same(place, ssid, SsidMatch::kEmpty);
  if (hidden == nullptr) hidden = find_same(place, ssid, SsidMatch::kZeros);
  if (hidden == nullptr || !hidden->beacon) return;
  probe_response.hidden_beacon = hidden->id;
  probe_response.beacon = hidden->beacon;
}

void BssTable::adopt_probe_responses(const Bss& hidden_beacon) {
  const size_t length = ssid_of(hidden_beacon.beacon->elements)->size();
  for (auto& [id, bss] : entries_) {
    if (bss.bssid != hidden_beacon.bssid || bss.mhz != hidden_beacon.mhz) continue;
    if (bss.scan_width != hidden_beacon.scan_width || bss.beacon) continue;
    const auto ssid = ssid_of(bss.elements());
    if (!ssid || (length != 0 && ssid->size() != length)) continue;
    bss.hidden_beacon = hidden_beacon.id;
    bss.beacon = hidden_beacon.beacon;
  }
}

bool BssTable::has_members(BssId hidden_beacon) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return entry.second.hidden_beacon == hidden_beacon;
  });
}

/// Forgets the oldest entry that may go.
bool BssTable::make_room() {
  std::set<BssId> with_members;
  for (const auto& [id, bss] : entries_) with_members.insert(bss.hidden_beacon);
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (it->second.holds != 0 || with_members.contains(it->first)) continue;
    if (oldest == entries_.end() || it->second.last_seen < oldest->second.last_seen) oldest = it;
  }
  if (oldest == entries_.end()) return false;
  entries_.erase(oldest);
  return true;
}

const Bss* BssTable::find(BssId id) const {
  const auto it = entries_.find(id);
  return it == entries_.end() ? nullptr : &it->second;
}

bool BssTable::is_expired(const Bss& bss) const {
  return bss.holds == 0 && scheduler_.now() > bss.last_seen + kLifetime;
}

const Bss* BssTable::find(std::optional<uint32_t> mhz, std::optional<MacAddress> bssid,
                          std::optional<std::span<const uint8_t>> ssid, BssFilter filter) const {
  namespace capability = ieee80211::capability;
  for (const auto& [id, bss] : entries_) {
    constexpr uint16_t kKind = capability::kEss | capability::kIbss;
    if (filter.ess_only && (bss.capability & kKind) != capability::kEss) continue;
    if (filter.privacy && *filter.privacy != ((bss.capability & capability::kPrivacy) != 0))
      continue;
    if (mhz && bss.mhz != *mhz) continue;
    if (!bss.bssid.is_unicast() || is_expired(bss)) continue;
    if (bssid && bss.bssid != *bssid) continue;
    if (ssid) {
      const auto own = ssid_of(bss.elements());
      if (!own || !std::ranges::equal(*own, *ssid)) continue;
    }
    return &bss;
  }
  return nullptr;
}

void BssTable::hold(BssId id) {
  const auto it = entries_.find(id);
  if (it != entries_.end()) ++it->second.holds;
}

void BssTable::release(BssId id) {
  const auto it = entries_.find(id);
  if (it != entries_.end() && it->second.holds > 0) --it->second.holds;
}

void BssTable::unlink(BssId id) {
  if (has_members(id)) return;  // its members still live off its beacons
  if (entries_.erase(id) > 0) ++generation_;
}

void BssTable::move(BssId id, uint32_t mhz, uint16_t offset_khz) {
  const auto it = entries_.find(id);
  if (it == entries_.end()) return;
  Bss& moved = it->second;
  moved.mhz = mhz;
  moved.offset_khz = offset_khz;
  moved.contents = ++generation_;
  const std::optional<Octets> ssid = moved.ssid();
  std::erase_if(entries_, [&](const auto& entry) {
    const Bss& other = entry.second;
    return other.id != id && other.holds == 0 && other.bssid == moved.bssid && other.mhz == mhz &&
           other.offset_khz == offset_khz && other.ssid() == ssid && !has_members(other.id);
  });
}

void BssTable::flush(TimePoint before) {
  const size_t had = entries_.size();
  // Members first: a hidden beacon stays as long as one of its probe responses does.
  for (const bool members : {true, false}) {
    std::erase_if(entries_, [&](const auto& entry) {
      const Bss& bss = entry.second;
      if (bss.holds != 0 || bss.last_seen >= before) return false;
      return members ? bss.hidden_beacon != 0 : !has_members(bss.id);
    });
  }
  if (entries_.size() != had) ++generation_;
}

void BssTable::expire() {
  flush(scheduler_.now() - kLifetime);
}

std::vector<const Bss*> BssTable::entries() const {
  std::vector<const Bss*> out;
  for (const auto& [id, bss] : entries_) out.push_back(&bss);
  return out;
}

}  // namespace airloom::cfg80211
