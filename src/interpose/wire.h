// What both sides of the daemon protocol share that is no code: numbers, and the header as it lies
// in memory. Needs no library, so that the preloaded one can include it. [interpose/protocol.h]
#pragma once

#include <cstddef>
#include <cstdint>

namespace airloom::interpose {

constexpr uint16_t kProtocolVersion = 3;
// What `airloom run` tells the library, in the program's environment.
constexpr const char* kDaemonVariable = "AIRLOOM_PRELOAD_DAEMON";  ///< the socket's path
constexpr const char* kParticipantVariable = "AIRLOOM_PRELOAD_PARTICIPANT";
/// Set where interfaces are emulated: the folder of the host that stands for /sys.
constexpr const char* kSysfsVariable = "AIRLOOM_PRELOAD_SYSFS";

/// No message is longer; a longer one ends its connection.
constexpr size_t kMaxMessage = 256 * 1024;

enum class MessageType : uint16_t {
  // Front end to daemon, answered.
  kAttach = 1,
  kOpen = 2,
  kBind = 3,
  kMembership = 4,
  kSetOption = 5,
  kRequest = 6,
  kConsumed = 7,
  kClose = 8,
  kDescribe = 9,
  kChannel = 10,
  kIoctl = 11,
  // Daemon to front end.
  kAttached = 16,
  kRefused = 17,
  kOutcome = 18,
  kDeliver = 19,
  kOverrun = 20,
  kAnswer = 21,
  kTogether = 22,  // several of them, for one system call
  // Both ways.
  kFrame = 24,
  // Reserved for programs in virtual time: who is blocked, who may run until when, and who was
  // born, executed, exited, was parked or released (by logical index).
  kGrant = 32,
  kIdle = 33,
  kUpdate = 34,
  kProcess = 35,
  // The `airloom` command's own requests (status, capture, down) begin here: daemon/ defines them.
  kCommandFirst = 64,
};

/// The header of every message, in this order and without gaps.
struct WireHeader {
  uint16_t type;
  uint16_t version;
  uint32_t zero;
  uint64_t time_ns;   ///< when it left, on its sender's clock
  uint64_t sequence;  ///< its number on this connection, from 1
  uint64_t socket;    ///< on a channel: the cookie of the socket that it is about; else 0
};
constexpr size_t kHeaderSize = sizeof(WireHeader);
static_assert(kHeaderSize == 32);

/// What a program's socket is of.
enum class SocketKind : uint8_t {
  kGenericNetlink = 0,
  kRouteNetlink = 1,  ///< where interfaces are emulated
  kPacket = 2,        ///< the same
};

enum class Option : uint8_t {
  kExtendedAck = 0,    ///< NETLINK_EXT_ACK
  kCapAck = 1,         ///< NETLINK_CAP_ACK
  kNoEnobufs = 2,      ///< NETLINK_NO_ENOBUFS
  kStrictCheck = 3,    ///< NETLINK_GET_STRICT_CHK
  kReceiveBuffer = 4,  ///< octets, as getsockopt(SO_RCVBUF) would tell (doubled)
  kReceiveSize = 5,    ///< the largest buffer the program has received with, in octets
  // The front end's own: the daemon keeps them for the processes that share the socket.
  kPacketInfo = 6,       ///< NETLINK_PKTINFO
  kBroadcastError = 7,   ///< NETLINK_BROADCAST_ERROR
  kListenAllNsid = 8,    ///< NETLINK_LISTEN_ALL_NSID
  kPassCredentials = 9,  ///< SO_PASSCRED
};
constexpr Option kLastOption = Option::kPassCredentials;

}  // namespace airloom::interpose
