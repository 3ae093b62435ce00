#include "daemon/host_runtime.h"

#include "platform/rtnetlink.h"

namespace airloom::daemon {

HostRuntime::HostRuntime(platform::EventLoop& loop, lab::World& world, std::string name,
                         platform::HostNamespaces namespaces, platform::SysfsTree sysfs,
                         platform::Rtnetlink rtnetlink, Log log)
    : world_(world),
      loop_(loop),
      name_(std::move(name)),
      log_(std::move(log)),
      sysfs_(std::move(sysfs)),
      namespaces_(std::move(namespaces)),
      rtnetlink_(std::move(rtnetlink)),
      netdevs_(loop, world.pool(), namespaces_.network, rtnetlink_, sysfs_, log_) {
  sysfs_.on_changed = [this] { namespaces_.refresh_sysfs(); };
}

Result<std::unique_ptr<HostRuntime>> HostRuntime::create(platform::EventLoop& loop,
                                                         lab::World& world, const std::string& name,
                                                         const std::string& directory, Log log) {
  auto sysfs = TRY(platform::SysfsTree::create(directory));
  auto namespaces = TRY(platform::create_host_namespaces(sysfs.root()));
  if (!namespaces.sysfs_note.empty()) log.warn("{}", namespaces.sysfs_note);
  auto entered = TRY(namespaces.network.enter());
  auto rtnetlink = TRY(platform::Rtnetlink::open());
  std::unique_ptr<HostRuntime> host(new HostRuntime(loop, world, name, std::move(namespaces),
                                                    std::move(sysfs), std::move(rtnetlink),
                                                    std::move(log)));
  TRY(host->start_monitor());
  host->host_ = TRY(world.add_host(name, host->netdevs_, host.get()));
  return host;
}

HostRuntime::~HostRuntime() {
  sme_.reset();
  if (host_ != nullptr) world_.remove_host(name_);
}

Result<void> HostRuntime::start_monitor() {
  monitor_ = std::make_unique<platform::LinkMonitor>(TRY(platform::LinkMonitor::open(
      [this](const platform::LinkEvent& event) { netdevs_.on_link_event(event); })));
  monitor_->on_lost = [this] {
    const auto links = rtnetlink_.links();
    if (!links) return log_.error("rtnetlink: {}", links.error().text);
    for (const auto& link : *links) netdevs_.on_link_event(link);
  };
  monitor_readable_ = TRY(loop_.on_readable(monitor_->fd(), [this] { monitor_->drain(); }));
  return {};
}

Result<void> HostRuntime::add_radio() {
  TRY(host_->add_radio());
  return {};
}

Result<void> HostRuntime::on_radio_added(const lab::Radio& radio) {
  const cfg80211::Wiphy& wiphy = *radio.wiphy;
  log_.info("{} is {}", wiphy.name(), wiphy.permanent_address().to_string());
  return sysfs_.add_wiphy({.index = wiphy.index(),
                           .name = wiphy.name(),
                           .addresses = wiphy.addresses(),
                           .radio = radio.number});
}

void HostRuntime::on_radio_removed(const lab::Radio& radio) {
  if (auto removed = sysfs_.remove_wiphy(radio.wiphy->name()); !removed)
    log_.warn("{}", removed.error().text);
}

Result<void> HostRuntime::add_address(const std::string& interface, const std::string& prefix) {
  const auto link = TRY(rtnetlink_.find(interface));
  return rtnetlink_.add_address(link.ifindex, prefix);
}

Result<void> HostRuntime::set_up(const std::string& interface, bool up) {
  const auto link = TRY(rtnetlink_.find(interface));
  TRY(rtnetlink_.set_up(link.ifindex, up));
  drain();
  return {};
}

Result<void> HostRuntime::Link::set_up(bool up) {
  TRY(host_.rtnetlink_.set_up(ifindex_, up));
  host_.drain();
  return {};
}

void HostRuntime::Link::set_operstate(OperState state) {
  // As a supplicant does: the kernel's default would take a carrier for a usable link.
  const bool up = state == OperState::kUp;
  (void)host_.rtnetlink_.set_link_mode(ifindex_, platform::kLinkModeDormant);
  (void)host_.rtnetlink_.set_operstate(ifindex_, up ? platform::kOperUp : platform::kOperDormant);
}

Result<void> HostRuntime::start_sme(const lab::HostEntry& entry, lab::SmeNode::Report report) {
  const auto link = TRY(rtnetlink_.find("wlan0"));
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
  monitor_->drain();
  netdevs_.read_waiting();
}

}  // namespace airloom::daemon
