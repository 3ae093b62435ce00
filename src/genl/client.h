// The client side of the bus: a sink that takes datagrams, what a client may set, and the bounded
// queue between the two. The queue accounts like a socket's receive buffer: when it is full a
// message is lost, and that is signalled once, in band. [socket(7) SO_RCVBUF] [netlink(7)]
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <span>

#include "genl/family.h"

namespace airloom::genl {

struct Credentials {
  bool net_admin = true;  // CAP_NET_ADMIN in the namespace's user namespace
  uint32_t pid = 0;       // what autobinding tries first
};

enum class ClientOption : uint8_t {
  kExtAck,       // NETLINK_EXT_ACK
  kCapAck,       // NETLINK_CAP_ACK
  kNoEnobufs,    // NETLINK_NO_ENOBUFS
  kStrictCheck,  // NETLINK_GET_STRICT_CHK
};

/// Where a client's datagrams go. Calls come from within Bus calls: a sink must not call the bus
/// back, and stays alive until Bus::close().
class ClientSink {
 public:
  virtual ~ClientSink() = default;
  /// Takes a datagram of one or more messages. @param group  0: sent to this client alone.
  /// @return false: no room; the bus keeps it, and the sink's owner calls Bus::drain() later.
  virtual bool deliver(std::span<const uint8_t> datagram, uint32_t group) = 0;
  /// Messages after those delivered so far were lost: the client's next receive fails, once, with
  /// ENOBUFS.
  virtual void overrun() = 0;
};

/// Sees what goes between clients and the bus, as Linux' nlmon does: each datagram of requests, and
/// each datagram to a client when it is delivered or queued for it.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_requests(std::span<const uint8_t> datagram) = 0;
  virtual void on_delivery(std::span<const uint8_t> datagram) = 0;
};

/// One client as the bus keeps it.
struct Client {
  Client(ClientSink& its_sink, Observer* its_observer, NamespaceId its_ns,
         Credentials its_credentials)
      : sink(its_sink), observer(its_observer), ns(its_ns), credentials(its_credentials) {}

  bool has(ClientOption option) const { return options & (1u << static_cast<unsigned>(option)); }
  /// Hands the datagram to the sink, or queues it, or loses it.
  void send(Octets datagram, uint32_t group);
  /// The same without a bound: for dumps, which stop by themselves while the queue is half full.
  void send_unbounded(Octets datagram);
  /// Hands over what waits, while the sink takes it.
  void drain();

  struct Waiting {
    Octets datagram;
    uint32_t group;
  };
  struct RunningDump {
    FamilyId family;
    std::unique_ptr<Dump> dump;
    ReplyTo reply_to;
    uint32_t generation = 0;
    Octets carried;  // a message that did not fit the datagram before
    Result<void> outcome{};
    bool finished = false;
  };

  ClientSink& sink;
  Observer* observer;  // may be null
  NamespaceId ns;
  Credentials credentials;
  PortId port = 0;
  uint32_t options = 0;
  std::set<uint32_t> groups;
  std::unique_ptr<RunningDump> dump;
  std::deque<Waiting> queue;
  size_t queued = 0;               // accounted octets in `queue`
  size_t receive_buffer = 212992;  // SO_RCVBUF
  size_t receive_size = 0;         // the largest buffer the client has received with
  bool congested = false;          // lost something; cleared when the queue has emptied
};

}  // namespace airloom::genl
