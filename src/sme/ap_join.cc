// How stations come and go: authentication, association, leaving. The kernel's station is added on
// authentication and gets its capabilities with the association, before the response goes out, so
// that no frame behind the response meets a station that is not yet associated.
// [802.11-2020 11.3.4, 11.3.5]
#include <linux/nl80211.h>

#include <algorithm>
#include <set>
#include <utility>

#include "ieee80211/bss_elements.h"
#include "ieee80211/element.h"
#include "ieee80211/ht_vht_elements.h"
#include "ieee80211/wmm_element.h"
#include "sme/access_point.h"

namespace airloom::sme {

using ieee80211::AuthAlgorithm;
using ieee80211::ElementId;
using ieee80211::FrameView;
using ieee80211::ReasonCode;
using ieee80211::StatusCode;

namespace {

// For each step until the handshake: whoever is not there, or goes no further, leaves no state
// behind. DEVIATES: the standard knows no such limit.
constexpr Duration kStepLimit = std::chrono::seconds(10);

}  // namespace

Result<AccessPoint::JoinRequest> AccessPoint::JoinRequest::parse(const FrameView& frame,
                                                                 bool reassociation) {
  JoinRequest join{.reassociation = reassociation};
  if (reassociation) {
    const auto body = TRY(ieee80211::ReassociationRequestBody::parse(frame.body()));
    join.capability = body.capability;
    join.listen_interval = body.listen_interval;
    join.elements = body.elements;
  } else {
    const auto body = TRY(ieee80211::AssociationRequestBody::parse(frame.body()));
    join.capability = body.capability;
    join.listen_interval = body.listen_interval;
    join.elements = body.elements;
  }
  join.rates = ieee80211::find_rates(join.elements);
  if (const auto rsn = find_element(join.elements, ElementId::kRsn)) join.rsn_element = rsn->whole;
  if (const auto rsnx = find_element(join.elements, ElementId::kRsnExtension))
    join.rsnx_element = rsnx->whole;
  const auto ht = find_element(join.elements, ElementId::kHtCapabilities);
  if (ht && ht->body.size() == ieee80211::HtCapabilitiesElement::kLength)
    join.ht_capabilities = ht->body;
  join.wmm =
      ieee80211::find_vendor_element(join.elements, ieee80211::kVendorMicrosoftWmm).has_value();
  return join;
}

namespace {

bool has_rates(const Octets& rates, const Octets& needed) {
  return std::ranges::all_of(needed, [&rates](uint8_t rate) {
    return std::ranges::any_of(rates, [rate](uint8_t has) { return (has & 0x7f) == rate; });
  });
}

/// [802.11-2020 11.3.5.3]
StatusCode check_association(const auto& join, const AccessPointConfig& config,
                             const ApFrames& frames) {
  const auto ssid = ieee80211::find_element<ieee80211::SsidElement>(join.elements);
  if (!ssid || ssid->ssid != config.ssid) return StatusCode::kRefused;
  if (!has_rates(join.rates, frames.basic_rates())) return StatusCode::kRefusedBasicRatesMismatch;
  return frames.rsn() ? check_rsn(join.rsn_element, *frames.rsn()) : StatusCode::kSuccess;
}

}  // namespace

void AccessPoint::on_authentication(const FrameView& frame) {
  const auto body = ieee80211::AuthenticationBody::parse(frame.body());
  if (!body) return;
  const MacAddress station = frame.address2();
  const Member* member = find(station);
  if (member && member->stage == Stage::kAdding) return;  // a retry; the answer is on its way
  const auto refuse = [&](StatusCode status) {
    const auto transaction = static_cast<uint16_t>(body->transaction + 1);
    send_frame(frames_->authentication(station, body->algorithm, transaction, status));
  };
  const bool is_sae = body->algorithm == AuthAlgorithm::kSae && sae_password_;
  if (!is_sae && body->algorithm != AuthAlgorithm::kOpenSystem)
    return refuse(StatusCode::kUnsupportedAuthAlgorithm);
  if (is_sae && body->transaction == 2) return on_sae_confirm(station, *body);
  if (body->transaction != 1) return refuse(StatusCode::kTransactionSequenceError);
  if (!member && members_.size() >= config_.max_stations)
    return refuse(StatusCode::kDeniedNoMoreStas);
  if (is_sae) return on_sae_commit(station, *body);
  on_open_authentication(station);
}

void AccessPoint::on_open_authentication(const MacAddress& station) {
  Octets answer =
      frames_->authentication(station, AuthAlgorithm::kOpenSystem, 2, StatusCode::kSuccess);
  // Anyone may have sent this: with PMF the association stands until SA Query has its say.
  const Member* old = find(station);
  if (old && old->stands()) return send_frame(answer);
  if (old) remove(station, true);
  add_to_kernel(make_member(station), Stage::kAuthenticated, std::move(answer));
}

AccessPoint::Member& AccessPoint::make_member(const MacAddress& station) {
  Member& member = *(members_[station] = std::make_unique<Member>(*this, station, free_aid()));
  member.timer.arm(kStepLimit);
  return member;
}

/// Has the kernel add a station; once it is there, the answer goes out.
void AccessPoint::add_to_kernel(const Member& member, Stage next, Octets answer) {
  const auto fill = [&](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex).mac(NL80211_ATTR_MAC, member.address);
    w.bytes(NL80211_ATTR_STA_SUPPORTED_RATES, frames_->basic_rates());
    w.u16(NL80211_ATTR_STA_AID, member.aid).u16(NL80211_ATTR_STA_LISTEN_INTERVAL, 0);
    put_station_flags(w, {.mask = flag_bit(NL80211_STA_FLAG_AUTHENTICATED) |
                                  flag_bit(NL80211_STA_FLAG_ASSOCIATED)});
  };
  const auto on_answer = [this, station = member.address, id = member.id, next,
                          answer = std::move(answer)](Result<Reply> reply) {
    Member* added = find(station, id);
    if (!added) return;
    if (reply) {
      added->stage = next;
      return send_frame(answer);
    }
    log_.warn("add {}: {}", station.to_string(), reply.error().text);
    const auto algorithm = added->sae ? AuthAlgorithm::kSae : AuthAlgorithm::kOpenSystem;
    const uint16_t transaction = added->sae ? 1 : 2;
    members_.erase(station);
    send_frame(
        frames_->authentication(station, algorithm, transaction, StatusCode::kDeniedNoMoreStas));
  };
  port_->request(NL80211_CMD_NEW_STATION, fill, on_answer);
}

