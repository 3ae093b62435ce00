#include "daemon/tap_netdev.h"

namespace airloom::daemon {

TapNetdev::TapNetdev(TapNetdevFactory& factory, platform::Tap tap, std::string name,
                     const cfg80211::NetdevSpec& spec, cfg80211::NetdevClient& client)
    : factory_(factory),
      tap_(std::move(tap)),
      coalescer_([this](const platform::OffloadHeader& header,
                        platform::TcpCoalescer::Parts parts) { tap_.write(header, parts); }),
      name_(std::move(name)),
      address_(spec.address),
      wiphy_(spec.wiphy_name),
      space_(spec.name_space),
      client_(client) {
  factory_.netdevs_.emplace(std::pair{space_, ifindex()}, this);
}

TapNetdev::~TapNetdev() {
  std::erase(factory_.unflushed_, this);
  factory_.netdevs_.erase({space_, ifindex()});
  factory_.taken_below_.clear();
  show_in_sysfs(false);
}

void TapNetdev::show_in_sysfs(bool shown) {
  if (wiphy_.empty()) return;
  const auto done = shown ? factory_.sysfs_.add_interface(name_, wiphy_)
                          : factory_.sysfs_.remove_interface(name_);
  if (!done) factory_.log_.warn("{}", done.error().text);
  if (shown) show_address();
}

/// The kernel shows no address for other link layers.
void TapNetdev::show_address() {
  if (wiphy_.empty()) return;
  const bool hidden = layer_ != cfg80211::LinkLayer::kEthernet;
  const auto done =
      factory_.sysfs_.show_address(name_, hidden ? std::optional(address_) : std::nullopt);
  if (!done) factory_.log_.warn("{}", done.error().text);
}

void TapNetdev::set_wiphy(const std::string& name) {
  wiphy_ = name;
  show_in_sysfs(true);
}

void TapNetdev::set_carrier(bool on) {
  flush();
  if (auto set = tap_.set_carrier(on); !set)
    factory_.log_.error("{}: carrier: {}", name_, set.error().text);
}

Result<void> TapNetdev::set_address(const MacAddress& address) {
  TRY(tap_.set_address(address));
  address_ = address;
  if (layer_ != cfg80211::LinkLayer::kEthernet) show_address();
  return {};
}

namespace {

uint16_t link_type_of(cfg80211::LinkLayer layer) {
  switch (layer) {
    case cfg80211::LinkLayer::kEthernet:
      return platform::kLinkTypeEthernet;
    case cfg80211::LinkLayer::kRadiotap:
      return platform::kLinkTypeRadiotap;
    case cfg80211::LinkLayer::kIeee80211:
      break;
  }
  return platform::kLinkTypeIeee80211;
}

}  // namespace

Result<void> TapNetdev::set_link_layer(cfg80211::LinkLayer layer) {
  TRY(tap_.set_link_type(link_type_of(layer)));
  layer_ = layer;
  show_address();
  return {};
}

Result<void> TapNetdev::move_to(uint32_t space) {
  if (space == space_) return {};
  auto moved = change_space(space, {});
  // As the kernel does it: where the name is taken it becomes the next wlanN.
  if (!moved && moved.error().code == Errc::kExists)
    moved = change_space(space, TRY(factory_.free_name(space, "wlan%d")));
  return moved;
}

Result<void> TapNetdev::change_space(NetSpaces::Id space, const std::string& name) {
  NetSpaces& spaces = factory_.spaces_;
  TRY(spaces.rtnetlink(space_).move_to(ifindex(), spaces.network(space).fd(), name));
  factory_.taken_below_.clear();
  factory_.netdevs_.erase({space_, ifindex()});
  up_ = false;
  readable_.reset();
  {
    const auto entered = TRY(spaces.network(space).enter());
    TRY(tap_.refresh_ifindex());
  }
  space_ = space;
  factory_.netdevs_.emplace(std::pair{space_, ifindex()}, this);
  if (!name.empty() && name != name_) {
    show_in_sysfs(false);
    name_ = name;
    show_in_sysfs(true);
    client_.on_renamed();
  }
  return {};
}

void TapNetdev::take_down() {
  if (auto down = factory_.spaces_.rtnetlink(space_).set_up(ifindex(), false); !down)
    factory_.log_.error("{}: cannot go down: {}", name_, down.error().text);
}

void TapNetdev::close() {
  if (!up_) return;
  flush();
  take_down();
  set_up(false);
}

void TapNetdev::receive(FrameBuffer frame) {
  if (layer_ != cfg80211::LinkLayer::kEthernet) {
    tap_.write(frame.octets());
    return;
  }
  coalescer_.add(std::move(frame));
  if (!coalescer_.is_empty() && !std::exchange(keeps_frames_, true))
    factory_.unflushed_.push_back(this);
}

void TapNetdev::flush() {
  coalescer_.flush();
  keeps_frames_ = false;
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
  // As many as the TAP holds, not whatever comes meanwhile: others have their turn, too.
  constexpr size_t kBursts = 1024 / TapNetdevFactory::kBurst;
  auto& burst = factory_.burst_;
  for (size_t i = 0; i < kBursts && up_ && !paused_; ++i) {
    burst.clear();
    const size_t count = tap_.read_burst(factory_.reader_, burst, TapNetdevFactory::kBurst);
    if (tap_.refused() > 0 && !std::exchange(told_of_refusal_, true))
      factory_.log_.warn("{}: a program's offload header does not fit its frame: dropped", name_);
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
    return take_down();
  }
  pause_transmit(paused_);
}

/// The kernel's netdev has the address already: the old one is put back if the driver refuses.
void TapNetdev::change_address(const MacAddress& address) {
  const auto changed = client_.on_address_change(address);
  if (changed) {
    address_ = address;
    return;
  }
  factory_.log_.warn("{}: cannot take the address {}: {} {}", name_, address.to_string(),
                     to_string(changed.error().code), changed.error().text);
  if (auto restored = tap_.set_address(address_); !restored)
    factory_.log_.error("{}: cannot keep the address {}: {}", name_, address_.to_string(),
                        restored.error().text);
}

void TapNetdev::on_link_event(const platform::LinkEvent& event) {
  if (event.gone) {
    factory_.log_.warn("{} was removed by somebody else", name_);
    return set_up(false);
  }
  if (event.name != name_) {
    show_in_sysfs(false);
    name_ = event.name;
    show_in_sysfs(true);
    client_.on_renamed();
  }
  if (event.address && *event.address != address_) change_address(*event.address);
  set_up(event.is_up());
}

Result<std::string> TapNetdevFactory::free_name(NetSpaces::Id space, const std::string& pattern) {
  const size_t at = pattern.find("%d");
  if (at == std::string::npos) {
    if (spaces_.rtnetlink(space).find(pattern)) return fail(Errc::kExists);
    return pattern;
  }
  for (int& n = taken_below_[{space, pattern}];; ++n) {
    auto name = pattern.substr(0, at) + std::to_string(n) + pattern.substr(at + 2);
    if (!spaces_.rtnetlink(space).find(name)) return name;
  }
}

Result<std::unique_ptr<cfg80211::Netdev>> TapNetdevFactory::create(const cfg80211::NetdevSpec& spec,
                                                                   cfg80211::NetdevClient& client) {
  const std::string name = TRY(free_name(spec.name_space, spec.name));
  // The entry comes before the netdev: programs that hear of it look at once.
  const bool shown = !spec.wiphy_name.empty();
  if (shown) TRY(sysfs_.add_interface(name, spec.wiphy_name));
  auto entered = TRY(spaces_.network(spec.name_space).enter());
  const bool is_monitor = spec.link_layer != cfg80211::LinkLayer::kEthernet;
  auto tap = platform::Tap::open(name, spec.address, /*carrier=*/is_monitor);
  if (!tap) {
    if (shown) (void)sysfs_.remove_interface(name);
    return std::unexpected(std::move(tap).error());
  }
  auto netdev = std::make_unique<TapNetdev>(*this, std::move(*tap), name, spec, client);
  if (is_monitor) TRY(netdev->set_link_layer(spec.link_layer));
  return netdev;
}

void TapNetdevFactory::wiphy_renamed(const std::string& from, const std::string& to) {
  if (auto renamed = sysfs_.rename_wiphy(from, to); !renamed) log_.warn("{}", renamed.error().text);
  for (const auto& [key, netdev] : netdevs_)
    if (netdev->wiphy() == from) netdev->set_wiphy(to);
}

bool TapNetdevFactory::has_other(uint32_t name_space, uint32_t ifindex) {
  return !netdevs_.contains({name_space, ifindex}) &&
         spaces_.rtnetlink(name_space).find(ifindex).has_value();
}

void TapNetdevFactory::on_link_event(NetSpaces::Id space, const platform::LinkEvent& event) {
  const auto found = netdevs_.find({space, event.ifindex});
  const bool ours = found != netdevs_.end();
  if (!ours || event.gone || event.name != found->second->name()) taken_below_.clear();
  if (ours) found->second->on_link_event(event);
}

void TapNetdevFactory::read_waiting() {
  const auto netdevs = netdevs_;  // a frame may make one come or go
  for (const auto& [key, netdev] : netdevs)
    if (netdevs_.contains(key)) netdev->read_waiting();
}

uint64_t TapNetdevFactory::refused() const {
  uint64_t count = 0;
  for (const auto& [key, netdev] : netdevs_) count += netdev->refused();
  return count;
}

void TapNetdevFactory::flush() {
  for (TapNetdev* netdev : unflushed_) netdev->flush();
  unflushed_.clear();
}

}  // namespace airloom::daemon
