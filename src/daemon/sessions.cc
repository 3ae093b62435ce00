#include "daemon/sessions.h"

#include <linux/genetlink.h>

#include <array>
#include <variant>

#include "daemon/command_session.h"
#include "daemon/netlink_session.h"
#include "daemon/packet_session.h"
#include "daemon/route_session.h"
#include "daemon/runtime_dir.h"
#include "lab/lab_file.h"
#include "netlink/errno.h"
#include "platform/namespace.h"

namespace airloom::daemon {

using namespace interpose;

bool FirstSession::refuse(Errc code, std::string text) {
  connection_.send(
      emit_message(Refused{.error = netlink::to_errno(code), .text = std::move(text)}, {}));
  connection_.close_after_output();
  return true;
}

bool FirstSession::on_message(std::span<const uint8_t> message) {
  if (server_.is_ending()) return false;
  Reader reader(message);
  const auto header = parse_header(reader);
  if (!header)
    return refuse(Errc::kUnsupported,
                  "this airloom and the running daemon are of different versions: end the daemon "
                  "(airloom down) and start anew");
  if (header->type >= MessageType::kCommandFirst) {
    auto session = std::make_unique<CommandSession>(server_, connection_);
    const bool good = session->on_message(message);
    connection_.set_session(std::move(session));
    return good;
  }
  const auto envelope = parse_message(message);
  if (!envelope) return false;
  if (const auto* attach = std::get_if<Attach>(&envelope->message)) return on_attach(*attach);
  if (const auto* open = std::get_if<Open>(&envelope->message)) return on_open(*open);
  if (const auto* channel = std::get_if<Channel>(&envelope->message)) return on_channel(*channel);
  return false;
}

namespace {

// @param user  the user namespace to join; -1: none.
void add_namespaces(const HostRuntime& host, int user, Attached& attached,
                    std::vector<int>& descriptors) {
  if (user >= 0) {
    attached.descriptors.push_back(Namespace::kUser);
    descriptors.push_back(user);
  }
  attached.descriptors.push_back(Namespace::kNetwork);
  descriptors.push_back(host.namespaces().network.fd());
  if (host.namespaces().mount) {
    attached.descriptors.push_back(Namespace::kMount);
    descriptors.push_back(host.namespaces().mount.get());
  }
}

}  // namespace

bool FirstSession::on_attach(const Attach& attach) {
  if (!lab::is_host_name(attach.host))
    return refuse(Errc::kInvalid,
                  "'" + attach.host + "' cannot name a host: letters, digits, '-', '_' and '.'");
  if (is_of_another_host(attach.host))
    return refuse(Errc::kPermission,
                  "a program of another host has no way to '" + attach.host + "' but the air");
  HostRuntime* host = server_.find_host(attach.host);
  if (host == nullptr) {
    auto added = server_.add_host(attach.host, 1);
    if (!added) return refuse(added.error().code, added.error().text);
    host = *added;
  }
  Attached attached;
  attached.realtime_epoch_ns =
      static_cast<uint64_t>(server_.world().ports().wall_clock_offset.count());
  attached.participant = server_.add_participant(attach.host);
  attached.preload = preload_path(server_.runtime_dir());
  connection_.host = attach.host;
  for (const auto& registered : host->host().bus().families()) {
    if (registered.id == GENL_ID_CTRL) continue;  // every host has its own beside the kernel's
    const auto& info = registered.family->info();
    Family family{.id = registered.id, .name = std::string(info.name)};
    for (size_t i = 0; i < info.groups.size(); ++i)
      family.groups.push_back(
          {registered.first_group + static_cast<uint32_t>(i), std::string(info.groups[i])});
    attached.families.push_back(std::move(family));
  }
  std::vector<int> descriptors;
  const auto user = platform::user_namespace_to_join();
  if (host->emulated() != nullptr) {
    attached.emulated = server_.why_emulated();
    attached.sysfs = host->sysfs_root();
  } else {
    add_namespaces(*host, user ? user->get() : -1, attached, descriptors);
  }
  connection_.set_session(std::make_unique<FrontEndSession>(server_, attached.participant));
  connection_.send(emit_message(attached, {}), descriptors);
  return true;
}

bool FirstSession::on_open(const Open& open) {
  HostRuntime* host = server_.host_of(open.participant);
  if (host == nullptr) return refuse(Errc::kNoDevice, "that host is gone");
  if (is_of_another_host(host->name()))
    return refuse(Errc::kPermission, "that host is another one's");
  if (!server_.has_room_for_client(host->name()))
    return refuse(Errc::kTooMany, "the host's programs have too many netlink sockets");
  connection_.host = host->name();
  auto session = make_session(*host, open);
  if (!session) return refuse(session.error().code, session.error().text);
  connection_.set_session(std::move(*session));
  connection_.send(emit_message(Outcome{}, {}));
  return true;
}

Result<std::unique_ptr<Connection::Session>> FirstSession::make_session(HostRuntime& host,
                                                                        const Open& open) {
  SocketTable& table = server_.sockets();
  if (open.kind == SocketKind::kGenericNetlink)
    return std::make_unique<NetlinkSession>(table, connection_, host, space_of(host), open);
  if (host.emulated() == nullptr)
    return fail(Errc::kUnsupported, "interfaces are the kernel's on this host");
  if (open.kind == SocketKind::kRouteNetlink)
    return std::make_unique<RouteSession>(table, connection_, *host.emulated(), open,
                                          server_.why_emulated());
  return std::make_unique<PacketSession>(table, connection_, *host.emulated(), open);
}

genl::NamespaceId FirstSession::space_of(HostRuntime& host) const {
  if (host.emulated() != nullptr) return 0;
  // The connection was made where the program's socket is.
  auto network = connection_.socket().network_namespace();
  return network ? host.spaces().id_of(std::move(*network)).value_or(0) : 0;
}

// Where interfaces are emulated, hosts have no namespaces to be known by.
bool FirstSession::is_of_another_host(const std::string& host) const {
  if (!server_.why_emulated().empty()) return false;
  auto network = connection_.socket().network_namespace();
  if (!network) return false;  // the machine's own, which an ordinary user may not look into
  const auto id = platform::NetNamespace::adopt(std::move(*network)).id();
  return id && server_.is_of_another(host, *id);
}

bool FirstSession::on_channel(const Channel& channel) {
  HostRuntime* host = server_.host_of(channel.participant);
  if (host == nullptr || is_of_another_host(host->name())) return false;
  auto answers = platform::PacketPipe::create();
  if (!answers) return refuse(answers.error().code, answers.error().text);
  connection_.host = host->name();
  const platform::UniqueFd reader = answers->take_reader();
  connection_.set_session(
      std::make_unique<ChannelSession>(server_.sockets(), std::move(*answers), host->emulated()));
  connection_.send(emit_message(Outcome{}, {}), std::array{reader.get()});
  return true;
}

}  // namespace airloom::daemon
