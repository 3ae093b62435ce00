// Association. [802.11-2020 11.3.5]
#include <algorithm>
#include <array>

#include "cfg80211/driver_events.h"
#include "ieee80211/bss_elements.h"
#include "ieee80211/management.h"
#include "ieee80211/rates.h"
#include "ieee80211/rsn_element.h"
#include "ieee80211/status_code.h"
#include "ieee80211/wmm_element.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rates.h"
#include "mac80211/station_capabilities.h"
#include "mac80211/station_elements.h"
#include "mac80211/station_mlme.h"
#include "mac80211/station_rates.h"

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

/// Ciphers under which there is no HT. [802.11-2020 12.6.1.1.1]
bool cipher_allows_ht(const cfg80211::CryptoSettings& crypto) {
  constexpr uint32_t kWep40 = 0x000fac01, kTkip = 0x000fac02, kWep104 = 0x000fac05;
  return std::none_of(
      crypto.pairwise_ciphers.begin(), crypto.pairwise_ciphers.end(),
      [](uint32_t suite) { return suite == kWep40 || suite == kTkip || suite == kWep104; });
}

/// The modes that the request leaves us; without WMM there are none.
PhyModes wanted_modes(const cfg80211::AssociateRequest& request, bool wmm) {
  PhyModes modes;
  modes.ht = wmm && !request.disable_ht && cipher_allows_ht(request.crypto);
  modes.vht = modes.ht && !request.disable_vht;
  modes.he = modes.ht && !request.disable_he;
  return modes;
}

const cfg80211::BandCapability* band_of(const cfg80211::Wdev& wdev, const cfg80211::Bss& bss) {
  const auto band = ieee80211::band_of(bss.mhz);
  return band ? wdev.wiphy().capabilities().find_band(*band) : nullptr;
}

}  // namespace

/// The access categories of a station's QoS Info field. [802.11-2020 9.4.1.17]
static constexpr uint8_t kUapsdQueues = 0x0f;

/// What a station says in its QoS Info field to an AP with these parameters.
uint8_t StationMlme::qos_info(const ieee80211::WmmParameterElement& ap) const {
  constexpr int kMaxServicePeriodShift = 5;
  const bool known = (ap.qos_info & ieee80211::qos_info::kApUapsd) != 0;
  if (!known || !stack_.driver().capabilities().uapsd) return 0;
  const auto& [queues, max_service_period] = interface_.uapsd;
  return static_cast<uint8_t>(queues | max_service_period << kMaxServicePeriodShift);
}

/// Linux asks for no authentication before it: a station that was disassociated has one.
Result<void> StationMlme::associate(const cfg80211::AssociateRequest& request) {
  const auto* authenticating = std::get_if<Authenticating>(&state_);
  if (std::holds_alternative<Associating>(state_) ||
      (authenticating != nullptr && !authenticating->done))
    return fail(Errc::kBusy);
  const cfg80211::Bss* bss = find_bss(request.bss);
  if (bss == nullptr) return fail(Errc::kNotFound);
  const bool reassociates = is_associated();
  if (reassociates && bssid_ != request.bssid) return fail(Errc::kNotConnected);
  if (authenticating != nullptr && authenticating->ap != request.bssid) {
    state_ = Idle{};
    forget_peer();
  }
  if (reassociates) end_association({});
  const auto wmm = ieee80211::find_element<ieee80211::WmmParameterElement>(bss->elements());
  Station* station = TRY(prepare(request.bssid, *bss, wanted_modes(request, wmm.has_value())));
  stack_.stations().move(*station, StationState::kAuthenticated);
  const auto* band = band_of(wdev(), *bss);
  if (band == nullptr) return fail(Errc::kInvalid);
  // In the 5 GHz band HE builds on VHT. [802.11ax-2021 26.17.1]
  if (band->band == cfg80211::Band::k5GHz) modes_.he = modes_.he && modes_.vht;
  Associating state{.ap = request.bssid, .bss = request.bss, .request = request};
  state.wmm = wmm.has_value();
  if (wmm) state.qos_info = qos_info(*wmm);
  state.frame = build_association_request(state, *bss);
  interface_.control_port = {.ethertype = request.crypto.control_port_ethertype,
                             .enabled = request.crypto.control_port,
                             .over_nl80211 = request.crypto.control_port_over_nl80211,
                             .no_encrypt = request.crypto.control_port_no_encrypt,
                             .no_preauth = request.crypto.control_port_no_preauth};
  station->mfp = request.use_mfp;
  state_ = std::move(state);
  send_association();
  return {};
}

