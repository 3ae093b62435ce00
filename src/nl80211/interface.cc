// GET_INTERFACE, SET_INTERFACE, NEW_INTERFACE and DEL_INTERFACE.
#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "nl80211/context.h"
#include "nl80211/dumps.h"
#include "nl80211/policies.h"
#include "nl80211/put_interface.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

using cfg80211::InterfaceType;

Result<void> get_interface(Context& context) {
  netlink::MessageWriter reply = context.reply(NL80211_CMD_NEW_INTERFACE);
  put_interface(reply, context.wdev());
  context.send(std::move(reply));
  return {};
}

/// Every interface of the namespace, or of one wiphy: wiphys in order, and of each the newest
/// interface first, as the kernel's list has them.
class InterfaceDump final : public genl::Dump {
 public:
  InterfaceDump(cfg80211::Host& host, genl::NamespaceId ns, std::optional<uint32_t> wiphy)
      : host_(host), ns_(ns), wiphy_(wiphy) {}

  Result<std::optional<netlink::MessageWriter>> next(const genl::ReplyTo& make) override {
    const auto& wiphys = host_.wiphys();
    for (auto at = wiphys.lower_bound(at_wiphy_); at != wiphys.end(); ++at) {
      const auto& [index, wiphy] = *at;
      if (index != at_wiphy_) below_ = UINT64_MAX;
      at_wiphy_ = index;
      if (wiphy->name_space() != ns_ || (wiphy_ && *wiphy_ != index)) continue;
      auto next = wiphy->wdevs().lower_bound(below_);
      if (next == wiphy->wdevs().begin()) continue;
      --next;
      below_ = next->first;
      netlink::MessageWriter message = make.message(NL80211_CMD_NEW_INTERFACE);
      put_interface(message, *next->second);
      return message;
    }
    return std::nullopt;
  }

 private:
  cfg80211::Host& host_;
  genl::NamespaceId ns_;
  std::optional<uint32_t> wiphy_;
  uint32_t at_wiphy_ = 0;                // the one whose interfaces are being told
  cfg80211::WdevId below_ = UINT64_MAX;  // those from here on have been
};

Result<std::unique_ptr<genl::Dump>> dump_interfaces(Context& context) {
  const auto filter = TRY(find_dump_filter(context));
  return std::make_unique<InterfaceDump>(context.host, context.request.ns, filter);
}

/// 4-address mode is for stations and AP VLANs.
Result<std::optional<bool>> parse_4addr(const Context& context, InterfaceType type) {
  const auto wanted = context.attributes().u8(NL80211_ATTR_4ADDR);
  if (!wanted) return std::nullopt;
  const bool possible = type == InterfaceType::kStation || type == InterfaceType::kApVlan;
  if (*wanted != 0 && !possible) return fail(Errc::kUnsupported);
  return *wanted != 0;
}

/// Following groups of multi-user MIMO takes hardware that no radio here has.
Result<void> check_mu_mimo(const Context& context, InterfaceType type) {
  const auto& attributes = context.attributes();
  if (!attributes.has(NL80211_ATTR_MU_MIMO_GROUP_DATA) &&
      !attributes.has(NL80211_ATTR_MU_MIMO_FOLLOW_MAC_ADDR))
    return {};
  if (type != InterfaceType::kMonitor) return fail(Errc::kInvalid);
  return fail(Errc::kUnsupported);
}

Result<std::optional<cfg80211::MonitorFlags>> parse_monitor_flags(const Context& context,
                                                                  const cfg80211::Wiphy& wiphy,
                                                                  InterfaceType type) {
  const netlink::Attribute* nest = context.attributes().find(NL80211_ATTR_MNTR_FLAGS);
  if (!nest) return std::nullopt;
  if (type != InterfaceType::kMonitor) return fail(Errc::kInvalid);
  netlink::ExtAck ignored;
  const auto given = netlink::validate_and_parse(*nest, kMntrFlagsPolicy, ignored);
  if (!given) return fail(Errc::kInvalid);
  cfg80211::MonitorFlags flags = 0;
  for (uint16_t flag = 1; flag <= NL80211_MNTR_FLAG_MAX; ++flag)
    if (given->has(flag)) flags |= 1u << flag;
  const bool active = flags & (1u << NL80211_MNTR_FLAG_ACTIVE);
  if (active && !(wiphy.capabilities().features & NL80211_FEATURE_ACTIVE_MONITOR))
    return fail(Errc::kUnsupported);
  return flags;
}

