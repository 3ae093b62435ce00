#include "sme/client_port.h"

#include <linux/genetlink.h>
#include <linux/nl80211.h>

#include <utility>

namespace airloom::sme {

Nl80211Client::Nl80211Client(NetlinkTransport& transport) : transport_(transport) {
  transport_.set_receiver(this);
}

Nl80211Client::~Nl80211Client() {
  transport_.set_receiver(nullptr);
}

void Nl80211Client::open(std::vector<std::string> groups, OnEvent on_event,
                         std::function<void()> on_lost, std::function<void(Result<void>)> done) {
  groups_ = std::move(groups);
  on_event_ = std::move(on_event);
  on_lost_ = std::move(on_lost);
  const uint32_t sequence = ++last_sequence_;
  const auto on_answer = [this, done = std::move(done)](Result<Reply> reply) {
    done(reply ? join_groups() : std::unexpected(std::move(reply).error()));
  };
  send(netlink::make_get_family(NL80211_GENL_NAME, sequence), sequence, on_answer);
}

Result<void> Nl80211Client::join_groups() {
  if (!family_) return fail(Errc::kUnsupported, "no nl80211");
  for (const std::string& name : groups_) {
    const auto id = family_->group(name);
    if (!id) return fail(Errc::kNotFound, "nl80211 has no group " + name);
    TRY(transport_.join(*id));
  }
  return {};
}

void Nl80211Client::request(uint8_t command, const Fill& fill, Done done, Kind kind) {
  if (!family_) return done(fail(Errc::kNotConnected, "not open"));
  const uint32_t sequence = ++last_sequence_;
  const bool is_dump = kind == Kind::kDump;
  netlink::MessageWriter message = is_dump
                                       ? netlink::make_dump_request(family_->id, command, sequence)
                                       : netlink::make_request(family_->id, command, sequence);
  if (fill) fill(message);
  send(std::move(message).finish(), sequence, std::move(done));
}

void Nl80211Client::send(Octets message, uint32_t sequence, Done done) {
  pending_.emplace(sequence, Pending{std::move(done), {}});
  Result<void> sent =
      message.empty() ? fail(Errc::kInvalid, "the request is too long") : transport_.send(message);
  if (!sent) finish(sequence, std::move(sent));
}

void Nl80211Client::on_datagram(std::span<const uint8_t> datagram) {
  netlink::MessageReader reader(datagram);
  while (const auto message = reader.next()) on_message(*message);
}

void Nl80211Client::on_message(const netlink::Message& message) {
  if (message.header.sequence != 0) return on_reply(message.header.sequence, message);
  const auto header = message.genl();
  if (!family_ || message.header.type != family_->id || !header || !on_event_) return;
  on_event_({header->command, netlink::AttributeTable(message.genl_attributes())});
}

void Nl80211Client::on_reply(uint32_t sequence, const netlink::Message& message) {
  const auto found = pending_.find(sequence);
  if (found == pending_.end()) return;
  Reply& reply = found->second.reply;
  auto outcome = netlink::parse_outcome(message);
  if (!outcome) return finish(sequence, std::unexpected(outcome.error()));
  if (*outcome) {
    reply.cookie = (*outcome)->cookie;
    return finish(sequence, (*outcome)->result());
  }
  if (message.header.type == GENL_ID_CTRL) {
    if (auto ids = netlink::parse_family(message)) family_ = *std::move(ids);
    return;
  }
  const auto header = message.genl();
  if (!header) return;
  const auto attributes = message.payload().subspan(netlink::kGenlHeaderSize);
  reply.data.push_back({header->command, Octets(attributes.begin(), attributes.end())});
}

void Nl80211Client::finish(uint32_t sequence, Result<void> outcome) {
  auto node = pending_.extract(sequence);
  if (node.empty()) return;
  Pending& pending = node.mapped();
  if (!pending.done) return;
  if (outcome)
    pending.done(std::move(pending.reply));
  else
    pending.done(std::unexpected(std::move(outcome).error()));
}

/// What was lost may have been answers: nothing that waits can rely on getting one.
void Nl80211Client::on_overrun() {
  std::vector<uint32_t> waiting;
  for (const auto& [sequence, pending] : pending_) waiting.push_back(sequence);
  for (const uint32_t sequence : waiting) finish(sequence, fail(Errc::kNoBuffers));
  if (on_lost_) on_lost_();
}

}  // namespace airloom::sme
