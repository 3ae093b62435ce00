#include "mac80211/drops.h"

#include <array>

namespace airloom::mac80211 {

namespace {

/// In the order of Drop.
constexpr auto kNames = std::to_array<std::string_view>({
    "rx-duplicate",
    "rx-class",
    "rx-reorder",
    "rx-control",
    "rx-null",
    "rx-protection",
    "rx-no-key",
    "rx-replay",
    "rx-bad-mic",
    "rx-fragment",
    "rx-mixed-fragments",
    "rx-amsdu",
    "rx-spoofed",
    "rx-data",
    "rx-eapol",
    "rx-port-shut",
    "rx-clear-data",
    "rx-management",
    "rx-clear-management",
    "rx-clear-beacon",
    "rx-unwanted",
    "tx-malformed",
    "tx-no-peer",
    "tx-no-audience",
    "tx-port-shut",
    "tx-queue-full",
    "tx-delay",
    "tx-sleep-full",
    "tx-expired",
    "tx-cipher",
    "tx-refused",
    "tx-purged",
});
static_assert(kNames.size() == static_cast<size_t>(Drop::kCount));

}  // namespace

std::string_view to_string(Drop reason) {
  const auto index = static_cast<size_t>(reason);
  return index < kNames.size() ? kNames[index] : std::string_view{};
}

}  // namespace airloom::mac80211
