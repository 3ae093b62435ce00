// Keys: which ring a slot means, and the kernel's errors.
#include <linux/nl80211.h>

#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

namespace {

using cfg80211::KeySlot;

/// The ring of a slot: a peer's if it names one, else the link's.
Result<KeyRing*> find_ring(RadioStack& stack, Interface& interface, const KeySlot& slot) {
  if (slot.index >= kKeySlots) return fail(Errc::kInvalid);
  if (slot.link.value_or(0) != 0) return fail(Errc::kNoLink);
  if (!slot.peer) return &interface.link().keys;
  Station* station = stack.stations().find(interface, *slot.peer);
  if (station == nullptr) return fail(Errc::kNotFound);
  return &station->keys;
}

/// Whether a key would follow one of another cipher. Of pairwise keys the one under the other id
/// counts too, which a rekey replaces.
bool changes_cipher(const KeyRing& ring, const KeySlot& slot, uint32_t cipher) {
  const auto differs = [&](uint8_t index) {
    const Key* key = ring.find(index);
    return key != nullptr && key->cipher() != cipher;
  };
  return differs(slot.index) || (slot.pairwise && differs(slot.index ^ 1));
}

/// Extended Key ID: a key that is there already, and until now only received, sends.
/// [802.11-2020 12.7.6.1]
Result<void> send_under_pairwise_key(RadioStack& stack, Interface& interface, const KeySlot& slot) {
  const auto ring = find_ring(stack, interface, slot);
  if (!slot.peer || !ring || (*ring)->find(slot.index) == nullptr) return fail(Errc::kInvalid);
  (*ring)->unicast = slot.index;
  return {};
}

}  // namespace

Result<void> RadioStack::add_key(cfg80211::Wdev& wdev, const KeySlot& slot,
                                 const cfg80211::KeyParams& params) {
  Interface& interface = of(wdev);
  if (!interface.is_up()) return fail(Errc::kNetDown);
  if (slot.pairwise && params.mode == NL80211_KEY_SET_TX)
    return send_under_pairwise_key(*this, interface, slot);
  if (slot.peer) {
    // A key for an association that is still under way would be set again anyhow.
    const Station* station = stations_.find(interface, *slot.peer);
    if (station == nullptr || !station->is_associated()) return fail(Errc::kNotFound);
  }
  KeyRing* ring = TRY(find_ring(*this, interface, slot));
  auto key = TRY(Key::create(slot.index, slot.pairwise, params));
  // Key reinstallation must not reset packet numbers. (CVE-2017-13077 and after)
  const Key* old = ring->find(slot.index);
  if (changes_cipher(*ring, slot, params.cipher)) return fail(Errc::kUnsupported);
  if (old != nullptr && old->is_same(params)) return {};
  if (slot.peer && slot.pairwise) {
    Station& station = *stations_.find(interface, *slot.peer);
    station.fragments.clear();
    // Nothing of an aggregate under the old key may be repeated under the new one.
    if (old != nullptr) {
      station.block_ack.blocked = true;
      block_ack_.tear_down(station, BlockAckEnd::kOurs);
      station.block_ack.blocked = false;
    }
  }
  ring->install(std::move(key));
  if (slot.pairwise && slot.peer && params.mode != NL80211_KEY_NO_TX) ring->unicast = slot.index;
  return {};
}

Result<void> RadioStack::delete_key(cfg80211::Wdev& wdev, const KeySlot& slot) {
  return TRY(find_ring(*this, of(wdev), slot))->remove(slot.index);
}

Result<cfg80211::KeyReport> RadioStack::get_key(cfg80211::Wdev& wdev, const KeySlot& slot) {
  const KeyRing* ring = TRY(find_ring(*this, of(wdev), slot));
  const Key* key = ring->find(slot.index);
  if (key == nullptr) return fail(Errc::kNotFound);
  cfg80211::KeyReport report{.cipher = key->cipher()};
  for (size_t i = 0; i < report.sequence.size(); ++i)
    report.sequence[i] = static_cast<uint8_t>(key->last_tx_pn() >> (8 * i));
  return report;
}

Result<void> RadioStack::set_default_key(cfg80211::Wdev& wdev, uint8_t index, bool unicast,
                                         bool multicast) {
  if (index > 3) return fail(Errc::kInvalid);
  KeyRing& keys = of(wdev).link().keys;
  // An index without a key clears the default, as in the kernel.
  const auto slot = keys.find(index) != nullptr ? std::optional(index) : std::nullopt;
  if (unicast) keys.unicast = slot;
  if (multicast) keys.multicast = slot;
  return {};
}

Result<void> RadioStack::set_default_management_key(cfg80211::Wdev& wdev, uint8_t index) {
  if (index != 4 && index != 5) return fail(Errc::kInvalid);
  KeyRing& keys = of(wdev).link().keys;
  // DEVIATES: the kernel clears the default instead, and frames then leave unprotected.
  if (keys.find(index) == nullptr) return fail(Errc::kNotFound);
  keys.management = index;
  return {};
}

Result<void> RadioStack::set_default_beacon_key(cfg80211::Wdev& wdev, uint8_t index) {
  if (index != 6 && index != 7) return fail(Errc::kInvalid);
  KeyRing& keys = of(wdev).link().keys;
  if (keys.find(index) == nullptr) return fail(Errc::kNotFound);  // DEVIATES: as above
  keys.beacon = index;
  return {};
}

}  // namespace airloom::mac80211
