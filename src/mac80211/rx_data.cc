// Data frames: from MPDU to Ethernet, past the 802.1X port, to the control port's owner, the
// netdev, or another station of the same AP. [802.11-2020 5.1.4, 9.3.2, 12.6.1.1]
#include <array>

#include "cfg80211/driver_events.h"
#include "ieee80211/ethernet.h"
#include "mac80211/access_point.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rx_stages.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

using ieee80211::EthernetHeader;
using ieee80211::FrameView;
using ieee80211::kEthernetHeaderLength;
namespace ethertype = ieee80211::ethertype;

namespace {

/// The port access entity's group address. [802.1X-2020 11.1.1]
constexpr MacAddress kPaeGroup = {{0x01, 0x80, 0xc2, 0x00, 0x00, 0x03}};

/// An MSDU on its way up: its Ethernet header, and the buffer from that header on.
struct Msdu {
  EthernetHeader header;
  FrameBuffer ethernet;
};

/// Replaces everything before the payload of `buffer` (which begins with LLC at `body`) by an
/// Ethernet header, in place if nobody shares the octets.
Msdu to_ethernet(FrameBuffer buffer, size_t body, const MacAddress& destination,
                 const MacAddress& source) {
  const auto type = ieee80211::ethertype_behind_snap(buffer.octets().subspan(body));
  const size_t payload = type ? body + ieee80211::kSnapLength + 2 : body;
  EthernetHeader header{destination, source,
                        type.value_or(static_cast<uint16_t>(buffer.size() - payload))};
  buffer.trim_front(payload);
  if (!buffer.is_unique() || buffer.headroom() < kEthernetHeaderLength) buffer = buffer.copy();
  header.store(buffer.push_front(kEthernetHeaderLength));
  return {header, std::move(buffer)};
}

/// Whether the addresses and DS bits are such as this role may receive.
bool is_for_role(const RxFrame& frame) {
  const auto& fc = frame.view.fc();
  if (fc.has_address4() && !frame.port().is_four_address()) return false;
  if (cfg80211::is_ap(frame.interface.type())) return fc.to_ds();
  if (!fc.from_ds()) return false;
  // Our own group frame, which the AP has sent on to everybody.
  return !(frame.view.destination().is_group() && frame.view.source() == frame.interface.address());
}

/// Whether a station that uses four addresses hears this from its AP a second time: to all, with
/// three. Only EAPOL may come so.
bool is_for_others(const RxFrame& frame) {
  return cfg80211::is_station(frame.interface.type()) && frame.interface.is_four_address() &&
         !frame.view.fc().has_address4() && frame.view.address1() != frame.interface.address();
}

/// The 802.1X port and the rule that nothing comes in clear once there is a key: why a frame may
/// not pass, if so.
std::optional<Drop> refusal(const RxFrame& frame, const EthernetHeader& header) {
  // EAPOL comes in clear or not, but only to us or to the PAE group.
  if (header.type == frame.interface.control_port.ethertype) {
    const bool to_us = header.destination == frame.interface.address();
    return to_us || header.destination == kPaeGroup ? std::nullopt : std::optional(Drop::kRxEapol);
  }
  if (frame.station == nullptr || !frame.station->is_authorized()) return Drop::kRxPortShut;
  if (!frame.decrypted && frame.key != nullptr) return Drop::kRxClearData;
  return std::nullopt;
}

/// DEVIATES: the kernel hands EAPOL that overtakes the Association Response to the owner at once,
/// who then cannot know what it belongs to.
void deliver_to_owner(const RxFrame& frame, const Msdu& msdu) {
  const auto payload = msdu.ethernet.octets().subspan(kEthernetHeaderLength);
  StationMlme* mlme = frame.interface.station_mlme();
  if (mlme && mlme->hold_early({msdu.header.source, msdu.header.type,
                                Octets(payload.begin(), payload.end()), !frame.decrypted}))
    return;
  cfg80211::rx_control_port(frame.interface.wdev(), msdu.header.source, msdu.header.type, payload,
                            !frame.decrypted);
}

void deliver_to_host(RxFrame& frame, Msdu msdu) {
  Interface& interface = frame.interface;
  const auto& port = interface.control_port;
  const bool is_control_port = msdu.header.type == port.ethertype;
  const bool is_preauth = msdu.header.type == ethertype::kPreauthentication && !port.no_preauth;
  if (port.over_nl80211 && (is_control_port || is_preauth)) return deliver_to_owner(frame, msdu);
  // EAPOL is hostapd's, who listens at the access point.
  auto* netdev = (is_control_port ? interface : frame.port()).wdev().netdev();
  if (netdev == nullptr) return;
  if (is_control_port && msdu.header.destination != interface.address()) {
    // Programs expect EAPOL at our address, whatever group it was sent to.
    if (!msdu.ethernet.is_unique()) msdu.ethernet = msdu.ethernet.copy();
    msdu.header.destination = interface.address();
    msdu.header.store(msdu.ethernet.writable());
  }
  netdev->receive(std::move(msdu.ethernet));
}

/// Frames between stations of one AP turn around here. True: nothing is left for the host.
bool forward(RadioStack& stack, RxFrame& frame, const Msdu& msdu) {
  Interface& port = frame.port();
  const AccessPoint* ap = frame.interface.access_point();
  if (ap == nullptr || port.is_four_address()) return false;
  if (ap->isolate && &port == &frame.interface) return false;
  if (msdu.header.type == frame.interface.control_port.ethertype) return false;
  if (msdu.header.destination.is_group()) {
    std::array<FrameBuffer, 1> copy = {msdu.ethernet.copy()};
    stack.tx().transmit(port, copy);
    return false;
  }
  if (msdu.header.destination == msdu.header.source) return false;
  if (msdu.header.destination == frame.interface.address()) return false;
  const Station* peer = stack.stations().find(frame.interface, msdu.header.destination);
  if (peer == nullptr || &peer->port() != &port) return false;
  std::array<FrameBuffer, 1> same = {msdu.ethernet};
  stack.tx().transmit(port, same);
  return true;
}

void deliver(RadioStack& stack, RxFrame& frame, Msdu msdu) {
  ++frame.station->counters.tids[frame.tid_index].rx_msdu;
  if (!forward(stack, frame, msdu)) deliver_to_host(frame, std::move(msdu));
}

/// Whether the octets are an A-MSDU from end to end, and not an MSDU that somebody made one of by
/// flipping a bit. (CVE-2020-24588)
bool is_whole_amsdu(std::span<const uint8_t> body) {
  auto reader = ieee80211::AmsduReader::open(body);
  if (!reader || body.empty()) return false;
  while (true) {
    const auto subframe = reader->next();
    if (!subframe) return false;
    if (!*subframe) return true;
  }
}

/// A station may only send as itself through an AP, and an AP only sends us what is for us.
bool may_carry(const RxFrame& frame, const ieee80211::AmsduSubframe& subframe) {
  if (frame.view.fc().has_address4()) return true;
  if (cfg80211::is_ap(frame.interface.type())) return subframe.source == frame.view.address2();
  return subframe.destination.is_group() || subframe.destination == frame.interface.address();
}

}  // namespace

