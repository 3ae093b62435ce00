// GET_WIPHY, SET_WIPHY, SET_CHANNEL, SET_WIPHY_NETNS and GET_PROTOCOL_FEATURES.
#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "nl80211/channel.h"
#include "nl80211/context.h"
#include "nl80211/dumps.h"
#include "nl80211/policies.h"
#include "nl80211/put_wiphy.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

using cfg80211::InterfaceType;
using cfg80211::Wdev;
using cfg80211::Wiphy;

Result<void> get_wiphy(Context& context) {
  const Wiphy& wiphy = *TRY(find_wiphy(context.host, context.request.ns, context.attributes()));
  netlink::MessageWriter reply = context.reply(NL80211_CMD_NEW_WIPHY);
  put_wiphy(reply, wiphy);
  context.send(std::move(reply));
  return {};
}

/// Every wiphy of the namespace, or one; each in one message or in many.
class WiphyDump final : public genl::Dump {
 public:
  WiphyDump(cfg80211::Host& host, genl::NamespaceId ns, std::optional<uint32_t> only, bool split)
      : host_(host), ns_(ns), only_(only), split_(split) {}

  Result<std::optional<netlink::MessageWriter>> next(const genl::ReplyTo& make) override {
    const Wiphy* wiphy = current();
    if (!wiphy) return std::nullopt;
    netlink::MessageWriter message = make.message(NL80211_CMD_NEW_WIPHY);
    if (!split_) {
      put_wiphy(message, *wiphy);
      ++next_;
      return message;
    }
    if (part_ == 0) parts_ = wiphy_parts(wiphy->capabilities());
    put_wiphy_part(message, *wiphy, parts_[part_]);
    if (++part_ == parts_.size()) {
      part_ = 0;
      ++next_;
    }
    return message;
  }

 private:
  /// The first wiphy from next_ on that is wanted; a wiphy that vanished half told is left.
  const Wiphy* current() {
    const auto& wiphys = host_.wiphys();
    for (auto at = wiphys.lower_bound(next_); at != wiphys.end(); ++at) {
      const auto& [index, wiphy] = *at;
      if (wiphy->name_space() != ns_ || (only_ && *only_ != index)) continue;
      if (index != next_) part_ = 0;
      next_ = index;
      return wiphy.get();
    }
    return nullptr;
  }

  cfg80211::Host& host_;
  genl::NamespaceId ns_;
  std::optional<uint32_t> only_;
  bool split_;
  uint32_t next_ = 0;
  std::vector<WiphyPart> parts_;
  size_t part_ = 0;
};

Result<std::unique_ptr<genl::Dump>> dump_wiphys(Context& context) {
  const auto only = TRY(find_dump_filter(context));
  const bool split = context.attributes().has(NL80211_ATTR_SPLIT_WIPHY_DUMP);
  return std::make_unique<WiphyDump>(context.host, context.request.ns, only, split);
}

Result<cfg80211::TxQueueParams> parse_queue(const netlink::Attribute& nest, netlink::ExtAck& ack) {
  const auto given = TRY(netlink::validate_and_parse(nest, kTxqParamsPolicy, ack));
  const auto ac = given.u8(NL80211_TXQ_ATTR_AC);
  const auto txop = given.u16(NL80211_TXQ_ATTR_TXOP);
  const auto cw_min = given.u16(NL80211_TXQ_ATTR_CWMIN);
  const auto cw_max = given.u16(NL80211_TXQ_ATTR_CWMAX);
  const auto aifs = given.u8(NL80211_TXQ_ATTR_AIFS);
  if (!ac || !txop || !cw_min || !cw_max || !aifs || *ac >= NL80211_NUM_ACS)
    return fail(Errc::kInvalid);
  return cfg80211::TxQueueParams{
      .ac = *ac, .txop_32us = *txop, .cw_min = *cw_min, .cw_max = *cw_max, .aifs = *aifs};
}

