// Association. [802.11-2020 11.3.5]
#include <algorithm>
#include <array>

#include "cfg80211/driver_events.h"
#include "ieee80211/bss_elements.h"
#include "ieee80211/ht_vht_elements.h"
#include "ieee80211/management.h"
#include "ieee80211/rsn_element.h"
#include "ieee80211/status_code.h"
#include "ieee80211/wmm_element.h"
#include "mac80211/radio_stack.h"
#include "mac80211/station_elements.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {
namespace {

using ieee80211::ElementId;

constexpr uint8_t kTriesMax = 3;
constexpr auto kAnswerTime = std::chrono::milliseconds(200);
constexpr auto kHeardAnswerTime = std::chrono::milliseconds(500);
constexpr uint16_t kListenInterval = 5;  // beacon intervals, as mac80211 says of hwsim
constexpr auto kIdleTime = std::chrono::seconds(30);

/// Rates of the band that the BSS lists too, as octets of our request, in our order.
Octets common_rates(const cfg80211::BandCapability& band, const cfg80211::Bss& bss) {
  const Octets theirs = ieee80211::find_rates(bss.elements());
  Octets common;
  for (const uint8_t rate : rate_octets(band)) {
    const bool listed = std::any_of(theirs.begin(), theirs.end(),
                                    [&](uint8_t their) { return (their & 0x7f) == rate; });
    if (listed) common.push_back(rate);
  }
  return common.empty() ? rate_octets(band) : common;
}

/// HT is left out under ciphers that it forbids. [802.11-2020 12.6.1.1.1]
bool cipher_allows_ht(const cfg80211::CryptoSettings& crypto) {
  constexpr uint32_t kWep40 = 0x000fac01, kTkip = 0x000fac02, kWep104 = 0x000fac05;
  return std::none_of(
      crypto.pairwise_ciphers.begin(), crypto.pairwise_ciphers.end(),
      [](uint32_t suite) { return suite == kWep40 || suite == kTkip || suite == kWep104; });
}

const cfg80211::BandCapability* band_of(const cfg80211::Wdev& wdev, const cfg80211::Bss& bss) {
  const auto band = ieee80211::band_of(bss.mhz);
  return band ? wdev.wiphy().capabilities().find_band(*band) : nullptr;
}

}  // namespace

Result<void> StationMlme::associate(const cfg80211::AssociateRequest& request) {
  if (std::holds_alternative<Associating>(state_)) return fail(Errc::kBusy);
  const cfg80211::Bss* bss = find_bss(request.bss);
  if (bss == nullptr) return fail(Errc::kNotFound);
  const auto* authenticated = std::get_if<Authenticating>(&state_);
  const bool reassociates = is_associated() && bssid_ == request.bssid;
  if (!reassociates &&
      (authenticated == nullptr || !authenticated->done || authenticated->ap != request.bssid))
    return fail(Errc::kNotConnected);
  if (reassociates) end_association({});
  TRY(prepare(request.bssid, *bss));
  Associating state{.ap = request.bssid, .bss = request.bss, .request = request};
  const auto* band = band_of(wdev(), *bss);
  if (band == nullptr) return fail(Errc::kInvalid);
  state.wmm = ieee80211::find_element<ieee80211::WmmParameterElement>(bss->elements()).has_value();
  state.ht = state.wmm && band->ht && !request.disable_ht && cipher_allows_ht(request.crypto) &&
             ieee80211::find_element(bss->elements(), ElementId::kHtOperation);
  state.frame = build_association_request(state, *bss);
  interface_.control_port = {.ethertype = request.crypto.control_port_ethertype,
                             .enabled = request.crypto.control_port,
                             .over_nl80211 = request.crypto.control_port_over_nl80211,
                             .no_encrypt = request.crypto.control_port_no_encrypt,
                             .no_preauth = request.crypto.control_port_no_preauth};
  stack_.stations().find(interface_, request.bssid)->mfp = request.use_mfp;
  state_ = std::move(state);
  send_association();
  return {};
}

