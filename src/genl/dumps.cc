// The Bus's dumps: begun by a request, continued as the client makes room, ended by NLMSG_DONE.
#include <linux/netlink.h>

#include <algorithm>

#include "genl/bus.h"
#include "netlink/errno.h"

namespace airloom::genl {

namespace {

constexpr size_t kSmallestDatagram = 4096;
constexpr size_t kLargestDatagram = 32768;

/// Sets flag bits of a finished message.
void add_flags(Octets& message, uint16_t flags) {
  const uint16_t old = *netlink::load<uint16_t>(std::span<const uint8_t>(message).subspan(6));
  netlink::store(message, 6, static_cast<uint16_t>(old | flags));
}

/// The next message of a dump; empty when it has none left or has failed.
Octets next_message(Client::RunningDump& running) {
  if (!running.carried.empty()) return std::exchange(running.carried, {});
  if (running.finished) return {};
  auto message = running.dump->next(running.reply_to);
  if (!message || !*message) {
    running.finished = true;
    if (!message) running.outcome = std::unexpected(std::move(message).error());
    return {};
  }
  Octets octets = std::move(**message).finish();
  const uint32_t generation = running.dump->generation();
  if (running.generation != 0 && generation != running.generation)
    add_flags(octets, NLM_F_DUMP_INTR);
  running.generation = generation;
  return octets;
}

Octets done_message(const Client& client) {
  const Client::RunningDump& running = *client.dump;
  const bool failed = !running.outcome;
  netlink::ExtAck ack;
  if (failed) ack.text = running.outcome.error().text;
  const bool extended = client.has(ClientOption::kExtAck) && has_content(ack, failed);
  uint16_t flags = NLM_F_MULTI;
  if (extended) flags |= NLM_F_ACK_TLVS;
  netlink::MessageWriter writer({.type = NLMSG_DONE,
                                 .flags = flags,
                                 .sequence = running.reply_to.sequence,
                                 .port = running.reply_to.port});
  Octets code;
  netlink::append(code, failed ? -netlink::to_errno(running.outcome.error().code) : 0);
  writer.raw(code);
  if (extended) put_ext_ack(writer, ack, failed);
  return std::move(writer).finish();
}

}  // namespace

Result<void> Bus::start_dump(Client& client, const Registered& family, const Operation& operation,
                             Request& request, bool& answered_later) {
  if (!operation.can_dump) return fail(Errc::kUnsupported);
  if (client.dump) return fail(Errc::kBusy);
  auto parsed = operation.policy ? netlink::validate_and_parse(request.message.genl_attributes(),
                                                               *operation.policy, request.ack,
                                                               operation.strictness)
                                 : Result<netlink::AttributeTable>{};
  auto running = std::make_unique<Client::RunningDump>();
  running->family = family.id;
  running->reply_to = request.reply_to;
  Result<void> begun;
  if (parsed) {
    request.attributes = *std::move(parsed);
    auto dump = family.family->start_dump(operation, request);
    if (dump) running->dump = *std::move(dump);
    if (!dump) begun = std::unexpected(std::move(dump).error());
  } else {
    begun = std::unexpected(std::move(parsed).error());
  }
  if (!begun && operation.validates_dump) return begun;
  running->finished = !begun;
  running->outcome = std::move(begun);
  client.dump = std::move(running);
  answered_later = true;
  return {};
}

Octets Bus::fill_dump(Client& client) {
  const size_t room = std::clamp(client.receive_size, kSmallestDatagram, kLargestDatagram);
  Octets datagram;
  while (true) {
    Octets message = next_message(*client.dump);
    if (message.empty()) break;
    if (!datagram.empty() && datagram.size() + message.size() > room) {
      client.dump->carried = std::move(message);
      return datagram;
    }
    datagram.insert(datagram.end(), message.begin(), message.end());
  }
  // NLMSG_DONE comes by itself, as from the kernel: wpa_supplicant stops reading a datagram of
  // surveys when it has enough, and must still find the end.
  if (!datagram.empty()) return datagram;
  datagram = done_message(client);
  client.dump.reset();
  return datagram;
}

void Bus::continue_dump(Client& client) {
  // As the kernel does, go on only while half of the receive buffer is free.
  while (client.dump && client.queued <= client.receive_buffer / 2)
    client.send_unbounded(fill_dump(client));
}

}  // namespace airloom::genl
