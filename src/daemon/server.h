// The daemon: a world in real time, its hosts' namespaces and TAPs, and a socket at which programs
// under `airloom run` and the `airloom` command find it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/event_queue.h"
#include "base/log.h"
#include "daemon/connection.h"
#include "daemon/host_runtime.h"
#include "daemon/process_ender.h"
#include "daemon/socket_session.h"
#include "lab/air_statistics.h"
#include "lab/lab_file.h"
#include "lab/world.h"
#include "platform/event_loop.h"
#include "platform/system_rng.h"
#include "platform/unix_socket.h"

namespace airloom::daemon {

class AirShare;
class LabRunner;

struct ServerOptions {
  std::string runtime_dir;
  /// Ends when the last program and command that attached has gone and no lab is up.
  bool exit_when_idle = false;
  /// Why interfaces have to be emulated here, in a sentence; empty: they are TAPs.
  std::string why_emulated;
  uint16_t first_radio = 0;  ///< the number of the first radio
  /// Of receptions, that come with bit errors; frames then take time. 0: the air is ideal.
  unsigned loss_percent = 0;
};

class Server {
 public:
  static Result<std::unique_ptr<Server>> create(const ServerOptions& options, LogSink& log);
  ~Server();

  /// Serves until end(), SIGINT or SIGTERM.
  void run();
  /// Ends the lab and every process on a host, calls `done`, and lets run() return. Whoever
  /// connects from now on finds no daemon.
  void end(std::function<void()> done);
  bool is_ending() const { return is_ending_; }

  platform::EventLoop& loop() { return *loop_; }
  lab::World& world() { return *world_; }
  Rng& rng() { return rng_; }
  const lab::AirStatistics& air() const { return *air_; }
  const std::string& runtime_dir() const { return options_.runtime_dir; }
  const Log& log() const { return log_; }
  TimePoint now() const { return queue_.now(); }

  const std::map<std::string, std::unique_ptr<HostRuntime>>& hosts() const { return hosts_; }
  HostRuntime* find_host(const std::string& name) const;
  /// Makes a host with this many radios.
  Result<HostRuntime*> add_host(const std::string& name, uint32_t radios,
                                lab::RadioDriver driver = lab::RadioDriver::kHwsim,
                                const hwsim::RadioTraits& traits = {});
  void remove_host(const std::string& name);
  /// Whether a network namespace, by its inode number, is that of a host other than this.
  bool is_of_another(const std::string& host, uint64_t network) const;
  /// Whether programs on a host may open one socket more.
  bool has_room_for_client(const std::string& host) const;
  /// Ends every process on these hosts; `done` is called from the loop.
  void end_processes(const std::vector<std::string>& hosts, std::function<void()> done);

  LabRunner& lab() { return *lab_; }

  /// What makes this air one with another daemon's; null: nothing.
  const AirShare* air_share() const { return air_share_; }
  void set_air_share(const AirShare* share) { air_share_ = share; }

  /// A front end attached to a host: its number for Open messages.
  uint32_t add_participant(const std::string& host);
  void remove_participant(uint32_t participant);
  HostRuntime* host_of(uint32_t participant) const;
  SocketTable& sockets() { return sockets_; }
  const std::string& why_emulated() const { return options_.why_emulated; }
  /// Something that keeps an idle daemon alive came or went.
  void hold() { ++holds_; }
  void release();

 private:
  Server(ServerOptions options, LogSink& log);
  Result<void> open();
  Result<void> listen();
  void on_acceptable();

  ServerOptions options_;
  EventQueue queue_;
  Log log_;
  platform::SystemRng rng_;
  cfg80211::RegulatoryDatabase regulatory_;
  std::unique_ptr<platform::EventLoop> loop_;
  std::optional<medium::LossyPropagation> lossy_air_;
  std::unique_ptr<lab::World> world_;
  std::unique_ptr<lab::AirStatistics> air_;
  std::map<std::string, std::unique_ptr<HostRuntime>> hosts_;
  std::unique_ptr<ProcessEnder> ender_;
  std::unique_ptr<LabRunner> lab_;
  std::unique_ptr<platform::PacketListener> listener_;
  platform::EventLoop::Watch acceptable_;
  platform::EventLoop::Watch interrupted_, terminated_, before_sleep_;
  uint64_t last_connection_ = 0;
  SocketTable sockets_;
  Octets receive_buffer_ = Octets(interpose::kMaxMessage);  // of all connections
  std::map<uint64_t, std::unique_ptr<Connection>> connections_;
  uint32_t last_participant_ = 0;
  std::map<uint32_t, std::string> participants_;
  const AirShare* air_share_ = nullptr;
  uint32_t holds_ = 0;
  bool is_ending_ = false;
};

}  // namespace airloom::daemon