Octets StationMlme::build_association_request(Associating& state, const cfg80211::Bss& bss) {
  // Ids that stand before the stack's HT element. [802.11-2020 9.3.3.5, 9.3.3.7]
  constexpr std::array<uint8_t, 9> kBeforeHt{33, 36, 48, 46, 70, 54, 55, 59, 221};
  const auto& request = state.request;
  const auto& band = *band_of(wdev(), bss);
  const bool is_reassociation = request.previous_bssid.has_value();
  Octets elements;
  Writer writer(elements);
  ieee80211::emit_element(writer, ElementId::kSsid, request.ssid);
  ieee80211::emit_rates(writer, common_rates(band, bss));
  UserElements user(request.elements);
  // A vendor element stays behind unless nothing of ours would come after.
  user.emit_while(writer, std::span(kBeforeHt).first(kBeforeHt.size() - 1));
  if (state.ht) emit_ht_capabilities(writer, *band.ht);
  user.emit_until_vendor(writer);
  if (state.wmm) ieee80211::emit_element(writer, ieee80211::WmmInformationElement{});
  user.emit_rest(writer);
  state.request_elements = elements;

  using ieee80211::Subtype;
  Octets frame = management_header(
      is_reassociation ? Subtype::kReassociationRequest : Subtype::kAssociationRequest, state.ap,
      interface_.address(), state.ap);
  Writer body(frame);
  uint16_t capability = ieee80211::capability::kEss | ieee80211::capability::kShortPreamble;
  if (band.band == cfg80211::Band::k2GHz) capability |= ieee80211::capability::kShortSlotTime;
  capability |= bss.capability & ieee80211::capability::kPrivacy;
  if (request.use_rrm) capability |= ieee80211::capability::kRadioMeasurement;
  body.le16(capability).le16(kListenInterval);
  if (is_reassociation) body.mac(*request.previous_bssid);
  body.bytes(elements);
  return frame;
}

void StationMlme::send_association() {
  auto& state = std::get<Associating>(state_);
  if (state.tries == kTriesMax) {
    const auto bss = state.bss;
    interface_.log().info("association with {} timed out", state.ap.to_string());
    state_ = Idle{};
    forget_peer();
    return cfg80211::association_timed_out(wdev(), bss);
  }
  ++state.tries;
  ManagementTxOptions options;
  options.on_status = [this](const TxStatus& status) { on_association_status(status); };
  timer_.arm(kAnswerTime);
  const Octets frame = state.frame;
  stack_.management_tx_path().send(interface_, frame, std::move(options));
}

void StationMlme::on_association_status(const TxStatus& status) {
  if (!std::holds_alternative<Associating>(state_)) return;
  timer_.arm(status.acked ? Duration(kHeardAnswerTime) : Duration{0});
}

void StationMlme::on_association_response(const RxFrame& frame) {
  auto* current = std::get_if<Associating>(&state_);
  if (current == nullptr || frame.view.address2() != current->ap) return;
  const auto body = ieee80211::AssociationResponseBody::parse(Reader(frame.view.body()));
  if (!body) return;
  const auto comeback = ieee80211::find_element<ieee80211::TimeoutIntervalElement>(body->elements);
  constexpr uint16_t kRefusedTemporarily = 30;
  if (body->status == kRefusedTemporarily && comeback &&
      comeback->type == ieee80211::TimeoutIntervalElement::kAssociationComeback) {
    cfg80211::association_comeback(wdev(), current->ap, comeback->value);
    return timer_.arm(tu(comeback->value));
  }
  timer_.cancel();
  const Associating state = std::move(*current);
  const cfg80211::AssociationOutcome outcome{.bss = state.bss,
                                             .frame = frame.view.octets(),
                                             .request_elements = state.request_elements,
                                             .uapsd_queues = 0};
  if (body->status != 0) {
    interface_.log().info("{} denied association, status {}", state.ap.to_string(), body->status);
    state_ = Idle{};
    forget_peer();
  } else {
    become_associated(state, frame);
  }
  cfg80211::rx_association_response(wdev(), outcome);
}

