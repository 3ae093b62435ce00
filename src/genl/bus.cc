#include "genl/bus.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <algorithm>

#include "base/assert.h"
#include "genl/controller.h"
#include "netlink/errno.h"

namespace airloom::genl {

void Request::send(netlink::MessageWriter&& message) {
  bus.reply(client, std::move(message));
}

Bus::Bus(Log log, Observer* observer)
    : log_(std::move(log)), observer_(observer), controller_(std::make_unique<Controller>(*this)) {
  families_.emplace(GENL_ID_CTRL, Registered{GENL_ID_CTRL, controller_.get(), GENL_ID_CTRL});
}

Bus::~Bus() = default;

FamilyId Bus::add(Family& family) {
  const FamilyInfo& info = family.info();
  WLAN_ASSERT(!find_family(info.name));
  FamilyId id = GENL_MAX_ID;
  while (families_.contains(id)) --id;
  WLAN_ASSERT(id > GENL_START_ALLOC);
  families_.emplace(id, Registered{id, &family, next_group_});
  next_group_ += static_cast<uint32_t>(info.groups.size());
  controller_->announce(*find_family(id), CTRL_CMD_NEWFAMILY);
  return id;
}

void Bus::remove(FamilyId id) {
  const auto family = find_family(id);
  if (!family) return;
  for (auto& [client_id, client] : clients_) {
    if (!client->dump || client->dump->family != id) continue;
    client->dump->dump.reset();
    client->dump->finished = true;
    client->dump->outcome = fail(Errc::kNotFound);
    continue_dump(*client);
  }
  families_.erase(id);
  controller_->announce(*family, CTRL_CMD_DELFAMILY);
}

std::vector<Bus::Registered> Bus::families() const {
  std::vector<Registered> all;
  for (const auto& [id, family] : families_) all.push_back(family);
  return all;
}

std::optional<Bus::Registered> Bus::find_family(FamilyId id) const {
  const auto at = families_.find(id);
  if (at == families_.end()) return std::nullopt;
  return at->second;
}

std::optional<Bus::Registered> Bus::find_family(std::string_view name) const {
  for (const auto& [id, family] : families_)
    if (family.family->info().name == name) return family;
  return std::nullopt;
}

ClientId Bus::open(ClientSink& sink, NamespaceId ns, Credentials credentials) {
  const ClientId id = ++last_client_;
  clients_.emplace(id, std::make_unique<Client>(sink, observer_, ns, credentials));
  return id;
}

void Bus::close(ClientId id) {
  const auto at = clients_.find(id);
  if (at == clients_.end()) return;
  // Off the table first: what families do next must not reach the closed sink.
  const std::unique_ptr<Client> client = std::move(at->second);
  clients_.erase(at);
  if (client->port == 0) return;
  ports_.erase({client->ns, client->port});
  for (const Registered& family : families())
    family.family->on_client_closed(client->ns, client->port);
}

Client* Bus::find(ClientId id) {
  const auto at = clients_.find(id);
  return at == clients_.end() ? nullptr : at->second.get();
}

const Client* Bus::find(ClientId id) const {
  const auto at = clients_.find(id);
  return at == clients_.end() ? nullptr : at->second.get();
}

bool Bus::port_taken(NamespaceId ns, PortId port) const {
  return ports_.contains({ns, port});
}

PortId Bus::autobind(const Client& client) const {
  const PortId pid = client.credentials.pid;
  if (pid != 0 && !port_taken(client.ns, pid)) return pid;
  PortId candidate = static_cast<PortId>(-4097);  // the kernel searches downwards from here, too
  while (port_taken(client.ns, candidate)) --candidate;
  return candidate;
}

Result<PortId> Bus::bind(ClientId id, PortId wanted) {
  Client* client = find(id);
  if (!client) return fail(Errc::kNotFound);
  if (client->port != 0) {
    if (wanted != 0 && wanted != client->port) return fail(Errc::kInvalid);
    return client->port;
  }
  if (wanted != 0 && port_taken(client->ns, wanted)) return fail(Errc::kAddressInUse);
  client->port = wanted != 0 ? wanted : autobind(*client);
  ports_[{client->ns, client->port}] = id;
  return client->port;
}

PortId Bus::port(ClientId id) const {
  const Client* client = find(id);
  return client ? client->port : 0;
}

Result<void> Bus::join(ClientId id, uint32_t group) {
  Client* client = find(id);
  if (!client) return fail(Errc::kNotFound);
  if (group == 0 || group >= next_group_) return fail(Errc::kInvalid);
  client->groups.insert(group);
  return {};
}

Result<void> Bus::leave(ClientId id, uint32_t group) {
  Client* client = find(id);
  if (!client) return fail(Errc::kNotFound);
  if (group == 0 || group >= next_group_) return fail(Errc::kInvalid);
  client->groups.erase(group);
  return {};
}

std::vector<uint32_t> Bus::groups(ClientId id) const {
  const Client* client = find(id);
  if (!client) return {};
  return {client->groups.begin(), client->groups.end()};
}

void Bus::set_option(ClientId id, ClientOption option, bool on) {
  Client* client = find(id);
  if (!client) return;
  const uint32_t bit = 1u << static_cast<unsigned>(option);
  client->options = on ? client->options | bit : client->options & ~bit;
  if (option == ClientOption::kNoEnobufs && on) client->congested = false;
}

void Bus::set_credentials(ClientId id, Credentials credentials) {
  if (Client* client = find(id)) client->credentials = credentials;
}

void Bus::set_receive_buffer(ClientId id, size_t octets) {
  if (Client* client = find(id)) client->receive_buffer = octets;
}

void Bus::set_receive_size(ClientId id, size_t octets) {
  Client* client = find(id);
  if (client) client->receive_size = std::max(client->receive_size, octets);
}

void Bus::drain(ClientId id) {
  Client* client = find(id);
  if (!client) return;
  client->drain();
  continue_dump(*client);
}

void Bus::reply(ClientId id, netlink::MessageWriter&& message) {
  if (Client* client = find(id)) client->send(std::move(message).finish(), 0);
}

ReplyTo Bus::event(FamilyId id) const {
  const auto family = find_family(id);
  return {.family = id, .version = family ? family->family->info().version : uint8_t{1}};
}

void Bus::multicast(FamilyId id, size_t group_index, NamespaceId ns,
                    netlink::MessageWriter&& message) {
  const auto family = find_family(id);
  if (!family) return;
  send_to_group(family->first_group + static_cast<uint32_t>(group_index), ns,
                std::move(message).finish());
}

void Bus::send_to_group(uint32_t group, NamespaceId ns, const Octets& datagram) {
  for (auto& [id, client] : clients_)
    if (client->ns == ns && client->groups.contains(group)) client->send(datagram, group);
}

void Bus::announce(uint32_t group, const Octets& datagram) {
  for (auto& [id, client] : clients_)
    if (client->groups.contains(group)) client->send(datagram, group);
}

bool Bus::has_listeners(FamilyId id, size_t group_index, NamespaceId ns) const {
  const auto family = find_family(id);
  if (!family) return false;
  const uint32_t group = family->first_group + static_cast<uint32_t>(group_index);
  return std::any_of(clients_.begin(), clients_.end(), [&](const auto& entry) {
    return entry.second->ns == ns && entry.second->groups.contains(group);
  });
}

Result<void> Bus::unicast(NamespaceId ns, PortId port, netlink::MessageWriter&& message) {
  const auto at = ports_.find({ns, port});
  if (at == ports_.end()) return fail(Errc::kNotFound);
  find(at->second)->send(std::move(message).finish(), 0);
  return {};
}

}  // namespace airloom::genl
