#include "sme/sae.h"

#include <algorithm>

#include "base/assert.h"
#include "bytes/reader.h"
#include "crypto/secret.h"
#include "ieee80211/element.h"

namespace airloom::sme {

using crypto::SaeGroup;
using ieee80211::ElementExtensionId;

namespace {

Octets body_of(std::span<const uint8_t> elements, ElementExtensionId id) {
  const auto element = ieee80211::find_element(elements, id);
  return element ? Octets(element->body.begin(), element->body.end()) : Octets{};
}

Octets copy(std::span<const uint8_t> octets) {
  return {octets.begin(), octets.end()};
}

}  // namespace

Result<uint16_t> SaeCommitBody::parse_group(std::span<const uint8_t> body) {
  return Reader(body).le16();
}

Result<SaeCommitBody> SaeCommitBody::parse(std::span<const uint8_t> body, const SaeGroup& group,
                                           bool hash_to_element) {
  SaeCommitBody commit;
  Reader reader(body);
  commit.group = TRY(reader.le16());
  const size_t fixed = group.scalar_size() + group.element_size();
  if (!hash_to_element && reader.remaining() > fixed)
    commit.token = copy(TRY(reader.take(reader.remaining() - fixed)));
  commit.scalar = copy(TRY(reader.take(group.scalar_size())));
  commit.element = copy(TRY(reader.take(group.element_size())));
  commit.rejected_groups = body_of(reader.rest(), ElementExtensionId::kRejectedGroups);
  if (hash_to_element)
    commit.token = body_of(reader.rest(), ElementExtensionId::kAntiCloggingToken);
  return commit;
}

Octets SaeCommitBody::emit(bool hash_to_element) const {
  Octets out;
  Writer writer(out);
  writer.le16(group);
  if (!hash_to_element) writer.bytes(token);
  writer.bytes(scalar).bytes(element);
  if (!hash_to_element) return out;
  if (!rejected_groups.empty())
    ieee80211::emit_element(writer, ElementExtensionId::kRejectedGroups, rejected_groups);
  if (!token.empty())
    ieee80211::emit_element(writer, ElementExtensionId::kAntiCloggingToken, token);
  return out;
}

Result<SaeTokenRequest> SaeTokenRequest::parse(std::span<const uint8_t> body,
                                               bool hash_to_element) {
  SaeTokenRequest request;
  Reader reader(body);
  request.group = TRY(reader.le16());
  request.token = hash_to_element ? body_of(reader.rest(), ElementExtensionId::kAntiCloggingToken)
                                  : copy(reader.rest());
  if (request.token.empty()) return fail(Errc::kTruncated, "no anti-clogging token");
  return request;
}

Octets SaeTokenRequest::emit(bool hash_to_element) const {
  Octets out;
  Writer writer(out);
  writer.le16(group);
  if (hash_to_element)
    ieee80211::emit_element(writer, ElementExtensionId::kAntiCloggingToken, token);
  else
    writer.bytes(token);
  return out;
}

SaePassword::SaePassword(Octets ssid, Octets password, std::vector<uint16_t> groups)
    : ssid_(std::move(ssid)), password_(std::move(password)), numbers_(std::move(groups)) {}

const SaeGroup* SaePassword::find_group(uint16_t number) {
  if (std::ranges::find(numbers_, number) == numbers_.end()) return nullptr;
  if (const auto found = groups_.find(number); found != groups_.end()) return &found->second;
  auto group = SaeGroup::create(number);
  if (!group) return nullptr;
  return &groups_.emplace(number, *std::move(group)).first->second;
}

Result<Octets> SaePassword::password_element(uint16_t number, bool hash_to_element,
                                             const MacAddress& a, const MacAddress& b, Rng& rng) {
  const SaeGroup* group = find_group(number);
  if (group == nullptr) return fail(Errc::kUnsupported, "SAE group");
  if (!hash_to_element) return group->hunt(password_, a, b, rng);
  auto pt = pts_.find(number);
  if (pt == pts_.end()) pt = pts_.emplace(number, group->derive_pt(ssid_, password_)).first;
  return group->hash_to_element(pt->second, a, b);
}

Result<SaeExchange> SaeExchange::begin(SaePassword& password, Rng& rng, const MacAddress& own,
                                       const MacAddress& peer, Settings settings) {
  Octets pwe =
      TRY(password.password_element(settings.group, settings.hash_to_element, own, peer, rng));
  const SaeGroup& group = *password.find_group(settings.group);
  crypto::SaeCommit commit = group.commit(pwe, rng);
  return SaeExchange(group, std::move(settings), std::move(pwe), std::move(commit));
}

Octets SaeExchange::commit(Octets token) const {
  return SaeCommitBody{settings_.group, std::move(token), own_.scalar, own_.element,
                       settings_.rejected_groups}
      .emit(settings_.hash_to_element);
}

Result<void> SaeExchange::on_commit(const SaeCommitBody& commit) {
  // [802.11-2020 12.4.8.6.4]: our own, thrown back.
  if (commit.scalar == own_.scalar && commit.element == own_.element)
    return fail(Errc::kInvalid, "a reflected commit");
  if (commit.group != settings_.group) return fail(Errc::kInvalid, "another group");
  const Octets secret = TRY(group_->shared_secret(pwe_, own_.rand, commit.scalar, commit.element));
  // One end at most has been refused groups.
  const Octets& rejected =
      settings_.rejected_groups.empty() ? commit.rejected_groups : settings_.rejected_groups;
  keys_ = group_->derive_keys(hash(), secret, rejected, own_.scalar, commit.scalar);
  peer_ = commit;
  accepted_ = false;
  return {};
}

bool SaeExchange::is_repeated(const SaeCommitBody& commit) const {
  return peer_ && peer_->scalar == commit.scalar && peer_->element == commit.element;
}

Octets SaeExchange::confirm() {
  WLAN_ASSERT(peer_);
  if (send_confirm_ < 0xffff) ++send_confirm_;
  Octets out;
  Writer writer(out);
  writer.le16(send_confirm_);
  writer.bytes(crypto::sae_confirm(hash(), keys_.kck, send_confirm_, own_.scalar, own_.element,
                                   peer_->scalar, peer_->element));
  return out;
}

Result<void> SaeExchange::on_confirm(std::span<const uint8_t> body) {
  if (!peer_) return fail(Errc::kBadAuth, "confirm before commit");
  Reader reader(body);
  const uint16_t send_confirm = TRY(reader.le16());
  const Octets expected = crypto::sae_confirm(hash(), keys_.kck, send_confirm, peer_->scalar,
                                              peer_->element, own_.scalar, own_.element);
  const auto confirm = TRY(reader.take(expected.size()));
  if (!crypto::equal_constant_time(confirm, expected)) return fail(Errc::kBadAuth, "SAE confirm");
  accepted_ = true;
  return {};
}

crypto::Hash SaeExchange::hash() const {
  return settings_.hash_to_element ? group_->hash() : crypto::Hash::kSha256;
}

}  // namespace airloom::sme