// [802.11-2020 9.3.2.2]
Verdict deliver_amsdu(RadioStack& stack, RxFrame& frame) {
  const auto& fc = frame.view.fc();
  if (!fc.is_qos_data() || !fc.has_data() || !frame.view.qos().amsdu()) return Verdict::kContinue;
  // Whoever has WEP or TKIP knows no A-MSDUs.
  if (frame.key != nullptr && frame.key->is_rc4()) return Verdict::kDrop;
  if (frame.station == nullptr || frame.view.is_group_addressed() || !is_for_role(frame) ||
      !is_whole_amsdu(frame.view.body()))
    return Verdict::kDrop;
  if (StationMlme* mlme = frame.interface.station_mlme()) mlme->on_data_from_ap(frame);
  const uint32_t station = frame.station->id();
  auto reader = ieee80211::AmsduReader::open(frame.view.body());
  while (true) {
    const auto subframe = reader->next();
    if (!subframe || !*subframe) return Verdict::kTaken;
    if (stack.stations().find(station) == nullptr) return Verdict::kTaken;
    const auto& one = **subframe;
    Msdu msdu = to_ethernet(stack.pool().from(one.msdu), 0, one.destination, one.source);
    const auto refused = may_carry(frame, one) ? refusal(frame, msdu.header) : Drop::kRxSpoofed;
    if (refused)
      stack.drops().note_received(*refused, frame.status.frame_id);
    else
      deliver(stack, frame, std::move(msdu));
  }
}

Verdict deliver_data(RadioStack& stack, RxFrame& frame) {
  const auto& fc = frame.view.fc();
  if (!fc.is_data()) return Verdict::kContinue;
  if (!fc.has_data() || frame.station == nullptr) return Verdict::kDrop;
  if (fc.has_address4() && &frame.port() == &frame.interface &&
      cfg80211::is_ap(frame.interface.type()))
    report_four_address(frame);
  if (!is_for_role(frame)) return Verdict::kDrop;
  if (StationMlme* mlme = frame.interface.station_mlme()) mlme->on_data_from_ap(frame);

  const MacAddress destination = frame.view.destination();
  const MacAddress source = frame.view.source();
  const size_t body = frame.view.header_length();
  const bool only_eapol = is_for_others(frame);
  // From here on the octets are read through `msdu` alone: the view's header may be overwritten.
  Msdu msdu = to_ethernet(std::move(frame.buffer), body, destination, source);
  if (const auto refused = refusal(frame, msdu.header)) return drop_for(frame, *refused);
  if (only_eapol && msdu.header.type != frame.interface.control_port.ethertype)
    return Verdict::kDrop;
  if (!destination.is_group()) frame.interface.power_save().on_traffic();
  deliver(stack, frame, std::move(msdu));
  return Verdict::kTaken;
}

}  // namespace airloom::mac80211
