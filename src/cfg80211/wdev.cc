#include "cfg80211/wdev.h"

#include <fmt/core.h>

#include "cfg80211/combinations.h"
#include "cfg80211/internal.h"
#include "cfg80211/sme.h"

namespace airloom::cfg80211 {

Wdev::Wdev(Wiphy& wiphy, WdevId id, InterfaceType type)
    : wiphy_(wiphy), id_(id), type_(type), name_space_(wiphy.name_space()) {
  links_[0];
  update_log();
}

Wdev::~Wdev() = default;

void Wdev::update_log() {
  log_ = wiphy_.log().child(name());
}

std::string Wdev::name() const {
  if (netdev_) return netdev_->name();
  return fmt::format("wdev{}", id_ & 0xffffffff);
}

bool Wdev::is_beaconing() const {
  for (const auto& [id, link] : links_)
    if (link.beacon_interval_tu != 0) return true;
  return false;
}

PortId Wdev::connection_owner() const {
  if (is_ap(type_)) return access_point ? access_point->owner : 0;
  return connection.owner;
}

Result<void> Wdev::on_up() {
  if (running_) return {};
  if (!is_type_allowed(wiphy_, type_, use_4addr)) return fail(Errc::kUnsupported);
  if (wiphy_.host().rfkill().is_blocked(wiphy_)) return fail(Errc::kRadioBlocked);
  CombinationUse use = current_use(wiphy_);
  if ((wiphy_.capabilities().software_interface_types & bit(type_)) == 0) {
    ++use.interfaces[static_cast<size_t>(type_)];
    TRY(check_combinations(wiphy_, use));
  }
  TRY(wiphy_.ops().open(*this));
  running_ = true;
  log_.info("up as {}", to_string(type_));
  if (is_station(type_) && !wiphy_.ops().set_power_management(*this, power_save, -1))
    power_save = false;
  return {};
}

void Wdev::on_down() {
  if (!running_) return;
  leave(*this);
  running_ = false;
  wiphy_.ops().stop(*this);
  drop_scan(*this);
  stop_sched_scans(*this);
  log_.info("down");
}

Result<void> Wdev::on_address_change(const MacAddress& address) {
  return wiphy_.ops().change_address(*this, address);
}

void Wdev::on_renamed() {
  update_log();
}

void Wdev::on_transmit(std::span<FrameBuffer> burst) {
  if (running_) wiphy_.ops().transmit(*this, burst);
}

void leave(Wdev& wdev) {
  constexpr uint16_t kReasonLeaving = 3;  // [802.11-2020 Table 9-49]
  switch (wdev.type()) {
    case InterfaceType::kStation:
    case InterfaceType::kP2pClient:
      stop_sched_scans(wdev);
      (void)leave_connection(wdev, kReasonLeaving);
      break;
    case InterfaceType::kAp:
    case InterfaceType::kP2pGo:
      stop_all_aps(wdev, true);
      break;
    case InterfaceType::kUnspecified:
    case InterfaceType::kAdhoc:
    case InterfaceType::kApVlan:
    case InterfaceType::kWds:
    case InterfaceType::kMonitor:
    case InterfaceType::kMeshPoint:
    case InterfaceType::kP2pDevice:
    case InterfaceType::kOcb:
    case InterfaceType::kNan:
      break;
  }
}

}  // namespace airloom::cfg80211
