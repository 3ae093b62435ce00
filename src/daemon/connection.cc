#include "daemon/connection.h"

#include "interpose/protocol.h"

namespace airloom::daemon {

Connection::Connection(platform::EventLoop& loop, platform::PacketSocket socket,
                       std::function<void()> on_closed)
    : loop_(loop), socket_(std::move(socket)), on_closed_(std::move(on_closed)) {}

Result<void> Connection::start(std::unique_ptr<Session> session) {
  session_ = std::move(session);
  readable_ = TRY(loop_.on_readable(socket_.fd(), [this] { on_readable(); }));
  return {};
}

void Connection::on_readable() {
  while (!closing_) {
    auto packet = socket_.receive(interpose::kMaxMessage);
    if (!packet) {
      if (packet.error().code == Errc::kTryAgain) return;
      return close();
    }
    const bool good = session_->on_message(packet->octets);
    if (next_session_) session_ = std::move(next_session_);
    if (!good) return close();
  }
}

void Connection::send(Octets message, std::span<const int> descriptors) {
  if (outbox_.empty()) {
    const auto sent = socket_.send(message, descriptors);
    // A peer that has gone is found by reading; descriptors go with a connection's first answer,
    // for which there is always room.
    if (sent || sent.error().code != Errc::kTryAgain) return;
  }
  outbox_.push_back(std::move(message));
  want_writable();
}

bool Connection::try_send(std::span<const uint8_t> message) {
  if (!outbox_.empty()) return false;
  const auto sent = socket_.send(message);
  if (sent || sent.error().code != Errc::kTryAgain) return true;
  want_writable();
  return false;
}

void Connection::want_writable() {
  if (writable_) return;
  auto watch = loop_.on_writable(socket_.fd(), [this] { on_writable(); });
  if (watch) writable_ = std::move(*watch);
}

void Connection::on_writable() {
  while (!outbox_.empty()) {
    const auto sent = socket_.send(outbox_.front());
    if (!sent && sent.error().code == Errc::kTryAgain) return;
    outbox_.pop_front();
  }
  writable_.reset();
  if (closing_) return close();
  if (session_) session_->on_writable();
}

void Connection::close_after_output() {
  closing_ = true;
  readable_.reset();
  // Its own handler may be running: close from the loop.
  if (outbox_.empty()) want_writable();
}

void Connection::close() {
  readable_.reset();
  writable_.reset();
  auto on_closed = std::move(on_closed_);
  if (on_closed) on_closed();
}

}  // namespace airloom::daemon
