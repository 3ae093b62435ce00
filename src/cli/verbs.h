// The verbs of the `airloom` command: one function each, which returns the exit status. What goes
// wrong is told in one sentence on stderr.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace airloom::cli {

struct DaemonArguments {
  bool verbose = false;
  uint16_t first_radio = 0;
  unsigned loss_percent = 0;
  // For a daemon that another verb starts.
  bool exit_when_idle = false;
  int ready_fd = -1;  ///< where to say that it serves, or why not; -1: nobody asks
};
int daemon(const DaemonArguments& arguments);

struct RunArguments {
  std::string host = "host0";
  std::vector<std::string> program;
  std::string interpose = "auto";  ///< auto, seccomp or preload
};
int run(const RunArguments& arguments);
/// As run, on a host that is there already.
int exec(const RunArguments& arguments);

int up(const std::string& lab_path);
int down();
int status(bool as_json);

struct CaptureArguments {
  std::string path;         ///< of the file to make; "-": stdout
  std::string host, radio;  ///< only what concerns these; empty: everything
  bool nl80211 = false;     ///< netlink messages, too
  std::string replay_path;  ///< of a file to put on the air instead
  uint32_t mhz = 0;         ///< where, if that does not say
};
int capture(const CaptureArguments& arguments);
/// Puts a capture back on the air.
int replay(const CaptureArguments& arguments);

struct TapArguments {
  std::string name;         ///< of the netdev
  uint32_t dlt = 127;       ///< its link type, as libpcap numbers them
  std::string host, radio;  ///< empty: the only host, its first radio
  uint32_t mhz = 0;         ///< 0: where the radio is
};
int tap(const TapArguments& arguments);

/// How a tunnel's two ends know each other; nothing: they do not.
struct TunnelSecurity {
  std::string key_file;
  std::string certificate, private_key, authority;  ///< PEM files
  bool insecure = false;                            ///< in the clear, wherever the peer is
};
struct TunnelServeArguments {
  std::string interface;
  std::string listen;  ///< empty: loopback, or with security everywhere
  size_t mtu = 0;
  TunnelSecurity security;
  bool verbose = false;
};
int tunnel_serve(const TunnelServeArguments& arguments);

struct TunnelJoinArguments {
  std::string host = "host0";
  std::string to;
  size_t mtu = 0;
  TunnelSecurity security;
};
int tunnel_join(const TunnelJoinArguments& arguments);
int air_join(const TunnelJoinArguments& arguments);

struct AirServeArguments {
  std::string listen;  ///< empty: loopback, or with security everywhere
  size_t mtu = 0;
  TunnelSecurity security;
};
int air_serve(const AirServeArguments& arguments);

/// Says on stderr what went wrong. @return 1
int complain(const Error& error);

}  // namespace airloom::cli
