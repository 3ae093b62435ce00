#include "mac80211/management_tx.h"

#include "cfg80211/driver_events.h"
#include "ieee80211/action.h"
#include "ieee80211/mac_header.h"
#include "mac80211/access_point.h"
#include "mac80211/cipher_suites.h"
#include "mac80211/offchannel.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rates.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

using ieee80211::FrameControl;
using ieee80211::FrameView;
using ieee80211::Subtype;

namespace {

void store_le16(std::span<uint8_t> at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value);
  at[1] = static_cast<uint8_t>(value >> 8);
}

/// Frames that an AP keeps for a sleeping station. [802.11-2020 11.2.2]
bool is_bufferable(const FrameView& view) {
  return view.fc().is_action() || view.fc().is(Subtype::kBlockAckRequest) || view.fc().is_data() ||
         view.fc().is(Subtype::kDeauthentication) || view.fc().is(Subtype::kDisassociation);
}

/// Encrypts or authenticates what PMF covers; everything else stays as it is.
void protect_management(Interface& interface, Station* station, FrameBuffer& mpdu) {
  const auto view = FrameView::of(mpdu.octets());
  if (!view->fc().is_management() || !view->is_robust_management()) return;
  if (view->is_group_addressed()) {
    KeyRing& keys = interface.link().keys;
    Key* igtk = keys.tx_key(keys.management);
    if (igtk == nullptr || !igtk->is_bip()) return;
    Octets whole(view->octets().begin(), view->octets().end());
    add_management_mic(*igtk, whole);
    mpdu = interface.stack().pool().from(whole);
    return;
  }
  if (station == nullptr || !station->mfp) return;
  Key* key = station->keys.tx_key(station->keys.unicast);
  if (key != nullptr && key->is_aead()) (void)protect(*key, mpdu);
}

}  // namespace

void ManagementTx::send(Interface& interface, std::span<const uint8_t> frame,
                        ManagementTxOptions options) {
  const auto view = FrameView::of(frame);
  if (!view || !view->has_address2() || !interface.is_up()) return;
  const bool has_sequence = frame.size() >= 24;
  FrameBuffer mpdu = stack_.pool().from(frame);
  auto octets = mpdu.writable();

  TxFrame tx;
  tx.channel = options.channel.value_or(stack_.channels().channel_of(interface));
  tx.vif = interface.id();
  tx.no_ack = options.no_ack || view->is_group_addressed();
  tx.access_category = options.access_category;
  const uint32_t mhz = tx.channel.primary_mhz;
  tx.rates = single_rate(lowest_basic_rate_100kbps(interface, mhz, options.no_cck), tx.no_ack);
  if (!tx.no_ack)
    store_le16(octets.subspan(2), ack_duration_us(tx.rates[0].rate, mhz, /*short=*/false));
  const bool counts = has_sequence && !view->fc().is(Subtype::kQosNull) && !options.keep_sequence;
  if (counts)
    store_le16(octets.subspan(22), ieee80211::SequenceControl(interface.next_sequence++, 0).bits);

  Station* station = stack_.stations().find(interface, view->address1());
  if (station != nullptr) {
    tx.station = station->id();
    ++station->counters.tx_packets;
    station->counters.tx_bytes += mpdu.size();
  }
  if (options.cookie != 0) {
    options.on_status = [&interface, cookie = options.cookie,
                         chained = std::move(options.on_status),
                         original = Octets(frame.begin(), frame.end())](const TxStatus& status) {
      cfg80211::management_tx_status(interface.wdev(), cookie, original, status.acked);
      if (chained) chained(status);
    };
  }
  tx.token = options.on_status ? expect_status(interface.id(), std::move(options.on_status))
                               : kStatisticsToken;
  tx.mpdu = std::move(mpdu);
  apply_rts_threshold(interface, tx);
  const bool too_long = tx.mpdu.size() + kFcsOctets > stack_.fragmentation_threshold();
  if (too_long && has_sequence && !view->is_group_addressed())
    return send_in_parts(interface, station, std::move(tx), options.no_encrypt);
  if (!options.no_encrypt) protect_management(interface, station, tx.mpdu);
  if (options.in_service_period) return stack_.driver().transmit(std::move(tx));
  dispatch(interface, station, std::move(tx));
}

/// Sends a frame that exceeds the fragmentation threshold; who waits for the status gets that of
/// the last part. [802.11-2020 10.4]
void ManagementTx::send_in_parts(Interface& interface, Station* station, TxFrame frame,
                                 bool no_encrypt) {
  std::vector<FrameBuffer> parts;
  fragment_mpdu(std::move(frame.mpdu), stack_.fragmentation_threshold(), parts);
  for (size_t i = 0; i < parts.size(); ++i) {
    TxFrame part = frame;
    part.mpdu = std::move(parts[i]);
    if (i + 1 < parts.size()) part.token = kStatisticsToken;
    if (!no_encrypt) protect_management(interface, station, part.mpdu);
    dispatch(interface, station, std::move(part));
  }
}

