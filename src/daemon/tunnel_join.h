// A radio that a host has at the other end of a tunnel: joins there, and as soon as it did, the
// host has a wiphy, which stays until the end, whether or not the peer does.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "daemon/host_runtime.h"
#include "daemon/tunnel_road.h"

namespace airloom::daemon {

class TunnelJoin {
 public:
  /// @param report  what happened, in words for people, never from within a call; the first time:
  ///                the wiphy exists. After an error there is nothing but to end it.
  TunnelJoin(platform::EventLoop& loop, lab::World& world, HostRuntime& host, Rng& rng,
             std::unique_ptr<AcRoad> road, std::string to,
             std::function<void(Result<std::string>)> report);
  ~TunnelJoin();

  /// What status shows.
  const std::string& to() const { return to_; }
  const lab::Radio* radio() const { return radio_; }
  /// Null after an error.
  tunnel::Ac* ac();

 private:
  void on_session();

  HostRuntime& host_;
  std::unique_ptr<AcRoad> road_;
  const std::string to_;
  std::function<void(Result<std::string>)> report_;
  std::unique_ptr<tunnel::Device> device_;  // until the host has it
  lab::Radio* radio_ = nullptr;
  Timer session_;  // the session has begun or is lost: looks once the device is done
};

}  // namespace airloom::daemon
