// The daemon protocol: what `airloom run` (or another front end) and the daemon say to each other
// over AF_UNIX SOCK_SEQPACKET at one path. One datagram is one message, or from the daemon several
// (Together); each begins with a header that carries the sender's time and a sequence number of its
// own per connection.
//
// A connection declares itself by its first message:
//  - Attach makes it a front end's connection. The daemon answers Attached (with descriptors, in
//    the order of `Attached::descriptors`) or Refused. It stays open for as long as a program of
//    that run lives, carries nothing more in real time mode, and its end means the run has ended.
//  - Open makes it one netlink socket of a program. The daemon answers Outcome or Refused. Its end
//    means that the last copy of that socket was closed: the daemon releases the port id.
//  - Channel makes it one process' road for what it asks about sockets that were opened with a
//    cookie: each message names the socket by that. The daemon answers Outcome, with the reading
//    end of a pipe (or Refused); all further answers come through that.
//
// A socket with a cookie is the program's own descriptor: its connection carries Deliver, Frame and
// Overrun only, and is the receive queue, which poll() and whoever shares it see as it is. The
// kernel keeps the account of what is unread.
//
// On a netlink connection the front end sends Bind, Membership, SetOption, Request, Consumed and
// Close; the daemon answers each, in order, with one Outcome. What a request produces (replies,
// ACKs, dumps) and events travel as Deliver; whatever a message produced at once is sent before its
// Outcome, so that a program finds its answer queued when its sendmsg() returns, as with the
// kernel.
//
// Else the front end is the receive queue. The daemon keeps the account: while what it has
// delivered, less what was reported by Consumed, exceeds the receive buffer
// (Option::kReceiveBuffer), it sends no Deliver; what waits then waits in its own bounded queue,
// and when that loses something it says Overrun, once. The front end reports at the latest when the
// program has taken half the buffer. Integers are little-endian, strings have a 16-bit length.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/writer.h"
#include "interpose/wire.h"

