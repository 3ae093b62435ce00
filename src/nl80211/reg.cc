// GET_REG, SET_REG, REQ_SET_REG and RELOAD_REGDB.
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/regulatory.h"
#include "nl80211/context.h"
#include "nl80211/policies.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

using cfg80211::RegulatoryDomain;
using cfg80211::RegulatoryRule;
using netlink::MessageWriter;

void put_rule(MessageWriter& writer, const RegulatoryDomain& domain, size_t index) {
  const RegulatoryRule& rule = domain.rules[index];
  const uint32_t width = rule.max_bandwidth_khz != 0
                             ? rule.max_bandwidth_khz
                             : cfg80211::contiguous_bandwidth_khz(domain, rule);
  const auto nest = writer.nest(static_cast<uint16_t>(index));
  writer.u32(NL80211_ATTR_REG_RULE_FLAGS, rule.flags);
  writer.u32(NL80211_ATTR_FREQ_RANGE_START, rule.start_khz);
  writer.u32(NL80211_ATTR_FREQ_RANGE_END, rule.end_khz);
  writer.u32(NL80211_ATTR_FREQ_RANGE_MAX_BW, width);
  writer.u32(NL80211_ATTR_POWER_RULE_MAX_ANT_GAIN, rule.max_antenna_gain_mbi);
  writer.u32(NL80211_ATTR_POWER_RULE_MAX_EIRP, rule.max_eirp_mbm);
  writer.u32(NL80211_ATTR_DFS_CAC_TIME, rule.dfs_cac_ms);
}

void put_domain(MessageWriter& writer, const RegulatoryDomain& domain) {
  writer.string(NL80211_ATTR_REG_ALPHA2, {domain.alpha2.data(), domain.alpha2.size()});
  if (domain.dfs_region != 0) writer.u8(NL80211_ATTR_DFS_REGION, domain.dfs_region);
  const auto rules = writer.nest(NL80211_ATTR_REG_RULES);
  for (size_t i = 0; i < domain.rules.size(); ++i) put_rule(writer, domain, i);
}

/// A wiphy's own domain where one is named that has one; else the host's.
Result<void> get_reg(Context& context) {
  const auto& attributes = context.attributes();
  const RegulatoryDomain* domain = &context.host.regulatory().domain();
  MessageWriter reply = context.reply(NL80211_CMD_GET_REG);
  if (attributes.has(NL80211_ATTR_WIPHY)) {
    const auto* wiphy = TRY(find_wiphy(context.host, context.request.ns, attributes));
    if (wiphy->own_regulatory.domain) {
      domain = &*wiphy->own_regulatory.domain;
      reply.u32(NL80211_ATTR_WIPHY, wiphy->index());
    }
  }
  put_domain(reply, *domain);
  context.send(std::move(reply));
  return {};
}

/// The host's domain, then that of each wiphy that has its own, in whichever namespace it is.
class RegulatoryDump final : public genl::Dump {
 public:
  explicit RegulatoryDump(const cfg80211::Host& host) : host_(host) {}

  Result<std::optional<MessageWriter>> next(const genl::ReplyTo& make) override {
    if (!std::exchange(told_host_, true)) {
      MessageWriter message = make.message(NL80211_CMD_GET_REG);
      put_domain(message, host_.regulatory().domain());
      return message;
    }
    for (auto at = host_.wiphys().lower_bound(next_); at != host_.wiphys().end(); ++at) {
      const auto& own = at->second->own_regulatory.domain;
      if (!own) continue;
      next_ = at->first + 1;
      MessageWriter message = make.message(NL80211_CMD_GET_REG);
      put_domain(message, *own);
      message.u32(NL80211_ATTR_WIPHY, at->first);
      return message;
    }
    return std::nullopt;
  }

 private:
  const cfg80211::Host& host_;
  bool told_host_ = false;
  uint32_t next_ = 0;
};

Result<std::unique_ptr<genl::Dump>> dump_reg(Context& context) {
  return std::make_unique<RegulatoryDump>(context.host);
}

