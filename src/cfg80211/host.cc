#include "cfg80211/host.h"

#include <linux/nl80211.h>

#include <algorithm>
#include <cctype>

#include "cfg80211/internal.h"
#include "cfg80211/sme.h"

namespace airloom::cfg80211 {

Host::Host(std::string name, HostPorts ports, Log log)
    : name_(std::move(name)),
      ports_(ports),
      log_(std::move(log)),
      no_events_(std::make_unique<EventSink>()),
      events_(no_events_.get()),
      regulatory_(*this, ports_.regulatory) {
  WLAN_ASSERT(ports_.netdevs != nullptr);
}

Host::~Host() {
  while (!wiphys_.empty()) remove_wiphy(*wiphys_.begin()->second);
}

bool Host::is_name_free(const std::string& name, uint32_t index) const {
  constexpr size_t kNameMax = 64;  // [nl80211.h NL80211_WIPHY_NAME_MAXLEN]
  return name.size() <= kNameMax && Wiphy::is_name_possible(name, index) &&
         find_wiphy(name) == nullptr;
}

Wiphy& Host::add_wiphy(const WiphySpec& spec, Ops& ops) {
  const uint32_t index = next_wiphy_++;
  std::string name = is_name_free(spec.name, index) ? spec.name : "phy" + std::to_string(index);
  auto wiphy = std::make_unique<Wiphy>(*this, index, std::move(name), spec.capabilities,
                                       spec.addresses, spec.name_space, ops);
  Wiphy& added = *wiphy;
  added.own_regulatory = spec.regulatory;
  regulatory_.on_wiphy_added(added);
  wiphys_.emplace(index, std::move(wiphy));
  bump_generation();
  log_.info("{} registered", added.name());
  events_->wiphy_added(added);
  rfkill_.add(added);
  return added;
}

void Host::remove_wiphy(Wiphy& wiphy) {
  rfkill_.remove(wiphy);
  while (!wiphy.wdevs().empty()) wiphy.remove_interface(*wiphy.wdevs().begin()->second);
  bump_generation();
  log_.info("{} removed", wiphy.name());
  regulatory_.on_wiphy_removed(wiphy);
  events_->wiphy_removed(wiphy);
  wiphys_.erase(wiphy.index());
}

Wiphy* Host::find_wiphy(uint32_t index) const {
  const auto it = wiphys_.find(index);
  return it == wiphys_.end() ? nullptr : it->second.get();
}

Wiphy* Host::find_wiphy(const std::string& name) const {
  for (const auto& [index, wiphy] : wiphys_)
    if (wiphy->name() == name) return wiphy.get();
  return nullptr;
}

Wdev* Host::find_wdev(WdevId id) const {
  const Wiphy* wiphy = find_wiphy(static_cast<uint32_t>(id >> 32));
  return wiphy != nullptr ? wiphy->find_wdev(id) : nullptr;
}

Wdev* Host::find_ifindex(uint32_t ifindex) const {
  for (const auto& [index, wiphy] : wiphys_)
    for (const auto& [id, wdev] : wiphy->wdevs())
      if (wdev->netdev() != nullptr && wdev->ifindex() == ifindex) return wdev.get();
  return nullptr;
}

void Host::release_registrations(PortId port) {
  for (const auto& [index, wiphy] : wiphys_) {
    std::erase(wiphy->beacon_listeners, port);
    for (const auto& [id, wdev] : wiphy->wdevs()) {
      if (wdev->unexpected_frame_port == port) wdev->unexpected_frame_port = 0;
      const auto released = std::erase_if(
          wdev->frame_registrations, [&](const FrameRegistration& r) { return r.port == port; });
      if (released > 0) update_frame_registrations(*wdev);
    }
  }
}

void Host::on_port_closed(PortId port) {
  if (port == 0) return;
  release_registrations(port);
  std::vector<WdevId> orphans, ownerless;
  for (const auto& [index, wiphy] : wiphys_) {
    stop_orphaned_sched_scans(*wiphy, port);
    for (const auto& [id, wdev] : wiphy->wdevs()) {
      if (wdev->interface_owner == port)
        orphans.push_back(id);
      else if (wdev->connection_owner() == port)
        ownerless.push_back(id);
    }
  }
  for (const WdevId id : ownerless)
    if (Wdev* wdev = find_wdev(id)) on_owner_gone(*wdev);
  for (const WdevId id : orphans)
    if (Wdev* wdev = find_wdev(id)) wdev->wiphy().remove_interface(*wdev);
}

}  // namespace airloom::cfg80211