namespace airloom::interpose {

/// When a message left, on its sender's clock, and its number on this connection (from 1).
struct Stamp {
  uint64_t time_ns = 0;
  uint64_t sequence = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

/// "I run `program` on host `host`; what does it need?"
struct Attach {
  std::string host;
  std::string program;
  uint32_t pid = 0;
  friend bool operator==(const Attach&, const Attach&) = default;
};

enum class TimeMode : uint8_t { kReal = 0, kVirtual = 1 };
/// A descriptor passed with Attached. The front end enters those it gets, in the order of this
/// list; the mount namespace (which has the host's /sys) is the program's alone.
enum class Namespace : uint8_t { kUser = 0, kNetwork = 1, kMount = 2 };

struct Group {
  uint32_t id = 0;
  std::string name;
  friend bool operator==(const Group&, const Group&) = default;
};
struct Family {
  uint16_t id = 0;
  std::string name;
  std::vector<Group> groups;
  friend bool operator==(const Family&, const Family&) = default;
};

/// The host as it is. Generic netlink messages of these families, and nlctrl's about them, go to
/// the daemon; all others to the kernel.
struct Attached {
  TimeMode time_mode = TimeMode::kReal;
  uint64_t realtime_epoch_ns = 0;   ///< CLOCK_REALTIME at the world's time 0
  uint64_t monotonic_epoch_ns = 0;  ///< CLOCK_MONOTONIC at the world's time 0
  uint64_t seed = 0;
  uint32_t participant = 0;  ///< names this front end in its Open messages
  std::vector<Family> families;
  std::vector<Namespace> descriptors;
  std::string preload;   ///< the path of the library that is the other front end
  std::string emulated;  ///< why its interfaces are the daemon's alone, which only the library
                         ///< serves; empty: they are the kernel's
  std::string sysfs;     ///< where emulated: the folder that stands for /sys
  friend bool operator==(const Attached&, const Attached&) = default;
};

/// No to Attach or Open; the connection ends. `text` is one sentence for the user.
struct Refused {
  int32_t error = 0;  ///< a positive errno
  std::string text;
  friend bool operator==(const Refused&, const Refused&) = default;
};

/// A generic netlink socket of process `pid` (its thread group) on the participant's host. The
/// network namespace is the one the connection was made in (SIOCGSKNS).
struct Open {
  uint32_t participant = 0;
  uint32_t pid = 0;
  bool privileged = false;  ///< the opener has CAP_NET_ADMIN
  SocketKind kind = SocketKind::kGenericNetlink;
  uint8_t type = 0;     ///< SOCK_RAW or SOCK_DGRAM
  uint64_t cookie = 0;  ///< SO_COOKIE of the program's descriptor; 0: asked on this connection
  friend bool operator==(const Open&, const Open&) = default;
};

/// The process `pid` asks from here about its sockets.
struct Channel {
  uint32_t participant = 0;
  uint32_t pid = 0;
  friend bool operator==(const Channel&, const Channel&) = default;
};

/// Takes a port id; 0 asks for `pid` or, where that is taken, any other.
/// Outcome: the port id, or EADDRINUSE; EINVAL if another is bound already. Of a packet socket they
/// are the interface's index (0: all) and the protocol, in the host's order (0: as before).
struct Bind {
  uint32_t port = 0;
  uint32_t pid = 0;
  friend bool operator==(const Bind&, const Bind&) = default;
};

/// Joins or leaves a multicast group, which may be any number.
struct Membership {
  uint32_t group = 0;
  bool join = true;
  friend bool operator==(const Membership&, const Membership&) = default;
};

struct SetOption {
  Option option = Option::kExtendedAck;
  uint32_t value = 0;
  friend bool operator==(const SetOption&, const SetOption&) = default;
};

/// A datagram that the program sent to port 0, the kernel. Before it is dispatched the daemon
/// drains the host's rtnetlink and TAP queues. Outcome: 0 when it has been processed (whatever the
/// ACK in it says), ECONNREFUSED and the like where sendmsg() itself fails.
struct Request {
  bool privileged = false;  ///< the sender has CAP_NET_ADMIN
  std::span<const uint8_t> datagram;
};

/// The program has taken this many octets of delivered datagrams since the last Consumed. Outcome:
/// 0, after what there was room for again.
struct Consumed {
  uint32_t octets = 0;
  friend bool operator==(const Consumed&, const Consumed&) = default;
};

/// The program has closed its last copy of the socket: as the connection's end, but waited for, so
/// that what the program does next finds the port id and what hung on it released.
struct Close {
  friend bool operator==(const Close&, const Close&) = default;
};

/// Asks for the state of a socket that another process has made. Answer: the port id as its value;
/// octets: SocketKind (1), type (1), zero (2), a bit for each Option that is on (4), then the
/// numbers of its groups (4 each), or of a packet socket its struct sockaddr_ll.
struct Describe {
  friend bool operator==(const Describe&, const Describe&) = default;
};

/// An ioctl on network devices, where they are emulated, with its struct ifreq. Answer: that struct
/// as it is afterwards; ENODEV: no device of the host, so it is the kernel's affair.
struct Ioctl {
  uint32_t request = 0;
  bool privileged = false;
  std::span<const uint8_t> argument;
};

struct Answer {
  int32_t error = 0;  ///< a positive errno, or 0
  uint32_t value = 0;
  Octets octets;
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// A frame of a packet socket, with its address as struct sockaddr_ll has it (20 octets, ifindex
/// and protocol 0: as bound).
struct Frame {
  std::span<const uint8_t> address;
  std::span<const uint8_t> octets;
};
constexpr size_t kFrameAddressSize = 20;

struct Outcome {
  int32_t error = 0;  ///< a positive errno, or 0
  uint32_t value = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// A datagram for the socket's receive queue.
struct Deliver {
  uint32_t group = 0;  ///< 0: unicast
  std::span<const uint8_t> datagram;
};

/// Events were lost: the next receive fails with ENOBUFS (unless NETLINK_NO_ENOBUFS).
struct Overrun {
  friend bool operator==(const Overrun&, const Overrun&) = default;
};

using Message =
    std::variant<Attach, Open, Bind, Membership, SetOption, Request, Consumed, Close, Describe,
                 Channel, Ioctl, Attached, Refused, Outcome, Deliver, Overrun, Answer, Frame>;

/// The header of any message, those of kCommandFirst and later included.
struct Header {
  MessageType type = MessageType::kAttach;
  Stamp stamp;
  uint64_t socket = 0;
};

/// @error kUnsupported  another protocol version;  kTruncated.
Result<Header> parse_header(Reader& reader);
void emit_header(Writer& writer, const Header& header);

struct Envelope {
  Stamp stamp;
  Message message;
  uint64_t socket = 0;  ///< on a channel: whom it is about
};

/// Reads one datagram. Spans in the message point into it.
/// @error kUnsupported  another version, or a type that is not one of `Message`;  kMalformed.
Result<Envelope> parse_message(std::span<const uint8_t> datagram);
Octets emit_message(const Message& message, Stamp stamp);

/// Gathers what leaves at once into one datagram: a header, then each message behind its size (4).
class Together {
 public:
  void add(std::span<const uint8_t> message);
  /// Octets so far.
  size_t size() const { return octets_.size(); }
  bool empty() const { return count_ == 0; }
  /// The datagram, of which a message alone is not wrapped. Nothing is gathered any more.
  Octets take();

 private:
  Octets octets_;
  size_t count_ = 0;
};

/// Parses a datagram of one message or several, and hands them over in order.
/// @error  of parse_message(), or what `take` returns.
Result<void> for_each_message(std::span<const uint8_t> datagram,
                              const std::function<Result<void>(const Envelope&)>& take);

}  // namespace airloom::interpose
