// One accepted connection: whole messages in and out, never blocking. What cannot be sent at once
// waits in order, and as long as anything waits the peer is not listened to: who does not read what
// it is answered cannot make the daemon keep more. What the messages mean is its Session's
// business, chosen by the first one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/writer.h"
#include "platform/event_loop.h"
#include "platform/unix_socket.h"

namespace airloom::daemon {

class Connection {
 public:
  /// What a connection turned out to be. Destroyed when the peer has gone.
  class Session {
   public:
    virtual ~Session() = default;
    /// A message; false ends the connection.
    virtual bool on_message(std::span<const uint8_t> message) = 0;
    /// All output has left.
    virtual void on_writable() {}
  };

  /// @param buffer  what messages are received in; of no use between two.
  /// @param on_closed  runs once, when the peer has gone or broke the rules; it destroys this.
  Connection(platform::EventLoop& loop, platform::PacketSocket socket, std::span<uint8_t> buffer,
             std::function<void()> on_closed);

  /// Begins to read.
  Result<void> start(std::unique_ptr<Session> session);
  void set_session(std::unique_ptr<Session> session) { next_session_ = std::move(session); }

  /// Sends now or, behind what waits already, later.
  void send(Octets message, std::span<const int> descriptors = {});
  /// Sends now, or not at all: false if there is no room.
  bool try_send(std::span<const uint8_t> message);
  /// What the peer has not received yet, in octets as the kernel counts them.
  size_t unread() const;
  /// Calls Session::on_writable() when the peer has received most of what waits for it.
  /// @param limit  how much waits, about, in octets.
  void call_when_read(size_t limit);
  /// Sends what waits, as far as there is room, and lets the session go on.
  void flush() { on_writable(); }
  /// Takes in a message that has come, or the peer's end. Spans into the last one are void then.
  void look() { on_readable(); }
  size_t waiting() const { return outbox_.size(); }
  /// Closes when all has been sent.
  void close_after_output();

  const platform::PacketSocket& socket() const { return socket_; }

  /// The host it belongs to, with which it ends; empty: none.
  std::string host;

 private:
  void on_readable();
  void on_writable();
  void want_writable();
  Result<void> listen();
  void set_send_buffer(size_t octets);
  void widen();
  void close();

  platform::EventLoop& loop_;
  platform::PacketSocket socket_;
  std::span<uint8_t> buffer_;
  std::function<void()> on_closed_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Session> next_session_;
  std::deque<Octets> outbox_;
  bool closing_ = false;
  bool narrowed_ = false;  // the send buffer is small, to learn when little waits
  platform::EventLoop::Watch readable_;
  platform::EventLoop::Watch writable_;
};

}  // namespace airloom::daemon
