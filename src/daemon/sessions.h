// What a connection becomes by its first message: a front end's, a netlink socket's, or a
// command's.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "daemon/connection.h"
#include "daemon/server.h"
#include "interpose/protocol.h"

namespace airloom::daemon {

/// Waits for the first message and hands the connection on.
class FirstSession final : public Connection::Session {
 public:
  FirstSession(Server& server, Connection& connection) : server_(server), connection_(connection) {}
  bool on_message(std::span<const uint8_t> message) override;

 private:
  bool on_attach(const interpose::Attach& attach);
  bool on_open(const interpose::Open& open);
  bool on_channel(const interpose::Channel& channel);
  /// The session of a socket of that kind. @error kUnsupported  there is none of it here.
  Result<std::unique_ptr<Session>> make_session(HostRuntime& host, const interpose::Open& open);
  /// The network namespace that the connection comes from, as the host counts them.
  genl::NamespaceId space_of(HostRuntime& host) const;
  /// Whether the peer is a program of another host than this, which it is to reach by the air
  /// alone.
  bool is_of_another_host(const std::string& host) const;
  bool refuse(Errc code, std::string text);

  Server& server_;
  Connection& connection_;
};

/// A run's connection: silent; its end is the run's end.
class FrontEndSession final : public Connection::Session {
 public:
  FrontEndSession(Server& server, uint32_t participant)
      : server_(server), participant_(participant) {}
  ~FrontEndSession() override { server_.remove_participant(participant_); }
  bool on_message(std::span<const uint8_t>) override { return false; }

 private:
  Server& server_;
  uint32_t participant_;
};

}  // namespace airloom::daemon
