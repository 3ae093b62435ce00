// GET_REG, SET_REG, REQ_SET_REG and RELOAD_REGDB.
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/regulatory.h"
#include "nl80211/context.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

using cfg80211::RegulatoryDomain;
using cfg80211::RegulatoryRule;
using netlink::MessageWriter;

/// Whether a channel may lie across the border of two rules, the lower one first.
bool joins(const RegulatoryRule& low, const RegulatoryRule& high) {
  return (low.flags & NL80211_RRF_AUTO_BW) && (high.flags & NL80211_RRF_AUTO_BW) &&
         low.end_khz == high.start_khz;
}

/// The widest channel of a rule. A rule with AUTO_BW counts as one with its neighbours of the kind.
uint32_t max_bandwidth_khz(const RegulatoryDomain& domain, size_t index) {
  const auto& rules = domain.rules;
  const RegulatoryRule& rule = rules[index];
  if (!(rule.flags & NL80211_RRF_AUTO_BW)) return rule.max_bandwidth_khz;
  size_t first = index, last = index;
  while (first > 0 && joins(rules[first - 1], rules[first])) --first;
  while (last + 1 < rules.size() && joins(rules[last], rules[last + 1])) ++last;
  return rules[last].end_khz - rules[first].start_khz;
}

void put_rule(MessageWriter& writer, const RegulatoryDomain& domain, size_t index) {
  const RegulatoryRule& rule = domain.rules[index];
  const uint32_t width =
      rule.max_bandwidth_khz != 0 ? rule.max_bandwidth_khz : max_bandwidth_khz(domain, index);
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

/// The host's domain, also where a wiphy is named: none of ours has one of its own.
Result<void> get_reg(Context& context) {
  const auto& attributes = context.attributes();
  if (attributes.has(NL80211_ATTR_WIPHY))
    TRY(find_wiphy(context.host, context.request.ns, attributes));
  MessageWriter reply = context.reply(NL80211_CMD_GET_REG);
  put_domain(reply, context.host.regulatory_domain());
  context.send(std::move(reply));
  return {};
}

class RegulatoryDump final : public genl::Dump {
 public:
  explicit RegulatoryDump(const cfg80211::Host& host) : host_(host) {}

  Result<std::optional<MessageWriter>> next(const genl::ReplyTo& make) override {
    if (std::exchange(told_, true)) return std::nullopt;
    MessageWriter message = make.message(NL80211_CMD_GET_REG);
    put_domain(message, host_.regulatory_domain());
    return message;
  }

 private:
  const cfg80211::Host& host_;
  bool told_ = false;
};

Result<std::unique_ptr<genl::Dump>> dump_reg(Context& context) {
  return std::make_unique<RegulatoryDump>(context.host);
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
  if (!alpha2 || alpha2->size() < 2) return fail(Errc::kInvalid);
  // Only radios that listen to base stations heed those, and ours do not.
  if (type == NL80211_USER_REG_HINT_CELL_BASE) return {};
  return context.host.request_regulatory(
      {static_cast<char>((*alpha2)[0]), static_cast<char>((*alpha2)[1])});
}

/// The answer of a userspace regulatory agent: nobody was asked, so none is valid.
Result<void> set_reg(Context&) {
  return fail(Errc::kInvalid);
}

/// The database was read when the host began and does not change under it.
Result<void> reload_regdb(Context&) {
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
