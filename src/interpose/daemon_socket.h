// One netlink connection to the daemon, from the front end's side: each message is sent and its
// Outcome waited for; what is delivered meanwhile, or between, goes to the receiver.
// [interpose/protocol.h]
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "interpose/protocol.h"
#include "platform/unix_socket.h"

namespace airloom::interpose {

class DatagramReceiver {
 public:
  virtual ~DatagramReceiver() = default;
  virtual void on_datagram(std::span<const uint8_t> datagram, uint32_t group) = 0;
  /// Something was lost: ENOBUFS.
  virtual void on_overrun() = 0;
};

class DaemonSocket {
 public:
  /// Connects and opens. The connection is made in the calling thread's network namespace.
  /// @error kNotConnected, kNotFound  there is no daemon;  else what it says.
  /// @param buffer  of kMaxMessage octets, which it outlives: what it receives points into it,
  /// until
  ///        anything is received with the same buffer.
  static Result<DaemonSocket> open(const std::string& path, const Open& open,
                                   std::span<uint8_t> buffer);

  int fd() const { return socket_.fd(); }
  /// False once the daemon has gone, or broke the protocol: nothing more will come.
  bool is_alive() const { return alive_; }
  /// Sends and waits.
  /// @error kNotConnected  it is not alive (any more).
  Result<Outcome> transact(const Message& message, DatagramReceiver& receiver);
  /// Takes in what has been delivered, without waiting.
  /// @error kNotConnected  as above.
  Result<void> receive_waiting(DatagramReceiver& receiver);

 private:
  DaemonSocket(platform::PacketSocket socket, std::span<uint8_t> buffer)
      : socket_(std::move(socket)), buffer_(buffer) {}
  Result<std::span<const uint8_t>> receive(int flags);
  Result<void> take(const Envelope& envelope, DatagramReceiver& receiver);
  Result<void> send(const Message& message);
  Result<Outcome> wait_for_outcome(DatagramReceiver& receiver);

  platform::PacketSocket socket_;
  std::span<uint8_t> buffer_;
  uint64_t sequence_ = 0;
  bool alive_ = true;
};

/// The control connection: says who runs what where, and holds the run's place at the daemon.
struct Attachment {
  platform::PacketSocket socket;
  Attached attached;
  std::vector<platform::UniqueFd> descriptors;  ///< as `attached.descriptors` lists them
};
/// @error  what the daemon says, or kNotConnected, kNotFound: there is none.
Result<Attachment> attach(const std::string& path, const Attach& request);

/// CLOCK_MONOTONIC: the time that a real-time front end stamps its messages with.
uint64_t stamp_time_ns();

}  // namespace airloom::interpose