void StationMlme::become_associated(const Associating& state, const RxFrame& frame) {
  const auto body = *ieee80211::AssociationResponseBody::parse(Reader(frame.view.body()));
  const cfg80211::Bss& bss = *find_bss(state.bss);
  Station& station = *stack_.stations().find(interface_, state.ap);
  learn_rates(station, bss, body.elements, state.ht);
  station.wme = state.wmm;
  station.aid = body.aid();
  station.capability = body.capability;
  apply_edca(body.elements, state.wmm);
  auto& config = interface_.link().config;
  interface_.link().qos = state.wmm;
  config.aid = body.aid();
  config.associated = true;
  config.ssid = state.request.ssid;
  config.short_slot = body.capability & ieee80211::capability::kShortSlotTime;
  config.short_preamble = body.capability & ieee80211::capability::kShortPreamble;
  bssid_ = state.ap;
  state_ = Associated{.ap = state.ap, .bss = state.bss};
  stack_.stations().move(station, StationState::kAssociated);
  if (!interface_.control_port.enabled) stack_.stations().move(station, StationState::kAuthorized);
  interface_.notify_link_changed(kChangedAssociation | kChangedBssid | kChangedSsid);
  interface_.set_carrier(true);
  arm_beacon_loss();
  idle_timer_.arm(kIdleTime);
}

void StationMlme::learn_rates(Station& station, const cfg80211::Bss& bss,
                              std::span<const uint8_t> response_elements, bool ht) {
  const auto& band = *band_of(wdev(), bss);
  const auto elements =
      response_elements.empty() ? std::span<const uint8_t>(bss.elements()) : response_elements;
  station.supported_rates = ieee80211::find_rates(elements);
  SupportedRates rates;
  std::vector<uint16_t> basic;
  for (const auto& own : band.rates) {
    for (const uint8_t octet : station.supported_rates) {
      if ((octet & 0x7f) * 5 != own.rate_100kbps) continue;
      rates.legacy_100kbps.push_back(own.rate_100kbps);
      if (octet & ieee80211::RateOctet::kBasic) basic.push_back(own.rate_100kbps);
    }
  }
  if (rates.legacy_100kbps.empty()) rates.legacy_100kbps.push_back(band.rates[0].rate_100kbps);
  const auto theirs = ieee80211::find_element<ieee80211::HtCapabilitiesElement>(elements);
  if (ht && band.ht && theirs) {
    const uint16_t both = band.ht->info & theirs->info;
    for (unsigned mcs = 0; mcs < 32; ++mcs)
      if (theirs->receives_mcs(static_cast<uint8_t>(mcs)) && (band.ht->mcs[mcs / 8] >> mcs % 8 & 1))
        rates.ht_mcs |= 1u << mcs;
    rates.ht_short_gi_20 = both & ieee80211::ht_capability::kShortGi20;
    const auto& channel = interface_.link().config.channel;
    rates.width_mhz = channel ? ieee80211::width_mhz(channel->width) : 20;
    station.ht = cfg80211::HtCapability{
        .info = theirs->info,
        .ampdu_factor = static_cast<uint8_t>(theirs->ampdu_parameters & 3),
        .ampdu_density = static_cast<uint8_t>(theirs->ampdu_parameters >> 2 & 7),
        .mcs = theirs->mcs_set};
  }
  station.rates = rates;
  station.rate_control().set_rates(rates);
  interface_.link().basic_rates_100kbps = std::move(basic);
}

void StationMlme::apply_edca(std::span<const uint8_t> elements, bool wmm) {
  interface_.set_default_edca(wmm);
  const auto parameters = ieee80211::find_element<ieee80211::WmmParameterElement>(elements);
  if (!wmm || !parameters) return;
  // The element's order is BE, BK, VI, VO; queues count VO, VI, BE, BK.
  constexpr std::array<uint8_t, 4> kQueueOf{2, 3, 1, 0};
  for (size_t i = 0; i < 4; ++i) {
    const auto& ac = parameters->access_categories[i];
    if (ac.aci > 3) continue;
    interface_.set_edca(kQueueOf[ac.aci], {.txop_32us = ac.txop_limit_32us,
                                           .cw_min = ac.cw_min(),
                                           .cw_max = ac.cw_max(),
                                           .aifs = ac.aifsn});
  }
}

}  // namespace airloom::mac80211
