#include "fullmac/access_point.h"

#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/commands.h"
#include "ieee80211/action.h"
#include "ieee80211/bss_elements.h"
#include "ieee80211/element.h"
#include "ieee80211/management.h"

namespace airloom::fullmac {

using ieee80211::AuthAlgorithm;
using ieee80211::ElementId;
using ieee80211::FrameView;
using ieee80211::ReasonCode;
using ieee80211::StatusCode;
using ieee80211::Subtype;

namespace {

constexpr size_t kClientsMax = 512;
constexpr Duration kSaQueryTimeout = std::chrono::milliseconds(1000);

}  // namespace

AccessPoint::AccessPoint(Scheduler& scheduler, cfg80211::Wdev& wdev, AccessPointOwner& owner,
                         const cfg80211::StartApRequest& request, const Log& log)
    : scheduler_(scheduler), wdev_(wdev), owner_(owner), log_(log), settings_(request) {
  read_rsn();
}

AccessPoint::~AccessPoint() = default;

Result<void> AccessPoint::start() {
  cfg80211::StartApRequest request = settings_;
  request.owner = kFirmwarePort;
  for (const Subtype subtype :
       {Subtype::kProbeRequest, Subtype::kAuthentication, Subtype::kAssociationRequest,
        Subtype::kReassociationRequest, Subtype::kDeauthentication, Subtype::kDisassociation,
        Subtype::kAction}) {
    auto registered = cfg80211::register_frame(
        wdev_, {.port = kFirmwarePort, .frame_type = static_cast<uint16_t>(subtype)});
    if (!registered && registered.error().code != Errc::kAlready) return registered;
  }
  // From before, if it was an access point once.
  (void)cfg80211::register_unexpected_frame(wdev_, kFirmwarePort);
  return cfg80211::start_ap(wdev_, std::move(request), kFirmwarePort);
}

void AccessPoint::set_beacon(const cfg80211::BeaconData& beacon) {
  const auto take = [](std::optional<Octets>& part, const std::optional<Octets>& from) {
    if (from) part = from;
  };
  take(settings_.beacon.head, beacon.head);
  take(settings_.beacon.tail, beacon.tail);
  take(settings_.beacon.probe_response, beacon.probe_response);
  take(settings_.beacon.probe_response_elements, beacon.probe_response_elements);
  take(settings_.beacon.association_response_elements, beacon.association_response_elements);
  read_rsn();
}

void AccessPoint::read_rsn() {
  rsn_.reset();
  const auto element = ieee80211::find_element(tail_elements(), ElementId::kRsn);
  if (element)
    if (auto rsn = ieee80211::RsnElement::parse(element->body)) rsn_ = *std::move(rsn);
  protected_ = element ||
               ieee80211::find_vendor_element(tail_elements(), ieee80211::kVendorMicrosoftWpa) ||
               (capability() & ieee80211::capability::kPrivacy);
}

std::span<const uint8_t> AccessPoint::head_elements() const {
  const auto frame = settings_.beacon.head ? FrameView::of(*settings_.beacon.head) : std::nullopt;
  if (!frame || frame->body().size() < ieee80211::BeaconBody::kFixedLength) return {};
  return frame->body().subspan(ieee80211::BeaconBody::kFixedLength);
}

std::span<const uint8_t> AccessPoint::tail_elements() const {
  if (!settings_.beacon.tail) return {};
  return *settings_.beacon.tail;
}

uint16_t AccessPoint::capability() const {
  const auto frame = settings_.beacon.head ? FrameView::of(*settings_.beacon.head) : std::nullopt;
  const auto body = frame ? ieee80211::BeaconBody::parse(frame->body())
                          : Result<ieee80211::BeaconBody>(fail(Errc::kMalformed));
  return body ? body->capability : 0;
}

Octets AccessPoint::frame_to(const MacAddress& to, Subtype subtype) const {
  ieee80211::MacHeader header;
  header.fc = ieee80211::FrameControl(subtype);
  header.address1 = to;
  header.address2 = header.address3 = wdev_.address();
  Octets frame;
  Writer writer(frame);
  header.emit(writer);
  return frame;
}

uint64_t AccessPoint::send(Octets frame) {
  const auto cookie = cfg80211::send_frame(wdev_, {.frame = std::move(frame)});
  if (!cookie) return 0;
  own_cookies_.insert(*cookie);
  return *cookie;
}

bool AccessPoint::on_frame(const FrameView& frame) {
  switch (frame.fc().subtype()) {
    case Subtype::kProbeRequest:
      on_probe_request(frame);
      return false;  // the host may want to see it too
    case Subtype::kAuthentication:
      on_authentication(frame);
      return true;
    case Subtype::kAssociationRequest:
    case Subtype::kReassociationRequest:
      on_association(frame);
      return true;
    case Subtype::kDeauthentication:
    case Subtype::kDisassociation:
      on_leave(frame);
      return true;
    case Subtype::kAction:
      return on_sa_query(frame);
    default:  // the other subtypes do not come here
      return false;
  }
}

/// [802.11-2020 11.1.4.3.4]
void AccessPoint::on_probe_request(const FrameView& frame) {
  const bool to_all = frame.address1().is_broadcast();
  if (!to_all && frame.address1() != wdev_.address()) return;
  if (!frame.address3().is_broadcast() && frame.address3() != wdev_.address()) return;
  const auto ssid = ieee80211::find_element(frame.body(), ElementId::kSsid);
  if (!ssid) return;
  const bool wildcard = ssid->body.empty();
  if (wildcard && settings_.hidden_ssid != NL80211_HIDDEN_SSID_NOT_IN_USE) return;
  if (!wildcard && !std::equal(ssid->body.begin(), ssid->body.end(), settings_.ssid.begin(),
                               settings_.ssid.end()))
    return;
  Octets answer;
  if (settings_.beacon.probe_response &&
      settings_.beacon.probe_response->size() > ieee80211::BeaconBody::kFixedLength + 24) {
    answer = *settings_.beacon.probe_response;
    std::copy_n(frame.address2().octets.begin(), 6, answer.begin() + 4);
  } else {
    answer = frame_to(frame.address2(), Subtype::kProbeResponse);
    Writer writer(answer);
    ieee80211::BeaconBody body;
    body.interval_tu = settings_.beacon_interval_tu;
    body.capability = capability();
    body.emit(writer);
    // A hidden network's beacon does not name it.
    ieee80211::emit_element(writer, ElementId::kSsid, settings_.ssid);
    for (const auto& element : ieee80211::ElementRange(head_elements()))
      if (!element.is(ElementId::kSsid)) writer.bytes(element.whole);
    writer.bytes(tail_elements());
  }
  // Nobody wants to know what becomes of it.
  (void)cfg80211::send_frame(wdev_, {.frame = std::move(answer), .dont_wait_for_ack = true});
}

/// [802.11-2020 11.3.4.3]
void AccessPoint::on_authentication(const FrameView& frame) {
  const auto body = ieee80211::AuthenticationBody::parse(frame.body());
  const MacAddress station = frame.address2();
  if (!body || !station.is_unicast()) return;
  StatusCode status = StatusCode::kSuccess;
  if (body->algorithm != AuthAlgorithm::kOpenSystem)
    status = StatusCode::kUnsupportedAuthAlgorithm;
  else if (body->transaction != 1)
    status = StatusCode::kTransactionSequenceError;
  else if (!clients_.contains(station) && clients_.size() >= kClientsMax)
    status = StatusCode::kDeniedNoMoreStas;
  Octets answer = frame_to(station, Subtype::kAuthentication);
  Writer writer(answer);
  ieee80211::AuthenticationBody{.algorithm = body->algorithm,
                                .transaction = static_cast<uint16_t>(body->transaction + 1),
                                .status = static_cast<uint16_t>(status)}
      .emit(writer);
  // An associated station with PMF keeps its association until SA Query says otherwise.
  if (status == StatusCode::kSuccess) clients_.try_emplace(station);
  send(std::move(answer));
}

/// The stack has checked PMF's rules.
void AccessPoint::on_leave(const FrameView& frame) {
  const MacAddress station = frame.address2();
  const auto found = clients_.find(station);
  if (found == clients_.end()) return;
  log_.info("{} leaves", station.to_string());
  remove_station(station);
  // A disassociated station is still authenticated.
  if (frame.fc().is(Subtype::kDeauthentication)) clients_.erase(station);
}

void AccessPoint::on_unexpected_frame(const MacAddress& station) {
  if (!station.is_unicast() || clients_.contains(station)) return;
  Octets frame = frame_to(station, Subtype::kDeauthentication);
  Writer writer(frame);
  ieee80211::DeauthenticationBody{.reason = static_cast<uint16_t>(ReasonCode::kInvalidClass3Frame)}
      .emit(writer);
  send(std::move(frame));
}

/// The stack forgets it; its owner hears through on_station_removed().
void AccessPoint::remove_station(const MacAddress& mac) {
  (void)wdev_.wiphy().ops().delete_station(wdev_, {.mac = mac});
  const auto found = clients_.find(mac);
  if (found != clients_.end()) found->second = Client{};
}

bool AccessPoint::on_station_removed(const MacAddress& mac) {
  const auto found = clients_.find(mac);
  return found != clients_.end() && found->second.stage == Client::Stage::kAssociated;
}

Result<void> AccessPoint::expel(const cfg80211::DeleteStationRequest& request) {
  const bool all = !request.mac || request.mac->is_broadcast();
  if (!all && !clients_.contains(*request.mac)) return fail(Errc::kNotFound);
  constexpr uint8_t kDisassociation = 0xa;
  const bool disassociate = request.subtype == kDisassociation;
  // Who asks for all by no address at all has said it to them by other means.
  if (request.mac) {
    Octets frame = frame_to(*request.mac,
                            disassociate ? Subtype::kDisassociation : Subtype::kDeauthentication);
    Writer writer(frame);
    ieee80211::DeauthenticationBody{.reason = request.reason}.emit(writer);
    send(std::move(frame));
  }
  std::vector<MacAddress> leaving;
  for (const auto& [mac, client] : clients_)
    if (all || mac == *request.mac) leaving.push_back(mac);
  for (const MacAddress& mac : leaving) {
    remove_station(mac);
    if (!disassociate) clients_.erase(mac);
  }
  return {};
}

/// Asks a station that seems to come anew whether it still is here. [802.11-2020 11.13]
void AccessPoint::ask_for_keys(const MacAddress& mac, Client& client) {
  if (client.sa_query) return;
  client.sa_query_transaction = ++last_transaction_;
  Octets frame = frame_to(mac, Subtype::kAction);
  Writer writer(frame);
  ieee80211::SaQuery{ieee80211::SaQueryAction::kRequest, client.sa_query_transaction}.emit(writer);
  send(std::move(frame));
  client.sa_query = std::make_unique<Timer>(scheduler_, [this, mac] {
    const auto found = clients_.find(mac);
    if (found == clients_.end()) return;
    found->second.lost_keys = true;
    found->second.sa_query.reset();
  });
  client.sa_query->arm(kSaQueryTimeout);
}

bool AccessPoint::on_sa_query(const FrameView& frame) {
  const auto query = ieee80211::SaQuery::parse(Reader(frame.body()));
  if (!query) return false;
  const auto found = clients_.find(frame.address2());
  if (found == clients_.end()) return true;
  Client& client = found->second;
  if (query->action == ieee80211::SaQueryAction::kResponse) {
    if (client.sa_query && query->transaction == client.sa_query_transaction)
      client.sa_query.reset();
    return true;
  }
  if (client.stage != Client::Stage::kAssociated) return true;
  Octets answer = frame_to(frame.address2(), Subtype::kAction);
  Writer writer(answer);
  ieee80211::SaQuery{ieee80211::SaQueryAction::kResponse, query->transaction}.emit(writer);
  send(std::move(answer));
  return true;
}

}  // namespace airloom::fullmac
