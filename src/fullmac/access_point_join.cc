// Association with the firmware's access point. The stack gets its station before the response goes
// out, so that no frame behind the response meets a station that is not there.
// [802.11-2020 11.3.5.3]
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/commands.h"
#include "fullmac/access_point.h"
#include "ieee80211/bss_elements.h"
#include "ieee80211/element.h"
#include "ieee80211/management.h"
#include "ieee80211/wmm_element.h"

namespace airloom::fullmac {

using ieee80211::ElementId;
using ieee80211::ElementRange;
using ieee80211::ElementView;
using ieee80211::FrameView;
using ieee80211::StatusCode;
using ieee80211::Subtype;

/// What a (Re)Association Request asks for; views the frame.
struct AccessPoint::JoinRequest {
  bool reassociation = false;
  uint16_t capability = 0;
  uint16_t listen_interval = 0;
  std::span<const uint8_t> elements;

  static Result<JoinRequest> parse(const FrameView& frame);
  std::span<const uint8_t> body(ElementId id) const {
    const auto element = ieee80211::find_element(elements, id);
    return element ? element->body : std::span<const uint8_t>();
  }
  bool has_wmm() const {
    return ieee80211::find_vendor_element(elements, ieee80211::kVendorMicrosoftWmm).has_value();
  }
};

Result<AccessPoint::JoinRequest> AccessPoint::JoinRequest::parse(const FrameView& frame) {
  JoinRequest join{.reassociation = frame.fc().is(Subtype::kReassociationRequest)};
  const auto take = [&](const auto& body) {
    join.capability = body.capability;
    join.listen_interval = body.listen_interval;
    join.elements = body.elements;
  };
  if (join.reassociation)
    take(TRY(ieee80211::ReassociationRequestBody::parse(frame.body())));
  else
    take(TRY(ieee80211::AssociationRequestBody::parse(frame.body())));
  if (!ElementRange(join.elements).is_well_formed()) return fail(Errc::kMalformed);
  return join;
}

namespace {

/// The elements of the beacon that an Association Response repeats, if the station speaks of such
/// things at all.
bool belongs_in_response(const ElementView& element, std::span<const uint8_t> request) {
  using ieee80211::ElementExtensionId;
  const auto asked = [&](auto id) { return ieee80211::find_element(request, id).has_value(); };
  if (element.is(ElementId::kSupportedRates) || element.is(ElementId::kExtendedSupportedRates))
    return true;
  if (element.is(ElementId::kHtCapabilities) || element.is(ElementId::kHtOperation))
    return asked(ElementId::kHtCapabilities);
  if (element.is(ElementId::kVhtCapabilities) || element.is(ElementId::kVhtOperation))
    return asked(ElementId::kVhtCapabilities);
  if (element.is(ElementExtensionId::kHeCapabilities) ||
      element.is(ElementExtensionId::kHeOperation) ||
      element.is(ElementExtensionId::kSpatialReuse) ||
      element.is(ElementExtensionId::kMuEdcaParameterSet))
    return asked(ElementExtensionId::kHeCapabilities);
  return element.vendor_type() == ieee80211::kVendorMicrosoftWmm &&
         ieee80211::find_vendor_element(request, ieee80211::kVendorMicrosoftWmm).has_value();
}

bool has_common_rate(std::span<const uint8_t> ours, const Octets& theirs) {
  for (const uint8_t rate : ieee80211::find_rates(ours))
    for (const uint8_t other : theirs)
      if ((rate & ~ieee80211::RateOctet::kBasic) == (other & ~ieee80211::RateOctet::kBasic))
        return true;
  return false;
}

}  // namespace

StatusCode AccessPoint::judge(const Client& client, const JoinRequest& join) const {
  const auto ssid = join.body(ElementId::kSsid);
  if (!std::equal(ssid.begin(), ssid.end(), settings_.ssid.begin(), settings_.ssid.end()))
    return StatusCode::kRefused;
  if (!has_common_rate(head_elements(), ieee80211::find_rates(join.elements)))
    return StatusCode::kRefusedBasicRatesMismatch;
  if (client.stage == Client::Stage::kAssociated && client.mfp && !client.lost_keys)
    return StatusCode::kRefusedTemporarily;
  return StatusCode::kSuccess;
}

uint16_t AccessPoint::free_aid() const {
  std::set<uint16_t> taken;
  for (const auto& [mac, client] : clients_) taken.insert(client.aid);
  uint16_t aid = 1;
  while (taken.contains(aid)) ++aid;
  return aid;
}

Result<void> AccessPoint::add_station(const MacAddress& mac, Client& client,
                                      const JoinRequest& join) {
  const auto flag = [](nl80211_sta_flags number) { return 1u << number; };
  cfg80211::StationParams params;
  params.aid = client.aid;
  params.listen_interval = join.listen_interval;
  params.capability = join.capability;
  params.supported_rates = ieee80211::find_rates(join.elements);
  params.flags_mask = flag(NL80211_STA_FLAG_AUTHENTICATED) | flag(NL80211_STA_FLAG_ASSOCIATED) |
                      flag(NL80211_STA_FLAG_AUTHORIZED) | flag(NL80211_STA_FLAG_WME) |
                      flag(NL80211_STA_FLAG_MFP);
  params.flags_set = flag(NL80211_STA_FLAG_AUTHENTICATED) | flag(NL80211_STA_FLAG_ASSOCIATED);
  if (!protected_) params.flags_set |= flag(NL80211_STA_FLAG_AUTHORIZED);
  if (client.mfp) params.flags_set |= flag(NL80211_STA_FLAG_MFP);
  if (join.has_wmm()) {
    params.flags_set |= flag(NL80211_STA_FLAG_WME);
    const auto copy = [](std::span<const uint8_t> body, std::optional<Octets>& out) {
      if (!body.empty()) out = Octets(body.begin(), body.end());
    };
    copy(join.body(ElementId::kHtCapabilities), params.ht_capability);
    copy(join.body(ElementId::kVhtCapabilities), params.vht_capability);
    const auto he =
        ieee80211::find_element(join.elements, ieee80211::ElementExtensionId::kHeCapabilities);
    if (he) copy(he->body, params.he_capability);
  }
  return cfg80211::new_station(wdev_, mac, params);
}

void AccessPoint::on_association(const FrameView& frame) {
  const MacAddress station = frame.address2();
  const auto found = clients_.find(station);
  if (found == clients_.end()) return on_unexpected_frame(station);
  Client& client = found->second;
  const auto join = JoinRequest::parse(frame);
  if (!join || client.stage == Client::Stage::kAssociating) return;  // a retry has its answer
  const StatusCode status = judge(client, *join);
  if (status != StatusCode::kSuccess) {
    log_.info("{} may not associate: {}", station.to_string(), to_string(status));
    answer_association(station, client, *join, status);
    if (status == StatusCode::kRefusedTemporarily) ask_for_keys(station, client);
    return;
  }
  if (client.stage == Client::Stage::kAssociated) remove_station(station);
  client.stage = Client::Stage::kAssociating;
  client.aid = free_aid();
  client.mfp = false;
  const auto own_rsn = join->body(ElementId::kRsn);
  if (const auto rsn = ieee80211::RsnElement::parse(own_rsn); rsn && !own_rsn.empty())
    client.mfp = rsn->mfp_capable() && rsn_ && rsn_->mfp_capable();
  client.request_elements.assign(join->elements.begin(), join->elements.end());
  const auto added = add_station(station, client, *join);
  answer_association(station, client, *join,
                     added ? StatusCode::kSuccess : StatusCode::kDeniedNoMoreStas);
  if (!added) client = Client{};
}

void AccessPoint::answer_association(const MacAddress& mac, Client& client, const JoinRequest& join,
                                     StatusCode status) {
  Octets answer = frame_to(
      mac, join.reassociation ? Subtype::kReassociationResponse : Subtype::kAssociationResponse);
  Writer writer(answer);
  ieee80211::AssociationResponseBody body;
  body.capability = capability();
  body.status = static_cast<uint16_t>(status);
  body.set_aid(status == StatusCode::kSuccess ? client.aid : 0);
  body.emit(writer);
  for (const auto elements : {head_elements(), tail_elements()})
    for (const auto& element : ElementRange(elements))
      if (belongs_in_response(element, join.elements)) writer.bytes(element.whole);
  if (status == StatusCode::kRefusedTemporarily) {
    constexpr uint32_t kComebackTu = 1000;
    ieee80211::emit_element(
        writer, ieee80211::TimeoutIntervalElement{
                    ieee80211::TimeoutIntervalElement::kAssociationComeback, kComebackTu});
  }
  if (settings_.beacon.association_response_elements)
    writer.bytes(*settings_.beacon.association_response_elements);
  const uint64_t cookie = send(std::move(answer));
  if (status == StatusCode::kSuccess) client.response_cookie = cookie;
}

bool AccessPoint::on_tx_status(uint64_t cookie, bool ack) {
  if (own_cookies_.erase(cookie) == 0) return false;
  for (auto& [mac, client] : clients_) {
    if (client.stage != Client::Stage::kAssociating || client.response_cookie != cookie) continue;
    if (!ack) {
      remove_station(mac);
      break;
    }
    client.stage = Client::Stage::kAssociated;
    log_.info("{} associated", mac.to_string());
    owner_.station_joined(wdev_, mac, client.request_elements);
    break;
  }
  return true;
}

}  // namespace airloom::fullmac