/// The handshake's time is up, or that of a station which came no further than that.
void AccessPoint::on_timer(Member& member) {
  if (member.stage < Stage::kHandshake) {
    log_.info("{} went no further", member.address.to_string());
    return remove(member.address, true);
  }
  on_handshake_event(member, Authenticator::TimedOut{});
}

void AccessPoint::on_association(const FrameView& frame, bool reassociation) {
  const MacAddress station = frame.address2();
  Member* member = find(station);
  if (!member || member->stage < Stage::kAuthenticated)  // [802.11-2020 11.3.5.3 a]
    return send_frame(frames_->deauthentication(station, ReasonCode::kInvalidClass2Frame));
  const auto join = JoinRequest::parse(frame, reassociation);
  if (!join) return;
  if (member->stage == Stage::kAssociating) return;  // a retry; the answer is on its way
  const StatusCode status = check_association(*join, config_, *frames_);
  if (status == StatusCode::kSuccess && member->pmf && member->is_associated() &&
      !member->sa_query_timed_out)
    return query_sa(*member, *join);
  if (status == StatusCode::kSuccess) return accept(*member, *join);
  refuse(*member, *join, status);
}

void AccessPoint::refuse(const Member& member, const JoinRequest& join, StatusCode status) {
  log_.warn("{} may not associate: {}", member.address.to_string(), to_string(status));
  answer_association(member, join, status);
}

/// Whoever asks to associate anew may not be the station: refuses for now, and asks the station.
/// [802.11-2020 11.3.5.3 b]
void AccessPoint::query_sa(Member& member, const JoinRequest& join) {
  log_.info("{} is associated already: SA Query", member.address.to_string());
  member.sa_query.start();
  answer_association(member, join, StatusCode::kRefusedTemporarily);
}

void AccessPoint::accept(Member& member, const JoinRequest& join) {
  std::optional<AuthenticatorConfig> authenticator;
  bool pmf = false;
  if (frames_->rsn()) {
    const auto rsn = *ieee80211::RsnElement::parse(join.rsn_element.subspan(2));  // check_rsn()
    auto pmk = find_pmk(member, rsn);
    if (!pmk) return refuse(member, join, StatusCode::kInvalidPmkid);
    pmf = negotiated_pmf(*frames_->rsn(), rsn).has_value();
    authenticator = authenticator_config(member, join, rsn, *std::move(pmk));
  }
  if (member.stage == Stage::kAuthorised) observer_.on_station_left(member.address);
  member.stage = Stage::kAssociating;
  member.timer.arm(kStepLimit);
  member.awaits_group_rekey = false;
  member.sa_query.stop();
  member.sa_query_timed_out = false;
  member.pmf = pmf;
  member.authenticator.reset();
  member.handshake = Authenticator::Idle{};
  if (authenticator) member.authenticator.emplace(*std::move(authenticator));
  // The kernel changes little of a station that is associated: such a one is added anew.
  const bool anew = std::exchange(member.was_associated, true);
  const auto name_station = [&](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex).mac(NL80211_ATTR_MAC, member.address);
  };
  if (anew) port_->request(NL80211_CMD_DEL_STATION, name_station, {});
  const auto fill = [&](netlink::MessageWriter& w) {
    name_station(w);
    put_capabilities(w, member, join);
  };
  const auto on_answer = [this, station = member.address, id = member.id](Result<Reply> reply) {
    if (reply || !find(station, id)) return;
    log_.warn("associate {}: {}", station.to_string(), reply.error().text);
    expel(station, ReasonCode::kUnspecified);
  };
  port_->request(anew ? NL80211_CMD_NEW_STATION : NL80211_CMD_SET_STATION, fill, on_answer);
  answer_association(member, join, StatusCode::kSuccess);
}

