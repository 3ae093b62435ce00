// GET_STATION, SET_STATION, NEW_STATION and DEL_STATION.
#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "nl80211/context.h"
#include "nl80211/dumps.h"
#include "nl80211/policies.h"
#include "nl80211/put_station.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

using cfg80211::StationParams;

constexpr uint32_t flag(unsigned number) {
  return 1u << number;
}

std::optional<Octets> copy(std::optional<std::span<const uint8_t>> octets) {
  if (!octets) return std::nullopt;
  return Octets(octets->begin(), octets->end());
}

/// The flags that the older attribute can speak of, by interface type.
Result<uint32_t> old_flags_mask(cfg80211::InterfaceType type) {
  using cfg80211::InterfaceType;
  if (is_ap(type) || type == InterfaceType::kApVlan)
    return flag(NL80211_STA_FLAG_AUTHORIZED) | flag(NL80211_STA_FLAG_SHORT_PREAMBLE) |
           flag(NL80211_STA_FLAG_WME) | flag(NL80211_STA_FLAG_MFP);
  if (is_station(type)) return flag(NL80211_STA_FLAG_AUTHORIZED) | flag(NL80211_STA_FLAG_TDLS_PEER);
  if (type == InterfaceType::kMeshPoint)
    return flag(NL80211_STA_FLAG_AUTHENTICATED) | flag(NL80211_STA_FLAG_MFP) |
           flag(NL80211_STA_FLAG_AUTHORIZED);
  return fail(Errc::kInvalid);
}

/// STA_FLAGS2 (mask and set), else STA_FLAGS (flags that are set).
Result<void> parse_flags(const Context& context, StationParams& params) {
  const auto& attributes = context.attributes();
  if (const auto update = attributes.bytes(NL80211_ATTR_STA_FLAGS2)) {
    params.flags_mask = netlink::load<uint32_t>(*update).value_or(0);
    params.flags_set = netlink::load<uint32_t>(update->subspan(4)).value_or(0) & params.flags_mask;
    if (params.flags_mask & flag(__NL80211_STA_FLAG_INVALID)) return fail(Errc::kInvalid);
    return {};
  }
  const netlink::Attribute* nest = attributes.find(NL80211_ATTR_STA_FLAGS);
  if (!nest) return {};
  const auto given = netlink::validate_and_parse(*nest, kStaFlagsPolicy, context.request.ack);
  if (!given) return fail(Errc::kInvalid, given.error().text);
  params.flags_mask = TRY(old_flags_mask(context.wdev().type()));
  for (uint16_t number = 1; number <= NL80211_STA_FLAG_MAX; ++number) {
    if (!given->has(number)) continue;
    if (number > NL80211_STA_FLAG_MAX_OLD_API) return fail(Errc::kInvalid);
    params.flags_set |= flag(number);
  }
  return {};
}

void parse_capabilities(const netlink::AttributeTable& attributes, StationParams& params) {
  params.supported_rates = copy(attributes.bytes(NL80211_ATTR_STA_SUPPORTED_RATES));
  params.capability = attributes.u16(NL80211_ATTR_STA_CAPABILITY);
  params.extended_capability = copy(attributes.bytes(NL80211_ATTR_STA_EXT_CAPABILITY));
  params.supported_channels = copy(attributes.bytes(NL80211_ATTR_STA_SUPPORTED_CHANNELS));
  params.supported_operating_classes =
      copy(attributes.bytes(NL80211_ATTR_STA_SUPPORTED_OPER_CLASSES));
  params.ht_capability = copy(attributes.bytes(NL80211_ATTR_HT_CAPABILITY));
  params.vht_capability = copy(attributes.bytes(NL80211_ATTR_VHT_CAPABILITY));
  params.he_capability = copy(attributes.bytes(NL80211_ATTR_HE_CAPABILITY));
  params.operating_mode_notification = attributes.u8(NL80211_ATTR_OPMODE_NOTIF);
}

Result<void> parse_wme(const Context& context, StationParams& params) {
  const netlink::Attribute* nest = context.attributes().find(NL80211_ATTR_STA_WME);
  if (!nest) return {};
  const auto given = TRY(netlink::validate_and_parse(*nest, kStaWmePolicy, context.request.ack));
  params.uapsd_queues = given.u8(NL80211_STA_WME_UAPSD_QUEUES).value_or(0);
  params.max_sp = given.u8(NL80211_STA_WME_MAX_SP).value_or(0);
  return {};
}

