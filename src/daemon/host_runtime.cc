#include "daemon/host_runtime.h"

#include "platform/rtnetlink.h"

namespace airloom::daemon {

namespace {

/// How often the daemon looks whether others still use a network namespace.
constexpr Duration kSpacesPeriod = std::chrono::seconds(1);

}  // namespace

HostRuntime::HostRuntime(platform::EventLoop& loop, lab::World& world, std::string name,
                         platform::SysfsTree sysfs, Log log, std::string why_emulated)
    : world_(world),
      loop_(loop),
      name_(std::move(name)),
      log_(std::move(log)),
      sysfs_(std::move(sysfs)),
      rfkill_(sysfs_, log_),
      spaces_timer_(*world.ports().scheduler, [this] { leave_forsaken_spaces(); }),
      why_emulated_(std::move(why_emulated)) {}

Result<std::unique_ptr<HostRuntime>> HostRuntime::create(platform::EventLoop& loop,
                                                         lab::World& world, const std::string& name,
                                                         const std::string& directory, Log log,
                                                         const std::string& why_emulated) {
  auto sysfs = TRY(platform::SysfsTree::create(directory));
  std::unique_ptr<HostRuntime> host(
      new HostRuntime(loop, world, name, std::move(sysfs), std::move(log), why_emulated));
  if (why_emulated.empty()) {
    TRY(host->open_namespaces());
    TRY(host->open_spaces());
  } else {
    host->rfkill_.give_up();
    host->emulated_ = std::make_unique<EmulatedNetwork>(world.pool(), host->sysfs_, host->log_);
  }
  host->host_ = TRY(world.add_host(name, host->netdev_factory(), host.get()));
  if (host->debugfs_) host->debugfs_->show(host->host_);
  host->rfkill_.show(&host->host_->host());
  return host;
}

Result<void> HostRuntime::open_namespaces() {
  debugfs_ = DebugfsMount::create(log_);
  namespaces_ = TRY(platform::create_host_namespaces(
      sysfs_.root(),
      {.debugfs = debugfs_ ? debugfs_->options() : "", .rfkill = rfkill_.mount_options()}));
  for (const auto& note :
       {namespaces_->sysfs_note, namespaces_->debugfs_note, namespaces_->rfkill_note})
    if (!note.empty()) log_.warn("{}", note);
  sysfs_.on_changed = [this] { namespaces_->refresh_sysfs(); };
  if (!namespaces_->mount || !namespaces_->debugfs_note.empty()) debugfs_.reset();
  if (debugfs_) TRY(debugfs_->start(loop_));
  if (!namespaces_->mount || !namespaces_->rfkill_note.empty()) rfkill_.give_up();
  return rfkill_.start(loop_);
}

cfg80211::NetdevFactory& HostRuntime::netdev_factory() {
  if (emulated_) return *emulated_;
  return *netdevs_;
}

HostRuntime::~HostRuntime() {
  sme_.reset();
  air_monitor_.reset();
  if (debugfs_) debugfs_->show(nullptr);
  rfkill_.show(nullptr);
  if (host_ != nullptr) world_.remove_host(name_);
}

Result<void> HostRuntime::open_spaces() {
  spaces_ = TRY(NetSpaces::create(loop_, namespaces_->network,
                                  [this](NetSpaces::Id space, const platform::LinkEvent& event) {
                                    if (netdevs_) netdevs_->on_link_event(space, event);
                                  }));
  spaces_->on_added = [this] { spaces_timer_.arm(kSpacesPeriod); };
  netdevs_ = std::make_unique<TapNetdevFactory>(loop_, world_.pool(), *spaces_, sysfs_, log_);
  return {};
}

/// As the kernel does when a namespace ends, which the daemon, a holder itself, has to look for.
void HostRuntime::leave_forsaken_spaces() {
  for (const NetSpaces::Id id : spaces_->forsaken(namespaces_->mount.get())) {
    bool left = true;
    for (const auto& [index, wiphy] : host_->host().wiphys()) {
      if (wiphy->name_space() != id) continue;
      const auto moved = wiphy->move_to(0);
      left &= moved.has_value();
      if (!moved)
        log_.warn("{} stays in a namespace that ends: {}", wiphy->name(),
                  to_string(moved.error().code));
    }
    if (left) spaces_->forget(id);
  }
  if (spaces_->has_others()) spaces_timer_.arm(kSpacesPeriod);
}

Result<void> HostRuntime::add_radio(lab::RadioDriver driver, const hwsim::RadioTraits& traits) {
  TRY(host_->add_radio({.traits = traits}, 0, driver));
  return {};
}

Result<void> HostRuntime::add_air_monitor() {
  air_monitor_ = TRY(lab::AirMonitor::create(world_, netdev_factory()));
  return {};
}

Result<void> HostRuntime::on_radio_added(const lab::Radio& radio) {
  const cfg80211::Wiphy& wiphy = *radio.wiphy;
  log_.info("{} is {}", wiphy.name(), wiphy.permanent_address().to_string());
  TRY(sysfs_.add_wiphy({.index = wiphy.index(),
                        .name = wiphy.name(),
                        .addresses = wiphy.addresses(),
                        .radio = radio.number}));
  rfkill_.announce();
  return {};
}

void HostRuntime::on_radio_removed(const lab::Radio& radio) {
  if (auto removed = sysfs_.remove_wiphy(radio.wiphy->name()); !removed)
    log_.warn("{}", removed.error().text);
}

Result<uint32_t> HostRuntime::ifindex_of(const std::string& interface) {
  if (!emulated_) return TRY(spaces_->rtnetlink(0).find(interface)).ifindex;
  const EmulatedNetdev* netdev = emulated_->find(interface);
  if (netdev == nullptr) return fail(Errc::kNoDevice, "no interface " + interface);
  return netdev->ifindex();
}

Result<void> HostRuntime::add_address(const std::string& interface, const std::string& prefix) {
  if (emulated_)
    return fail(
        Errc::kUnsupported,
        "address " + prefix + ": interfaces are emulated here and carry no IP: " + why_emulated_);
  return spaces_->rtnetlink(0).add_address(TRY(ifindex_of(interface)), prefix);
}

Result<void> HostRuntime::set_up(uint32_t ifindex, bool up) {
  if (emulated_) {
    EmulatedNetdev* netdev = emulated_->find(ifindex);
    return netdev ? netdev->set_up(up) : fail(Errc::kNoDevice);
  }
  TRY(spaces_->rtnetlink(0).set_up(ifindex, up));
  drain();
  return {};
}

Result<void> HostRuntime::set_up(const std::string& interface, bool up) {
  return set_up(TRY(ifindex_of(interface)), up);
}

Result<void> HostRuntime::Link::set_up(bool up) {
  return host_.set_up(ifindex_, up);
}

void HostRuntime::Link::set_operstate(OperState state) {
  // As a supplicant does: the kernel's default would take a carrier for a usable link.
  const uint8_t wanted = state == OperState::kUp ? platform::kOperUp : platform::kOperDormant;
  if (host_.emulated_) {
    EmulatedNetdev* netdev = host_.emulated_->find(ifindex_);
    if (netdev == nullptr) return;
    netdev->set_link_mode(platform::kLinkModeDormant);
    return netdev->set_operstate(wanted);
  }
  (void)host_.spaces_->rtnetlink(0).set_link_mode(ifindex_, platform::kLinkModeDormant);
  (void)host_.spaces_->rtnetlink(0).set_operstate(ifindex_, wanted);
}

Result<void> HostRuntime::start_sme(const lab::HostEntry& entry, lab::SmeNode::Report report) {
  const uint32_t ifindex = TRY(ifindex_of("wlan0"));
  sme_link_ = std::make_unique<Link>(*this, ifindex);
  if (entry.access_point) {
    sme_ = std::make_unique<lab::SmeNode>(world_, *host_, *sme_link_, ifindex, *entry.access_point,
                                          std::move(report));
  } else {
    sme_ = std::make_unique<lab::SmeNode>(world_, *host_, *sme_link_, ifindex, *entry.station,
                                          std::move(report));
  }
  sme_->start();
  return {};
}

void HostRuntime::drain() {
  if (emulated_) return;  // what programs do to emulated interfaces is done when it is asked
  spaces_->drain();
  netdevs_->read_waiting();
}

void HostRuntime::flush() {
  if (netdevs_) netdevs_->flush();
}

}  // namespace airloom::daemon
