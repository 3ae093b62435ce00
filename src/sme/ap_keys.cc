// The access point's keys: one authenticator per station, and the group keys with their
// changes.
// [802.11-2020 12.7.6, 12.7.7]
#include <linux/nl80211.h>

#include <algorithm>
#include <utility>

#include "sme/access_point.h"

namespace airloom::sme {

/// Of SAE: what it has just settled, or what it settled before, if the station names that.
std::optional<AccessPoint::Pmk> AccessPoint::find_pmk(const Member& member,
                                                      const ieee80211::RsnElement& rsn) const {
  if (rsn.akms.at(0) != ieee80211::akm::kSae) {
    const auto& psk = config_.security->psk;
    return Pmk{Octets(psk.begin(), psk.end()), {}};
  }
  if (member.sae && member.sae->is_accepted()) {
    const crypto::SaeKeys& keys = member.sae->keys();
    return Pmk{Octets(keys.pmk.begin(), keys.pmk.end()), keys.pmkid};
  }
  const Pmksa* cached = pmksas_.find(member.address, ports_.scheduler->now());
  if (!cached || std::ranges::find(rsn.pmkids, cached->pmkid) == rsn.pmkids.end())
    return std::nullopt;
  return Pmk{cached->pmk, cached->pmkid};
}

AuthenticatorConfig AccessPoint::authenticator_config(const Member& member, const JoinRequest& join,
                                                      const ieee80211::RsnElement& rsn,
                                                      Pmk pmk) const {
  const auto copy = [](std::span<const uint8_t> octets) {
    return Octets(octets.begin(), octets.end());
  };
  return {.profile = *AkmProfile::of(rsn.akms.at(0)),
          .pairwise_cipher = rsn.pairwise.at(0),
          .pmk = std::move(pmk.pmk),
          .authenticator = address_,
          .supplicant = member.address,
          .own_rsn_element = emit_rsn(*frames_->rsn()),
          .station_rsn_element = copy(join.rsn_element),
          .own_rsnx_element = frames_->rsnx_element(),
          .station_rsnx_element = copy(join.rsnx_element),
          .pmkid = pmk.pmkid};
}

/// Message 3 tells how far the packet numbers of the group keys are, so they are asked for first.
void AccessPoint::begin_handshake(Member& member) {
  member.stage = Stage::kHandshake;
  member.start = {{}, keys_for(member)};
  ports_.rng->fill(member.start.anonce);
  if (next_keys_) return on_handshake_event(member, member.start);  // not used yet
  const auto keys = member.start.keys.all();
  for (const GroupKey* key : keys) ask_packet_number(member, key->id, key == keys.back());
}

void AccessPoint::ask_packet_number(Member& member, uint8_t key_id, bool is_last) {
  const auto fill = [this, key_id](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex).u8(NL80211_ATTR_KEY_IDX, key_id);
  };
  const auto on_answer = [this, station = member.address, id = member.id, key_id,
                          is_last](Result<Reply> reply) {
    Member* begun = find(station, id);
    if (!begun || begun->stage != Stage::kHandshake || !begun->authenticator) return;
    GroupKey* key = begun->start.keys.find(key_id);
    if (reply && !reply->data.empty() && key) {
      const auto sequence = reply->data[0].attributes().bytes(NL80211_ATTR_KEY_SEQ);
      if (sequence && sequence->size() <= key->rsc.size())
        std::ranges::copy(*sequence, key->rsc.begin());
    }
    if (is_last) on_handshake_event(*begun, begun->start);
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

/// New keys, under the ids that the previous ones do not have. [802.11-2020 12.7.7.1]
GroupKeys AccessPoint::make_group_keys(const GroupKeys* previous) {
  const auto make = [this](uint8_t id, size_t size) {
    GroupKey key{.id = id, .key = Octets(size)};
    ports_.rng->fill(key.key);
    return key;
  };
  const bool odd = previous && previous->gtk.id == 1;
  GroupKeys keys{make(odd ? 2 : 1, temporal_key_size(frames_->rsn()->group))};
  if (!frames_->rsn()->mfp_capable()) return keys;
  const size_t size = management_key_size(config_.security->group_management);
  keys.igtk = make(odd ? 5 : 4, size);
  if (frames_->beacon_protection()) keys.bigtk = make(odd ? 7 : 6, size);
  return keys;
}

/// What a station is told: without PMF no more than the GTK.
GroupKeys AccessPoint::keys_for(const Member& member) const {
  const GroupKeys& keys = next_keys_ ? *next_keys_ : keys_;
  return member.pmf ? keys : GroupKeys{keys.gtk};
}

ieee80211::SuiteSelector AccessPoint::group_cipher(uint8_t key_id) const {
  return key_id < 4 ? frames_->rsn()->group : config_.security->group_management;
}

/// Sends with the group keys from now on; the first time, makes them.
void AccessPoint::install_group_keys() {
  if (keys_.gtk.key.empty()) keys_ = make_group_keys(nullptr);
  for (const GroupKey* key : keys_.all()) {
    request("group key", NL80211_CMD_NEW_KEY, [this, key](netlink::MessageWriter& w) {
      put_group_key(w, config_.ifindex, *key, group_cipher(key->id));
    });
    request("default group key", NL80211_CMD_SET_KEY, [this, key](netlink::MessageWriter& w) {
      put_default_group_key(w, config_.ifindex, key->id);
    });
  }
  if (config_.group_rekey_s > 0) rekey_timer_.arm(std::chrono::seconds(config_.group_rekey_s));
}

void AccessPoint::rekey_group() {
  if (!is_running() || !config_.security || next_keys_) return;
  next_keys_ = make_group_keys(&keys_);
  std::vector<MacAddress> stations;
  for (const auto& [address, member] : members_)
    if (member->is_associated()) stations.push_back(address);
  for (const MacAddress& station : stations) {
    Member* member = find(station);
    if (!member || !member->authenticator) continue;
    member->awaits_group_rekey = member->stage == Stage::kAuthorised;
    on_handshake_event(*member, Authenticator::NewGroupKeys{keys_for(*member)});
  }
  check_rekeyed();
}

/// Once every station has the next group keys, they are used.
void AccessPoint::check_rekeyed() {
  if (!next_keys_ || !is_running()) return;
  const bool waits = std::ranges::any_of(
      members_, [](const auto& entry) { return entry.second->awaits_group_rekey; });
  if (waits) return;
  keys_ = *std::exchange(next_keys_, std::nullopt);
  install_group_keys();
}

}  // namespace airloom::sme