Result<std::optional<Octets>> parse_mesh_id(const Context& context, const cfg80211::Wdev& wdev,
                                            InterfaceType type) {
  const auto id = context.attributes().bytes(NL80211_ATTR_MESH_ID);
  if (!id) return std::nullopt;
  if (type != InterfaceType::kMeshPoint || wdev.type() != InterfaceType::kMeshPoint)
    return fail(Errc::kInvalid);
  if (wdev.is_running()) return fail(Errc::kBusy);
  return Octets(id->begin(), id->end());
}

Result<void> set_interface(Context& context) {
  cfg80211::Wdev& wdev = context.wdev();
  cfg80211::ChangeInterfaceRequest change;
  InterfaceType type = wdev.type();
  if (const auto wanted = context.attributes().u32(NL80211_ATTR_IFTYPE))
    type = static_cast<InterfaceType>(*wanted);
  if (type != wdev.type()) change.type = type;
  change.mesh_id = TRY(parse_mesh_id(context, wdev, type));
  change.use_4addr = TRY(parse_4addr(context, type));
  change.monitor_flags = TRY(parse_monitor_flags(context, wdev.wiphy(), type));
  TRY(check_mu_mimo(context, type));
  if (!change.type && !change.use_4addr && !change.monitor_flags && !change.mesh_id) return {};
  return wdev.wiphy().change_interface(wdev, change);
}

/// The MAC address of a new interface, where the wiphy lets the creator choose it.
Result<std::optional<MacAddress>> parse_new_address(const Context& context,
                                                    const cfg80211::Wiphy& wiphy,
                                                    InterfaceType type) {
  const auto mac = context.attributes().mac(NL80211_ATTR_MAC);
  const bool may_choose =
      !has_netdev(type) || (wiphy.capabilities().features & NL80211_FEATURE_MAC_ON_CREATE);
  if (!mac || !may_choose) return std::nullopt;
  if (!mac->is_unicast()) return fail(Errc::kBadAddress);
  return mac;
}

Result<void> new_interface(Context& context) {
  const auto& attributes = context.attributes();
  cfg80211::Wiphy& wiphy = *TRY(find_wiphy(context.host, context.request.ns, attributes));
  const auto name = attributes.string(NL80211_ATTR_IFNAME);
  if (!name) return fail(Errc::kInvalid);
  const auto type = static_cast<InterfaceType>(
      attributes.u32(NL80211_ATTR_IFTYPE).value_or(NL80211_IFTYPE_UNSPECIFIED));
  cfg80211::NewInterfaceRequest request{.name = std::string(*name), .type = type};
  request.mac = TRY(parse_new_address(context, wiphy, type));
  request.use_4addr = TRY(parse_4addr(context, type));
  request.monitor_flags = TRY(parse_monitor_flags(context, wiphy, type));
  TRY(check_mu_mimo(context, type));
  request.owner = context.owner();
  request.name_space = context.request.ns;
  const cfg80211::Wdev* added = TRY(wiphy.add_interface(request));
  netlink::MessageWriter reply = context.reply(NL80211_CMD_NEW_INTERFACE);
  put_interface(reply, *added);
  context.send(std::move(reply));
  return {};
}

Result<void> delete_interface(Context& context) {
  context.wiphy().remove_interface(context.wdev());
  return {};
}

Result<void> start_p2p_device(Context& context) {
  return cfg80211::start_p2p_device(context.wdev());
}

Result<void> stop_p2p_device(Context& context) {
  return cfg80211::stop_p2p_device(context.wdev());
}

constexpr Row kRows[] = {
    {NL80211_CMD_GET_INTERFACE, get_interface, dump_interfaces},
    {NL80211_CMD_SET_INTERFACE, set_interface},
    {NL80211_CMD_NEW_INTERFACE, new_interface},
    {NL80211_CMD_DEL_INTERFACE, delete_interface},
    {NL80211_CMD_START_P2P_DEVICE, start_p2p_device},
    {NL80211_CMD_STOP_P2P_DEVICE, stop_p2p_device},
};

}  // namespace

std::span<const Row> interface_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
