// Interposes generic netlink sockets: holds back every system call that makes, names, uses or
// copies one, and answers as the kernel's netlink would. Other netlink protocols stay the kernel's.
//
// A descriptor number is looked up anew for each call, by the inode of what it stands for, so fork,
// exec, dup and threads need no bookkeeping. Blocking receives are parked here, one queue a socket.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/scheduler.h"
#include "interpose/module.h"
#include "interpose/netlink_socket.h"
#include "interpose/parked_call.h"
#include "interpose/receive.h"
#include "interpose/tasks.h"
#include "platform/event_loop.h"

namespace airloom::interpose {

class NetlinkModule final : public Module {
 public:
  /// @param on_daemon_lost  runs when a socket finds the daemon gone.
  NetlinkModule(platform::EventLoop& loop, SocketContext context,
                std::function<void()> on_daemon_lost);

  std::vector<FilterRule> rules() const override;
  bool handle(const Call& call) override;

  /// Lets go of the sockets whose last copy the programs have closed, and tells the daemon. Runs
  /// before every call that could notice; run it too before saying that a program has ended.
  void close_abandoned();
  size_t open_sockets() const { return sockets_.size(); }

 private:
  using Watch = platform::EventLoop::Watch;
  struct Parked : ParkedCall {
    ReceiveTarget target;
  };
  struct Entry {
    std::unique_ptr<NetlinkSocket> socket;
    Watch token_watch;
    Watch daemon_watch;
    Watch kernel_watch;
    std::deque<Parked> parked;
  };
  /// The socket a call names by its descriptor, and a copy of the program's end.
  struct Found {
    Entry* entry = nullptr;
    platform::UniqueFd program_end;
  };

  Found find(const Call& call, int fd);
  bool handle_socket(const Call& call);
  void handle_found(const Call& call, Found& found);
  void receive_or_park(const Call& call, Found& found);
  void receive_many(const Call& call, Found& found);
  void park(const Call& call, Found& found, ReceiveTarget target);

  Result<void> watch(Entry& entry);
  void watch_kernel(Entry& entry);
  void on_ready(uint64_t inode);
  void settle(Entry& entry, int program_end);
  void serve_parked(Entry& entry);
  void tick();

  platform::EventLoop& loop_;
  Octets buffer_ = Octets(kMaxMessage);
  SocketContext context_;
  std::function<void()> on_daemon_lost_;
  Tasks tasks_;
  std::map<uint64_t, Entry> sockets_;  // by inode of the program's end
  Timer ticker_;
};

}  // namespace airloom::interpose
