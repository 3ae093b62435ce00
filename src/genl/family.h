// The family side of the generic netlink bus: what a family says about itself, the request that
// it is handed, and the dump that it answers one with. [genetlink.h]
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "netlink/attributes.h"
#include "netlink/ext_ack.h"
#include "netlink/message.h"
#include "netlink/policy.h"

namespace airloom::genl {

class Bus;

using ClientId = uint32_t;     // never used twice
using NamespaceId = uint32_t;  // a network namespace, named by whoever opens clients
using PortId = uint32_t;       // unique within a namespace; 0: none
using FamilyId = uint16_t;

/// One command of a family, as the bus needs to know it.
struct Operation {
  uint8_t command = 0;
  bool can_do = false;
  bool can_dump = false;
  /// GENL_ADMIN_PERM or GENL_UNS_ADMIN_PERM (the bus treats them alike), or 0.
  uint8_t permission = 0;
  const netlink::Policy* policy = nullptr;
  netlink::Strictness strictness = netlink::Strictness::kLiberal;
  /// A dump's attributes are checked before it starts, and what is wrong is answered at once
  /// (NLMSG_ERROR). Else the error travels in NLMSG_DONE.
  bool validates_dump = false;
};

struct FamilyInfo {
  std::string_view name;
  uint8_t version = 1;
  uint32_t max_attribute = 0;
  std::span<const Operation> operations;
  std::span<const std::string_view> groups;
  /// From this command on, reserved header fields and unknown flags are refused.
  uint16_t strict_header_from = 256;
};

/// Makes the messages that answer one request.
struct ReplyTo {
  FamilyId family = 0;
  uint8_t version = 1;
  uint32_t sequence = 0;
  PortId port = 0;
  uint16_t flags = 0;  // NLM_F_MULTI within a dump

  netlink::MessageWriter message(uint8_t command) const {
    return netlink::MessageWriter(
        {.type = family, .flags = flags, .sequence = sequence, .port = port},
        {.command = command, .version = version});
  }
};

/// A request whose attributes passed the operation's policy. Lives for one call.
struct Request {
  ClientId client = 0;
  PortId port = 0;
  NamespaceId ns = 0;
  bool net_admin = false;
  uint32_t pid = 0;  ///< the client's process; 0: unknown
  netlink::GenlHeader genl;
  netlink::Message message;
  netlink::AttributeTable attributes;
  ReplyTo reply_to;
  netlink::ExtAck& ack;  // filled by the handler: cookie, offset
  Bus& bus;

  netlink::MessageWriter reply(uint8_t command) const { return reply_to.message(command); }
  /// Sends a reply, ahead of the ACK.
  void send(netlink::MessageWriter&& message);
};

/// A dump in progress. It may be asked for its next message long after it began, so it holds ids,
/// not pointers.
class Dump {
 public:
  virtual ~Dump() = default;
  /// The next message, made by `make`; none at the end.
  /// @error any  ends the dump; travels in NLMSG_DONE
  virtual Result<std::optional<netlink::MessageWriter>> next(const ReplyTo& make) = 0;
  /// Counts changes of what is dumped: when it moves between two messages, the later ones carry
  /// NLM_F_DUMP_INTR. 0: never.
  virtual uint32_t generation() const { return 0; }
};

class Family {
 public:
  virtual ~Family() = default;
  /// Stays valid and the same while the family is on the bus.
  virtual const FamilyInfo& info() const = 0;
  /// Serves a request; `operation` is one of info().operations. An error becomes NLMSG_ERROR with
  /// the error's text, and with the offset of attribute `where` of the request, if that is set.
  virtual Result<void> on_request(const Operation& operation, Request& request) = 0;
  /// Begins a dump. `request.send` is not to be used.
  /// @error any  travels in NLMSG_DONE, or in NLMSG_ERROR if the operation `validates_dump`
  virtual Result<std::unique_ptr<Dump>> start_dump(const Operation& operation,
                                                   Request& request) = 0;
  /// A client is gone: what its port owned or had registered goes too.
  virtual void on_client_closed(NamespaceId ns, PortId port) = 0;
};

}  // namespace airloom::genl
