// rtnetlink sockets of programs: the kernel's own, but what is received on them goes through
// link_filter.h, so that the daemon's TAPs look like Wi-Fi cards. Nothing is kept about a socket:
// the kernel tells what a descriptor stands for. recvmmsg() is not looked at.
#pragma once

#include <list>

#include "base/scheduler.h"
#include "interpose/module.h"
#include "interpose/parked_call.h"
#include "interpose/receive.h"
#include "interpose/tasks.h"
#include "platform/event_loop.h"

namespace airloom::interpose {

class RtnetlinkModule final : public Module {
 public:
  explicit RtnetlinkModule(platform::EventLoop& loop);

  std::vector<FilterRule> rules() const override;
  bool handle(const Call& call) override;

 private:
  struct Parked : ParkedCall {
    ReceiveTarget target;
    platform::UniqueFd socket;
    platform::EventLoop::Watch watch;
  };
  bool open(const Call& call);
  void park(const Call& call, ReceiveTarget target, platform::UniqueFd socket);
  void serve_parked();
  void tick();

  platform::EventLoop& loop_;
  Tasks tasks_;
  std::list<Parked> parked_;
  Timer ticker_;
};

}  // namespace airloom::interpose
