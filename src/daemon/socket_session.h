// One socket of a program at the daemon, of whatever kind, and the table by which a channel finds
// it. A socket without a cookie is asked on its own connection and answered there; one with a
// cookie is asked on channels, and its connection is the program's descriptor: what is delivered
// there is the receive queue. [interpose/protocol.h]
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "daemon/connection.h"
#include "interpose/protocol.h"
#include "platform/packet_pipe.h"

namespace airloom::daemon {

class EmulatedNetwork;
class SocketSession;

/// The sockets that channels name, by cookie.
using SocketTable = std::map<uint64_t, SocketSession*>;

class SocketSession : public Connection::Session {
 public:
  /// All outlive the session.
  SocketSession(SocketTable& table, Connection& connection, const interpose::Open& open);
  ~SocketSession() override;
  SocketSession(const SocketSession&) = delete;
  SocketSession& operator=(const SocketSession&) = delete;

  /// A message on its own connection: performed and answered there.
  bool on_message(std::span<const uint8_t> message) final;
  /// Does what a front end asks and gives the answer; none: that cannot be asked of it.
  std::optional<interpose::Message> perform(const interpose::Message& message);

 protected:
  /// What each kind does its own way; none as above.
  virtual std::optional<interpose::Message> handle(const interpose::Message& message) = 0;
  /// The port id and the groups, for those who come to share the socket.
  virtual uint32_t port() const { return 0; }
  virtual std::vector<uint32_t> groups() const { return {}; }
  /// What else there is to tell of it: of a packet socket its address.
  virtual Octets name() const { return {}; }
  virtual uint64_t now_ns() const = 0;

  void send(const interpose::Message& message);
  /// Delivers, unless as much as the receive buffer holds is unread. What is refused is to be
  /// tried again at on_writable(), or when the front end reports what it has consumed.
  bool try_deliver(const interpose::Message& message, size_t octets);
  void set_receive_buffer(size_t octets);
  size_t receive_buffer() const { return receive_buffer_; }
  bool is_on(interpose::Option option) const {
    return options_on_ >> static_cast<unsigned>(option) & 1;
  }

 private:
  interpose::Answer describe() const;
  interpose::Stamp stamp() { return {now_ns(), ++sequence_}; }
  void gather(Octets message);
  void send_gathered();

  SocketTable& table_;
  Connection& connection_;
  const interpose::Open open_;
  uint32_t options_on_ = 0;  // a bit for each Option
  uint64_t sequence_ = 0;
  bool is_gathering_ = false;  // what leaves while a message is performed goes with its answer
  interpose::Together gathered_;
  size_t unread_ = 0;  // octets; with a cookie an upper bound, which the kernel corrects
  size_t receive_buffer_ = 212'992;  // as the kernel's default
};

/// One process' road: passes its messages on to the sockets that they name, and does its ioctls.
/// Answers leave by a pipe, which was given to the process.
class ChannelSession final : public Connection::Session {
 public:
  /// @param network  the host's interfaces where they are emulated; else null.
  ChannelSession(SocketTable& table, platform::PacketPipe answers, EmulatedNetwork* network)
      : table_(table), answers_(std::move(answers)), network_(network) {}
  bool on_message(std::span<const uint8_t> message) override;

 private:
  std::optional<interpose::Message> perform(const interpose::Envelope& envelope);

  SocketTable& table_;
  platform::PacketPipe answers_;
  EmulatedNetwork* network_;
};

}  // namespace airloom::daemon
