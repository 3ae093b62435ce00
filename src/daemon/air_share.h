// The daemon's air joined with another daemon's, as the end that waits or the one that asks. A
// daemon has one at a time, as either end, so that no daemons form a ring, in which group frames
// would go round without end.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "daemon/server.h"
#include "daemon/tunnel_road.h"
#include "lab/shared_air.h"

namespace airloom::daemon {

class AirShare {
 public:
  using Report = std::function<void(const std::string& news)>;

  /// Both open their sockets in the network namespace that the calling thread is in.
  /// @param report  what happened, in words for people; never from within a call.
  /// @error kAlready  the daemon shares its air already
  static Result<std::unique_ptr<AirShare>> serve(Server& server, const RoadOptions& road,
                                                 Report report);
  static Result<std::unique_ptr<AirShare>> join(Server& server, const RoadOptions& road,
                                                Report report);
  ~AirShare();

 private:
  AirShare(Server& server, std::string what);
  static Result<std::unique_ptr<AirShare>> create(Server& server, std::string what);

  Server& server_;
  const std::string what_;  // this daemon does, in words for people
  std::unique_ptr<WtpRoad> wtp_road_;
  std::unique_ptr<lab::ServedAir> served_;
  std::unique_ptr<AcRoad> ac_road_;
  std::unique_ptr<lab::JoinedAir> joined_;
};

}  // namespace airloom::daemon