/// The VLAN interface is named by its ifindex.
Result<void> parse_vlan(const Context& context, StationParams& params) {
  const auto ifindex = context.attributes().u32(NL80211_ATTR_STA_VLAN);
  if (!ifindex) return {};
  const cfg80211::Wdev* vlan = find_ifindex(context.host, context.request.ns, *ifindex);
  if (!vlan) return fail(Errc::kNoDevice);
  params.vlan = vlan->id();
  return {};
}

Result<StationParams> parse_station(const Context& context) {
  const auto& attributes = context.attributes();
  StationParams params;
  params.listen_interval = attributes.u16(NL80211_ATTR_STA_LISTEN_INTERVAL);
  params.aid = attributes.u16(NL80211_ATTR_STA_AID);
  params.peer_aid = attributes.u16(NL80211_ATTR_PEER_AID);
  params.support_p2p_ps = attributes.u8(NL80211_ATTR_STA_SUPPORT_P2P_PS);
  params.plink_action = attributes.u8(NL80211_ATTR_STA_PLINK_ACTION);
  params.plink_state = attributes.u8(NL80211_ATTR_STA_PLINK_STATE);
  params.airtime_weight = attributes.u16(NL80211_ATTR_AIRTIME_WEIGHT);
  parse_capabilities(attributes, params);
  TRY(parse_wme(context, params));
  TRY(parse_flags(context, params));
  // Each station has the power of the interface. [nl80211.h NL80211_EXT_FEATURE_STA_TX_PWR]
  if (attributes.has(NL80211_ATTR_STA_TX_POWER_SETTING)) return fail(Errc::kUnsupported);
  TRY(parse_vlan(context, params));
  return params;
}

/// The station's address; without several links none may be named.
Result<MacAddress> parse_address(const Context& context) {
  const auto mac = context.attributes().mac(NL80211_ATTR_MAC);
  if (!mac || context.attributes().has(NL80211_ATTR_MLO_LINK_ID)) return fail(Errc::kInvalid);
  return *mac;
}

Result<void> get_station(Context& context) {
  const auto mac = context.attributes().mac(NL80211_ATTR_MAC);
  if (!mac) return fail(Errc::kInvalid);
  const auto info = TRY(cfg80211::get_station(context.wdev(), *mac));
  netlink::MessageWriter reply = context.reply(NL80211_CMD_NEW_STATION);
  put_station(reply, context.wdev(), *mac, info);
  context.send(std::move(reply));
  return {};
}

class StationDump final : public WdevDump {
 public:
  using WdevDump::WdevDump;

 protected:
  Result<std::optional<netlink::MessageWriter>> next(cfg80211::Wdev& wdev,
                                                     const genl::ReplyTo& make) override {
    const auto station = cfg80211::dump_station(wdev, index_++);
    if (!station && station.error().code == Errc::kNotFound) return std::nullopt;
    if (!station) return std::unexpected(station.error());
    netlink::MessageWriter message = make.message(NL80211_CMD_NEW_STATION);
    put_station(message, wdev, station->first, station->second);
    return message;
  }

 private:
  size_t index_ = 0;
};

Result<std::unique_ptr<genl::Dump>> dump_stations(Context& context) {
  const cfg80211::Wdev* wdev =
      TRY(find_wdev(context.host, context.request.ns, context.attributes()));
  if (!wdev->netdev()) return fail(Errc::kInvalid);
  return std::make_unique<StationDump>(context.host, wdev->id());
}

Result<void> new_station(Context& context) {
  const MacAddress mac = TRY(parse_address(context));
  return cfg80211::new_station(context.wdev(), mac, TRY(parse_station(context)));
}

Result<void> set_station(Context& context) {
  const MacAddress mac = TRY(parse_address(context));
  return cfg80211::set_station(context.wdev(), mac, TRY(parse_station(context)));
}

Result<void> delete_station(Context& context) {
  const auto& attributes = context.attributes();
  cfg80211::DeleteStationRequest request{.mac = attributes.mac(NL80211_ATTR_MAC)};
  if (const auto subtype = attributes.u8(NL80211_ATTR_MGMT_SUBTYPE)) request.subtype = *subtype;
  if (const auto reason = attributes.u16(NL80211_ATTR_REASON_CODE)) request.reason = *reason;
  return cfg80211::delete_station(context.wdev(), request);
}

constexpr Row kRows[] = {
    {NL80211_CMD_GET_STATION, get_station, dump_stations},
    {NL80211_CMD_SET_STATION, set_station},
    {NL80211_CMD_NEW_STATION, new_station},
    {NL80211_CMD_DEL_STATION, delete_station},
};

}  // namespace

std::span<const Row> station_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