Result<void> set_queues(Context& context, Wdev* wdev) {
  const netlink::Attribute* queues = context.attributes().find(NL80211_ATTR_WIPHY_TXQ_PARAMS);
  if (!queues) return {};
  if (!wdev || !is_ap(wdev->type())) return fail(Errc::kInvalid);
  if (!wdev->is_running()) return fail(Errc::kNetDown);
  for (const netlink::Attribute& nest : netlink::AttributeRange(*queues)) {
    const auto queue = TRY(parse_queue(nest, context.request.ack));
    if (context.attributes().has(NL80211_ATTR_MLO_LINK_ID)) return fail(Errc::kNoLink);
    TRY(cfg80211::set_tx_queue_params(*wdev, queue));
  }
  return {};
}

/// Whether a channel can be set on the interface itself.
bool takes_channel(const Wdev& wdev) {
  return is_ap(wdev.type()) || wdev.type() == InterfaceType::kMeshPoint ||
         wdev.type() == InterfaceType::kMonitor;
}

Result<void> set_wiphy_channel(Context& context, Wiphy& wiphy, Wdev* wdev) {
  if (!context.attributes().has(NL80211_ATTR_WIPHY_FREQ)) return {};
  const auto channel = TRY(parse_channel(wiphy, context.attributes()));
  return cfg80211::set_channel(wiphy, wdev && takes_channel(*wdev) ? wdev : nullptr, channel);
}

Result<void> set_power(Context& context, Wiphy& wiphy, Wdev* wdev) {
  const auto setting = context.attributes().u32(NL80211_ATTR_WIPHY_TX_POWER_SETTING);
  if (!setting) return {};
  const auto level = context.attributes().u32(NL80211_ATTR_WIPHY_TX_POWER_LEVEL);
  const bool automatic = *setting == NL80211_TX_POWER_AUTOMATIC;
  if (*setting > NL80211_TX_POWER_FIXED || (!automatic && !level)) return fail(Errc::kInvalid);
  const bool per_interface = wiphy.capabilities().features & NL80211_FEATURE_VIF_TXPOWER;
  return cfg80211::set_tx_power(wiphy, per_interface ? wdev : nullptr,
                                static_cast<cfg80211::TxPowerSetting>(*setting),
                                automatic ? 0 : static_cast<int32_t>(*level));
}

Result<void> set_antennas(Context& context, const Wiphy& wiphy) {
  const auto tx = context.attributes().u32(NL80211_ATTR_WIPHY_ANTENNA_TX);
  const auto rx = context.attributes().u32(NL80211_ATTR_WIPHY_ANTENNA_RX);
  if (!tx || !rx) return {};
  const auto& can = wiphy.capabilities();
  if (!can.antennas_tx && !can.antennas_rx) return fail(Errc::kUnsupported);
  const auto fits = [](uint32_t wanted, uint32_t there) {
    return wanted == UINT32_MAX || (wanted & ~there) == 0;
  };
  if (!fits(*tx, can.antennas_tx) || !fits(*rx, can.antennas_rx)) return fail(Errc::kInvalid);
  return fail(Errc::kUnsupported);  // no driver of ours switches them
}

/// Settings that need a feature of the radio.
Result<void> check_params(const netlink::AttributeTable& attributes,
                          const cfg80211::Capabilities& can) {
  if (attributes.has(NL80211_ATTR_WIPHY_DYN_ACK)) {
    if (attributes.has(NL80211_ATTR_WIPHY_COVERAGE_CLASS)) return fail(Errc::kInvalid);
    if (!(can.features & NL80211_FEATURE_ACKTO_ESTIMATION)) return fail(Errc::kUnsupported);
  }
  const bool limits_queues = attributes.has(NL80211_ATTR_TXQ_LIMIT) ||
                             attributes.has(NL80211_ATTR_TXQ_MEMORY_LIMIT) ||
                             attributes.has(NL80211_ATTR_TXQ_QUANTUM);
  if (limits_queues && !can.has_extended_feature(NL80211_EXT_FEATURE_TXQS))
    return fail(Errc::kUnsupported);
  return {};
}

