#include "lab/world.h"

#include <algorithm>

#include "hwsim/capabilities.h"

namespace airloom::lab {

WorldHost::WorldHost(World& world, std::string name, cfg80211::NetdevFactory& netdevs)
    : world_(world),
      bus_(world.ports().log.child(name), this),
      host_(name,
            {.scheduler = world.ports().scheduler,
             .netdevs = &netdevs,
             .regulatory = world.ports().regulatory,
             .wall_clock_offset = world.ports().wall_clock_offset},
            world.ports().log.child(name)),
      server_(bus_, host_) {}

WorldHost::~WorldHost() {
  // Wiphys go before the drivers that they stand on.
  for (auto& radio : radios_) host_.remove_wiphy(*radio.wiphy);
}

Result<cfg80211::Wiphy*> WorldHost::add_radio(
    const std::function<Result<void>(const cfg80211::Wiphy&)>& announce) {
  const auto& ports = world_.ports();
  Radio radio;
  const auto tsf_at_zero_us = static_cast<uint64_t>(ports.wall_clock_offset.count() / 1000);
  radio.device = std::make_unique<hwsim::Device>(*ports.scheduler, world_.pool(), world_.medium(),
                                                 tsf_at_zero_us);
  radio.stack = std::make_unique<mac80211::RadioStack>(
      mac80211::RadioPorts{.scheduler = ports.scheduler, .rng = ports.rng, .pool = &world_.pool()},
      *radio.device, host_.log().child("phy" + std::to_string(host_.wiphys().size())));
  radio.device->set_hw(*radio.stack);
  auto addresses = hwsim::radio_addresses(static_cast<uint16_t>(world_.next_radio_number()));
  radio.wiphy = &host_.add_wiphy(
      {.capabilities = world_.capabilities(), .addresses = std::move(addresses)}, *radio.stack);
  cfg80211::Wiphy* wiphy = radio.wiphy;
  world_.on_radio_added(radio.device->receiver_id(), name() + "/" + wiphy->name());
  radios_.push_back(std::move(radio));
  if (announce) TRY(announce(*wiphy));
  TRY(wiphy->add_interface({.name = "wlan%d", .type = cfg80211::InterfaceType::kStation}));
  return wiphy;
}

void WorldHost::on_requests(std::span<const uint8_t> datagram) {
  world_.on_netlink(*this, NetlinkDirection::kToKernel, datagram);
}

void WorldHost::on_delivery(std::span<const uint8_t> datagram) {
  world_.on_netlink(*this, NetlinkDirection::kFromKernel, datagram);
}

World::World(const WorldPorts& ports)
    : ports_(ports),
      medium_(*ports.scheduler, ports.propagation ? *ports.propagation : ideal_),
      capabilities_(hwsim::make_capabilities()) {}

World::~World() = default;

Result<WorldHost*> World::add_host(const std::string& name, cfg80211::NetdevFactory& netdevs) {
  if (hosts_.contains(name)) return fail(Errc::kExists, "there is a host " + name + " already");
  auto host = std::make_unique<WorldHost>(*this, name, netdevs);
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

void World::on_radio_added(medium::ReceiverId id, std::string name) {
  radio_names_[id] = std::move(name);
}

std::string World::radio_name(medium::ReceiverId id) const {
  const auto found = radio_names_.find(id);
  return found == radio_names_.end() ? std::string() : found->second;
}

}  // namespace airloom::lab
