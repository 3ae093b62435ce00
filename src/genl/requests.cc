// The Bus's way of a request: from a datagram to the family's handler, and the acknowledgement
// back. The order of checks is the kernel's.
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "genl/bus.h"
#include "netlink/errno.h"

namespace airloom::genl {

namespace {

bool is_dump(const netlink::MessageHeader& header) {
  return (header.flags & NLM_F_DUMP) == NLM_F_DUMP;
}

const Operation* find_operation(const FamilyInfo& info, uint8_t command) {
  for (const Operation& operation : info.operations)
    if (operation.command == command) return &operation;
  return nullptr;
}

/// Newer commands take nothing that they do not know in their headers.
Result<void> check_header(const FamilyInfo& info, const netlink::Message& message,
                          const netlink::GenlHeader& genl) {
  if (genl.command < info.strict_header_from) return {};
  if (genl.reserved != 0) return fail(Errc::kInvalid, "genlmsghdr.reserved field is not 0");
  uint16_t flags = message.header.flags;
  if (is_dump(message.header)) flags &= static_cast<uint16_t>(~NLM_F_DUMP);
  if (flags & ~(NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO))
    return fail(Errc::kInvalid, "ambiguous or reserved bits set in nlmsg_flags");
  return {};
}

}  // namespace

void Bus::request(ClientId id, std::span<const uint8_t> datagram) {
  if (!find(id)) return;
  if (!bind(id)) return;
  if (observer_) observer_->on_requests(datagram);
  netlink::MessageReader reader(datagram);
  while (auto message = reader.next()) {
    Client* client = find(id);
    if (!client) return;
    handle(id, *client, *message);
  }
  if (Client* client = find(id)) continue_dump(*client);
}

void Bus::handle(ClientId id, Client& client, const netlink::Message& message) {
  netlink::ExtAck ack;
  Result<void> outcome;
  bool answered_later = false;
  // Only requests are served; control messages and the rest are at most acknowledged.
  if ((message.header.flags & NLM_F_REQUEST) && message.header.type >= NLMSG_MIN_TYPE)
    outcome = dispatch(id, client, message, ack, answered_later);
  if (answered_later) return;
  // A positive value is told unasked, as an error is.
  if (!outcome || ack.value != 0 || (message.header.flags & NLM_F_ACK))
    if (Client* still = find(id)) acknowledge(*still, message, outcome, ack);
}

Result<void> Bus::dispatch(ClientId id, Client& client, const netlink::Message& message,
                           netlink::ExtAck& ack, bool& answered_later) {
  const auto family = find_family(message.header.type);
  if (!family) return fail(Errc::kNotFound);
  const FamilyInfo& info = family->family->info();
  const auto genl = message.genl();
  if (!genl) return fail(Errc::kInvalid);
  TRY(check_header(info, message, *genl));
  const Operation* operation = find_operation(info, genl->command);
  if (!operation) return fail(Errc::kUnsupported);
  if (operation->permission != 0 && !client.credentials.net_admin) return fail(Errc::kPermission);

  const bool dump = is_dump(message.header);
  Request request{.client = id,
                  .port = client.port,
                  .ns = client.ns,
                  .net_admin = client.credentials.net_admin,
                  .pid = client.credentials.pid,
                  .genl = *genl,
                  .message = message,
                  .reply_to = {.family = family->id,
                               .version = info.version,
                               .sequence = message.header.sequence,
                               .port = client.port,
                               .flags = dump ? uint16_t{NLM_F_MULTI} : uint16_t{0}},
                  .ack = ack,
                  .bus = *this};
  if (dump) return start_dump(client, *family, *operation, request, answered_later);
  if (!operation->can_do) return fail(Errc::kUnsupported);
  if (operation->policy)
    request.attributes = TRY(netlink::validate_and_parse(
        message.genl_attributes(), *operation->policy, ack, operation->strictness));
  auto outcome = family->family->on_request(*operation, request);
  if (!outcome && outcome.error().where != 0 && !ack.offset)
    if (const auto* bad = request.attributes.find(outcome.error().where)) ack.offset = bad->offset;
  return outcome;
}

void Bus::acknowledge(Client& client, const netlink::Message& message, const Result<void>& outcome,
                      const netlink::ExtAck& ack) {
  netlink::ExtAck said = ack;
  if (!outcome && said.text.empty()) said.text = outcome.error().text;
  const bool failed = !outcome;
  const bool capped = (!failed && said.value == 0) || client.has(ClientOption::kCapAck);
  const bool extended = client.has(ClientOption::kExtAck) && has_content(said, failed);
  uint16_t flags = 0;
  if (capped) flags |= NLM_F_CAPPED;
  if (extended) flags |= NLM_F_ACK_TLVS;
  netlink::MessageWriter writer({.type = NLMSG_ERROR,
                                 .flags = flags,
                                 .sequence = message.header.sequence,
                                 .port = client.port});
  Octets code;
  netlink::append(
      code, failed ? -netlink::to_errno(outcome.error().code) : static_cast<int32_t>(said.value));
  writer.raw(code);
  writer.raw(capped ? message.octets.first(netlink::kMessageHeaderSize) : message.octets);
  if (extended) put_ext_ack(writer, said, failed);
  client.send(std::move(writer).finish(), 0);
}

}  // namespace airloom::genl