Result<void> set_params(Context& context, Wiphy& wiphy) {
  const auto& attributes = context.attributes();
  cfg80211::WiphyParams params{
      .retry_short = attributes.u8(NL80211_ATTR_WIPHY_RETRY_SHORT),
      .retry_long = attributes.u8(NL80211_ATTR_WIPHY_RETRY_LONG),
      .coverage_class = attributes.u8(NL80211_ATTR_WIPHY_COVERAGE_CLASS),
      .fragmentation_threshold = attributes.u32(NL80211_ATTR_WIPHY_FRAG_THRESHOLD),
      .rts_threshold = attributes.u32(NL80211_ATTR_WIPHY_RTS_THRESHOLD),
      .txq_limit = attributes.u32(NL80211_ATTR_TXQ_LIMIT),
      .txq_memory_limit = attributes.u32(NL80211_ATTR_TXQ_MEMORY_LIMIT),
      .txq_quantum = attributes.u32(NL80211_ATTR_TXQ_QUANTUM)};
  if (auto& threshold = params.fragmentation_threshold) {
    if (*threshold < 256) return fail(Errc::kInvalid);
    if (*threshold != UINT32_MAX) *threshold &= ~1u;  // fragments are even [802.11-2020 10.4]
  }
  TRY(check_params(attributes, wiphy.capabilities()));
  const bool changes = params.retry_short || params.retry_long || params.coverage_class ||
                       params.fragmentation_threshold || params.rts_threshold || params.txq_limit ||
                       params.txq_memory_limit || params.txq_quantum;
  if (!changes) return {};
  return cfg80211::set_wiphy_params(wiphy, params);
}

/// Carries out, in this order, everything that the request names; stops at the first error.
Result<void> set_wiphy(Context& context) {
  const auto& attributes = context.attributes();
  const auto named = find_wdev(context.host, context.request.ns, attributes);
  Wdev* wdev = attributes.has(NL80211_ATTR_IFINDEX) && named ? *named : nullptr;
  Wiphy* wiphy =
      wdev ? &wdev->wiphy() : TRY(find_wiphy(context.host, context.request.ns, attributes));
  if (const auto name = attributes.string(NL80211_ATTR_WIPHY_NAME))
    TRY(wiphy->rename(std::string(*name)));
  TRY(set_queues(context, wdev));
  TRY(set_wiphy_channel(context, *wiphy, wdev));
  TRY(set_power(context, *wiphy, wdev));
  TRY(set_antennas(context, *wiphy));
  return set_params(context, *wiphy);
}

Result<void> set_channel(Context& context) {
  Wdev& wdev = context.wdev();
  if (!takes_channel(wdev)) return fail(Errc::kUnsupported);
  const auto channel = TRY(parse_channel(context.wiphy(), context.attributes()));
  return cfg80211::set_channel(context.wiphy(), &wdev, channel);
}

/// To the namespace of a process, or the one that a descriptor of the asking process stands for.
/// Both must be the host's: a radio is not moved off its host.
Result<void> set_wiphy_namespace(Context& context) {
  const auto& attributes = context.attributes();
  auto& netdevs = context.host.netdevs();
  uint32_t to = 0;
  if (const auto pid = attributes.u32(NL80211_ATTR_PID)) {
    to = TRY(netdevs.name_space_of_process(*pid));
  } else if (const auto fd = attributes.u32(NL80211_ATTR_NETNS_FD)) {
    to = TRY(netdevs.name_space_of_descriptor(context.request.pid, static_cast<int>(*fd)));
  } else {
    return fail(Errc::kInvalid);
  }
  return context.wiphy().move_to(to);
}

Result<void> get_protocol_features(Context& context) {
  netlink::MessageWriter reply = context.reply(NL80211_CMD_GET_PROTOCOL_FEATURES);
  reply.u32(NL80211_ATTR_PROTOCOL_FEATURES, NL80211_PROTOCOL_FEATURE_SPLIT_WIPHY_DUMP);
  context.send(std::move(reply));
  return {};
}

constexpr Row kRows[] = {
    {NL80211_CMD_GET_WIPHY, get_wiphy, dump_wiphys},
    {NL80211_CMD_SET_WIPHY, set_wiphy},
    {NL80211_CMD_SET_CHANNEL, set_channel},
    {NL80211_CMD_SET_WIPHY_NETNS, set_wiphy_namespace},
    {NL80211_CMD_GET_PROTOCOL_FEATURES, get_protocol_features},
};

}  // namespace

std::span<const Row> wiphy_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
