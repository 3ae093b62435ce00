#include "daemon/tunnel_join.h"

#include <fmt/format.h>

namespace airloom::daemon {

TunnelJoin::TunnelJoin(platform::EventLoop& loop, lab::World& world, HostRuntime& host, Rng& rng,
                       std::unique_ptr<AcRoad> road, std::string to,
                       std::function<void(Result<std::string>)> report)
    : host_(host),
      road_(std::move(road)),
      to_(std::move(to)),
      report_(std::move(report)),
      session_(loop.queue(), [this] { on_session(); }) {
  const auto tsf_at_zero_us =
      static_cast<uint64_t>(world.ports().wall_clock_offset / std::chrono::microseconds(1));
  device_ = std::make_unique<tunnel::Device>(
      tunnel::AcPorts{.scheduler = &loop.queue(),
                      .rng = &rng,
                      .pool = &world.pool(),
                      .wire = road_.get(),
                      .log = world.ports().log.child(host.name()).child("tunnel")},
      tsf_at_zero_us);
  device_->on_session = [this](bool) { session_.arm(Duration{0}); };
  road_->set_ac(device_->ac());
  road_->on_unanswered = [this] {
    report_(to_ + " does not answer, or its key is another: still trying");
  };
  device_->ac().start();
}

TunnelJoin::~TunnelJoin() {
  if (ac()) ac()->leave();
  if (road_) road_->close();
  if (radio_) host_.host().remove_tunnel(*radio_);
}

tunnel::Ac* TunnelJoin::ac() {
  tunnel::Device* device = radio_ ? radio_->tunnel.get() : device_.get();
  return device ? &device->ac() : nullptr;
}

void TunnelJoin::on_session() {
  const bool joined = ac() && ac()->is_joined();
  if (radio_ || !joined) return report_(to_ + (joined ? " is back" : " has fallen silent"));
  auto added = host_.host().add_tunnel(std::move(device_));
  if (!added) {
    road_.reset();  // nobody is behind it any more
    return report_(std::unexpected(std::move(added).error()));
  }
  radio_ = *added;
  const auto& wdevs = radio_->wiphy->wdevs();
  report_(fmt::format("{}{}{} is {} at {}", radio_->wiphy->name(), wdevs.empty() ? "" : " with ",
                      wdevs.empty() ? "" : wdevs.begin()->second->name(),
                      radio_->wiphy->permanent_address().to_string(), to_));
}

}  // namespace airloom::daemon
