// What both front ends know of a netlink socket alike, the supervisor and the preloaded library:
// its limits, addresses, options and control messages, as values. The calls themselves are in
// netlink_calls.h. Needs no library, so that the preloaded one can include it. [netlink(7)]
#pragma once

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "interpose/wire.h"

namespace airloom::interpose {

constexpr size_t kMaxParts = 1024;        ///< iovecs of one call, as in the kernel
constexpr size_t kMaxMessages = 1024;     ///< of sendmmsg() and recvmmsg(), the same
constexpr size_t kBufferReserve = 32;     ///< what netlink keeps of SO_SNDBUF
constexpr size_t kSmallestBuffer = 4608;  ///< SOCK_MIN_SNDBUF: no socket has less
constexpr int kTypeMask = 0xf;            ///< of socket()'s second argument; flags lie above

/// True if a datagram of `size` octets fits any send buffer, whatever SO_SNDBUF says.
constexpr bool fits_any_send_buffer(size_t size) {
  return size <= kSmallestBuffer - kBufferReserve;
}

/// False if what a datagram of `size` octets that begins with `first` asks for is everybody's: the
/// controller has no command that needs CAP_NET_ADMIN. Then nobody has to look whether the sender
/// has it.
constexpr bool may_need_rights(const nlmsghdr& first, size_t size) {
  const bool is_one_message = first.nlmsg_len >= size;
  return !is_one_message || first.nlmsg_type != GENL_ID_CTRL;
}

// --- addresses ---------------------------------------------------------------------------------

constexpr uint32_t kGroupsInMask = 32;  ///< that a sockaddr_nl can show

/// The bit of a group in a sockaddr_nl; 0: it has none.
constexpr uint32_t mask_of(uint32_t group) {
  return group >= 1 && group <= kGroupsInMask ? 1u << (group - 1) : 0;
}

/// Whom datagrams are for, or where they come from.
struct NetlinkAddress {
  uint32_t port = 0;
  uint32_t groups = 0;  ///< a mask of the first 32

  sockaddr_nl as_sockaddr() const {
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_pid = port;
    address.nl_groups = groups;
    return address;
  }
};

// --- options -----------------------------------------------------------------------------------

/// The option of SOL_NETLINK that is a flag; none: it is not one.
constexpr std::optional<Option> netlink_flag(int name) {
  switch (name) {
    case NETLINK_PKTINFO:
      return Option::kPacketInfo;
    case NETLINK_BROADCAST_ERROR:
      return Option::kBroadcastError;
    case NETLINK_NO_ENOBUFS:
      return Option::kNoEnobufs;
    case NETLINK_LISTEN_ALL_NSID:
      return Option::kListenAllNsid;
    case NETLINK_CAP_ACK:
      return Option::kCapAck;
    case NETLINK_EXT_ACK:
      return Option::kExtendedAck;
    case NETLINK_GET_STRICT_CHK:
      return Option::kStrictCheck;
    default:
      return std::nullopt;
  }
}

/// Options that are on, a bit each.
struct OptionSet {
  uint32_t bits = 0;

  static constexpr uint32_t bit(Option option) { return 1u << static_cast<unsigned>(option); }
  constexpr bool is_on(Option option) const { return bits & bit(option); }
  constexpr void set(Option option, bool on) {
    bits = on ? bits | bit(option) : bits & ~bit(option);
  }
};

// --- what comes with a received datagram -------------------------------------------------------

/// Control messages as the kernel's put_cmsg() would lay them out in `room` octets.
class ControlMessages {
 public:
  explicit ControlMessages(size_t room) : room_(room < sizeof octets_ ? room : sizeof octets_) {}

  template <typename T>
  void add(int level, int type, const T& value) {
    if (room_ < size_ + sizeof(cmsghdr)) {
      is_cut_ = true;
      return;
    }
    const size_t left = room_ - size_ - sizeof(cmsghdr);
    const size_t fits = sizeof value < left ? sizeof value : left;
    cmsghdr header{};
    header.cmsg_len = CMSG_LEN(fits);
    header.cmsg_level = level;
    header.cmsg_type = type;
    memcpy(octets_ + size_, &header, sizeof header);
    memcpy(octets_ + size_ + sizeof header, &value, fits);
    size_ += CMSG_SPACE(fits);
    if (size_ > room_) size_ = room_;
    if (fits < sizeof value) is_cut_ = true;
  }

  const uint8_t* octets() const { return octets_; }
  size_t size() const { return size_; }
  /// Not all of it had room: MSG_CTRUNC.
  bool is_cut() const { return is_cut_; }

 private:
  alignas(cmsghdr) uint8_t octets_[128]{};  // more than all that there can be
  size_t room_;
  size_t size_ = 0;
  bool is_cut_ = false;
};

/// What comes with a datagram of `group` (0: unicast) to a socket with these options.
inline ControlMessages control_messages(OptionSet options, uint32_t group, size_t room) {
  ControlMessages control(room);
  if (options.is_on(Option::kPacketInfo))
    control.add(SOL_NETLINK, NETLINK_PKTINFO, nl_pktinfo{group});
  // The kernel is the sender: process, user and group 0. NetworkManager insists on it.
  struct Credentials {
    int32_t process, user, group;
  };
  if (options.is_on(Option::kPassCredentials))
    control.add(SOL_SOCKET, 2 /* SCM_CREDENTIALS */, Credentials{});
  return control;
}

/// The msg_flags of a datagram of `size` octets that had `room`.
inline int received_flags(int asked, size_t size, size_t room, const ControlMessages& control) {
  int flags = asked & MSG_CMSG_CLOEXEC;
  if (size > room) flags |= MSG_TRUNC;
  if (control.is_cut()) flags |= MSG_CTRUNC;
  return flags;
}

/// The value of the call that received it.
constexpr size_t received_size(int asked, size_t size, size_t room) {
  return asked & MSG_TRUNC || size < room ? size : room;
}

}  // namespace airloom::interpose
