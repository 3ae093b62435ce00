// The access point's keys: one authenticator per station, and the group key with its changes.
// [802.11-2020 12.7.6, 12.7.7]
#include <linux/nl80211.h>

#include <algorithm>
#include <utility>

#include "sme/access_point.h"
#include "sme/bss.h"

namespace airloom::sme {

namespace {

constexpr auto kGroupCipher = ieee80211::cipher::kCcmp128;

}  // namespace

void AccessPoint::prepare_authenticator(Member& member, std::span<const uint8_t> rsn_element) {
  member.authenticator.emplace(
      AuthenticatorConfig{.profile = *AkmProfile::of(ieee80211::akm::kPsk),
                          .pmk = Octets(config_.psk->begin(), config_.psk->end()),
                          .authenticator = address_,
                          .supplicant = member.address,
                          .own_rsn_element = emit_rsn(*frames_->rsn()),
                          .station_rsn_element = Octets(rsn_element.begin(), rsn_element.end())});
  member.handshake = Authenticator::Idle{};
}

/// Message 3 tells how far the group key's packet number is, so it is asked for first.
void AccessPoint::begin_handshake(Member& member) {
  member.stage = Stage::kHandshake;
  const auto fill = [this](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex).u8(NL80211_ATTR_KEY_IDX, gtk_.id);
  };
  const auto on_answer = [this, station = member.address, id = member.id](Result<Reply> reply) {
    Member* begun = find(station, id);
    if (!begun || begun->stage != Stage::kHandshake || !begun->authenticator) return;
    Authenticator::Start start{{}, next_gtk_.value_or(gtk_)};
    if (reply && !reply->data.empty() && !next_gtk_) {
      const auto sequence = reply->data[0].attributes().bytes(NL80211_ATTR_KEY_SEQ);
      if (sequence && sequence->size() <= start.gtk.rsc.size())
        std::ranges::copy(*sequence, start.gtk.rsc.begin());
    }
    ports_.rng->fill(start.anonce);
    on_handshake_event(*begun, start);
  };
  port_->request(NL80211_CMD_GET_KEY, fill, on_answer);
}

void AccessPoint::on_handshake_event(Member& member, const Authenticator::Event& event) {
  if (!member.authenticator) return;
  const MacAddress station = member.address;
  const uint64_t id = member.id;
  auto step = member.authenticator->on(member.handshake, event);
  if (!step.discarded.empty())
    log_.warn("EAPOL-Key of {} discarded: {}", station.to_string(), step.discarded);
  member.handshake = std::move(step.state);
  for (const Action& action : step.actions)
    if (find(station, id)) perform(member, action);
  Member* rest = find(station, id);
  if (!rest || !std::holds_alternative<Authenticator::Established>(rest->handshake)) return;
  rest->awaits_group_rekey = false;
  check_rekeyed();
}

void AccessPoint::perform(Member& member, const Action& action) {
  const uint32_t ifindex = config_.ifindex;
  if (const auto* frame = std::get_if<SendFrame>(&action)) {
    request("EAPOL", NL80211_CMD_CONTROL_PORT_FRAME, [&](netlink::MessageWriter& w) {
      put_control_port_frame(w, ifindex, member.address, frame->octets, frame->encrypt);
    });
  } else if (const auto* timeout = std::get_if<ArmTimeout>(&action)) {
    member.timer.arm(timeout->delay);
  } else if (std::holds_alternative<CancelTimeout>(action)) {
    member.timer.cancel();
  } else if (const auto* ptk = std::get_if<InstallPtk>(&action)) {
    const auto cipher = member.authenticator->config().pairwise_cipher;
    request("pairwise key", NL80211_CMD_NEW_KEY, [&](netlink::MessageWriter& w) {
      put_pairwise_key(w, ifindex, member.address, ptk->tk, cipher);
    });
  } else if (std::holds_alternative<Authorise>(action)) {
    authorise(member);
  } else if (const auto* failure = std::get_if<Fail>(&action)) {
    expel(member.address, failure->reason);
  }
}

GroupKey AccessPoint::make_group_key(uint8_t id) {
  GroupKey key{.id = id, .key = Octets(temporal_key_size(kGroupCipher))};
  ports_.rng->fill(key.key);
  return key;
}

/// Sends with the group key from now on; the first time, makes one.
void AccessPoint::install_group_key() {
  if (gtk_.key.empty()) gtk_ = make_group_key(1);
  request("group key", NL80211_CMD_NEW_KEY, [this](netlink::MessageWriter& w) {
    put_group_key(w, config_.ifindex, gtk_, kGroupCipher);
  });
  request("default group key", NL80211_CMD_SET_KEY, [this](netlink::MessageWriter& w) {
    put_default_group_key(w, config_.ifindex, gtk_.id);
  });
  if (config_.group_rekey_s > 0) rekey_timer_.arm(std::chrono::seconds(config_.group_rekey_s));
}

void AccessPoint::rekey_group() {
  if (!is_running() || !config_.psk || next_gtk_) return;
  next_gtk_ = make_group_key(gtk_.id == 1 ? 2 : 1);
  std::vector<MacAddress> stations;
  for (const auto& [address, member] : members_)
    if (member->stage >= Stage::kHandshake) stations.push_back(address);
  for (const MacAddress& station : stations) {
    Member* member = find(station);
    if (!member || !member->authenticator) continue;
    member->awaits_group_rekey = member->stage == Stage::kAuthorised;
    on_handshake_event(*member, Authenticator::NewGroupKey{*next_gtk_});
  }
  check_rekeyed();
}

/// Once every station has the next group key, it is used.
void AccessPoint::check_rekeyed() {
  if (!next_gtk_ || !is_running()) return;
  const bool waits = std::ranges::any_of(
      members_, [](const auto& entry) { return entry.second->awaits_group_rekey; });
  if (waits) return;
  gtk_ = *std::exchange(next_gtk_, std::nullopt);
  install_group_key();
}

}  // namespace airloom::sme
