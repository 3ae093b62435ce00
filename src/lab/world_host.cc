#include "hwsim/capabilities.h"
#include "lab/world.h"

namespace airloom::lab {

namespace {

/// MAC80211_HWSIM knows nothing of tunnels, nor of radios with firmware.
bool is_hwsim(const Radio& radio) {
  return radio.device && radio.stack;
}

}  // namespace

WorldHost::WorldHost(World& world, std::string name, cfg80211::NetdevFactory& netdevs,
                     RadioWatcher* watcher, Scheduler& clock)
    : world_(world),
      watcher_(watcher),
      clock_(clock),
      bus_(world.ports().log.child(name), this),
      host_(name,
            {.scheduler = &clock_,
             .netdevs = &netdevs,
             .regulatory = world.ports().regulatory,
             .wall_clock_offset = world.ports().wall_clock_offset},
            world.ports().log.child(name)),
      server_(bus_, host_),
      hwsim_server_(bus_, *this, world.userspace_medium()) {}

WorldHost::~WorldHost() {
  // Wiphys go before the drivers that they stand on.
  while (!radios_.empty()) erase(*radios_.begin()->second);
}

/// The device and what drives it, without a wiphy yet.
std::unique_ptr<Radio> WorldHost::build(const hwsim::RadioSpec& spec, RadioDriver driver) {
  const auto& ports = world_.ports();
  auto radio = std::make_unique<Radio>();
  radio->number = world_.next_radio_number();
  radio->spec = spec;
  radio->addresses = spec.address ? hwsim::radio_addresses(*spec.address)
                                  : hwsim::radio_addresses(static_cast<uint16_t>(radio->number));
  const auto tsf_at_zero_us = static_cast<uint64_t>(ports.wall_clock_offset.count() / 1000);
  radio->device =
      std::make_unique<hwsim::Device>(clock_, world_.pool(), world_.medium(), tsf_at_zero_us);
  if (driver == RadioDriver::kHwsim) {
    radio->stack = build_stack(*radio->device);
    radio->device->set_hw(*radio->stack);
    radio->device->set_channel_contexts_max(spec.traits.channels);
    radio->device->set_accounts_airtime(spec.traits.tx_queues);
    radio->stack->drops().on_received = [&world = world_, id = radio->device->receiver_id()](
                                            auto reason, auto transmission) {
      world.on_drop(id, transmission, reason);
    };
  } else {
    radio->fullmac = std::make_unique<fullmac::Device>(
        fullmac::DevicePorts{.scheduler = &clock_,
                             .rng = ports.rng,
                             .pool = &world_.pool(),
                             .regulatory = ports.regulatory},
        *radio->device, world_.capabilities(spec.traits), radio->addresses, next_phy_log());
    radio->device->set_hw(radio->fullmac->hw());
  }
  radio->device->set_outside(world_.userspace_medium(), radio->addresses.back());
  return radio;
}

Log WorldHost::next_phy_log() const {
  return host_.log().child("phy" + std::to_string(host_.wiphys().size()));
}

std::unique_ptr<mac80211::RadioStack> WorldHost::build_stack(mac80211::Driver& driver) {
  const auto& ports = world_.ports();
  return std::make_unique<mac80211::RadioStack>(
      mac80211::RadioPorts{.scheduler = &clock_, .rng = ports.rng, .pool = &world_.pool()}, driver,
      next_phy_log());
}

Result<Radio*> WorldHost::add_radio(const hwsim::RadioSpec& spec, uint32_t name_space,
                                    RadioDriver driver) {
  auto built = build(spec, driver);
  Radio& radio = *built;
  if (world_.userspace_medium().knows(radio.addresses.back())) return fail(Errc::kExists);
  if (radio.fullmac) TRY(radio.fullmac->start());
  cfg80211::Host::WiphySpec wiphy{.name = spec.name,
                                  .capabilities = world_.capabilities(spec.traits, driver),
                                  .addresses = radio.addresses,
                                  .name_space = name_space};
  world_.userspace_medium().attach(radio.addresses.back(), *radio.device);
  wiphy.regulatory.strict = spec.strict_regulatory;
  if (spec.custom_domain)
    wiphy.regulatory.set_custom(hwsim::custom_domains().at(*spec.custom_domain));
  const bool wants_interface =
      spec.has_interface && (spec.traits.interface_types & bit(cfg80211::InterfaceType::kStation));
  TRY(add(std::move(built), wiphy, wants_interface));
  world_.on_radio_added(radio.device->receiver_id(), name() + "/" + radio.wiphy->name());
  if (spec.country) host_.regulatory().hint_driver(*radio.wiphy, *spec.country);
  return &radio;
}

Result<Radio*> WorldHost::add_tunnel(std::unique_ptr<tunnel::Device> device) {
  auto radio = std::make_unique<Radio>();
  radio->number = world_.next_radio_number();
  radio->addresses = {device->radio().address};
  radio->stack = build_stack(*device);
  device->set_hw(*radio->stack);
  radio->tunnel = std::move(device);
  const cfg80211::Host::WiphySpec wiphy{.capabilities = world_.tunnel_capabilities(),
                                        .addresses = radio->addresses};
  return add(std::move(radio), wiphy, /*has_interface=*/true);
}

Result<Radio*> WorldHost::add(std::unique_ptr<Radio> built, const cfg80211::Host::WiphySpec& wiphy,
                              bool has_interface) {
  Radio& radio = *built;
  cfg80211::Ops& ops = radio.stack ? *radio.stack : radio.fullmac->driver();
  radio.wiphy = &host_.add_wiphy(wiphy, ops);
  radios_.emplace(radio.number, std::move(built));
  ++radio_generation_;
  Result<void> done = watcher_ ? watcher_->on_radio_added(radio) : Result<void>();
  if (done && has_interface) {
    const auto added =
        radio.wiphy->add_interface({.name = "wlan%d", .type = cfg80211::InterfaceType::kStation});
    if (!added) done = std::unexpected(added.error());
  }
  if (!done) {
    erase(radio);
    return std::unexpected(std::move(done).error());
  }
  return &radio;
}

void WorldHost::erase(Radio& radio) {
  while (!radio.wiphy->wdevs().empty())
    radio.wiphy->remove_interface(*radio.wiphy->wdevs().begin()->second);
  if (watcher_) watcher_->on_radio_removed(radio);
  host_.remove_wiphy(*radio.wiphy);
  if (radio.device) world_.userspace_medium().detach(radio.addresses.back());
  ++radio_generation_;
  radios_.erase(radio.number);
}

void WorldHost::on_requests(std::span<const uint8_t> datagram) {
  world_.on_netlink(*this, NetlinkDirection::kToKernel, datagram);
}

void WorldHost::on_delivery(std::span<const uint8_t> datagram) {
  world_.on_netlink(*this, NetlinkDirection::kFromKernel, datagram);
}

Result<hwsimnl::RadioInfo> WorldHost::make_radio(const hwsim::RadioSpec& spec,
                                                 genl::NamespaceId ns) {
  const Radio& radio = *TRY(add_radio(spec, ns));
  return hwsimnl::RadioInfo{
      .id = radio.number, .name = radio.wiphy->name(), .ns = ns, .spec = &radio.spec};
}

void WorldHost::remove_radio(uint32_t number) {
  const auto found = radios_.find(number);
  if (found != radios_.end() && is_hwsim(*found->second)) erase(*found->second);
}

std::vector<hwsimnl::RadioInfo> WorldHost::radios() const {
  std::vector<hwsimnl::RadioInfo> all;
  for (const auto& [number, radio] : radios_)
    if (is_hwsim(*radio))
      all.push_back({.id = number,
                     .name = radio->wiphy->name(),
                     .ns = radio->wiphy->name_space(),
                     .spec = &radio->spec});
  return all;
}

}  // namespace airloom::lab
