// The daemon's air joined with another daemon's, as the end that waits or the one that asks.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "daemon/tunnel_road.h"
#include "lab/shared_air.h"

namespace airloom::daemon {

class AirShare {
 public:
  using Report = std::function<void(const std::string& news)>;

  /// Both open their sockets in the network namespace that the calling thread is in.
  /// @param report  what happened, in words for people; never from within a call.
  static Result<std::unique_ptr<AirShare>> serve(platform::EventLoop& loop, lab::World& world,
                                                 const RoadOptions& road, Report report);
  static Result<std::unique_ptr<AirShare>> join(platform::EventLoop& loop, lab::World& world,
                                                const RoadOptions& road, Report report);
  ~AirShare();

 private:
  AirShare() = default;

  std::unique_ptr<WtpRoad> wtp_road_;
  std::unique_ptr<lab::ServedAir> served_;
  std::unique_ptr<AcRoad> ac_road_;
  std::unique_ptr<lab::JoinedAir> joined_;
};

}  // namespace airloom::daemon
