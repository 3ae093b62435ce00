#include "daemon/host_runtime.h"

#include "platform/rtnetlink.h"

namespace airloom::daemon {

HostRuntime::HostRuntime(platform::EventLoop& loop, lab::World& world, std::string name,
                         platform::SysfsTree sysfs, Log log)
    : world_(world),
      loop_(loop),
      name_(std::move(name)),
      log_(std::move(log)),
      sysfs_(std::move(sysfs)) {}

Result<std::unique_ptr<HostRuntime>> HostRuntime::create(platform::EventLoop& loop,
                                                         lab::World& world, const std::string& name,
                                                         const std::string& directory, Log log) {
  auto sysfs = TRY(platform::SysfsTree::create(directory));
  std::unique_ptr<HostRuntime> host(
      new HostRuntime(loop, world, name, std::move(sysfs), std::move(log)));
  TRY(host->open_namespaces());
  TRY(host->open_spaces());
  host->host_ = TRY(world.add_host(name, *host->netdevs_, host.get()));
  if (host->debugfs_) host->debugfs_->show(host->host_);
  host->rfkill_->show(&host->host_->host());
  host->host_->host().rfkill().take_down = [raw = host.get()](cfg80211::Wdev& wdev) {
    raw->take_down(wdev);
  };
  return host;
}

Result<void> HostRuntime::open_namespaces() {
  debugfs_ = DebugfsMount::create(log_);
  rfkill_ = std::make_unique<RfkillDevice>(sysfs_, log_);
  namespaces_ = TRY(platform::create_host_namespaces(
      sysfs_.root(),
      {.debugfs = debugfs_ ? debugfs_->options() : "", .rfkill = rfkill_->mount_options()}));
  for (const auto& note :
       {namespaces_->sysfs_note, namespaces_->debugfs_note, namespaces_->rfkill_note})
    if (!note.empty()) log_.warn("{}", note);
  sysfs_.on_changed = [this] { namespaces_->refresh_sysfs(); };
  if (!namespaces_->mount || !namespaces_->debugfs_note.empty()) debugfs_.reset();
  if (debugfs_) TRY(debugfs_->start(loop_));
  if (!namespaces_->mount || !namespaces_->rfkill_note.empty()) rfkill_->give_up();
  return rfkill_->start(loop_);
}

HostRuntime::~HostRuntime() {
  sme_.reset();
  air_monitor_.reset();
  if (debugfs_) debugfs_->show(nullptr);
  if (rfkill_) rfkill_->show(nullptr);
  if (host_ != nullptr) world_.remove_host(name_);
}

Result<void> HostRuntime::open_spaces() {
  spaces_ = TRY(NetSpaces::create(loop_, namespaces_->network,
                                  [this](NetSpaces::Id space, const platform::LinkEvent& event) {
                                    if (netdevs_) netdevs_->on_link_event(space, event);
                                  }));
  netdevs_ = std::make_unique<TapNetdevFactory>(loop_, world_.pool(), *spaces_, sysfs_, log_);
  return {};
}

Result<void> HostRuntime::add_radio() {
  TRY(host_->add_radio());
  return {};
}

Result<void> HostRuntime::add_air_monitor() {
  air_monitor_ = TRY(lab::AirMonitor::create(world_, *netdevs_));
  return {};
}

Result<void> HostRuntime::on_radio_added(const lab::Radio& radio) {
  const cfg80211::Wiphy& wiphy = *radio.wiphy;
  log_.info("{} is {}", wiphy.name(), wiphy.permanent_address().to_string());
  TRY(sysfs_.add_wiphy({.index = wiphy.index(),
                        .name = wiphy.name(),
                        .addresses = wiphy.addresses(),
                        .radio = radio.number}));
  rfkill_->announce();
  return {};
}

void HostRuntime::on_radio_removed(const lab::Radio& radio) {
  if (auto removed = sysfs_.remove_wiphy(radio.wiphy->name()); !removed)
    log_.warn("{}", removed.error().text);
}

Result<void> HostRuntime::add_address(const std::string& interface, const std::string& prefix) {
  const auto link = TRY(spaces_->rtnetlink(0).find(interface));
  return spaces_->rtnetlink(0).add_address(link.ifindex, prefix);
}

Result<void> HostRuntime::set_up(const std::string& interface, bool up) {
  const auto link = TRY(spaces_->rtnetlink(0).find(interface));
  TRY(spaces_->rtnetlink(0).set_up(link.ifindex, up));
  drain();
  return {};
}

void HostRuntime::take_down(const cfg80211::Wdev& wdev) {
  const auto down = spaces_->rtnetlink(wdev.name_space()).set_up(wdev.ifindex(), false);
  if (!down) log_.warn("{}: cannot take it down: {}", wdev.name(), down.error().text);
  spaces_->drain();
}

Result<void> HostRuntime::Link::set_up(bool up) {
  TRY(host_.spaces_->rtnetlink(0).set_up(ifindex_, up));
  host_.drain();
  return {};
}

void HostRuntime::Link::set_operstate(OperState state) {
  // As a supplicant does: the kernel's default would take a carrier for a usable link.
  const bool up = state == OperState::kUp;
  (void)host_.spaces_->rtnetlink(0).set_link_mode(ifindex_, platform::kLinkModeDormant);
  (void)host_.spaces_->rtnetlink(0).set_operstate(ifindex_,
                                                  up ? platform::kOperUp : platform::kOperDormant);
}

Result<void> HostRuntime::start_sme(const lab::HostEntry& entry, lab::SmeNode::Report report) {
  const auto link = TRY(spaces_->rtnetlink(0).find("wlan0"));
  sme_link_ = std::make_unique<Link>(*this, link.ifindex);
  if (entry.access_point) {
    sme_ = std::make_unique<lab::SmeNode>(world_, *host_, *sme_link_, link.ifindex,
                                          *entry.access_point, std::move(report));
  } else {
    sme_ = std::make_unique<lab::SmeNode>(world_, *host_, *sme_link_, link.ifindex, *entry.station,
                                          std::move(report));
  }
  sme_->start();
  return {};
}

void HostRuntime::drain() {
  spaces_->drain();
  netdevs_->read_waiting();
}

}  // namespace airloom::daemon
