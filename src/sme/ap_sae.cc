// The access point's side of SAE: it answers a Commit with one of its own, and a Confirm that holds
// with its own. While many stations have begun and not finished, a Commit needs a token that proves
// that its sender hears us. [802.11-2020 12.4.6, 12.4.8]
#include <algorithm>

#include "crypto/mac.h"
#include "crypto/secret.h"
#include "sme/access_point.h"

namespace airloom::sme {

using ieee80211::AuthAlgorithm;
using ieee80211::AuthenticationBody;
using ieee80211::StatusCode;

namespace {

// DEVIATES: the standard leaves them open; the first is hostapd's, the others are ours.
constexpr size_t kOpenExchangesMax = 5;
constexpr Duration kExchangeLimit = std::chrono::seconds(5);
constexpr Duration kTokenKeyLifetime = std::chrono::seconds(60);

constexpr auto kSuccess = static_cast<uint16_t>(StatusCode::kSuccess);
constexpr auto kHashToElement = static_cast<uint16_t>(StatusCode::kSaeHashToElement);

Octets octets_of(uint16_t group) {
  Octets out;
  Writer(out).le16(group);
  return out;
}

/// Whether a station says that we have refused a group which we would have taken: somebody between
/// us is pushing it to another. [802.11-2020 12.4.7.4]
bool names_group_in_use(const Octets& rejected_groups, const std::vector<uint16_t>& in_use) {
  Reader reader(rejected_groups);
  while (const auto group = reader.le16())
    if (std::ranges::find(in_use, *group) != in_use.end()) return true;
  return false;
}

}  // namespace

void AccessPoint::on_sae_commit(const MacAddress& station, const AuthenticationBody& body) {
  if (!takes_method(body.status))
    return log_.warn("{}: SAE by another method, status {}", station.to_string(), body.status);
  const bool hash_to_element = body.status == kHashToElement;
  const auto number = SaeCommitBody::parse_group(body.data);
  if (!number) return;
  const crypto::SaeGroup* group = sae_password_->find_group(*number);
  if (group == nullptr)
    return answer_sae(station, 1, StatusCode::kUnsupportedFiniteCyclicGroup, octets_of(*number));
  const auto commit = SaeCommitBody::parse(body.data, *group, hash_to_element);
  if (!commit || names_group_in_use(commit->rejected_groups, sae_password_->groups()))
    return answer_sae(station, 1, StatusCode::kRefused);
  if (is_clogged()) {
    Octets token = token_for(station);
    if (!crypto::equal_constant_time(commit->token, token))
      return answer_sae(station, 1, StatusCode::kAntiCloggingTokenRequired,
                        SaeTokenRequest{*number, std::move(token)}.emit(hash_to_element));
  }
  take_commit(station, *commit, hash_to_element);
}

void AccessPoint::take_commit(const MacAddress& station, const SaeCommitBody& commit,
                              bool hash_to_element) {
  const StatusCode status = hash_to_element ? StatusCode::kSaeHashToElement : StatusCode::kSuccess;
  Member* member = find(station);
  if (member && member->sae && member->sae->is_repeated(commit))
    return answer_sae(station, 1, status, member->sae->commit());
  auto exchange = SaeExchange::begin(*sae_password_, *ports_.rng, address_, station,
                                     {.group = commit.group, .hash_to_element = hash_to_element});
  const Result<void> taken =
      exchange ? exchange->on_commit(commit) : std::unexpected(exchange.error());
  if (!taken) {
    log_.warn("{}: SAE: {}", station.to_string(), taken.error().text);
    return answer_sae(station, 1, StatusCode::kRefused);
  }
  if (member && !member->stands()) {
    remove(station, true);
    member = nullptr;
  }
  Octets answer =
      frames_->authentication(station, AuthAlgorithm::kSae, 1, status, exchange->commit());
  const bool is_new = member == nullptr;
  if (is_new) {
    member = &make_member(station);
    member->timer.arm(kExchangeLimit);
  }
  member->sae = *std::move(exchange);
  member->sae_deadline = ports_.scheduler->now() + kExchangeLimit;
  if (is_new) return add_to_kernel(*member, Stage::kAuthenticating, std::move(answer));
  send_frame(answer);
}

void AccessPoint::on_sae_confirm(const MacAddress& station, const AuthenticationBody& body) {
  Member* member = find(station);
  if (!member || !member->sae || body.status != kSuccess) return;
  if (const auto held = member->sae->on_confirm(body.data); !held) {
    log_.warn("{}: {}: another password?", station.to_string(), held.error().text);
    answer_sae(station, 2, StatusCode::kChallengeFailure);
    return member->stands() ? member->sae.reset() : remove(station, true);
  }
  const crypto::SaeKeys& keys = member->sae->keys();
  pmksas_.add(station,
              {.pmkid = keys.pmkid,
               .pmk = Octets(keys.pmk.begin(), keys.pmk.end()),
               .expires = ports_.scheduler->now() + PmksaCache::kLifetime},
              config_.max_stations);
  if (member->stage == Stage::kAuthenticating) member->stage = Stage::kAuthenticated;
  answer_sae(station, 2, StatusCode::kSuccess, member->sae->confirm());
}

void AccessPoint::answer_sae(const MacAddress& station, uint16_t transaction, StatusCode status,
                             std::span<const uint8_t> data) {
  send_frame(frames_->authentication(station, AuthAlgorithm::kSae, transaction, status, data));
}

/// The status code of a Commit says how its sender found the password element.
bool AccessPoint::takes_method(uint16_t status) const {
  const SaePwe pwe = config_.security->sae_pwe;
  if (status == kSuccess) return pwe != SaePwe::kHashToElement;
  return status == kHashToElement && pwe != SaePwe::kHunting;
}

bool AccessPoint::is_clogged() const {
  const auto open = std::ranges::count_if(members_, [this](const auto& entry) {
    const Member& member = *entry.second;
    return member.sae && !member.sae->is_accepted() &&
           ports_.scheduler->now() < member.sae_deadline;
  });
  return static_cast<size_t>(open) >= kOpenExchangesMax;
}

/// Says nothing of the station that would have to be kept.
Octets AccessPoint::token_for(const MacAddress& station) {
  const TimePoint now = ports_.scheduler->now();
  if (now >= token_key_ends_) {
    ports_.rng->fill(token_key_);
    token_key_ends_ = now + kTokenKeyLifetime;
  }
  Octets token(32);
  crypto::hmac(crypto::Hash::kSha256, token_key_, station.octets, token);
  return token;
}

}  // namespace airloom::sme
