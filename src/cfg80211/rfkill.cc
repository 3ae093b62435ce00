#include "cfg80211/rfkill.h"

#include <algorithm>

#include "cfg80211/internal.h"

namespace airloom::cfg80211 {

void Rfkill::add(Wiphy& wiphy) {
  const uint32_t index = next_index_++;
  wiphys_.emplace(index, &wiphy);
  tell(switches_.emplace(index, RfkillSwitch{index, wiphy.name()}).first->second,
       RfkillChange::kAdded);
  block(index, blocked_by_default_);
}

void Rfkill::remove(const Wiphy& wiphy) {
  const auto found = std::find_if(wiphys_.begin(), wiphys_.end(),
                                  [&](const auto& item) { return item.second == &wiphy; });
  if (found == wiphys_.end()) return;
  const auto node = switches_.extract(found->first);
  wiphys_.erase(found);
  tell(node.mapped(), RfkillChange::kRemoved);
}

bool Rfkill::is_blocked(const Wiphy& wiphy) const {
  return std::any_of(wiphys_.begin(), wiphys_.end(), [&](const auto& item) {
    return item.second == &wiphy && switches_.at(item.first).blocked;
  });
}

void Rfkill::block(uint32_t index, bool blocked) {
  const auto found = switches_.find(index);
  if (found == switches_.end() || found->second.blocked == blocked) return;
  found->second.blocked = blocked;
  if (blocked) silence(*wiphys_.at(index));
  tell(found->second, RfkillChange::kChanged);
}

void Rfkill::block_all(bool blocked) {
  blocked_by_default_ = blocked;
  for (const auto& [index, which] : switches_) block(index, blocked);
}

void Rfkill::silence(Wiphy& wiphy) const {
  for (const auto& [id, wdev] : wiphy.wdevs()) {
    if (wdev->netdev() == nullptr) {
      if (wdev->type() == InterfaceType::kP2pDevice) (void)stop_p2p_device(*wdev);
    } else {
      wdev->netdev()->close();
    }
  }
}

void Rfkill::tell(const RfkillSwitch& which, RfkillChange change) {
  for (RfkillWatcher* watcher : watchers_) watcher->on_rfkill(which, change);
}

}  // namespace airloom::cfg80211
