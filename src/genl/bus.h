// The generic netlink bus: clients on one side, families on the other, between them what a kernel
// does: port ids, multicast groups, acknowledgements, dumps, namespaces, bounded queues. nlctrl is
// built in. It knows no family's meaning. [genetlink.h] [RFC 3549 2]
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "genl/client.h"
#include "genl/family.h"

namespace airloom::genl {

class Controller;

class Bus {
 public:
  /// @param observer  sees all messages; null: nobody. Outlives the bus.
  explicit Bus(Log log, Observer* observer = nullptr);
  ~Bus();
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  // Families. Ids are given out from the top of the dynamic range down, group ids from
  // kFirstGroup up, so that neither meets those of a kernel underneath.
  static constexpr uint32_t kFirstGroup = 0x100;

  /// Puts a family on the bus; it must outlive its stay. Its name must be new.
  FamilyId add(Family& family);
  /// Takes it off; its running dumps end.
  void remove(FamilyId id);

  // Clients.
  ClientId open(ClientSink& sink, NamespaceId ns, Credentials credentials = {});
  /// Ends a client: families hear of its port; nothing more is delivered.
  void close(ClientId id);
  /// Binds to a port id, or with 0 to one of the bus's choosing. Binding again to the same is fine.
  /// @error kAddressInUse  another client of the namespace has it
  /// @error kInvalid  the client is bound to another
  Result<PortId> bind(ClientId id, PortId wanted = 0);
  /// The client's port id; 0 before bind() or its first request.
  PortId port(ClientId id) const;
  /// @error kInvalid  no such group can exist
  Result<void> join(ClientId id, uint32_t group);
  Result<void> leave(ClientId id, uint32_t group);
  std::vector<uint32_t> groups(ClientId id) const;
  void set_option(ClientId id, ClientOption option, bool on);
  /// Rights may differ from one request to the next: they are those of the process that sends it.
  void set_credentials(ClientId id, Credentials credentials);
  /// Bounds the octets that may wait for the client (SO_RCVBUF, as getsockopt reports it).
  void set_receive_buffer(ClientId id, size_t octets);
  /// Tells how large a buffer the client receives with; dumps use as large datagrams, to 32 KiB.
  void set_receive_size(ClientId id, size_t octets);
  /// Handles a datagram of requests. Replies, errors and the first datagram of a dump have been
  /// handed to the sink or queued when it returns.
  void request(ClientId id, std::span<const uint8_t> datagram);
  /// The client's sink has room again: hands over what waits and goes on with its dump.
  void drain(ClientId id);

  // For families.
  /// Sends a message to every client of the namespace in the family's group of that index.
  void multicast(FamilyId family, size_t group_index, NamespaceId ns,
                 netlink::MessageWriter&& message);
  /// Sends a message to the client bound to `port`.
  /// @error kNotFound  there is none
  Result<void> unicast(NamespaceId ns, PortId port, netlink::MessageWriter&& message);
  /// True if any client of the namespace would receive a multicast.
  bool has_listeners(FamilyId family, size_t group_index, NamespaceId ns) const;
  /// Makes event messages of a family: sequence and port 0.
  ReplyTo event(FamilyId family) const;

  /// Sends a message to one client, whatever its port: how Request::send() does it.
  void reply(ClientId id, netlink::MessageWriter&& message);

  // For nlctrl.
  /// Sends a datagram to the members of a group in every namespace.
  void announce(uint32_t group, const Octets& datagram);
  struct Registered {
    FamilyId id;
    Family* family;
    uint32_t first_group;
  };
  /// Every family, in order of its id.
  std::vector<Registered> families() const;
  std::optional<Registered> find_family(FamilyId id) const;
  std::optional<Registered> find_family(std::string_view name) const;

 private:
  Client* find(ClientId id);
  const Client* find(ClientId id) const;
  PortId autobind(const Client& client) const;
  bool port_taken(NamespaceId ns, PortId port) const;

  void handle(ClientId id, Client& client, const netlink::Message& message);
  Result<void> dispatch(ClientId id, Client& client, const netlink::Message& message,
                        netlink::ExtAck& ack, bool& answered_later);
  Result<void> start_dump(Client& client, const Registered& family, const Operation& operation,
                          Request& request, bool& answered_later);
  void acknowledge(Client& client, const netlink::Message& message, const Result<void>& outcome,
                   const netlink::ExtAck& ack);
  void continue_dump(Client& client);
  Octets fill_dump(Client& client);
  void send_to_group(uint32_t group, NamespaceId ns, const Octets& datagram);

  Log log_;
  Observer* observer_;
  std::map<FamilyId, Registered> families_;
  std::map<ClientId, std::unique_ptr<Client>> clients_;
  std::map<std::pair<NamespaceId, PortId>, ClientId> ports_;
  ClientId last_client_ = 0;
  uint32_t next_group_ = kFirstGroup;
  std::unique_ptr<Controller> controller_;
};

}  // namespace airloom::genl
