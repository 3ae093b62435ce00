// A command of the `airloom` command line:
//   hold [host]  the daemon stays for as long as the connection; an error if there is no such host
//   status       answered by the report
//   up           answered when the lab is up; `interrupt`, or the connection's end, undoes it
//   down         ends the lab, then the daemon
//   capture      the air, or what of it concerns a `host` or `radio`, with `nl80211` netlink too,
//                until `stop`
//   replay       ReplayFrames follow, until `stop`; answered when the last is out
//   tap          a netdev with a radio's raw frames, until `stop` or the end of the connection
//   tunnel       a radio at the other end of a tunnel, for as long as the connection; Progress
//                tells what becomes of it
//   air_serve, air_join  one air with another daemon, likewise
#pragma once

#include <memory>
#include <string>

#include "daemon/command_protocol.h"
#include "daemon/connection.h"
#include "daemon/raw_tap.h"
#include "daemon/server.h"
#include "daemon/tunnel_road.h"
#include "lab/air_recorder.h"
#include "lab/air_replay.h"

namespace airloom::daemon {

class AirShare;
class CaptureStream;
class TunnelJoin;

class CommandSession final : public Connection::Session {
 public:
  CommandSession(Server& server, Connection& connection);
  ~CommandSession() override;

  bool on_message(std::span<const uint8_t> message) override;
  void on_writable() override;

 private:
  bool run(const std::string& text);
  void hold(const std::string& host);
  void up(const std::string& lab, const std::string& name, const std::string& directory);
  void down();
  void capture(const lab::AirSelection& selection, bool with_netlink);
  void replay();
  void on_replay_frame(std::span<const uint8_t> body);
  void tap(const RawTapOptions& options);
  void stop();
  void stop_capture();
  Result<void> join_tunnel(const std::string& host, const RoadOptions& road);
  Result<void> share_air(bool joins, const RoadOptions& road);
  Result<platform::NetNamespace::Entered> enter_peers_network();
  void tell(const std::string& news);
  void answer(const std::string& json);
  void refuse(const Error& error);
  interpose::Stamp stamp();

  Server& server_;
  Connection& connection_;
  uint64_t sequence_ = 0;
  std::unique_ptr<CaptureStream> capture_;
  std::unique_ptr<TunnelJoin> tunnel_;
  std::unique_ptr<AirShare> air_;
  std::unique_ptr<lab::AirReplay> replay_;
  std::unique_ptr<RawTap> tap_;
  bool is_bringing_up_ = false;
  /// Dies with the session, so that a lab that outlives it no longer reports here.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace airloom::daemon
