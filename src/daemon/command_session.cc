#include "daemon/command_session.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "daemon/air_share.h"
#include "daemon/capture_stream.h"
#include "daemon/lab_runner.h"
#include "daemon/status_report.h"
#include "daemon/tunnel_join.h"

namespace airloom::daemon {

using nlohmann::json;

namespace {

/// What the command line gives; a field that is missing or of another type is empty.
platform::DtlsCredentials credentials_in(const json& object) {
  platform::DtlsCredentials credentials;
  if (!object.is_object()) return credentials;
  const auto text = [&](const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (const auto key = object.find("key"); key != object.end() && key->is_array())
    for (const json& octet : *key)
      if (octet.is_number_unsigned()) credentials.key.push_back(octet.get<uint8_t>());
  credentials.certificate = text("certificate");
  credentials.private_key = text("private_key");
  credentials.authority = text("authority");
  return credentials;
}

Result<RoadOptions> road_in(const json& command) {
  RoadOptions road{.mtu = command.value("mtu", size_t{0})};
  if (const auto found = command.find("credentials"); found != command.end())
    road.credentials = credentials_in(*found);
  road.address = TRY(
      platform::Endpoint::resolve(command.value("address", std::string()), tunnel::kControlPort));
  return road;
}

}  // namespace

CommandSession::CommandSession(Server& server, Connection& connection)
    : server_(server), connection_(connection) {
  server_.hold();
}

CommandSession::~CommandSession() {
  *alive_ = false;
  capture_.reset();
  tunnel_.reset();
  air_.reset();
  replay_.reset();
  tap_.reset();
  // From the loop: to end a lab is to close connections.
  if (is_bringing_up_)
    server_.loop().queue().post([&server = server_] { server.lab().interrupt(); });
  server_.release();
}

interpose::Stamp CommandSession::stamp() {
  return {static_cast<uint64_t>(server_.now().since_epoch.count()), ++sequence_};
}

void CommandSession::answer(const std::string& text) {
  connection_.send(emit_command_message(kAnswer, text, stamp()));
}

void CommandSession::refuse(const Error& error) {
  const std::string text = error.text.empty() ? to_string(error.code) : error.text;
  answer(json{{"error", text}}.dump());
}

bool CommandSession::on_message(std::span<const uint8_t> message) {
  const auto command = parse_command_message(message);
  if (command && command->type == kReplayFrame && replay_) {
    on_replay_frame(command->body);
    return true;
  }
  if (!command || command->type != kCommand) return false;
  return run(command->text());
}

void CommandSession::on_writable() {
  if (capture_) capture_->flush();
}

bool CommandSession::run(const std::string& text) {
  const json command = json::parse(text, nullptr, false);
  if (!command.is_object() || !command.contains("verb")) return false;
  const auto word = [&](const char* key) {
    const auto found = command.find(key);
    return found != command.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto number = [&](const char* key) {
    const auto found = command.find(key);
    return found != command.end() && found->is_number_unsigned() ? found->get<uint32_t>() : 0u;
  };
  const std::string verb = word("verb");
  if (verb == "hold") {
    hold(word("host"));
  } else if (verb == "status") {
    answer(status_report(server_));
  } else if (verb == "up") {
    up(word("lab"), word("name"), word("directory"));
  } else if (verb == "interrupt") {
    server_.lab().interrupt();
  } else if (verb == "down") {
    down();
  } else if (verb == "capture") {
    capture({.host = word("host"), .radio = word("radio")}, command.value("nl80211", false));
  } else if (verb == "replay") {
    replay();
  } else if (verb == "tap") {
    tap({.name = word("name"),
         .host = word("host"),
         .radio = word("radio"),
         .dlt = number("dlt"),
         .mhz = number("mhz")});
  } else if (verb == "tunnel" || verb == "air_serve" || verb == "air_join") {
    const auto road = road_in(command);
    const auto joins = !road              ? std::unexpected(road.error())
                       : verb == "tunnel" ? join_tunnel(word("host"), *road)
                                          : share_air(verb == "air_join", *road);
    if (!joins) refuse(joins.error());
  } else if (verb == "stop") {
    stop();
  } else {
    refuse({Errc::kUnsupported, "the daemon does not know the command '" + verb + "'"});
  }
  return true;
}

void CommandSession::hold(const std::string& host) {
  if (host.empty() || server_.find_host(host) != nullptr) return answer("{}");
  std::vector<std::string> names;
  for (const auto& [name, runtime] : server_.hosts()) names.push_back(name);
  refuse({Errc::kNotFound,
          fmt::format("there is no host '{}'; there {}: {}", host, names.size() == 1 ? "is" : "are",
                      names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")))});
}

void CommandSession::up(const std::string& lab, const std::string& name,
                        const std::string& directory) {
  auto parsed = lab::LabFile::parse(lab, name);
  if (!parsed) return refuse(parsed.error());
  const auto alive = alive_;
  LabRunner::Reports reports;
  reports.progress = [this, alive](const std::string& event) {
    if (*alive) connection_.send(emit_command_message(kProgress, event, stamp()));
  };
  reports.done = [this, alive](Result<void> outcome) {
    if (!*alive) return;
    is_bringing_up_ = false;
    if (!outcome) return refuse(outcome.error());
    answer("{}");
  };
  is_bringing_up_ = true;
  server_.lab().up(*parsed, directory, std::move(reports));
}

void CommandSession::down() {
  const auto alive = alive_;
  server_.end([this, alive] {
    if (*alive) answer("{}");
  });
}

void CommandSession::capture(const lab::AirSelection& selection, bool with_netlink) {
  if (capture_) return refuse({Errc::kAlready, "it captures already"});
  if (!selection.host.empty() && server_.find_host(selection.host) == nullptr)
    return hold(selection.host);  // which says so
  if (const auto known = selection.check(server_.world()); !known) return refuse(known.error());
  auto slots = platform::SharedSlots::create();
  if (!slots) return refuse(slots.error());
  const std::array<int, 1> descriptors = {slots->fd()};
  connection_.send(emit_command_message(kProgress, "{}", stamp()), descriptors);
  capture_ = std::make_unique<CaptureStream>(server_.world(), connection_, *std::move(slots));
  capture_->start(selection, with_netlink);
}

void CommandSession::replay() {
  if (replay_) return refuse({Errc::kAlready, "it replays already"});
  replay_ = std::make_unique<lab::AirReplay>(server_.world());
  connection_.send(emit_command_message(kProgress, "{}", stamp()));
}

void CommandSession::on_replay_frame(std::span<const uint8_t> body) {
  const auto frame = parse_replay_frame(body);
  if (!frame) return refuse(frame.error());
  if (auto added = replay_->add(*frame); !added) refuse(added.error());
}

void CommandSession::tap(const RawTapOptions& options) {
  if (tap_) return refuse({Errc::kAlready, "there is a tap on this connection already"});
  auto opened = RawTap::open(server_, options);
  if (!opened) return refuse(opened.error());
  tap_ = std::move(*opened);
  connection_.send(emit_command_message(kProgress, json{{"radio", tap_->where()}}.dump(), stamp()));
}

void CommandSession::stop() {
  if (replay_) {
    const auto alive = alive_;
    replay_->finish([this, alive] {
      if (*alive) answer(json{{"frames", replay_->frames()}}.dump());
    });
  } else if (tap_) {
    tap_.reset();
    answer("{}");
  } else {
    stop_capture();
  }
}

void CommandSession::tell(const std::string& news) {
  connection_.send(emit_command_message(kProgress, json{{"what", news}}.dump(), stamp()));
}

/// The sockets are where the command is: its network namespace decides the road.
Result<platform::NetNamespace::Entered> CommandSession::enter_peers_network() {
  return platform::NetNamespace::adopt(TRY(connection_.socket().network_namespace())).enter();
}

Result<void> CommandSession::join_tunnel(const std::string& name, const RoadOptions& options) {
  if (tunnel_) return fail(Errc::kAlready, "it has a tunnel already");
  if (!lab::is_host_name(name)) return fail(Errc::kInvalid, "'" + name + "' cannot name a host");
  HostRuntime* host = server_.find_host(name);
  if (host == nullptr) host = TRY(server_.add_host(name, 0));
  auto road = [&]() -> Result<std::unique_ptr<AcRoad>> {
    const auto entered = TRY(enter_peers_network());
    return AcRoad::create(server_.loop(), options);
  }();
  connection_.host = name;
  tunnel_ = std::make_unique<TunnelJoin>(server_.loop(), server_.world(), *host, server_.rng(),
                                         TRY(std::move(road)), options.address.to_string(),
                                         [this](const Result<std::string>& news) {
                                           if (!news) return refuse(news.error());
                                           tell(*news);
                                         });
  return {};
}

Result<void> CommandSession::share_air(bool joins, const RoadOptions& options) {
  const auto entered = TRY(enter_peers_network());
  const auto report = [this, alive = alive_](const std::string& news) {
    if (*alive) tell(news);
  };
  if (joins) {
    air_ = TRY(AirShare::join(server_, options, report));
  } else {
    air_ = TRY(AirShare::serve(server_, options, report));
    tell("the air is served at " + options.address.to_string());
  }
  return {};
}

void CommandSession::stop_capture() {
  if (!capture_) return refuse({Errc::kInvalid, "there is nothing to stop"});
  capture_->finish();
  answer(json{{"frames", capture_->frames()},
              {"messages", capture_->messages()},
              {"lost", capture_->lost()}}
             .dump());
}

}  // namespace airloom::daemon
