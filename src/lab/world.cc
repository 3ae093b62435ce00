#include "lab/world.h"

#include <algorithm>

#include "crypto/kdf.h"
#include "hwsim/capabilities.h"
#include "tunnel/capabilities.h"

namespace airloom::lab {

World::World(const WorldPorts& ports)
    : ports_(ports), medium_(*ports.scheduler, ports.propagation ? *ports.propagation : ideal_) {}

World::~World() = default;

Result<WorldHost*> World::add_host(const std::string& name, cfg80211::NetdevFactory& netdevs,
                                   RadioWatcher* watcher, Scheduler* clock) {
  if (hosts_.contains(name)) return fail(Errc::kExists, "there is a host " + name + " already");
  auto host = std::make_unique<WorldHost>(*this, name, netdevs, watcher,
                                          clock != nullptr ? *clock : *ports_.scheduler);
  WorldHost* added = host.get();
  hosts_.emplace(name, std::move(host));
  return added;
}

void World::remove_host(const std::string& name) {
  hosts_.erase(name);
}

WorldHost* World::find_host(const std::string& name) const {
  const auto found = hosts_.find(name);
  return found == hosts_.end() ? nullptr : found->second.get();
}

void World::add_netlink_observer(NetlinkObserver& observer) {
  netlink_observers_.push_back(&observer);
}

void World::remove_netlink_observer(NetlinkObserver& observer) {
  std::erase(netlink_observers_, &observer);
}

void World::on_netlink(const WorldHost& host, NetlinkDirection direction,
                       std::span<const uint8_t> datagram) {
  for (NetlinkObserver* observer : netlink_observers_)
    observer->on_netlink(host, direction, datagram);
}

void World::add_drop_observer(DropObserver& observer) {
  drop_observers_.push_back(&observer);
}

void World::remove_drop_observer(DropObserver& observer) {
  std::erase(drop_observers_, &observer);
}

void World::on_drop(medium::ReceiverId radio, medium::TransmissionId transmission,
                    mac80211::Drop reason) {
  for (DropObserver* observer : drop_observers_) observer->on_drop(radio, transmission, reason);
}

const cfg80211::SharedCapabilities& World::capabilities(const hwsim::RadioTraits& traits,
                                                        RadioDriver driver) {
  cfg80211::SharedCapabilities& shared = capabilities_[{driver, traits}];
  if (shared) return shared;
  switch (driver) {
    case RadioDriver::kHwsim:
      return shared = hwsim::make_capabilities(traits);
    case RadioDriver::kFullmac:
      return shared = fullmac::make_capabilities(*capabilities(traits));
  }
  return shared;
}

const cfg80211::SharedCapabilities& World::tunnel_capabilities() {
  if (!tunnel_capabilities_) tunnel_capabilities_ = tunnel::reduced(*capabilities({}));
  return tunnel_capabilities_;
}

void World::on_radio_added(medium::ReceiverId id, std::string name) {
  radio_names_[id] = std::move(name);
}

const std::array<uint8_t, 32>& World::psk(const std::string& passphrase, const std::string& ssid) {
  const auto [at, is_new] = psks_.try_emplace({passphrase, ssid});
  if (is_new) {
    const auto psk = crypto::psk_from_passphrase(passphrase, Octets(ssid.begin(), ssid.end()));
    WLAN_ASSERT(psk.has_value());  // a lab file's have lengths for which this holds
    at->second = *psk;
  }
  return at->second;
}

std::string World::radio_name(medium::ReceiverId id) const {
  const auto found = radio_names_.find(id);
  return found == radio_names_.end() ? std::string() : found->second;
}

}  // namespace airloom::lab