/// @param alpha2  two octets at least, as the policy has it
cfg80211::HostRegulatory::Alpha2 country(std::span<const uint8_t> alpha2) {
  return {static_cast<char>(alpha2[0]), static_cast<char>(alpha2[1])};
}

Result<void> request_reg(Context& context) {
  const auto& attributes = context.attributes();
  const uint32_t type =
      attributes.u32(NL80211_ATTR_USER_REG_HINT_TYPE).value_or(NL80211_USER_REG_HINT_USER);
  // No rule of ours waits to be indoors.
  if (type == NL80211_USER_REG_HINT_INDOOR) return {};
  if (type != NL80211_USER_REG_HINT_USER && type != NL80211_USER_REG_HINT_CELL_BASE)
    return fail(Errc::kInvalid);
  const auto alpha2 = attributes.bytes(NL80211_ATTR_REG_ALPHA2);
  if (!alpha2) return fail(Errc::kInvalid);
  return context.host.regulatory().hint_user(country(*alpha2),
                                             type == NL80211_USER_REG_HINT_CELL_BASE);
}

Result<RegulatoryRule> parse_rule(const netlink::AttributeTable& given) {
  const auto flags = given.u32(NL80211_ATTR_REG_RULE_FLAGS);
  const auto start = given.u32(NL80211_ATTR_FREQ_RANGE_START);
  const auto end = given.u32(NL80211_ATTR_FREQ_RANGE_END);
  const auto width = given.u32(NL80211_ATTR_FREQ_RANGE_MAX_BW);
  const auto power = given.u32(NL80211_ATTR_POWER_RULE_MAX_EIRP);
  if (!flags || !start || !end || !width || !power) return fail(Errc::kInvalid);
  return RegulatoryRule{
      .start_khz = *start,
      .end_khz = *end,
      .max_bandwidth_khz = *width,
      .max_antenna_gain_mbi = given.u32(NL80211_ATTR_POWER_RULE_MAX_ANT_GAIN).value_or(0),
      .max_eirp_mbm = *power,
      .flags = *flags,
      .dfs_cac_ms = given.u32(NL80211_ATTR_DFS_CAC_TIME).value_or(0)};
}

/// The answer of a userspace regulatory agent, to what the host waits for.
Result<void> set_reg(Context& context) {
  const auto& attributes = context.attributes();
  const auto alpha2 = attributes.bytes(NL80211_ATTR_REG_ALPHA2);
  const netlink::Attribute* rules = attributes.find(NL80211_ATTR_REG_RULES);
  if (!alpha2 || rules == nullptr) return fail(Errc::kInvalid);
  RegulatoryDomain domain{.alpha2 = country(*alpha2)};
  if (!context.host.regulatory().awaits(domain.alpha2)) return fail(Errc::kInvalid);
  const uint8_t region = attributes.u8(NL80211_ATTR_DFS_REGION).value_or(NL80211_DFS_UNSET);
  if (region <= NL80211_DFS_JP) domain.dfs_region = region;
  for (const netlink::Attribute& nest : netlink::AttributeRange(*rules)) {
    if (domain.rules.size() >= cfg80211::kMaxRegulatoryRules) return fail(Errc::kInvalid);
    const auto given = TRY(netlink::validate_and_parse(nest, kRegRulePolicy, context.request.ack));
    domain.rules.push_back(TRY(parse_rule(given)));
  }
  return context.host.regulatory().answer(domain);
}

/// The database was read when the host began; what holds is looked up in it again.
Result<void> reload_regdb(Context& context) {
  context.host.regulatory().reload();
  return {};
}

constexpr Row kRows[] = {
    {NL80211_CMD_GET_REG, get_reg, dump_reg},
    {NL80211_CMD_SET_REG, set_reg},
    {NL80211_CMD_REQ_SET_REG, request_reg},
    {NL80211_CMD_RELOAD_REGDB, reload_regdb},
};

}  // namespace

std::span<const Row> reg_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
