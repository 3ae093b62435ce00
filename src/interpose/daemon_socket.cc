#include "interpose/daemon_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <time.h>

#include <cerrno>
#include <optional>

#include "netlink/errno.h"
#include "platform/os_error.h"

namespace airloom::interpose {
namespace {

using platform::PacketSocket;

Error refused(const Refused& refusal) {
  return Error{netlink::from_errno(refusal.error), refusal.text};
}

}  // namespace

uint64_t stamp_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

Result<Attachment> attach(const std::string& path, const Attach& request) {
  PacketSocket socket = TRY(PacketSocket::connect(path));
  TRY(socket.send(emit_message(request, {stamp_time_ns(), 1})));
  platform::Packet packet = TRY(socket.receive(kMaxMessage));
  const Envelope answer = TRY(parse_message(packet.octets));
  if (const auto* refusal = std::get_if<Refused>(&answer.message))
    return std::unexpected(refused(*refusal));
  const auto* attached = std::get_if<Attached>(&answer.message);
  if (!attached || attached->descriptors.size() != packet.descriptors.size())
    return fail(Errc::kMalformed, "the daemon's answer makes no sense");
  return Attachment{std::move(socket), *attached, std::move(packet.descriptors)};
}

Result<DaemonSocket> DaemonSocket::open(const std::string& path, const Open& open,
                                        std::span<uint8_t> buffer) {
  DaemonSocket made(TRY(PacketSocket::connect(path)), buffer);
  auto received = made.send(open) ? made.receive(0) : fail(Errc::kNotConnected);
  if (!received && received.error().code == Errc::kNotConnected) {
    // Without a descriptor left a daemon accepts, and closes at once; a dead one listens no more.
    TRY(PacketSocket::connect(path));
    return fail(Errc::kTooMany, "the daemon has no room for another socket");
  }
  const Envelope answer = TRY(parse_message(TRY(std::move(received))));
  if (const auto* refusal = std::get_if<Refused>(&answer.message))
    return std::unexpected(refused(*refusal));
  if (!std::holds_alternative<Outcome>(answer.message))
    return fail(Errc::kMalformed, "the daemon's answer makes no sense");
  return made;
}

Result<void> DaemonSocket::send(const Message& message) {
  return socket_.send(emit_message(message, {stamp_time_ns(), ++sequence_}));
}

Result<std::span<const uint8_t>> DaemonSocket::receive(int flags) {
  ssize_t got;
  do {
    got = recv(socket_.fd(), buffer_.data(), buffer_.size(), flags | MSG_TRUNC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return std::unexpected(platform::os_error(errno, "daemon"));
  if (got == 0) return fail(Errc::kNotConnected, "the daemon has gone");
  if (static_cast<size_t>(got) > buffer_.size()) return fail(Errc::kMalformed, "message too long");
  return buffer_.first(static_cast<size_t>(got));
}

Result<void> DaemonSocket::take(const Envelope& envelope, DatagramReceiver& receiver) {
  if (const auto* deliver = std::get_if<Deliver>(&envelope.message))
    receiver.on_datagram(deliver->datagram, deliver->group);
  else if (std::holds_alternative<Overrun>(envelope.message))
    receiver.on_overrun();
  else
    return fail(Errc::kMalformed, "the daemon's answer makes no sense");
  return {};
}

Result<Outcome> DaemonSocket::wait_for_outcome(DatagramReceiver& receiver) {
  std::optional<Outcome> outcome;
  while (!outcome) {
    TRY(for_each_message(TRY(receive(0)), [&](const Envelope& envelope) -> Result<void> {
      if (const auto* its = std::get_if<Outcome>(&envelope.message))
        return outcome = *its, Result<void>();
      return take(envelope, receiver);
    }));
  }
  return *outcome;
}

Result<Outcome> DaemonSocket::transact(const Message& message, DatagramReceiver& receiver) {
  if (!alive_) return fail(Errc::kNotConnected, "the daemon has gone");
  const auto sent = send(message);
  auto outcome = sent ? wait_for_outcome(receiver) : std::unexpected(sent.error());
  if (!outcome) alive_ = false;
  return outcome;
}

Result<void> DaemonSocket::receive_waiting(DatagramReceiver& receiver) {
  while (alive_) {
    const auto datagram = receive(MSG_DONTWAIT);
    if (!datagram && datagram.error().code == Errc::kTryAgain) return {};
    alive_ = datagram && for_each_message(*datagram, [&](const Envelope& envelope) {
                           return take(envelope, receiver);
                         }).has_value();
  }
  return fail(Errc::kNotConnected, "the daemon has gone");
}

}  // namespace airloom::interpose
