#include "netlink/client.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <algorithm>

#include "netlink/errno.h"

namespace airloom::netlink {

MessageWriter make_request(uint16_t family, uint8_t command, uint32_t sequence, uint16_t flags,
                           uint8_t version) {
  const auto all = static_cast<uint16_t>(flags | NLM_F_REQUEST | NLM_F_ACK);
  return MessageWriter({.type = family, .flags = all, .sequence = sequence},
                       {.command = command, .version = version});
}

MessageWriter make_dump_request(uint16_t family, uint8_t command, uint32_t sequence,
                                uint8_t version) {
  return make_request(family, command, sequence, NLM_F_DUMP, version);
}

Result<void> Outcome::result() const {
  if (error == 0) return {};
  return fail(from_errno(error), text);
}

Result<std::optional<Outcome>> parse_outcome(const Message& message) {
  const uint16_t type = message.header.type;
  if (type != NLMSG_ERROR && type != NLMSG_DONE) return std::nullopt;
  const auto payload = message.payload();
  const auto code = load<int32_t>(payload);
  const size_t fixed = type == NLMSG_DONE ? 4 : 4 + kMessageHeaderSize;
  if (payload.size() < fixed) return fail(Errc::kMalformed);
  Outcome outcome{.error = *code < 0 ? -*code : 0,
                  .value = *code > 0 ? static_cast<uint32_t>(*code) : 0,
                  .dump_done = type == NLMSG_DONE};
  if (!(message.header.flags & NLM_F_ACK_TLVS)) return outcome;
  size_t skip = fixed;
  if (type == NLMSG_ERROR && !(message.header.flags & NLM_F_CAPPED)) {
    const auto echoed = *load<uint32_t>(payload.subspan(4));
    if (echoed < kMessageHeaderSize || echoed > payload.size() - 4) return fail(Errc::kMalformed);
    skip = align4(4 + size_t{echoed});
  }
  const AttributeTable extra(AttributeRange(payload.subspan(std::min(skip, payload.size()))));
  outcome.text = extra.string(NLMSGERR_ATTR_MSG).value_or("");
  outcome.bad_offset = extra.u32(NLMSGERR_ATTR_OFFS);
  outcome.cookie = extra.u64(NLMSGERR_ATTR_COOKIE);
  return outcome;
}

std::optional<uint32_t> FamilyIds::group(std::string_view name) const {
  for (const auto& [group, id] : groups)
    if (group == name) return id;
  return std::nullopt;
}

Octets make_get_family(std::string_view name, uint32_t sequence) {
  MessageWriter request = make_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, sequence);
  request.string(CTRL_ATTR_FAMILY_NAME, name);
  return std::move(request).finish();
}

Result<FamilyIds> parse_family(const Message& message) {
  const AttributeTable table(message.genl_attributes());
  const auto id = table.u16(CTRL_ATTR_FAMILY_ID);
  if (!id) return fail(Errc::kMalformed);
  FamilyIds family{.id = *id};
  const Attribute* groups = table.find(CTRL_ATTR_MCAST_GROUPS);
  if (!groups) return family;
  for (const Attribute& entry : AttributeRange(*groups)) {
    const AttributeTable group(entry);
    const auto group_id = group.u32(CTRL_ATTR_MCAST_GRP_ID);
    const auto group_name = group.string(CTRL_ATTR_MCAST_GRP_NAME);
    if (!group_id || !group_name) return fail(Errc::kMalformed);
    family.groups.emplace_back(*group_name, *group_id);
  }
  return family;
}

}  // namespace airloom::netlink