Octets StationMlme::build_association_request(Associating& state, const cfg80211::Bss& bss) {
  // Userspace's elements that stand before the stack's own. [802.11-2020 Table 9-34, 9-36]
  constexpr std::array<uint8_t, 12> kBeforeHt{0, 1, 50, 33, 36, 48, 46, 70, 54, 55, 57, 59};
  constexpr std::array<uint8_t, 5> kBeforeVht{72, 127, 89, 94, 107};
  constexpr std::array<uint8_t, 1> kBeforeHe{199};
  constexpr std::array<uint8_t, 6> kExtensionsBeforeHe{14, 4, 12, 3, 5, 10};
  const auto& request = state.request;
  const auto& band = *band_of(wdev(), bss);
  const bool is_reassociation = request.previous_bssid.has_value();
  Octets elements;
  Writer writer(elements);
  ieee80211::emit_element(writer, ElementId::kSsid, request.ssid);
  ieee80211::emit_rates(writer, common_rates(band, bss));
  if (request.use_rrm) {
    const auto power = static_cast<uint8_t>(interface_.link().config.tx_power_dbm);
    ieee80211::emit_element(writer, ElementId::kPowerCapability, {{0, power}});
  }
  UserElements user(request.elements);
  const OwnCapabilities own = own_capabilities(interface_, modes_, request, bss);
  user.emit_while(writer, kBeforeHt);
  if (own.ht) emit_ht_capabilities(writer, *own.ht);
  user.emit_while(writer, kBeforeVht);
  if (own.vht) emit_vht_capabilities(writer, *own.vht);
  user.emit_while(writer, kBeforeHe, kExtensionsBeforeHe);
  if (own.he) emit_he_capabilities(writer, band, interface_.type());
  // A vendor element stays behind unless nothing of ours would come after.
  user.emit_until_vendor(writer);
  if (state.wmm)
    ieee80211::emit_element(writer, ieee80211::WmmInformationElement{.qos_info = state.qos_info});
  user.emit_rest(writer);
  state.request_elements = elements;

  using ieee80211::Subtype;
  namespace capability = ieee80211::capability;
  Octets frame = management_header(
      is_reassociation ? Subtype::kReassociationRequest : Subtype::kAssociationRequest, state.ap,
      interface_.address(), state.ap);
  Writer body(frame);
  uint16_t bits = capability::kEss | (bss.capability & capability::kPrivacy);
  if (band.band == cfg80211::Band::k2GHz)
    bits |= capability::kShortSlotTime | capability::kShortPreamble;
  if (request.use_rrm) bits |= capability::kRadioMeasurement;
  body.le16(bits).le16(kListenInterval);
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
                                             .uapsd_queues = state.qos_info & kUapsdQueues};
  if (body->status != 0) {
    interface_.log().info("{} denied association, status {}", state.ap.to_string(), body->status);
    state_ = Idle{};
    forget_peer();
  } else {
    become_associated(state, frame);
  }
  cfg80211::rx_association_response(wdev(), outcome);
  for (const ControlPortFrame& early : state.early) {
    const auto* now = std::get_if<Associated>(&state_);
    if (now == nullptr || now->ap != state.ap) return;
    cfg80211::rx_control_port(wdev(), early.source, early.ethertype, early.payload,
                              early.unencrypted);
  }
}

bool StationMlme::hold_early(const ControlPortFrame& frame) {
  auto* state = std::get_if<Associating>(&state_);
  if (state == nullptr) return false;
  constexpr size_t kMaxEarly = 8;  // an authenticator sends one and repeats it
  if (state->early.size() < kMaxEarly) state->early.push_back(frame);
  return true;
}

void StationMlme::become_associated(const Associating& state, const RxFrame& frame) {
  const auto body = *ieee80211::AssociationResponseBody::parse(Reader(frame.view.body()));
  const cfg80211::Bss& bss = *find_bss(state.bss);
  Station& station = *stack_.stations().find(interface_, state.ap);
  learn_rates(station, bss, body.elements, modes_);
  station.wme = state.wmm;
  station.aid = body.aid();
  station.capability = body.capability;
  apply_edca(body.elements, state.wmm);
  auto& config = interface_.link().config;
  interface_.link().qos = state.wmm;
  config.aid = body.aid();
  config.associated = true;
  config.ssid = state.request.ssid;
  uint32_t changes = kChangedAssociation | follow_capability(body.capability, bss.elements());
  if (bss.beacon) changes |= follow_dtim_period(bss.beacon->elements);
  bssid_ = state.ap;
  state_ = Associated{.ap = state.ap, .bss = state.bss};
  stack_.stations().move(station, StationState::kAssociated);
  if (!interface_.control_port.enabled) stack_.stations().move(station, StationState::kAuthorized);
  interface_.notify_link_changed(changes);
  interface_.set_carrier(true);
  arm_beacon_loss();
  if (interface_.is_four_address()) announce_four_address();
  idle_timer_.arm(kIdleTime);
}

