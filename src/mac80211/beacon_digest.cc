#include "mac80211/beacon_digest.h"

#include <algorithm>
#include <cstring>

#include "ieee80211/element.h"

namespace airloom::mac80211 {

namespace {

constexpr char kNote = 0;  // its address names our notes

uint64_t digest(uint64_t seed, std::span<const uint8_t> octets) {
  constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;
  uint64_t value = seed ^ octets.size() * kOdd;
  while (!octets.empty()) {
    uint64_t word = 0;
    const size_t count = std::min(sizeof word, octets.size());
    std::memcpy(&word, octets.data(), count);
    value = (value ^ word) * kOdd;
    value ^= value >> 29;
    octets = octets.subspan(count);
  }
  return value;
}

BeaconDigest compute(const ieee80211::BeaconBody& body) {
  const uint64_t fixed = uint64_t{body.interval_tu} << 16 | body.capability;
  const auto tim = ieee80211::find_element(body.elements, ieee80211::ElementId::kTim);
  if (!tim) return {.rest = digest(fixed, body.elements)};
  const auto at = static_cast<size_t>(tim->whole.data() - body.elements.data());
  const size_t size = tim->whole.size();
  return {.rest = digest(digest(fixed ^ uint64_t{size} << 32, body.elements.first(at)),
                         body.elements.subspan(at + size)),
          .tim = digest(0, tim->whole),
          .tim_at = static_cast<uint32_t>(at),
          .tim_size = static_cast<uint32_t>(size)};
}

}  // namespace

BeaconDigest digest_of(const FrameBuffer& frame, const ieee80211::BeaconBody& body) {
  if (const auto* words = frame.find_note(&kNote)) {
    const uint64_t place = (*words)[2];
    return {(*words)[0], (*words)[1], static_cast<uint32_t>(place >> 32),
            static_cast<uint32_t>(place)};
  }
  const BeaconDigest found = compute(body);
  frame.leave_note(&kNote, {found.rest, found.tim, uint64_t{found.tim_at} << 32 | found.tim_size});
  return found;
}

}  // namespace airloom::mac80211
