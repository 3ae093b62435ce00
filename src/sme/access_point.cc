#include "sme/access_point.h"

#include <linux/nl80211.h>

#include <algorithm>
#include <utility>

#include "ieee80211/bss_elements.h"
#include "ieee80211/element.h"

namespace airloom::sme {

using ieee80211::FrameView;
using ieee80211::ReasonCode;
using ieee80211::Subtype;

AccessPoint::Member::Member(AccessPoint& ap, const MacAddress& its_address, uint16_t its_aid)
    : address(its_address),
      aid(its_aid),
      id(++ap.last_member_id_),
      sa_query(
          *ap.ports_.scheduler, *ap.ports_.rng,
          [&ap, this](uint16_t transaction) {
            ap.send_frame(sa_query_frame({ieee80211::SaQueryAction::kRequest, transaction}, address,
                                         ap.address_, ap.address_));
          },
          [&ap, this] {
            ap.log_.info("{} does not answer SA Queries", address.to_string());
            sa_query_timed_out = true;
          }),
      timer(*ap.ports_.scheduler, [&ap, this] { ap.on_timer(*this); }) {}

AccessPoint::AccessPoint(AccessPointConfig config, const SmePorts& ports,
                         std::unique_ptr<ClientPort> port, AccessPointObserver& observer)
    : config_(std::move(config)),
      ports_(ports),
      observer_(observer),
      log_(ports.log),
      rekey_timer_(*ports.scheduler, [this] { rekey_group(); }),
      port_(std::move(port)),
      setup_(*port_) {
  if (config_.security && config_.security->has_sae())
    sae_password_.emplace(config_.ssid, config_.security->sae_password,
                          config_.security->sae_groups);
}

AccessPoint::~AccessPoint() = default;

void AccessPoint::start() {
  if (state_ != State::kStopped) return;
  state_ = State::kStarting;
  if (is_opening_ || setup_.is_running()) return;
  if (is_open_) return set_up();
  is_opening_ = true;
  port_->open(
      {"mlme"}, [this](const Nl80211Event& event) { on_event(event); },
      [this] { log_.warn("events were lost"); },
      [this](Result<void> opened) {
        is_opening_ = false;
        is_open_ = opened.has_value();
        if (state_ != State::kStarting) return;
        if (is_open_)
          set_up();
        else
          fail_start(opened.error());
      });
}

void AccessPoint::stop() {
  if (state_ == State::kRunning) {
    send_frame(
        frames_->deauthentication(MacAddress::broadcast(), ReasonCode::kLeavingNetworkDeauth),
        false);
    const auto fill = [this](netlink::MessageWriter& w) {
      w.u32(NL80211_ATTR_IFINDEX, config_.ifindex);
    };
    port_->request(NL80211_CMD_STOP_AP, fill, {});
  }
  stop_without_goodbye();
}

Result<void> AccessPoint::deauthenticate(const MacAddress& station, ReasonCode reason) {
  if (!find(station)) return fail(Errc::kNotFound, "no such station");
  expel(station, reason);
  return {};
}

size_t AccessPoint::station_count() const {
  return static_cast<size_t>(std::ranges::count_if(
      members_, [](const auto& entry) { return entry.second->stage == Stage::kAuthorised; }));
}

void AccessPoint::on_event(const Nl80211Event& event) {
  const auto& attributes = event.attributes;
  if (attributes.u32(NL80211_ATTR_IFINDEX) != config_.ifindex) return;
  if (state_ != State::kRunning) return;
  const auto frame = attributes.bytes(NL80211_ATTR_FRAME);
  const auto station = attributes.mac(NL80211_ATTR_MAC);
  switch (event.command) {
    case NL80211_CMD_FRAME:
      if (frame) on_frame(*frame);
      break;
    case NL80211_CMD_FRAME_TX_STATUS:
      if (frame) on_tx_status(*frame, attributes.has(NL80211_ATTR_ACK));
      break;
    case NL80211_CMD_CONTROL_PORT_FRAME: {
      Member* member = station ? find(*station) : nullptr;
      if (member && frame) on_handshake_event(*member, Authenticator::Received{*frame});
      break;
    }
    case NL80211_CMD_UNEXPECTED_FRAME:
      if (station) on_unexpected_frame(*station);
      break;
    case NL80211_CMD_DEL_STATION: {
      // While it is being added, or added anew to associate, this is about the one before it.
      const Member* member = station ? find(*station) : nullptr;
      if (member && member->stage != Stage::kAdding && member->stage != Stage::kAssociating)
        remove(*station, false);
      break;
    }
    case NL80211_CMD_STOP_AP:
      on_stopped_below();
      break;
    default:  // other events do not concern an access point
      break;
  }
}

void AccessPoint::on_frame(std::span<const uint8_t> octets) {
  const auto frame = FrameView::of(octets);
  if (!frame || !frame->fc().is_management()) return;
  if (frame->fc().is(Subtype::kProbeRequest)) return on_probe_request(*frame);
  if (frame->address1() != address_ || frame->address3() != address_) return;
  if (!frame->address2().is_unicast() || frame->address2() == address_) return;
  switch (frame->fc().subtype()) {
    case Subtype::kAuthentication:
      return on_authentication(*frame);
    case Subtype::kAssociationRequest:
      return on_association(*frame, false);
    case Subtype::kReassociationRequest:
      return on_association(*frame, true);
    case Subtype::kAction:
      return on_action(*frame);
    case Subtype::kDisassociation:
    case Subtype::kDeauthentication:
      return remove(frame->address2(), true);
    default:  // nothing else was asked for
      return;
  }
}

void AccessPoint::on_tx_status(std::span<const uint8_t> octets, bool acked) {
  const auto frame = FrameView::of(octets);
  if (!frame || !frame->fc().is_management()) return;
  Member* member = find(frame->address1());
  if (!member || member->stage != Stage::kAssociating) return;
  if (!frame->fc().is(Subtype::kAssociationResponse) &&
      !frame->fc().is(Subtype::kReassociationResponse))
    return;
  if (acked) return on_associated(*member);
  log_.info("{} did not acknowledge the association response", member->address.to_string());
  member->stage = Stage::kAuthenticated;  // it may ask again
}

/// Answers if it asks for this network or any; a hidden one must be asked for by name.
/// [802.11-2020 11.1.4.3.4]
void AccessPoint::on_probe_request(const FrameView& frame) {
  const auto ssid = ieee80211::find_element<ieee80211::SsidElement>(frame.body());
  if (!ssid) return;
  const bool asks_for_any = ssid->is_wildcard() && !config_.hidden;
  if (!asks_for_any && ssid->ssid != config_.ssid) return;
  send_frame(frames_->probe_response(frame.address2()), false);
}

/// SA Query, of a station with PMF; the kernel lets none in that came in clear.
/// [802.11-2020 11.13]
void AccessPoint::on_action(const FrameView& frame) {
  const auto query = ieee80211::SaQuery::parse(Reader(frame.body()));
  Member* member = find(frame.address2());
  if (!query || !member || !member->pmf || !member->is_associated()) return;
  if (query->action == ieee80211::SaQueryAction::kRequest)
    send_frame(sa_query_frame({ieee80211::SaQueryAction::kResponse, query->transaction},
                              member->address, address_, address_));
  else if (!member->sa_query.on_response(query->transaction))
    log_.debug("{} answers an SA Query that nobody asked", member->address.to_string());
}

/// A class 3 frame of a station that is not associated. [802.11-2020 11.3.3]
void AccessPoint::on_unexpected_frame(const MacAddress& station) {
  const Member* member = find(station);
  if (member && member->stage >= Stage::kAssociating) return;
  if (station.is_unicast())
    send_frame(frames_->deauthentication(station, ReasonCode::kInvalidClass3Frame));
}

/// The interface went down, or somebody else stopped it.
void AccessPoint::on_stopped_below() {
  stop_without_goodbye();
  observer_.on_failed({Errc::kNetDown, "the access point was stopped from below"});
}

void AccessPoint::stop_without_goodbye() {
  const bool was_running = std::exchange(state_, State::kStopped) == State::kRunning;
  rekey_timer_.cancel();
  keys_ = {};  // the kernel counts their packet numbers from the start when they come again
  next_keys_.reset();
  members_.clear();
  if (was_running) ports_.link->set_operstate(LinkPort::OperState::kDormant);
}

void AccessPoint::send_frame(const Octets& frame, bool wait_for_ack) {
  const auto fill = [&](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex);
    w.u32(NL80211_ATTR_WIPHY_FREQ, config_.channel_mhz);
    w.flag_if(!wait_for_ack, NL80211_ATTR_DONT_WAIT_FOR_ACK).bytes(NL80211_ATTR_FRAME, frame);
  };
  request("send frame", NL80211_CMD_FRAME, fill);
}

/// Sends a request whose failure is only worth a line in the log.
void AccessPoint::request(const char* name, uint8_t command, const ClientPort::Fill& fill,
                          std::function<void()> on_ok) {
  port_->request(command, fill, [this, name, on_ok = std::move(on_ok)](Result<Reply> reply) {
    if (!reply)
      log_.warn("{}: {} {}", name, to_string(reply.error().code), reply.error().text);
    else if (on_ok)
      on_ok();
  });
}

AccessPoint::Member* AccessPoint::find(const MacAddress& station) {
  const auto found = members_.find(station);
  return found == members_.end() ? nullptr : found->second.get();
}

AccessPoint::Member* AccessPoint::find(const MacAddress& station, uint64_t id) {
  Member* member = find(station);
  return member && member->id == id ? member : nullptr;
}

}  // namespace airloom::sme
