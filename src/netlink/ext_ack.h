// What an acknowledgement says beyond its errno: words, the attribute at fault, the policy that it
// broke, a cookie. Whether the client gets to see it is the bus's affair. [netlink.h
// nlmsgerr_attrs]
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "netlink/message.h"

namespace airloom::netlink {

struct PolicyRow;

struct ExtAck {
  /// Success with a number: the acknowledgement carries it where an errno would stand, positive.
  uint32_t value = 0;
  std::string text;
  std::optional<uint32_t> offset;     // of the bad attribute, from the start of the message
  const PolicyRow* policy = nullptr;  // what the bad attribute should have been
  Octets cookie;                      // only sent with success
};

/// Writes the NLMSGERR_ATTR_* of an acknowledgement. @param failed  its errno is not 0.
void put_ext_ack(MessageWriter& writer, const ExtAck& ack, bool failed);
/// True if put_ext_ack() would write anything.
bool has_content(const ExtAck& ack, bool failed);

}  // namespace airloom::netlink
