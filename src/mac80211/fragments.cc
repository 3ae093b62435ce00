#include "mac80211/fragments.h"

#include <algorithm>

#include "ieee80211/mac_header.h"

namespace airloom::mac80211 {

using ieee80211::FrameControl;
using ieee80211::FrameView;
using ieee80211::SequenceControl;

FragmentCache::Entry* FragmentCache::find(const FrameBuffer& mpdu, size_t tid_index,
                                          TimePoint now) {
  const auto view = FrameView::of(mpdu.octets());
  for (size_t i = 1; i <= kEntries; ++i) {  // the newest first
    Entry& entry = entries_[(next_ + kEntries - i) % kEntries];
    if (entry.parts.empty() || entry.tid_index != tid_index ||
        entry.sequence != view->sequence().number() ||
        entry.last + 1 != view->sequence().fragment())
      continue;
    const auto first = FrameView::of(entry.parts.front().octets());
    if (first->fc().type() != view->fc().type() || first->address1() != view->address1() ||
        first->address2() != view->address2())
      continue;
    if (now - entry.began <= kLifetime) return &entry;
    entry.parts.clear();
  }
  return nullptr;
}

FragmentCache::Outcome FragmentCache::add(FrameBuffer& mpdu, size_t tid_index,
                                          Protection protection, TimePoint now) {
  const auto view = FrameView::of(mpdu.octets());
  if (!view) return Outcome::kNoBeginning;
  const uint8_t number = view->sequence().fragment();
  if (number == 0) {
    Entry& entry = entries_[next_];
    next_ = (next_ + 1) % kEntries;
    entry.parts.clear();
    entry.parts.push_back(std::move(mpdu));
    entry.tid_index = tid_index;
    entry.sequence = view->sequence().number();
    entry.last = 0;
    entry.protection = protection;
    entry.began = now;
    return Outcome::kWaiting;
  }
  Entry* entry = find(mpdu, tid_index, now);
  if (entry == nullptr) return Outcome::kNoBeginning;
  if (protection.key != entry->protection.key) return Outcome::kMixed;
  if (protection.key != 0 && protection.packet_number != entry->protection.packet_number + 1)
    return Outcome::kMixed;
  entry->protection.packet_number = protection.packet_number;
  entry->last = number;
  const bool more = view->fc().more_fragments();
  mpdu.trim_front(view->header_length());
  entry->parts.push_back(std::move(mpdu));
  if (more) return Outcome::kWaiting;
  mpdu = join(*entry);
  return Outcome::kWhole;
}

FrameBuffer FragmentCache::join(Entry& entry) {
  size_t rest = 0;
  for (size_t i = 1; i < entry.parts.size(); ++i) rest += entry.parts[i].size();
  FrameBuffer whole = entry.parts.front().copy(FrameBuffer::kDefaultHeadroom, rest);
  for (size_t i = 1; i < entry.parts.size(); ++i) {
    const auto part = entry.parts[i].octets();
    std::copy(part.begin(), part.end(), whole.push_back(part.size()).begin());
  }
  whole.writable()[1] &= static_cast<uint8_t>(~(FrameControl::kMoreFragments >> 8));
  entry.parts.clear();
  return whole;
}

void FragmentCache::clear() {
  for (Entry& entry : entries_) entry.parts.clear();
}

size_t FragmentCache::size() const {
  return static_cast<size_t>(std::count_if(entries_.begin(), entries_.end(),
                                           [](const Entry& e) { return !e.parts.empty(); }));
}

void fragment_mpdu(FrameBuffer mpdu, uint32_t threshold, std::vector<FrameBuffer>& out) {
  const auto view = FrameView::of(mpdu.octets());
  const size_t header = view ? view->header_length() : 0;
  if (!view || mpdu.size() + kFcsOctets <= threshold || threshold <= header + kFcsOctets) {
    out.push_back(std::move(mpdu));
    return;
  }
  const size_t step = threshold - header - kFcsOctets;
  const size_t body = mpdu.size() - header;
  const size_t count = (body + step - 1) / step;
  constexpr size_t kPartsMax = 16;  // four bits number them
  if (count > kPartsMax) return out.push_back(std::move(mpdu));
  const SequenceControl sequence = view->sequence();
  for (size_t i = 0; i < count; ++i) {
    const size_t from = header + i * step;
    const size_t size = std::min(step, mpdu.size() - from);
    FrameBuffer part = mpdu;
    part.trim_back(mpdu.size() - header);
    part = part.copy(FrameBuffer::kDefaultHeadroom, size + FrameBuffer::kDefaultTailroom);
    std::copy_n(mpdu.octets().begin() + static_cast<std::ptrdiff_t>(from), size,
                part.push_back(size).begin());
    auto octets = part.writable();
    if (i + 1 < count) octets[1] |= FrameControl::kMoreFragments >> 8;
    const SequenceControl own(sequence.number(), static_cast<uint8_t>(i));
    octets[22] = static_cast<uint8_t>(own.bits);
    octets[23] = static_cast<uint8_t>(own.bits >> 8);
    out.push_back(std::move(part));
  }
}

}  // namespace airloom::mac80211