Octets StationMlme::shared_rates(const cfg80211::Bss& bss,
                                 std::span<const uint8_t> elements) const {
  const auto& band = *band_of(wdev(), bss);
  Octets shared;
  for (const uint8_t octet : ieee80211::find_rates(elements)) {
    const uint16_t rate = ieee80211::from_500kbps(octet);
    if (std::ranges::any_of(band.rates, [&](const auto& own) { return own.rate_100kbps == rate; }))
      shared.push_back(octet);
  }
  if (shared.empty()) shared.push_back(static_cast<uint8_t>(band.rates[0].rate_100kbps / 5));
  return shared;
}

/// Of an access point that names none, its lowest.
void StationMlme::learn_basic_rates(const Octets& rates) {
  std::vector<uint16_t> basic;
  for (const uint8_t octet : rates)
    if (octet & ieee80211::RateOctet::kBasic) basic.push_back(ieee80211::from_500kbps(octet));
  if (basic.empty())
    basic.push_back(ieee80211::from_500kbps(
        *std::ranges::min_element(rates, {}, [](uint8_t octet) { return octet & 0x7f; })));
  std::ranges::sort(basic);
  interface_.link().config.basic_rates_100kbps = std::move(basic);
  forget_mask_without_basic_rates(interface_);
}

void StationMlme::learn_rates(Station& station, const cfg80211::Bss& bss,
                              std::span<const uint8_t> response_elements, PhyModes modes) {
  const auto elements =
      response_elements.empty() ? std::span<const uint8_t>(bss.elements()) : response_elements;
  station.supported_rates = shared_rates(bss, elements);
  learn_basic_rates(station.supported_rates);
  learn_capabilities(station, elements, modes);
  refresh_rates(station);
}

void StationMlme::announce_four_address() {
  if (is_associated())
    stack_.management_tx_path().send_null(interface_, bssid_, {.four_address = true});
}

/// The parameter set count of a QoS Info field: it changes with the parameters. [WMM 1.2.0 2.2.1]
static constexpr uint8_t kWmmCount = 0x0f;
/// The queue of an ACI: those count BE, BK, VI, VO, queues VO, VI, BE, BK.
static constexpr std::array<uint8_t, 4> kQueueOf{2, 3, 1, 0};

/// Parameters that an AP gives, by queue (VO, VI, BE, BK), if a station can use them.
static std::optional<std::array<Edca, 4>> usable_edca(
    const ieee80211::WmmParameterElement& parameters) {
  constexpr uint8_t kVersion = 1, kAifsMin = 2;
  std::array<Edca, 4> queues;
  queues.fill({.cw_min = 0});
  for (const auto& ac : parameters.access_categories)
    queues[kQueueOf[ac.aci & 3]] = {.txop_32us = ac.txop_limit_32us,
                                    .cw_min = ac.cw_min(),
                                    .cw_max = ac.cw_max(),
                                    .aifs = std::max(ac.aifsn, kAifsMin)};
  const auto usable = [](const Edca& edca) {  // one that was not named has none
    return edca.cw_min != 0 && edca.cw_min <= edca.cw_max;
  };
  if (parameters.version != kVersion || !std::ranges::all_of(queues, usable)) return std::nullopt;
  return queues;
}

bool StationMlme::adopt_edca(const ieee80211::WmmParameterElement& parameters) {
  wmm_count_ = parameters.qos_info & kWmmCount;
  const auto queues = usable_edca(parameters);
  if (!queues) {
    interface_.log().warn("{} has WMM parameters that nobody can use", bssid_.to_string());
    return false;
  }
  uint8_t mandatory = 0;
  for (const auto& ac : parameters.access_categories)
    if (ac.admission_mandatory) mandatory |= static_cast<uint8_t>(1u << kQueueOf[ac.aci & 3]);
  interface_.set_all_edca(*queues, /*wmm=*/true);
  interface_.link().admission_mandatory = mandatory;
  return true;
}

void StationMlme::apply_edca(std::span<const uint8_t> elements, bool wmm) {
  const auto parameters = ieee80211::find_element<ieee80211::WmmParameterElement>(elements);
  if (wmm && parameters && adopt_edca(*parameters)) return;
  interface_.set_default_edca(wmm);
  wmm_count_.reset();
}

void StationMlme::follow_edca(std::span<const uint8_t> elements) {
  const auto parameters = ieee80211::find_element<ieee80211::WmmParameterElement>(elements);
  if (!wmm_count_ || !parameters) return;
  if ((parameters->qos_info & kWmmCount) != *wmm_count_) adopt_edca(*parameters);
}

}  // namespace airloom::mac80211
