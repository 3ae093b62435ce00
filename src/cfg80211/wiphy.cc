#include "cfg80211/wiphy.h"

#include <linux/nl80211.h>

#include <algorithm>
#include <utility>

#include "cfg80211/combinations.h"
#include "cfg80211/internal.h"
#include "cfg80211/ops_trace.h"
#include "cfg80211/sme.h"

namespace airloom::cfg80211 {

Wiphy::Wiphy(Host& host, uint32_t index, std::string name, SharedCapabilities capabilities,
             std::vector<MacAddress> addresses, uint32_t name_space, Ops& ops)
    : dfs_timer(host.scheduler(), [this] { update_dfs_states(*this); }),
      host_(host),
      index_(index),
      name_(std::move(name)),
      capabilities_(std::move(capabilities)),
      addresses_(std::move(addresses)),
      name_space_(name_space),
      traced_ops_(std::make_unique<TracedOps>(ops, host.log().child(name_))),
      ops_(traced_ops_.get()),
      log_(host.log().child(name_)),
      bss_table_(host.scheduler()) {
  WLAN_ASSERT(!addresses_.empty());
}

Wiphy::~Wiphy() {
  while (!wdevs_.empty()) remove_interface(*wdevs_.begin()->second);
}

Scheduler& Wiphy::scheduler() const {
  return host_.scheduler();
}

uint32_t Wiphy::interface_generation() const {
  return interface_changes_ ^ (host_.generation() << 2);
}

bool Wiphy::is_name_possible(const std::string& name, uint32_t index) {
  if (name.empty()) return false;
  const bool is_default =
      name.starts_with("phy") && name.size() > 3 &&
      std::all_of(name.begin() + 3, name.end(), [](char c) { return c >= '0' && c <= '9'; });
  return !is_default || name.substr(3) == std::to_string(index);
}

Result<void> Wiphy::rename(std::string name) {
  if (name == name_ || !is_name_possible(name, index_)) return fail(Errc::kInvalid);
  if (host_.find_wiphy(name) != nullptr) return fail(Errc::kInvalid);
  const std::string before = std::exchange(name_, std::move(name));
  host_.netdevs().wiphy_renamed(before, name_);
  host_.events().wiphy_renamed(*this);
  return {};
}

void Wiphy::set_channels(SharedChannelTable channels) {
  channels_ = std::move(channels);
  channels_since_ = scheduler().now();
  dfs_since_.clear();
  bss_table_.forget_echoes();  // a channel may be disabled now
}

template <typename Change>
void Wiphy::change_channel(uint32_t mhz, uint16_t offset_khz, Change change) {
  auto own = std::make_shared<ChannelTable>(*channels_);
  for (auto& band : own->bands)
    for (ChannelState& channel : band)
      if (channel.mhz == mhz && channel.offset_khz == offset_khz) change(channel);
  channels_ = std::move(own);
}

void Wiphy::set_dfs_state(uint32_t mhz, uint8_t state, TimePoint since) {
  change_channel(mhz, 0, [state](ChannelState& channel) { channel.dfs_state = state; });
  dfs_since_[mhz] = since;
  host_.regulatory().on_radar_knowledge(*this);
}

void Wiphy::allow_radiation(uint32_t mhz, uint16_t offset_khz) {
  change_channel(mhz, offset_khz, [](ChannelState& channel) { channel.no_ir = false; });
}

TimePoint Wiphy::dfs_state_since(uint32_t mhz) const {
  const auto since = dfs_since_.find(mhz);
  return since == dfs_since_.end() ? channels_since_ : since->second;
}

const ChannelState* Wiphy::find_channel(uint32_t mhz, uint16_t offset_khz) const {
  for (const auto& band : channels_->bands)
    for (const ChannelState& channel : band)
      if (channel.mhz == mhz && channel.offset_khz == offset_khz) return &channel;
  return nullptr;
}

Wdev* Wiphy::find_wdev(WdevId id) const {
  const auto it = wdevs_.find(id);
  return it == wdevs_.end() ? nullptr : it->second.get();
}

/// The requested address where a request may name one, else the radio's first that is free; a
/// monitor has the radio's own, an AP VLAN that of its access point.
Result<MacAddress> Wiphy::choose_address(const NewInterfaceRequest& request) const {
  const bool may_name =
      !has_netdev(request.type) || (capabilities_->features & NL80211_FEATURE_MAC_ON_CREATE) != 0;
  if (request.mac && may_name) return *request.mac;
  if (request.type == InterfaceType::kMonitor) return addresses_.front();
  if (request.type == InterfaceType::kApVlan) {
    for (const auto& [id, wdev] : wdevs_)
      if (wdev->type() == InterfaceType::kAp) return wdev->address();
    return addresses_.front();
  }
  for (const MacAddress& address : addresses_) {
    const bool used = std::any_of(wdevs_.begin(), wdevs_.end(), [&](const auto& entry) {
      return entry.second->address() == address;
    });
    if (!used) return address;
  }
  return addresses_.front();
}

static LinkLayer link_layer_of(const NewInterfaceRequest& request) {
  if (request.type != InterfaceType::kMonitor) return LinkLayer::kEthernet;
  return request.plain_monitor ? LinkLayer::kIeee80211 : LinkLayer::kRadiotap;
}

namespace {

/// Whether a netdev may be called so, "%d" standing for a number. [kernel net/core/dev.c]
bool is_netdev_name(const std::string& name) {
  constexpr size_t kNameMax = 15;
  if (name.empty() || name.size() > kNameMax || name == "." || name == "..") return false;
  if (name.find_first_of("/: \t\n\v\f\r") != std::string::npos) return false;
  const size_t percent = name.find('%');
  return percent == std::string::npos ||
         (name.compare(percent, 2, "%d") == 0 && name.find('%', percent + 1) == std::string::npos);
}

}  // namespace

Result<void> Wiphy::attach_netdev(Wdev& wdev, const NewInterfaceRequest& request) {
  if (!is_netdev_name(request.name)) return fail(Errc::kInvalid);
  const NetdevSpec spec{.name = request.name,
                        .address = wdev.address_,
                        .name_space = name_space_,
                        .link_layer = link_layer_of(request),
                        .wiphy_index = index_,
                        .wiphy_name = name_};
  auto netdev = host_.netdevs().create(spec, wdev);
  if (!netdev) {
    // The kernel reports a taken name as ENFILE.
    if (netdev.error().code == Errc::kExists) return fail(Errc::kTooMany);
    return std::unexpected(std::move(netdev).error());
  }
  wdev.netdev_ = std::move(*netdev);
  wdev.update_log();
  return {};
}

Result<Wdev*> Wiphy::add_interface(const NewInterfaceRequest& request) {
  const bool use_4addr = request.use_4addr.value_or(false);
  const InterfaceType type = request.type;
  if (use_4addr && type != InterfaceType::kApVlan && type != InterfaceType::kStation)
    return fail(Errc::kUnsupported);
  if (type == InterfaceType::kUnspecified || !is_type_allowed(*this, type, use_4addr))
    return fail(Errc::kUnsupported);
  if (request.monitor_flags && type != InterfaceType::kMonitor) return fail(Errc::kInvalid);
  const MacAddress address = TRY(choose_address(request));

  const WdevId id = WdevId{index_} << 32 | ++last_wdev_number_;
  auto created = std::make_unique<Wdev>(*this, id, type);
  Wdev& wdev = *created;
  wdev.address_ = address;
  wdev.use_4addr = use_4addr;
  wdev.monitor_flags = request.monitor_flags.value_or(monitor_flag::kDefault);
  wdev.is_plain_monitor = request.plain_monitor;
  wdev.interface_owner = request.owner;
  if (has_netdev(type)) TRY(attach_netdev(wdev, request));
  wdevs_.emplace(id, std::move(created));
  if (auto added = ops_->add_interface(wdev); !added) {
    wdevs_.erase(id);
    return std::unexpected(std::move(added).error());
  }
  ++interface_changes_;
  host_.events().interface_added(wdev);
  return &wdev;
}

void Wiphy::remove_interface(Wdev& wdev) {
  if (wdev.type_ == InterfaceType::kP2pDevice)
    (void)cfg80211::stop_p2p_device(wdev);
  else
    wdev.on_down();
  drop_scan(wdev);
  wdev.frame_registrations.clear();
  host_.events().interface_removed(wdev);
  ops_->delete_interface(wdev);
  ++interface_changes_;
  wdevs_.erase(wdev.id());
}

namespace {

/// What a change of type leaves behind, in the kernel's order.
void leave_for_change(Wdev& wdev) {
  wdev.use_4addr = false;
  (void)wdev.wiphy().ops().set_qos_map(wdev, std::nullopt);
  leave(wdev);
  wdev.frame_registrations.clear();
  update_frame_registrations(wdev);
  wdev.preset_channel.reset();
  wdev.access_point.reset();
  wdev.connection = {};
  wdev.control_port = {};
}

bool changes_anything(const Wdev& wdev, const ChangeInterfaceRequest& request) {
  return request.use_4addr || request.monitor_flags ||
         (request.type && *request.type != wdev.type());
}

Result<void> check_change(const Wiphy& wiphy, const Wdev& wdev, InterfaceType to,
                          const ChangeInterfaceRequest& request) {
  if (request.mesh_id &&
      (to != InterfaceType::kMeshPoint || wdev.type() != InterfaceType::kMeshPoint))
    return fail(Errc::kInvalid);
  if (request.mesh_id && wdev.is_running()) return fail(Errc::kBusy);
  if (request.use_4addr.value_or(false) && to != InterfaceType::kApVlan &&
      to != InterfaceType::kStation)
    return fail(Errc::kUnsupported);
  if (request.monitor_flags && to != InterfaceType::kMonitor) return fail(Errc::kInvalid);
  if (!changes_anything(wdev, request)) return {};
  if (wdev.type() == InterfaceType::kApVlan) return fail(Errc::kUnsupported);
  if (!has_netdev(to)) return fail(Errc::kUnsupported);
  if ((wiphy.capabilities().interface_types & bit(to)) == 0) return fail(Errc::kUnsupported);
  return {};
}

/// Whether a running interface may turn into another type beside the others.
Result<void> check_running_change(const Wiphy& wiphy, const Wdev& wdev, InterfaceType to) {
  const uint32_t software = wiphy.capabilities().software_interface_types;
  if (!wdev.is_running() || (software & bit(to)) != 0) return {};
  CombinationUse use = current_use(wiphy);
  if ((software & bit(wdev.type())) == 0) --use.interfaces[static_cast<size_t>(wdev.type())];
  ++use.interfaces[static_cast<size_t>(to)];
  return check_combinations(wiphy, use);
}

}  // namespace

Result<void> Wiphy::change_interface(Wdev& wdev, const ChangeInterfaceRequest& request) {
  const InterfaceType from = wdev.type();
  const InterfaceType to = request.type.value_or(from);
  if (!has_netdev(from)) return fail(Errc::kInvalid);
  TRY(check_change(*this, wdev, to, request));
  if (!changes_anything(wdev, request)) return {};
  if (to != from) {
    leave_for_change(wdev);
    TRY(check_running_change(*this, wdev, to));
  }
  TRY(ops_->change_interface(wdev, to, request));
  wdev.type_ = to;
  if (request.use_4addr) wdev.use_4addr = *request.use_4addr;
  if (to != from) wdev.is_plain_monitor = false;
  const bool is_monitor = to == InterfaceType::kMonitor;
  if (is_monitor != (from == InterfaceType::kMonitor))
    TRY(wdev.netdev_->set_link_layer(is_monitor ? LinkLayer::kRadiotap : LinkLayer::kEthernet));
  host_.events().interface_changed(wdev);
  return {};
}

namespace {

Result<void> move_netdevs(const Wiphy& wiphy, uint32_t name_space) {
  for (const auto& [id, wdev] : wiphy.wdevs()) {
    if (wdev->netdev() == nullptr || wdev->netdev()->name_space() == name_space) continue;
    wdev->on_down();
    TRY(wdev->netdev()->move_to(name_space));
  }
  return {};
}

}  // namespace

Result<void> Wiphy::move_to(uint32_t name_space) {
  if (name_space == name_space_) return {};
  if (auto moved = move_netdevs(*this, name_space); !moved) {
    (void)move_netdevs(*this, name_space_);
    return moved;
  }
  const auto tell = [&](void (EventSink::*event)(const Wdev&)) {
    for (const auto& [id, wdev] : wdevs_)
      if (wdev->netdev() != nullptr) (host_.events().*event)(*wdev);
  };
  tell(&EventSink::interface_removed);
  host_.events().wiphy_removed(*this);
  name_space_ = name_space;
  for (const auto& [id, wdev] : wdevs_) wdev->name_space_ = name_space;
  host_.events().wiphy_added(*this);
  tell(&EventSink::interface_added);
  return {};
}

}  // namespace airloom::cfg80211