void AccessPoint::put_capabilities(netlink::MessageWriter& w, const Member& member,
                                   const JoinRequest& join) const {
  w.bytes(NL80211_ATTR_STA_SUPPORTED_RATES, join.rates);
  w.u16(NL80211_ATTR_STA_CAPABILITY, join.capability);
  if (frames_->ht() && !join.ht_capabilities.empty())
    w.bytes(NL80211_ATTR_HT_CAPABILITY, join.ht_capabilities);
  w.u16(NL80211_ATTR_STA_AID, member.aid);
  w.u16(NL80211_ATTR_STA_LISTEN_INTERVAL, join.listen_interval);
  const uint32_t joined =
      flag_bit(NL80211_STA_FLAG_AUTHENTICATED) | flag_bit(NL80211_STA_FLAG_ASSOCIATED);
  const uint32_t wme = flag_bit(NL80211_STA_FLAG_WME);
  const uint32_t mfp = flag_bit(NL80211_STA_FLAG_MFP);
  put_station_flags(w, {.mask = joined | wme | (member.pmf ? mfp : 0),
                        .set = joined | (join.wmm ? wme : 0) | (member.pmf ? mfp : 0)});
  if (!join.wmm) return;
  const auto nest = w.nest(NL80211_ATTR_STA_WME);
  w.u8(NL80211_STA_WME_UAPSD_QUEUES, 0).u8(NL80211_STA_WME_MAX_SP, 0);
}

void AccessPoint::answer_association(const Member& member, const JoinRequest& join,
                                     StatusCode status) {
  ApFrames::AssociationAnswer answer{.reassociation = join.reassociation,
                                     .status = status,
                                     .station_has_ht = !join.ht_capabilities.empty(),
                                     .station_has_wmm = join.wmm};
  if (status == StatusCode::kSuccess) answer.aid = member.aid;
  if (status == StatusCode::kRefusedTemporarily)
    answer.comeback_tu = std::min(member.sa_query.remaining_tu() + 1, SaQueryProcedure::kLimitTu);
  send_frame(frames_->association_response(member.address, answer));
}

/// The station has the response.
void AccessPoint::on_associated(Member& member) {
  member.timer.cancel();
  if (frames_->rsn())
    begin_handshake(member);
  else
    authorise(member);
}

void AccessPoint::authorise(Member& member) {
  const auto fill = [&](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex).mac(NL80211_ATTR_MAC, member.address);
    const uint32_t authorised = flag_bit(NL80211_STA_FLAG_AUTHORIZED);
    put_station_flags(w, {.mask = authorised, .set = authorised});
  };
  request("authorise", NL80211_CMD_SET_STATION, fill,
          [this, station = member.address, id = member.id] {
            Member* joined = find(station, id);
            if (!joined || joined->stage < Stage::kAssociating) return;
            joined->stage = Stage::kAuthorised;
            log_.info("{} joined", station.to_string());
            observer_.on_station_joined(station);
          });
}

void AccessPoint::remove(MacAddress station, bool tell_kernel) {
  const auto found = members_.find(station);
  if (found == members_.end()) return;
  const bool was_authorised = found->second->stage == Stage::kAuthorised;
  members_.erase(found);
  if (tell_kernel) {
    const auto fill = [&](netlink::MessageWriter& w) {
      w.u32(NL80211_ATTR_IFINDEX, config_.ifindex).mac(NL80211_ATTR_MAC, station);
    };
    port_->request(NL80211_CMD_DEL_STATION, fill, {});  // it may be gone already
  }
  check_rekeyed();
  if (!was_authorised) return;
  log_.info("{} left", station.to_string());
  observer_.on_station_left(station);
}

void AccessPoint::expel(MacAddress station, ReasonCode reason) {
  log_.info("deauthenticating {}: {}", station.to_string(), to_string(reason));
  send_frame(frames_->deauthentication(station, reason));
  remove(station, true);
}

uint16_t AccessPoint::free_aid() const {
  std::set<uint16_t> taken;
  for (const auto& [address, member] : members_) taken.insert(member->aid);
  uint16_t aid = 1;
  while (taken.contains(aid)) ++aid;
  return aid;
}

}  // namespace airloom::sme