void ManagementTx::dispatch(Interface& interface, Station* station, TxFrame frame) {
  if (station == nullptr || !station->sleeping || interface.access_point() == nullptr ||
      !is_bufferable(*FrameView::of(frame.mpdu.octets()))) {
    stack_.driver().transmit(std::move(frame));
    return;
  }
  interface.access_point()->hold(*station, std::move(frame));
}

void ManagementTx::send_null(Interface& interface, const MacAddress& peer, NullFrame kind,
                             std::function<void(const TxStatus&)> on_status) {
  const bool from_ap = cfg80211::is_ap(interface.type());
  ieee80211::MacHeader header;
  header.fc = FrameControl(kind.qos ? Subtype::kQosNull : Subtype::kNull,
                           from_ap ? FrameControl::kFromDs : FrameControl::kToDs);
  if (kind.four_address) header.fc.set(FrameControl::kFromDs);
  header.fc.set(FrameControl::kPowerManagement, kind.power_management);
  header.address1 = peer;
  header.address2 = interface.address();
  header.address3 = from_ap ? interface.address() : peer;
  header.address4 = interface.address();
  if (kind.qos)
    header.qos.set_tid(kind.tid).set(ieee80211::QosControl::kEosp, kind.end_of_service_period);
  Octets frame;
  Writer writer(frame);
  header.emit(writer);
  send(interface, frame,
       {.on_status = std::move(on_status),
        .no_encrypt = true,
        .in_service_period = kind.in_service_period});
}

namespace {

using cfg80211::FrameTxRequest;

/// Whether the interface's role lets the frame go where the radio is; @error as the kernel.
Result<bool> role_needs_offchannel(RadioStack& stack, Interface& interface,
                                   const FrameTxRequest& request, const FrameView& view) {
  switch (interface.type()) {
    case InterfaceType::kAp:
    case InterfaceType::kP2pGo: {
      const bool needs = interface.access_point() == nullptr;
      if (!view.fc().is_action() || view.body().empty()) return needs;
      const auto category = static_cast<ieee80211::ActionCategory>(view.body()[0]);
      if (category == ieee80211::ActionCategory::kPublic ||
          category == ieee80211::ActionCategory::kSelfProtected ||
          category == ieee80211::ActionCategory::kSpectrumManagement)
        return needs;
      if (stack.stations().find(interface, view.address1()) == nullptr) return fail(Errc::kNoLink);
      return needs;
    }
    case InterfaceType::kStation:
    case InterfaceType::kP2pClient: {
      StationMlme* mlme = interface.station_mlme();
      if (mlme == nullptr || !mlme->is_associated()) return true;
      return request.offchannel_ok && request.wait_ms != 0 && mlme->bssid() != view.address3();
    }
    case InterfaceType::kP2pDevice:
      return true;
    case InterfaceType::kUnspecified:
    case InterfaceType::kAdhoc:
    case InterfaceType::kApVlan:
    case InterfaceType::kWds:
    case InterfaceType::kMonitor:
    case InterfaceType::kMeshPoint:
    case InterfaceType::kOcb:
    case InterfaceType::kNan:
      break;
  }
  return fail(Errc::kUnsupported);
}

}  // namespace

Result<void> ManagementTx::send_request(Interface& interface, const FrameTxRequest& request,
                                        uint64_t cookie) {
  const auto view = FrameView::of(request.frame);
  if (!view || request.frame.size() < 24) return fail(Errc::kInvalid);
  bool offchannel = TRY(role_needs_offchannel(stack_, interface, request, *view));
  if (offchannel && !request.channel) return fail(Errc::kInvalid);
  if (!offchannel) {
    const auto& bound = interface.link().config.channel;
    if (!bound && !request.channel) return fail(Errc::kInvalid);
    offchannel = request.channel && (!bound || bound->primary_mhz != request.channel->primary_mhz);
  }
  if (offchannel && !request.offchannel_ok) return fail(Errc::kBusy);
  if (offchannel) return stack_.offchannel().send(interface, request, cookie);
  Octets frame = request.frame;
  const AccessPoint* ap = interface.access_point();
  if (const auto count = ap != nullptr ? ap->countdown() : std::nullopt)
    for (const uint16_t offset : request.csa_offsets)
      if (offset < frame.size()) frame[offset] = *count;
  send(interface, frame,
       {.cookie = request.dont_wait_for_ack ? 0 : cookie,
        .channel = interface.link().config.channel,
        .no_ack = request.dont_wait_for_ack,
        .no_cck = request.no_cck});
  return {};
}

TxToken ManagementTx::expect_status(uint32_t vif, std::function<void(const TxStatus&)> on_status) {
  waiting_.emplace(++last_token_, Waiting{vif, std::move(on_status)});
  return last_token_;
}

bool ManagementTx::on_tx_status(const TxStatus& status) {
  const auto it = waiting_.find(status.token);
  if (it == waiting_.end()) return false;
  const auto on_status = std::move(it->second.on_status);
  waiting_.erase(it);
  on_status(status);
  return true;
}

void ManagementTx::forget(const Interface& interface) {
  std::erase_if(waiting_, [&](const auto& entry) { return entry.second.vif == interface.id(); });
}

}  // namespace airloom::mac80211
