// The station's side of SAE, which runs in the Authentication frames: commit, the access point's
// commit, confirm, its confirm. What was settled is kept, so that the next association with the
// same access point goes without. [802.11-2020 12.4.8, 12.6.10.3]
#include <linux/nl80211.h>

#include <algorithm>

#include "sme/station.h"

namespace airloom::sme {

using ieee80211::AuthenticationBody;
using ieee80211::ReasonCode;
using ieee80211::StatusCode;

namespace {

constexpr size_t kPmksasMax = 32;

constexpr auto status_value(StatusCode status) {
  return static_cast<uint16_t>(status);
}

}  // namespace

/// False: what is left of an earlier run will do.
bool Station::begin_sae() {
  const bool hash_to_element =
      config_.security->sae_pwe != SaePwe::kHunting && offers_hash_to_element(bss_->rsnx_element);
  if (hash_to_element) rsnx_element_ = rsnx_element_of(*config_.security);
  if (const Pmksa* cached = pmksas_.find(bss_->bssid, ports_.scheduler->now())) {
    rsn_->pmkids = {cached->pmkid};
    pmk_ = cached->pmk;
    return false;
  }
  auto begun = SaeExchange::begin(
      *sae_password_, *ports_.rng, address_, bss_->bssid,
      {.group = sae_password_->groups().at(0), .hash_to_element = hash_to_element});
  if (!begun) {
    log_.warn("SAE: {}", begun.error().text);
    lost(ReasonCode::kUnspecified);
    return true;
  }
  sae_ = *std::move(begun);
  send_sae_commit();
  return true;
}

void Station::send_sae_commit(Octets token) {
  const StatusCode status =
      sae_->settings().hash_to_element ? StatusCode::kSaeHashToElement : StatusCode::kSuccess;
  send_sae(1, status, sae_->commit(std::move(token)));
}

void Station::send_sae(uint16_t transaction, StatusCode status, std::span<const uint8_t> body) {
  Octets data;
  Writer(data).le16(transaction).le16(status_value(status)).bytes(body);
  request("authenticate", NL80211_CMD_AUTHENTICATE, [&](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex).mac(NL80211_ATTR_MAC, bss_->bssid);
    w.u32(NL80211_ATTR_WIPHY_FREQ, bss_->frequency_mhz).bytes(NL80211_ATTR_SSID, bss_->ssid);
    w.u32(NL80211_ATTR_AUTH_TYPE, NL80211_AUTHTYPE_SAE).bytes(NL80211_ATTR_AUTH_DATA, data);
  });
}

void Station::on_sae(const AuthenticationBody& body) {
  if (body.algorithm != ieee80211::AuthAlgorithm::kSae) return;
  if (body.transaction == 1) return on_sae_commit(body);
  if (body.transaction == 2) return on_sae_confirm(body);
  log_.warn("SAE: transaction {}", body.transaction);
}

void Station::on_sae_commit(const AuthenticationBody& body) {
  const bool hash_to_element = sae_->settings().hash_to_element;
  if (sae_->has_peer_commit()) return;  // a retry
  if (body.status == status_value(StatusCode::kAntiCloggingTokenRequired)) {
    auto request = SaeTokenRequest::parse(body.data, hash_to_element);
    if (request && request->group == sae_->settings().group)
      return send_sae_commit(std::move(request->token));
  }
  if (body.status == status_value(StatusCode::kUnsupportedFiniteCyclicGroup))
    return on_sae_group_refused(body.data);
  const auto expected =
      status_value(hash_to_element ? StatusCode::kSaeHashToElement : StatusCode::kSuccess);
  if (body.status != expected) {
    log_.warn("SAE refused: status {}", body.status);
    return lost(ReasonCode::kUnspecified);
  }
  const auto commit = SaeCommitBody::parse(
      body.data, *sae_password_->find_group(sae_->settings().group), hash_to_element);
  const Result<void> taken = commit ? sae_->on_commit(*commit) : std::unexpected(commit.error());
  if (!taken) {
    log_.warn("SAE: {}", taken.error().text);
    return lost(ReasonCode::kUnspecified);
  }
  send_sae(2, StatusCode::kSuccess, sae_->confirm());
}

/// Goes on with the next group; by hash-to-element it tells which were refused.
/// [802.11-2020 12.4.8.6.4]
void Station::on_sae_group_refused(std::span<const uint8_t> body) {
  SaeExchange::Settings settings = sae_->settings();
  const auto refused = SaeCommitBody::parse_group(body);
  if (!refused || *refused != settings.group) return;  // of an earlier commit
  const auto& groups = sae_password_->groups();
  const auto next = std::ranges::find(groups, settings.group) + 1;
  if (next >= groups.end()) {
    log_.warn("SAE: no group in common");
    return lost(ReasonCode::kUnspecified);
  }
  if (settings.hash_to_element) Writer(settings.rejected_groups).le16(settings.group);
  settings.group = *next;
  auto begun =
      SaeExchange::begin(*sae_password_, *ports_.rng, address_, bss_->bssid, std::move(settings));
  if (!begun) return lost(ReasonCode::kUnspecified);
  sae_ = *std::move(begun);
  send_sae_commit();
}

void Station::on_sae_confirm(const AuthenticationBody& body) {
  const Result<void> held = body.status == status_value(StatusCode::kSuccess)
                                ? sae_->on_confirm(body.data)
                                : fail(Errc::kBadAuth, "refused");
  if (!held) {
    log_.warn("SAE confirm: {}, status {}", held.error().text, body.status);
    back_off(/*wrong_key=*/true);
    return observer_.on_wrong_key();
  }
  const crypto::SaeKeys& keys = sae_->keys();
  pmk_.assign(keys.pmk.begin(), keys.pmk.end());
  pmksas_.add(bss_->bssid,
              {.pmkid = keys.pmkid,
               .pmk = pmk_,
               .expires = ports_.scheduler->now() + PmksaCache::kLifetime},
              kPmksasMax);
  // For a driver that associates by itself; mac80211 has no use for it and says so.
  port_->request(NL80211_CMD_SET_PMKSA,
                 [&](netlink::MessageWriter& w) {
                   w.u32(NL80211_ATTR_IFINDEX, config_.ifindex).mac(NL80211_ATTR_MAC, bss_->bssid);
                   w.bytes(NL80211_ATTR_PMKID, keys.pmkid);
                 },
                 {});
  associate();
}

}  // namespace airloom::sme
