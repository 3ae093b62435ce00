#include "ieee80211/multiple_bssid.h"

#include <algorithm>
#include <optional>

#include "ieee80211/element.h"

namespace airloom::ieee80211 {

namespace {

using Span = std::span<const uint8_t>;

constexpr size_t kFixedFields = 12;    // Timestamp, Beacon Interval, Capability Information
constexpr size_t kElementsMax = 2304;  // what one frame's body may hold
constexpr uint8_t kProfileSubelement = 0;
constexpr uint8_t kIndicatorMax = 8;  // 2^n BSSIDs
constexpr uint8_t kIndexMax = 46;

/// What the Multiple BSSID elements say of one BSS, put together if it was cut.
struct Profile {
  uint8_t indicator = 0;  ///< Max BSSID Indicator
  Octets elements;        ///< Nontransmitted BSSID Capability first
};

bool same_kind(const ElementView& a, const ElementView& b) {
  return a.id == b.id && (!a.is(ElementId::kExtension) || a.extension_id == b.extension_id);
}

std::optional<ElementView> find_kind(Span elements, const ElementView& like) {
  for (const ElementView& element : ElementRange(elements))
    if (same_kind(element, like)) return element;
  return std::nullopt;
}

/// A profile's first subelement begins with its capability. [802.11-2020 9.4.2.45]
bool begins_profile(Span body) {
  return body.size() >= 4 && body[1] == 2 &&
         body[0] == static_cast<uint8_t>(ElementId::kNontransmittedBssidCapability);
}

std::vector<Profile> find_profiles(Span elements) {
  std::vector<Profile> profiles;
  bool may_continue = false;  // the last subelement was a profile's: the next element may go on
  for (const ElementView& element : ElementRange(elements)) {
    if (!element.is(ElementId::kMultipleBssid)) continue;
    const bool valid =
        element.body.size() >= 4 && element.body[0] >= 1 && element.body[0] <= kIndicatorMax;
    if (!valid) {
      may_continue = false;
      continue;
    }
    bool first = true;
    for (const ElementView& part : ElementRange(element.body.subspan(1))) {
      const bool is_profile = part.id == kProfileSubelement;
      const bool begins = is_profile && begins_profile(part.body);
      const bool continues = is_profile && !begins && first && may_continue;
      if (begins) profiles.push_back({element.body[0], {}});
      may_continue = begins || continues;
      if (may_continue) {
        Octets& whole = profiles.back().elements;
        whole.insert(whole.end(), part.body.begin(), part.body.end());
      }
      first = false;
    }
  }
  return profiles;
}

/// [802.11-2020 9.4.2.73]; 0 if the profile has no valid one.
uint8_t bssid_index(Span profile) {
  const auto element = find_element(profile, ElementId::kMultipleBssidIndex);
  if (!element || element->body.empty() || element->body[0] > kIndexMax) return 0;
  return element->body[0];
}

/// The lowest bits count on from the transmitted BSSID's, and wrap. [802.11-2020 9.4.2.45]
MacAddress bssid_of(const MacAddress& transmitted, uint8_t indicator, uint8_t index) {
  const unsigned mask = (1u << indicator) - 1;
  MacAddress bssid = transmitted;
  uint8_t& last = bssid.octets.back();
  last = static_cast<uint8_t>((last & ~mask) | ((last + index) & mask));
  return bssid;
}

/// Whether an element of the transmitted BSS holds for a profile that says nothing of its kind.
/// [802.11-2020 9.4.2.240]
bool is_inherited(const ElementView& element, Span profile) {
  if (element.is(ElementId::kMultipleBssid)) return false;
  const auto exceptions = find_element(profile, ElementExtensionId::kNonInheritance);
  if (!exceptions) return true;
  Reader reader(exceptions->body);
  const auto list = [&]() -> Span {
    const auto length = reader.u8();
    const auto ids = length ? reader.take(*length) : Result<Span>(Span{});
    return ids.value_or(Span{});
  };
  const Span ids = list(), extension_ids = list();
  return element.is(ElementId::kExtension)
             ? std::ranges::find(extension_ids, element.extension_id) == extension_ids.end()
             : std::ranges::find(ids, element.id) == ids.end();
}

/// Appends an element of `elements` with the fragments behind it. [802.11-2020 10.28.11]
void copy_whole(Writer& writer, const ElementView& element, Span elements) {
  constexpr size_t kLongest = 2 + 255;
  writer.bytes(element.whole);
  bool more = element.whole.size() == kLongest;
  const size_t behind = static_cast<size_t>(element.whole.data() - elements.data());
  for (const ElementView& next : ElementRange(elements.subspan(behind + element.whole.size()))) {
    if (!more || !next.is(ElementId::kFragment)) return;
    writer.bytes(next.whole);
    more = next.whole.size() == kLongest;
  }
}

/// The elements that the nontransmitted BSS would send: the transmitted one's, with the profile's
/// in place of those of the same kind, and what only the profile has.
Octets inherit(Span parent, Span profile) {
  Octets elements;
  Writer writer(elements);
  for (const ElementView& element : ElementRange(parent)) {
    if (element.is(ElementId::kFragment)) continue;
    if (!find_kind(profile, element)) {
      if (is_inherited(element, profile)) copy_whole(writer, element, parent);
      continue;
    }
    if (find_kind(parent, element)->whole.data() != element.whole.data()) continue;  // done
    for (const ElementView& own : ElementRange(profile))
      if (same_kind(own, element)) copy_whole(writer, own, profile);
  }
  for (const ElementView& own : ElementRange(profile)) {
    if (own.is(ElementId::kNontransmittedBssidCapability) || own.is(ElementId::kFragment) ||
        own.is(ElementExtensionId::kNonInheritance))
      continue;
    if (!find_kind(parent, own)) copy_whole(writer, own, profile);
  }
  return elements;
}

}  // namespace

std::vector<Octets> nontransmitted_frames(const FrameView& frame) {
  std::vector<Octets> frames;
  const Span octets = frame.octets(), body = frame.body();
  if (body.size() < kFixedFields) return frames;
  const Span parent = body.subspan(kFixedFields);
  for (const Profile& profile : find_profiles(parent)) {
    const uint8_t index = bssid_index(profile.elements);
    if (index == 0) continue;
    const Octets elements = inherit(parent, profile.elements);
    if (elements.size() > kElementsMax) continue;
    const MacAddress bssid = bssid_of(frame.bssid(), profile.indicator, index);
    const Span fixed = octets.first(octets.size() - parent.size());
    Octets made(fixed.begin(), fixed.end());
    constexpr size_t kAddress2 = 10, kAddress3 = 16;
    std::ranges::copy(bssid.octets, made.begin() + kAddress2);
    std::ranges::copy(bssid.octets, made.begin() + kAddress3);
    std::copy_n(profile.elements.begin() + 2, 2, made.end() - 2);  // Capability Information
    made.insert(made.end(), elements.begin(), elements.end());
    frames.push_back(std::move(made));
  }
  return frames;
}

}  // namespace airloom::ieee80211
