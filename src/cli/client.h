// A command's connection to the daemon.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "daemon/command_protocol.h"
#include "platform/unix_socket.h"

namespace airloom::cli {

class Client {
 public:
  /// Connects to the daemon that runs.
  /// @error kNotConnected  "no daemon ..."
  static Result<Client> connect();
  /// Connects to the daemon, which is started if none runs, and keeps it from ending as idle for
  /// as long as the client (or a copy of its descriptor) lives.
  static Result<Client> connect_or_start();

  /// Sends a command: an object with "verb".
  Result<void> send(const nlohmann::json& command);
  /// Sends a frame of a replay.
  Result<void> send(const lab::ReplayFrame& frame);
  /// Waits for the next message.
  /// @error kNotConnected  the daemon has ended.
  Result<platform::Packet> receive();
  /// Sends a command and waits for its answer; Progress messages go to `on_progress`.
  /// @error  what the daemon refused, in its words.
  Result<nlohmann::json> ask(const nlohmann::json& command);

  int fd() const { return socket_.fd(); }
  /// The daemon's process.
  Result<pid_t> daemon_pid() const;

 private:
  explicit Client(platform::PacketSocket socket) : socket_(std::move(socket)) {}
  platform::PacketSocket socket_;
  uint64_t sequence_ = 0;
};

/// The object in a Progress or an Answer; an Answer's "error" becomes the error.
Result<nlohmann::json> parse_reply(const daemon::CommandMessage& message);

}  // namespace airloom::cli
