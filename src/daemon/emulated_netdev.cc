#include "daemon/emulated_netdev.h"

#include <linux/if.h>
#include <net/if_arp.h>

#include <filesystem>
#include <fstream>

namespace airloom::daemon {
namespace {

constexpr size_t kEthernetHeader = 14;

}  // namespace

EmulatedNetdev::EmulatedNetdev(EmulatedNetwork& network, uint32_t ifindex, std::string name,
                               const cfg80211::NetdevSpec& spec, cfg80211::NetdevClient& client)
    : network_(network),
      ifindex_(ifindex),
      name_(std::move(name)),
      address_(spec.address),
      wiphy_(spec.wiphy_name),
      link_layer_(spec.link_layer),
      client_(client),
      operstate_(IF_OPER_DOWN) {
  network_.netdevs_.emplace(ifindex_, this);
  show_in_sysfs(true);
  network_.tell_link(*this, false);
}

EmulatedNetdev::~EmulatedNetdev() {
  network_.tell_link(*this, true);
  network_.netdevs_.erase(ifindex_);
  show_in_sysfs(false);
}

// The kernel's own part of /sys is missing here, too: as much of it as programs look at.
void EmulatedNetdev::show_in_sysfs(bool shown) {
  namespace fs = std::filesystem;
  const fs::path root(network_.sysfs_.root());
  const fs::path entry = root / "devices/virtual/net" / name_;
  const fs::path link = root / "class/net" / name_;
  std::error_code error;  // no program fails for want of them
  if (!shown) {
    fs::remove(link, error);
    if (!wiphy_.empty()) (void)network_.sysfs_.remove_interface(name_);
    fs::remove_all(entry, error);
    return;
  }
  if (!wiphy_.empty())
    if (auto added = network_.sysfs_.add_interface(name_, wiphy_); !added)
      network_.log_.warn("{}", added.error().text);
  fs::create_directories(entry, error);
  fs::create_directories(root / "class/net", error);
  fs::remove(link, error);
  fs::create_symlink("../../devices/virtual/net/" + name_, link, error);
  std::ofstream(entry / "ifindex") << ifindex_ << '\n';
  std::ofstream(entry / "address") << address_.to_string() << '\n';
  std::ofstream(entry / "type") << link_type() << '\n';
  std::ofstream(entry / "uevent") << (wiphy_.empty() ? "" : "DEVTYPE=wlan\n")
                                  << "INTERFACE=" << name_ << "\nIFINDEX=" << ifindex_ << '\n';
}

uint16_t EmulatedNetdev::link_type() const {
  switch (link_layer_) {
    case cfg80211::LinkLayer::kEthernet:
      return ARPHRD_ETHER;
    case cfg80211::LinkLayer::kRadiotap:
      return ARPHRD_IEEE80211_RADIOTAP;
    case cfg80211::LinkLayer::kIeee80211:
      return ARPHRD_IEEE80211;
  }
  return ARPHRD_VOID;
}

uint32_t EmulatedNetdev::flags() const {
  uint32_t flags = IFF_BROADCAST | IFF_MULTICAST;
  if (!up_) return flags;
  flags |= IFF_UP;
  if (operstate_ == IF_OPER_UP || operstate_ == IF_OPER_UNKNOWN) flags |= IFF_RUNNING;
  if (carrier_) flags |= IFF_LOWER_UP;
  return flags;
}

// What the kernel's link watch makes of carrier and link mode.
void EmulatedNetdev::update_operstate() {
  if (!up_ || !carrier_) {
    operstate_ = IF_OPER_DOWN;
  } else if (link_layer_ != cfg80211::LinkLayer::kEthernet) {
    operstate_ = IF_OPER_UNKNOWN;  // a monitor's carrier never changes
  } else {
    operstate_ = link_mode_ == IF_LINK_MODE_DORMANT ? IF_OPER_DORMANT : IF_OPER_UP;
  }
}

void EmulatedNetdev::set_carrier(bool on) {
  if (carrier_ == on) return;
  carrier_ = on;
  update_operstate();
  if (up_) network_.tell_link(*this, false);
}

void EmulatedNetdev::set_link_mode(uint8_t mode) {
  if (link_mode_ == mode) return;
  link_mode_ = mode;
  network_.tell_link(*this, false);
}

void EmulatedNetdev::set_operstate(uint8_t state) {
  const uint8_t before = operstate_;
  if (state == IF_OPER_UP && operstate_ == IF_OPER_DORMANT) operstate_ = IF_OPER_UP;
  if (state == IF_OPER_DORMANT && operstate_ == IF_OPER_UP) operstate_ = IF_OPER_DORMANT;
  if (operstate_ != before) network_.tell_link(*this, false);
}

void EmulatedNetdev::set_mtu(uint32_t mtu) {
  mtu_ = mtu;
  network_.tell_link(*this, false);
}

Result<void> EmulatedNetdev::set_address(const MacAddress& address) {
  address_ = address;
  show_in_sysfs(true);
  network_.tell_link(*this, false);
  return {};
}

Result<void> EmulatedNetdev::change_address(const MacAddress& address) {
  if (address == address_) return {};
  TRY(client_.on_address_change(address));
  return set_address(address);
}

Result<void> EmulatedNetdev::set_link_layer(cfg80211::LinkLayer layer) {
  if (up_) return fail(Errc::kBusy);
  link_layer_ = layer;
  show_in_sysfs(true);
  return {};
}

Result<void> EmulatedNetdev::move_to(uint32_t name_space) {
  return name_space == 0 ? Result<void>() : fail(Errc::kUnsupported);
}

Result<void> EmulatedNetdev::rename(const std::string& name) {
  if (name == name_) return {};
  if (up_) return fail(Errc::kBusy);
  if (network_.find(name) != nullptr) return fail(Errc::kExists);
  show_in_sysfs(false);
  name_ = name;
  show_in_sysfs(true);
  client_.on_renamed();
  network_.tell_link(*this, false);
  return {};
}

Result<void> EmulatedNetdev::set_up(bool up) {
  if (up == up_) return {};
  up_ = up;  // once up, so that whoever hears of it finds it up
  if (!up) {
    queue_.clear();
    client_.on_down();
  } else if (auto opened = client_.on_up(); !opened) {
    up_ = false;
    return opened;
  }
  update_operstate();
  network_.tell_link(*this, false);
  return {};
}

void EmulatedNetdev::receive(FrameBuffer frame) {
  if (up_) network_.tell_frame(*this, frame.octets(), false);
}

Result<void> EmulatedNetdev::send(std::span<const uint8_t> frame) {
  if (!up_) return fail(Errc::kNetDown);
  const bool is_ethernet = link_layer_ == cfg80211::LinkLayer::kEthernet;
  if (is_ethernet && frame.size() < kEthernetHeader) return fail(Errc::kInvalid);
  if (queue_.size() >= kQueueMax) return fail(Errc::kNoBuffers);
  queue_.push_back(network_.pool_.from(frame));
  if (!paused_) pause_transmit(false);
  return {};
}

void EmulatedNetdev::pause_transmit(bool paused) {
  paused_ = paused;
  while (!paused_ && !queue_.empty()) {
    auto burst = std::exchange(queue_, {});
    client_.on_transmit(burst);
  }
}

Result<std::string> EmulatedNetwork::free_name(const std::string& pattern) const {
  const size_t at = pattern.find("%d");
  if (at == std::string::npos) {
    if (find(pattern) != nullptr) return fail(Errc::kExists, pattern + " exists");
    return pattern;
  }
  for (int n = 0;; ++n) {
    auto name = pattern.substr(0, at) + std::to_string(n) + pattern.substr(at + 2);
    if (find(name) == nullptr) return name;
  }
}

Result<std::unique_ptr<cfg80211::Netdev>> EmulatedNetwork::create(const cfg80211::NetdevSpec& spec,
                                                                  cfg80211::NetdevClient& client) {
  std::string name = TRY(free_name(spec.name));
  return std::make_unique<EmulatedNetdev>(*this, next_ifindex_++, std::move(name), spec, client);
}

void EmulatedNetwork::wiphy_renamed(const std::string& from, const std::string& to) {
  if (auto renamed = sysfs_.rename_wiphy(from, to); !renamed) log_.warn("{}", renamed.error().text);
  for (const auto& [ifindex, netdev] : netdevs_) {
    if (netdev->wiphy_ != from) continue;
    netdev->wiphy_ = to;
    netdev->show_in_sysfs(true);
  }
}

EmulatedNetdev* EmulatedNetwork::find(const std::string& name) const {
  for (const auto& [ifindex, netdev] : netdevs_)
    if (netdev->name() == name) return netdev;
  return nullptr;
}

EmulatedNetdev* EmulatedNetwork::find(uint32_t ifindex) const {
  const auto found = netdevs_.find(ifindex);
  return found == netdevs_.end() ? nullptr : found->second;
}

Result<uint32_t> EmulatedNetwork::take_port(uint32_t wanted, uint32_t pid) {
  if (wanted != 0 && ports_.contains(wanted)) return fail(Errc::kAddressInUse);
  uint32_t port = wanted != 0 ? wanted : pid;
  while (port == 0 || ports_.contains(port)) port = port == pid || port == 0 ? ~4096u : port - 1;
  ports_.insert(port);
  return port;
}

void EmulatedNetwork::tell_link(const EmulatedNetdev& netdev, bool gone) {
  for (NetdevWatcher* watcher : watchers_) watcher->on_link(netdev, gone);
}

void EmulatedNetwork::tell_frame(const EmulatedNetdev& netdev, std::span<const uint8_t> frame,
                                 bool outgoing, const NetdevWatcher* sender) {
  for (NetdevWatcher* watcher : watchers_)
    if (watcher != sender) watcher->on_frame(netdev, frame, outgoing);
}

}  // namespace airloom::daemon
