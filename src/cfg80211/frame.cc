// Management frames from and to userspace: registrations, transmission, time off channel.
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/internal.h"
#include "ieee80211/mac_header.h"

namespace airloom::cfg80211 {

namespace {

using ieee80211::FrameView;
using ieee80211::Subtype;

constexpr uint16_t kTypeMask = 0x000c, kSubtypeMask = 0x00f0;
constexpr uint8_t kCategoryPublic = 4;         // [802.11-2020 Table 9-51]
constexpr uint32_t kMinTimeOffChannelMs = 10;  // [nl80211.h NL80211_MIN_REMAIN_ON_CHANNEL_TIME]

unsigned subtype_number(uint16_t frame_control) {
  return (frame_control & kSubtypeMask) >> 4;
}

bool can_register(InterfaceType type) {
  switch (type) {
    case InterfaceType::kStation:
    case InterfaceType::kAdhoc:
    case InterfaceType::kP2pClient:
    case InterfaceType::kAp:
    case InterfaceType::kApVlan:
    case InterfaceType::kMeshPoint:
    case InterfaceType::kP2pGo:
    case InterfaceType::kP2pDevice:
      return true;
    case InterfaceType::kUnspecified:
    case InterfaceType::kWds:
    case InterfaceType::kMonitor:
    case InterfaceType::kOcb:
    case InterfaceType::kNan:
      return false;
  }
  return false;
}

Result<void> check_registration(const Wdev& wdev, const FrameRegistration& wanted) {
  const Capabilities& capabilities = wdev.wiphy().capabilities();
  if (!can_register(wdev.type())) return fail(Errc::kUnsupported);
  if (wanted.multicast &&
      !capabilities.has_extended_feature(NL80211_EXT_FEATURE_MULTICAST_REGISTRATIONS))
    return fail(Errc::kUnsupported, "multicast RX registrations are not supported");
  if ((wanted.frame_type & kTypeMask) != 0)
    return fail(Errc::kInvalid, "frame type not management");
  if (wanted.frame_type & ~(kTypeMask | kSubtypeMask))
    return fail(Errc::kInvalid, "Invalid frame type");
  const uint16_t allowed = capabilities.rx_frame_types[static_cast<size_t>(wdev.type())];
  if (!(allowed >> subtype_number(wanted.frame_type) & 1))
    return fail(Errc::kInvalid, "Registration to specific type not supported");
  const bool is_authentication =
      wanted.frame_type == static_cast<uint16_t>(Subtype::kAuthentication);
  if (wdev.type() == InterfaceType::kStation && is_authentication && wanted.match.size() < 2)
    return fail(Errc::kInvalid, "Authentication algorithm number required");
  return {};
}

/// Whether a frame could match both.
bool overlap(const Octets& a, const Octets& b) {
  return std::equal(a.begin(), a.begin() + static_cast<long>(std::min(a.size(), b.size())),
                    b.begin());
}

}  // namespace

Result<void> register_frame(Wdev& wdev, FrameRegistration wanted) {
  TRY(check_registration(wdev, wanted));
  for (FrameRegistration& existing : wdev.frame_registrations) {
    if (existing.frame_type != wanted.frame_type || !overlap(existing.match, wanted.match))
      continue;
    if (existing.multicast == wanted.multicast)
      return fail(Errc::kAlready, "Match already configured");
    existing.multicast = wanted.multicast;
    update_frame_registrations(wdev);
    return {};
  }
  wdev.frame_registrations.push_back(std::move(wanted));
  update_frame_registrations(wdev);
  return {};
}

void update_frame_registrations(Wdev& wdev) {
  ManagementFrameInterest interest;
  for (const FrameRegistration& registration : wdev.frame_registrations) {
    const auto bit = static_cast<uint16_t>(1u << subtype_number(registration.frame_type));
    interest.unicast_subtypes |= bit;
    if (registration.multicast) interest.multicast_subtypes |= bit;
  }
  wdev.wiphy().ops().update_frame_registrations(wdev, interest);
}

Result<void> register_unexpected_frame(Wdev& wdev, PortId port) {
  if (!is_ap(wdev.type())) return fail(Errc::kInvalid);
  if (wdev.unexpected_frame_port != 0) return fail(Errc::kBusy);
  wdev.unexpected_frame_port = port;
  return {};
}

Result<void> register_beacons(Wiphy& wiphy, PortId port) {
  if (!wiphy.capabilities().reports_obss) return fail(Errc::kUnsupported);
  auto& listeners = wiphy.beacon_listeners;
  if (std::find(listeners.begin(), listeners.end(), port) != listeners.end())
    return fail(Errc::kAlready);
  listeners.push_back(port);
  return {};
}

namespace {

bool is_public_action(const FrameView& frame) {
  return frame.fc().is(Subtype::kAction) && !frame.body().empty() &&
         frame.body()[0] == kCategoryPublic;
}

/// Action frames other than public ones go to those we are connected with.
Result<void> check_action_addresses(const Wdev& wdev, const FrameView& frame) {
  switch (wdev.type()) {
    case InterfaceType::kStation:
    case InterfaceType::kP2pClient:
      if (!wdev.is_connected_to(frame.bssid()) || !wdev.is_connected_to(frame.address1()))
        return fail(Errc::kNotConnected);
      return {};
    case InterfaceType::kAp:
    case InterfaceType::kP2pGo:
    case InterfaceType::kApVlan:
      if (frame.bssid() != wdev.address()) return fail(Errc::kInvalid);
      return {};
    case InterfaceType::kMeshPoint:
      if (frame.address2() != frame.bssid()) return fail(Errc::kInvalid);
      return {};
    case InterfaceType::kAdhoc:
      return fail(Errc::kNotConnected);
    default:
      return fail(Errc::kUnsupported);
  }
}

/// A source address that is not ours is for public action frames of those who can.
Result<void> check_source(const Wdev& wdev, const FrameView& frame) {
  if (frame.address2() == wdev.address()) return {};
  if (!is_public_action(frame)) return fail(Errc::kInvalid);
  const unsigned feature = wdev.is_connected() ? NL80211_EXT_FEATURE_MGMT_TX_RANDOM_TA_CONNECTED
                                               : NL80211_EXT_FEATURE_MGMT_TX_RANDOM_TA;
  if (!wdev.wiphy().capabilities().has_extended_feature(feature)) return fail(Errc::kInvalid);
  return {};
}

Result<void> check_frame(const Wdev& wdev, const Octets& octets) {
  constexpr size_t kHeader = 24;
  if (octets.size() < kHeader + 1) return fail(Errc::kInvalid);
  const auto frame = FrameView::of(octets);
  if (!frame || !frame->fc().is_management() || frame->fc().order()) return fail(Errc::kInvalid);
  const uint16_t allowed =
      wdev.wiphy().capabilities().tx_frame_types[static_cast<size_t>(wdev.type())];
  if (!(allowed >> subtype_number(frame->fc().bits) & 1)) return fail(Errc::kInvalid);
  if (frame->fc().is(Subtype::kAction) && !is_public_action(*frame))
    TRY(check_action_addresses(wdev, *frame));
  return check_source(wdev, *frame);
}

Result<void> check_time(const Wdev& wdev, uint32_t ms) {
  if (ms < kMinTimeOffChannelMs || ms > wdev.wiphy().capabilities().max_remain_on_channel_ms)
    return fail(Errc::kInvalid);
  return {};
}

Result<void> check_tx(const Wdev& wdev, const FrameTxRequest& request) {
  const bool can_leave = wdev.wiphy().capabilities().offchannel_tx;
  if (!can_register(wdev.type())) return fail(Errc::kUnsupported);
  if (wdev.type() == InterfaceType::kP2pDevice && !request.channel) return fail(Errc::kInvalid);
  if (request.wait_ms != 0) {
    if (!can_leave) return fail(Errc::kInvalid);
    TRY(check_time(wdev, request.wait_ms));
  }
  if (request.offchannel_ok && !can_leave) return fail(Errc::kInvalid);
  if (request.channel) TRY(check_channel(wdev.wiphy(), *request.channel));
  if (request.offchannel_ok && !request.channel) return fail(Errc::kInvalid);
  if (request.offchannel_ok && !may_go_off_channel(wdev)) return fail(Errc::kBusy);
  for (const uint16_t offset : request.csa_offsets)
    if (offset >= request.frame.size()) return fail(Errc::kInvalid);
  return check_frame(wdev, request.frame);
}

/// Calls with a fresh cookie, taken back if the call fails.
template <typename Call>
Result<uint64_t> with_cookie(Wiphy& wiphy, Call call) {
  const uint64_t cookie = wiphy.next_cookie();
  Result<void> done = call(cookie);
  if (!done) {
    wiphy.return_cookie(cookie);
    return std::unexpected(std::move(done).error());
  }
  return cookie;
}

}  // namespace

Result<uint64_t> send_frame(Wdev& wdev, const FrameTxRequest& request) {
  TRY(check_tx(wdev, request));
  Wiphy& wiphy = wdev.wiphy();
  if (request.dont_wait_for_ack) {
    TRY(wiphy.ops().management_tx(wdev, request, 0));
    return 0;
  }
  return with_cookie(
      wiphy, [&](uint64_t cookie) { return wiphy.ops().management_tx(wdev, request, cookie); });
}

Result<void> cancel_frame_wait(Wdev& wdev, uint64_t cookie) {
  if (!can_register(wdev.type()) || wdev.type() == InterfaceType::kMeshPoint)
    return fail(Errc::kUnsupported);
  return wdev.wiphy().ops().management_tx_cancel_wait(wdev, cookie);
}

Result<uint64_t> remain_on_channel(Wdev& wdev, const ChannelDefinition& channel,
                                   uint32_t duration_ms) {
  Wiphy& wiphy = wdev.wiphy();
  if (wiphy.capabilities().max_remain_on_channel_ms == 0) return fail(Errc::kUnsupported);
  TRY(check_time(wdev, duration_ms));
  TRY(check_channel(wiphy, channel));
  if (!may_go_off_channel(wdev)) {
    const Link& link = wdev.link();
    if (!link.channel || ieee80211::compatible(channel, *link.channel) != channel)
      return fail(Errc::kBusy);
  }
  return with_cookie(wiphy, [&](uint64_t cookie) {
    return wiphy.ops().remain_on_channel(wdev, channel, duration_ms, cookie);
  });
}

Result<void> cancel_remain_on_channel(Wdev& wdev, uint64_t cookie) {
  return wdev.wiphy().ops().cancel_remain_on_channel(wdev, cookie);
}

bool rx_management(Wdev& wdev, Span octets, uint32_t mhz, std::optional<int8_t> signal_dbm,
                   uint32_t flags) {
  const auto frame = FrameView::of(octets);
  if (!frame || !frame->fc().is_management()) return false;
  const uint16_t bits = frame->fc().bits;
  const uint16_t allowed =
      wdev.wiphy().capabilities().rx_frame_types[static_cast<size_t>(wdev.type())];
  if (!(allowed >> subtype_number(bits) & 1)) return false;
  const Span body = frame->body();
  EventSink& events = wdev.wiphy().host().events();
  for (const FrameRegistration& registration : wdev.frame_registrations) {
    const Octets& match = registration.match;
    if (registration.frame_type != (bits & (kTypeMask | kSubtypeMask))) continue;
    if (match.size() > body.size() || !std::equal(match.begin(), match.end(), body.begin()))
      continue;
    if (events.frame_received(wdev, registration.port, octets, mhz, 0, signal_dbm, flags))
      return true;
  }
  return false;
}

void management_tx_status(Wdev& wdev, uint64_t cookie, Span frame, bool ack) {
  wdev.wiphy().host().events().frame_tx_status(wdev, cookie, frame, ack);
}

void management_tx_wait_expired(Wdev& wdev, uint64_t cookie, const ChannelDefinition& channel) {
  wdev.wiphy().host().events().frame_wait_cancelled(wdev, cookie, channel);
}

void rx_beacon_report(Wiphy& wiphy, Span frame, uint32_t mhz, std::optional<int8_t> signal_dbm) {
  for (const PortId port : wiphy.beacon_listeners)
    wiphy.host().events().beacon_received(wiphy, port, frame, mhz, signal_dbm);
}

void ready_on_channel(Wdev& wdev, uint64_t cookie, const ChannelDefinition& channel,
                      uint32_t duration_ms) {
  wdev.wiphy().host().events().remain_on_channel(wdev, cookie, channel, duration_ms);
}

void remain_on_channel_expired(Wdev& wdev, uint64_t cookie, const ChannelDefinition& channel) {
  wdev.wiphy().host().events().remain_on_channel_expired(wdev, cookie, channel);
}

namespace {

bool report_unexpected(Wdev& wdev, const MacAddress& station, bool four_address) {
  if (wdev.unexpected_frame_port == 0) return false;
  wdev.wiphy().host().events().unexpected_frame(wdev, wdev.unexpected_frame_port, station,
                                                four_address);
  return true;
}

}  // namespace

bool rx_spurious_frame(Wdev& wdev, const MacAddress& station) {
  return is_ap(wdev.type()) && report_unexpected(wdev, station, false);
}

bool rx_unexpected_4addr_frame(Wdev& wdev, const MacAddress& station) {
  const bool fits = is_ap(wdev.type()) || wdev.type() == InterfaceType::kApVlan;
  return fits && report_unexpected(wdev, station, true);
}

}  // namespace airloom::cfg80211
