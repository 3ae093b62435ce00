// A small daemon for the tests: a generic netlink bus with one family, "fake", behind the daemon
// protocol, in a process of its own.
#pragma once

#include <sys/types.h>

#include <string>

namespace airloom::interpose {

/// Commands of family "fake": what they do to whoever asks.
constexpr uint8_t kFakeEcho = 1;    // answers with attribute 1 as given; dumps that many messages
constexpr uint8_t kFakeEvents = 2;  // multicasts that many messages to group "events"
constexpr uint8_t kFakeAdmin = 3;   // needs CAP_NET_ADMIN

class BusDaemon {
 public:
  BusDaemon();
  ~BusDaemon();
  BusDaemon(const BusDaemon&) = delete;
  BusDaemon& operator=(const BusDaemon&) = delete;

  /// Where it listens.
  std::string path() const { return folder_ + "/daemon.sock"; }
  void kill();

 private:
  std::string folder_;
  pid_t process_ = 0;
};

}  // namespace airloom::interpose
