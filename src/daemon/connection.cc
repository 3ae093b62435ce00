#include "daemon/connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace airloom::daemon {
namespace {

// As much as a peer that is slow to read may leave with the kernel; a message must fit.
constexpr size_t kSendBuffer = 4 * 1024 * 1024;

}  // namespace

Connection::Connection(platform::EventLoop& loop, platform::PacketSocket socket,
                       std::span<uint8_t> buffer, std::function<void()> on_closed)
    : loop_(loop), socket_(std::move(socket)), buffer_(buffer), on_closed_(std::move(on_closed)) {}

Result<void> Connection::start(std::unique_ptr<Session> session) {
  session_ = std::move(session);
  set_send_buffer(kSendBuffer);
  return listen();
}

Result<void> Connection::listen() {
  if (!readable_) readable_ = TRY(loop_.on_readable(socket_.fd(), [this] { on_readable(); }));
  return {};
}

// One message a time: the loop calls again if there are more.
void Connection::on_readable() {
  if (closing_) return;
  const auto size = socket_.receive_into(buffer_);
  if (!size && size.error().code == Errc::kTryAgain) return;
  if (!size) return close();
  const bool good = session_->on_message(buffer_.first(*size));
  if (next_session_) session_ = std::move(next_session_);
  if (!good) close();
}

size_t Connection::unread() const {
  int octets = 0;
  return ::ioctl(socket_.fd(), SIOCOUTQ, &octets) == 0 ? static_cast<size_t>(octets) : 0;
}

void Connection::set_send_buffer(size_t octets) {
  const int half = static_cast<int>(octets / 2);  // the kernel doubles it
  ::setsockopt(socket_.fd(), SOL_SOCKET, SO_SNDBUF, &half, sizeof half);
}

void Connection::call_when_read(size_t limit) {
  // A socket of this family turns writable when no more than a quarter of its buffer is in use.
  set_send_buffer(limit);
  narrowed_ = true;
  want_writable();
}

// Before anything is sent: no message may meet a buffer that it does not fit.
void Connection::widen() {
  if (std::exchange(narrowed_, false)) set_send_buffer(kSendBuffer);
}

void Connection::send(Octets message, std::span<const int> descriptors) {
  if (outbox_.empty()) {
    widen();
    const auto sent = socket_.send(message, descriptors);
    // A peer that has gone is found by reading; descriptors go with a connection's first answer,
    // for which there is always room.
    if (sent || sent.error().code != Errc::kTryAgain) return;
  }
  outbox_.push_back(std::move(message));
  readable_.reset();
  want_writable();
}

bool Connection::try_send(std::span<const uint8_t> message) {
  if (!outbox_.empty()) return false;
  widen();
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
  widen();
  while (!outbox_.empty()) {
    const auto sent = socket_.send(outbox_.front());
    if (!sent && sent.error().code == Errc::kTryAgain) return;
    outbox_.pop_front();
  }
  writable_.reset();
  if (closing_ || !listen()) return close();
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
