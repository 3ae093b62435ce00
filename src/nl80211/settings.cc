// What is set on an interface besides its channel: SET_BSS, SET_POWER_SAVE and GET_POWER_SAVE,
// SET_CQM, SET_QOS_MAP, SET_MULTICAST_TO_UNICAST and SET_NOACK_MAP.
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/commands.h"
#include "nl80211/context.h"
#include "nl80211/policies.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

using cfg80211::Wdev;

std::optional<bool> as_bool(std::optional<uint8_t> value) {
  if (!value) return std::nullopt;
  return *value != 0;
}

Result<void> set_bss(Context& context) {
  const auto& attributes = context.attributes();
  cfg80211::BssParams params{
      .cts_protection = as_bool(attributes.u8(NL80211_ATTR_BSS_CTS_PROT)),
      .short_preamble = as_bool(attributes.u8(NL80211_ATTR_BSS_SHORT_PREAMBLE)),
      .short_slot_time = as_bool(attributes.u8(NL80211_ATTR_BSS_SHORT_SLOT_TIME)),
      .ap_isolate = as_bool(attributes.u8(NL80211_ATTR_AP_ISOLATE)),
      .ht_operation_mode = attributes.u16(NL80211_ATTR_BSS_HT_OPMODE),
      .p2p_ctwindow = attributes.u8(NL80211_ATTR_P2P_CTWINDOW),
      .p2p_opp_ps = as_bool(attributes.u8(NL80211_ATTR_P2P_OPPPS))};
  if (const auto rates = attributes.bytes(NL80211_ATTR_BSS_BASIC_RATES))
    params.basic_rates = Octets(rates->begin(), rates->end());
  const bool p2p = context.wdev().type() == cfg80211::InterfaceType::kP2pGo;
  if ((params.p2p_ctwindow || params.p2p_opp_ps) && !p2p) return fail(Errc::kInvalid);
  const uint32_t features = context.wiphy().capabilities().features;
  if (params.p2p_ctwindow.value_or(0) != 0 && !(features & NL80211_FEATURE_P2P_GO_CTWIN))
    return fail(Errc::kInvalid);
  if (params.p2p_opp_ps.value_or(false) && !(features & NL80211_FEATURE_P2P_GO_OPPPS))
    return fail(Errc::kInvalid);
  return cfg80211::set_bss(context.wdev(), params);
}

Result<void> set_power_save(Context& context) {
  const auto state = context.attributes().u32(NL80211_ATTR_PS_STATE);
  if (!state) return fail(Errc::kInvalid);
  const bool on = *state == NL80211_PS_ENABLED;
  if (on == context.wdev().power_save) return {};
  return cfg80211::set_power_save(context.wdev(), on);
}

Result<void> get_power_save(Context& context) {
  netlink::MessageWriter reply = context.reply(NL80211_CMD_GET_POWER_SAVE);
  reply.u32(NL80211_ATTR_PS_STATE,
            context.wdev().power_save ? NL80211_PS_ENABLED : NL80211_PS_DISABLED);
  context.send(std::move(reply));
  return {};
}

Result<void> set_cqm(Context& context) {
  const netlink::Attribute* nest = context.attributes().find(NL80211_ATTR_CQM);
  if (!nest) return fail(Errc::kInvalid);
  const auto given = TRY(netlink::validate_and_parse(*nest, kAttrCqmPolicy, context.request.ack));
  cfg80211::CqmRequest request;
  const auto thresholds = given.bytes(NL80211_ATTR_CQM_RSSI_THOLD);
  const auto hysteresis = given.u32(NL80211_ATTR_CQM_RSSI_HYST);
  const auto rate = given.u32(NL80211_ATTR_CQM_TXE_RATE);
  const auto packets = given.u32(NL80211_ATTR_CQM_TXE_PKTS);
  const auto interval = given.u32(NL80211_ATTR_CQM_TXE_INTVL);
  if (thresholds && hysteresis) {
    if (thresholds->size() % 4 != 0) return fail(Errc::kInvalid);
    for (size_t at = 0; at < thresholds->size(); at += 4)
      request.rssi_thresholds_dbm.push_back(*netlink::load<int32_t>(thresholds->subspan(at)));
    request.rssi_hysteresis_db = *hysteresis;
  } else if (rate && packets && interval) {
    request.tx_errors = {*rate, *packets, *interval};
  } else {
    return fail(Errc::kInvalid);
  }
  return cfg80211::set_cqm(context.wdev(), request);
}

/// Interfaces that have peers to send to: an AP always, a station once it is connected.
Result<void> check_has_peers(const Wdev& wdev) {
  using cfg80211::InterfaceType;
  if (is_ap(wdev.type()) || wdev.type() == InterfaceType::kApVlan ||
      wdev.type() == InterfaceType::kMeshPoint)
    return {};
  if (is_station(wdev.type()) || wdev.type() == InterfaceType::kAdhoc)
    return wdev.connection.state == Wdev::Connection::State::kConnected ? Result<void>{}
                                                                        : fail(Errc::kNoLink);
  return fail(Errc::kInvalid);
}

/// DSCP exceptions (pairs), then eight DSCP ranges. [802.11-2020 9.4.2.94]
Result<void> set_qos_map(Context& context) {
  std::optional<Octets> map;
  if (const auto given = context.attributes().bytes(NL80211_ATTR_QOS_MAP)) {
    if (given->size() % 2 != 0) return fail(Errc::kInvalid);
    const size_t exceptions = given->size() - 16;
    for (size_t at = 0; at < exceptions; at += 2)
      if ((*given)[at + 1] > 7) return fail(Errc::kInvalid);
    map = Octets(given->begin(), given->end());
  }
  TRY(check_has_peers(context.wdev()));
  return context.wiphy().ops().set_qos_map(context.wdev(), map);
}

Result<void> set_multicast_to_unicast(Context& context) {
  if (!is_ap(context.wdev().type())) return fail(Errc::kUnsupported);
  const bool on = context.attributes().has(NL80211_ATTR_MULTICAST_TO_UNICAST_ENABLED);
  return context.wiphy().ops().set_multicast_to_unicast(context.wdev(), on);
}

Result<void> set_noack_map(Context& context) {
  const auto map = context.attributes().u16(NL80211_ATTR_NOACK_MAP);
  if (!map) return fail(Errc::kInvalid);
  return context.wiphy().ops().set_noack_map(context.wdev(), *map);
}

constexpr Row kRows[] = {
    {NL80211_CMD_SET_BSS, set_bss},
    {NL80211_CMD_SET_POWER_SAVE, set_power_save},
    {NL80211_CMD_GET_POWER_SAVE, get_power_save},
    {NL80211_CMD_SET_CQM, set_cqm},
    {NL80211_CMD_SET_QOS_MAP, set_qos_map},
    {NL80211_CMD_SET_MULTICAST_TO_UNICAST, set_multicast_to_unicast},
    {NL80211_CMD_SET_NOACK_MAP, set_noack_map},
};

}  // namespace

std::span<const Row> settings_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
