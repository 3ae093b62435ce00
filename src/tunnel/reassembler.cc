#include "tunnel/reassembler.h"

#include <algorithm>

namespace airloom::tunnel {

Reassembler::Reassembler(Scheduler& scheduler, Counters& counters)
    : scheduler_(scheduler), counters_(counters), timer_(scheduler, [this] { on_timer(); }) {}

void Reassembler::clear() {
  pending_.clear();
  timer_.cancel();
}

std::optional<Reassembler::Whole> Reassembler::add(const CapwapHeader& header,
                                                   std::span<const uint8_t> payload) {
  const uint16_t id = header.fragment_id;
  if (!pending_.contains(id) && pending_.size() >= kPendingMax) drop_oldest();
  const auto [entry, is_new] = pending_.try_emplace(id);
  Pending& pending = entry->second;
  if (is_new) pending.since = scheduler_.now();
  if (!timer_.is_armed()) timer_.arm(kPatience);
  if (!put(pending, header, payload)) {
    counters_.add(Count::kMalformed);
    pending_.erase(entry);
    return std::nullopt;
  }
  if (!pending.total || pending.gathered < *pending.total) return std::nullopt;

  Whole whole{.wireless = std::move(pending.wireless), .payload = {}};
  whole.payload.reserve(*pending.total);
  for (const auto& [offset, part] : pending.parts)
    whole.payload.insert(whole.payload.end(), part.begin(), part.end());
  pending_.erase(entry);
  return whole;
}

/// False if the part contradicts what is there.
bool Reassembler::put(Pending& pending, const CapwapHeader& header,
                      std::span<const uint8_t> payload) {
  const size_t offset = size_t{header.fragment_offset} * kFragmentUnit;
  const size_t end = offset + payload.size();
  if (payload.empty() || end > kMessageMax) return false;
  if (header.last ? pending.total.value_or(end) != end : payload.size() % kFragmentUnit != 0)
    return false;
  if (header.last) pending.total = end;
  if (pending.total && end > *pending.total) return false;
  if (const auto same = pending.parts.find(offset); same != pending.parts.end()) {
    counters_.add(Count::kDuplicate);
    return std::ranges::equal(same->second, payload);
  }
  const auto next = pending.parts.upper_bound(offset);
  if (next != pending.parts.end() && (next->first < end || header.last)) return false;
  if (next != pending.parts.begin()) {
    const auto& [before, part] = *std::prev(next);
    if (before + part.size() > offset) return false;
  }
  pending.parts.emplace(offset, Octets(payload.begin(), payload.end()));
  pending.gathered += payload.size();
  if (offset == 0) pending.wireless.assign(header.wireless.begin(), header.wireless.end());
  return true;
}

void Reassembler::drop_oldest() {
  const auto oldest =
      std::ranges::min_element(pending_, {}, [](const auto& entry) { return entry.second.since; });
  counters_.add(Count::kIncomplete);
  pending_.erase(oldest);
}

void Reassembler::on_timer() {
  const TimePoint now = scheduler_.now();
  const auto dropped = std::erase_if(
      pending_, [&](const auto& entry) { return entry.second.since + kPatience <= now; });
  counters_.add(Count::kIncomplete, dropped);
  if (!pending_.empty()) timer_.arm(kPatience / 4);
}

}  // namespace airloom::tunnel
