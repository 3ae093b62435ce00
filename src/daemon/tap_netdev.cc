#include "daemon/tap_netdev.h"

namespace airloom::daemon {

TapNetdev::TapNetdev(TapNetdevFactory& factory, platform::Tap tap, std::string name,
                     const MacAddress& address, std::string wiphy, cfg80211::NetdevClient& client)
    : factory_(factory),
      tap_(std::move(tap)),
      name_(std::move(name)),
      address_(address),
      wiphy_(std::move(wiphy)),
      client_(client) {
  factory_.netdevs_.emplace(ifindex(), this);
}

TapNetdev::~TapNetdev() {
  factory_.netdevs_.erase(ifindex());
  if (auto removed = factory_.sysfs_.remove_interface(name_); !removed)
    factory_.log_.warn("{}", removed.error().text);
}

void TapNetdev::set_carrier(bool on) {
  if (auto set = tap_.set_carrier(on); !set)
    factory_.log_.error("{}: carrier: {}", name_, set.error().text);
}

Result<void> TapNetdev::set_address(const MacAddress& address) {
  TRY(tap_.set_address(address));
  address_ = address;
  return {};
}

Result<void> TapNetdev::set_link_layer(cfg80211::LinkLayer layer) {
  switch (layer) {
    case cfg80211::LinkLayer::kEthernet:
      return tap_.set_link_type(platform::kLinkTypeEthernet);
    case cfg80211::LinkLayer::kRadiotap:
      return tap_.set_link_type(platform::kLinkTypeRadiotap);
    case cfg80211::LinkLayer::kIeee80211:
      return tap_.set_link_type(platform::kLinkTypeIeee80211);
  }
  return fail(Errc::kInvalid);
}

Result<void> TapNetdev::move_to(uint32_t) {
  return fail(Errc::kUnsupported, "airloom does not move interfaces between namespaces yet");
}

void TapNetdev::receive(FrameBuffer frame) {
  tap_.write_burst({&frame, 1});
}

void TapNetdev::pause_transmit(bool paused) {
  paused_ = paused;
  if (paused || !up_) {
    readable_.reset();
    return;
  }
  if (readable_) return;
  auto watch = factory_.loop_.on_readable(tap_.fd(), [this] { read_waiting(); });
  if (watch) {
    readable_ = std::move(*watch);
  } else {
    factory_.log_.error("{}: cannot watch the TAP: {}", name_, watch.error().text);
  }
}

void TapNetdev::read_waiting() {
  auto& burst = factory_.burst_;
  while (up_ && !paused_) {
    burst.clear();
    const size_t count = tap_.read_burst(factory_.pool_, burst, TapNetdevFactory::kBurst);
    if (count == 0) return;
    client_.on_transmit(burst);
    burst.clear();
    if (count < TapNetdevFactory::kBurst) return;
  }
}

void TapNetdev::set_up(bool up) {
  if (up == up_) return;
  if (!up) {
    up_ = false;
    readable_.reset();
    client_.on_down();
    return;
  }
  // Once up, so that whoever hears of it finds it up.
  up_ = true;
  if (auto opened = client_.on_up(); !opened) {
    up_ = false;
    factory_.log_.warn("{}: cannot go up: {} {}", name_, to_string(opened.error().code),
                       opened.error().text);
    (void)factory_.rtnetlink_.set_up(ifindex(), false);
    return;
  }
  pause_transmit(paused_);
}

void TapNetdev::on_link_event(const platform::LinkEvent& event) {
  if (event.gone) {
    factory_.log_.warn("{} was removed by somebody else", name_);
    return set_up(false);
  }
  if (event.name != name_) {
    (void)factory_.sysfs_.remove_interface(name_);
    name_ = event.name;
    (void)factory_.sysfs_.add_interface(name_, wiphy_);
    client_.on_renamed();
  }
  if (event.address && *event.address != address_) {
    address_ = *event.address;
    client_.on_address_changed(address_);
  }
  set_up(event.is_up());
}

Result<std::string> TapNetdevFactory::free_name(const std::string& pattern) {
  const size_t at = pattern.find("%d");
  if (at == std::string::npos) return pattern;
  const auto links = TRY(rtnetlink_.links());
  for (int n = 0;; ++n) {
    auto name = pattern.substr(0, at) + std::to_string(n) + pattern.substr(at + 2);
    bool taken = false;
    for (const auto& link : links) taken = taken || link.name == name;
    if (!taken) return name;
  }
}

Result<std::unique_ptr<cfg80211::Netdev>> TapNetdevFactory::create(const cfg80211::NetdevSpec& spec,
                                                                   cfg80211::NetdevClient& client) {
  const std::string name = TRY(free_name(spec.name));
  // The entry comes before the netdev: programs that hear of it look at once.
  TRY(sysfs_.add_interface(name, spec.wiphy_name));
  auto entered = TRY(network_.enter());
  auto tap = platform::Tap::open(name, spec.address);
  if (!tap) {
    (void)sysfs_.remove_interface(name);
    return std::unexpected(std::move(tap).error());
  }
  auto netdev = std::make_unique<TapNetdev>(*this, std::move(*tap), name, spec.address,
                                            spec.wiphy_name, client);
  if (spec.link_layer != cfg80211::LinkLayer::kEthernet)
    TRY(netdev->set_link_layer(spec.link_layer));
  return netdev;
}

bool TapNetdevFactory::has_other(uint32_t, uint32_t ifindex) {
  return !netdevs_.contains(ifindex) && rtnetlink_.find(ifindex).has_value();
}

void TapNetdevFactory::on_link_event(const platform::LinkEvent& event) {
  const auto found = netdevs_.find(event.ifindex);
  if (found != netdevs_.end()) found->second->on_link_event(event);
}

void TapNetdevFactory::read_waiting() {
  const auto netdevs = netdevs_;  // a frame may make one come or go
  for (const auto& [ifindex, netdev] : netdevs)
    if (netdevs_.contains(ifindex)) netdev->read_waiting();
}

}  // namespace airloom::daemon
