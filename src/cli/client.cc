#include "cli/client.h"

#include <nlohmann/json.hpp>

#include "cli/start_daemon.h"
#include "daemon/runtime_dir.h"
#include "interpose/protocol.h"

namespace airloom::cli {

using nlohmann::json;

namespace {

constexpr int kStartTriesMax = 5;

uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

Result<Client> Client::connect() {
  const std::string dir = daemon::runtime_dir();
  auto socket = platform::PacketSocket::connect(daemon::socket_path(dir));
  if (socket) return Client(std::move(*socket));
  const Errc code = socket.error().code;
  if (code != Errc::kNotFound && code != Errc::kNotConnected)
    return std::unexpected(std::move(socket).error());
  return fail(Errc::kNotConnected,
              "no daemon runs at " + dir + ": start one with airloom daemon, or with airloom up");
}

Result<Client> Client::connect_or_start() {
  Error last{Errc::kNotConnected, {}};
  for (int tries = 0; tries < kStartTriesMax; ++tries) {
    auto client = connect();
    // A daemon that is about to end may still take a connection: only its answer counts.
    auto held =
        client ? client->ask({{"verb", "hold"}}) : Result<json>(std::unexpected(client.error()));
    if (held) return client;
    last = held.error();
    if (last.code != Errc::kNotConnected) break;
    // Another command may have started one at the same moment: the next try finds it.
    if (auto started = start_daemon(); !started)
      last = started.error();
    else
      continue;
    if (last.code != Errc::kAddressInUse) break;
  }
  return std::unexpected(std::move(last));
}

Result<void> Client::send(const json& command) {
  // Names of people's making need not be UTF-8.
  const auto text = command.dump(-1, ' ', false, json::error_handler_t::replace);
  const auto message =
      daemon::emit_command_message(daemon::kCommand, text, {monotonic_ns(), ++sequence_});
  if (message.size() > interpose::kMaxMessage)
    return fail(Errc::kRange, "that is too long for the daemon");
  return socket_.send(message);
}

Result<void> Client::send(const lab::ReplayFrame& frame) {
  const auto message = daemon::emit_replay_frame(frame, {monotonic_ns(), ++sequence_});
  if (message.size() > interpose::kMaxMessage) return fail(Errc::kRange, "a frame is too long");
  return socket_.send(message);
}

Result<platform::Packet> Client::receive() {
  auto packet = socket_.receive(interpose::kMaxMessage);
  if (!packet && packet.error().code == Errc::kNotConnected)
    return fail(Errc::kNotConnected, "the daemon has ended");
  return packet;
}

Result<json> Client::ask(const json& command) {
  TRY(send(command));
  const auto packet = TRY(receive());
  return parse_reply(TRY(daemon::parse_command_message(packet.octets)));
}

Result<pid_t> Client::daemon_pid() const {
  return TRY(socket_.peer()).pid;
}

Result<json> parse_reply(const daemon::CommandMessage& message) {
  auto reply = json::parse(message.text(), nullptr, false);
  if (!reply.is_object()) return fail(Errc::kMalformed, "the daemon's answer makes no sense");
  const auto error = reply.find("error");
  if (error != reply.end() && error->is_string())
    return fail(Errc::kInvalid, error->get<std::string>());
  return reply;
}

}  // namespace airloom::cli
