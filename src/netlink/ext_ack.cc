#include "netlink/ext_ack.h"

#include <linux/netlink.h>

#include "netlink/policy.h"

namespace airloom::netlink {

void put_ext_ack(MessageWriter& writer, const ExtAck& ack, bool failed) {
  if (!ack.text.empty()) writer.string(NLMSGERR_ATTR_MSG, ack.text);
  if (!failed) {
    if (!ack.cookie.empty()) writer.bytes(NLMSGERR_ATTR_COOKIE, ack.cookie);
    return;
  }
  if (ack.offset) writer.u32(NLMSGERR_ATTR_OFFS, *ack.offset);
  if (ack.policy) put_policy_row(writer, *ack.policy, NLMSGERR_ATTR_POLICY);
}

bool has_content(const ExtAck& ack, bool failed) {
  if (!ack.text.empty()) return true;
  return failed ? ack.offset.has_value() || ack.policy : !ack.cookie.empty();
}

}  // namespace airloom::netlink
