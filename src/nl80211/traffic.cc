// What is asked for single traffic streams and identifiers: ADD_TX_TS, DEL_TX_TS and
// SET_TID_CONFIG. [nl80211.h nl80211_tid_config_attr] [802.11-2020 11.2.3.5]
#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "nl80211/context.h"
#include "nl80211/policies.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

/// Admission control is a feature of the radio, and none of ours has it.
Result<void> add_stream(Context&) {
  return fail(Errc::kUnsupported);
}

/// So no stream was ever added.
Result<void> delete_stream(Context& context) {
  const auto& attributes = context.attributes();
  if (!attributes.has(NL80211_ATTR_TSID) || !attributes.has(NL80211_ATTR_MAC))
    return fail(Errc::kInvalid);
  return fail(Errc::kNotFound);
}

/// One entry: of the settings that it may hold, no radio of ours takes any.
Result<void> check_tid(const netlink::Attribute& nest, netlink::ExtAck& ack) {
  const auto given = TRY(netlink::validate_and_parse(nest, kTidConfigPolicy, ack));
  if (!given.has(NL80211_TID_CONFIG_ATTR_TIDS)) return fail(Errc::kInvalid);
  if (given.has(NL80211_TID_CONFIG_ATTR_OVERRIDE)) return fail(Errc::kUnsupported);
  for (const uint16_t retries :
       {NL80211_TID_CONFIG_ATTR_RETRY_SHORT, NL80211_TID_CONFIG_ATTR_RETRY_LONG})
    if (given.has(retries)) return fail(Errc::kInvalid);  // more than the radio's maximum, 0
  for (const uint16_t setting :
       {NL80211_TID_CONFIG_ATTR_NOACK, NL80211_TID_CONFIG_ATTR_AMPDU_CTRL,
        NL80211_TID_CONFIG_ATTR_RTSCTS_CTRL, NL80211_TID_CONFIG_ATTR_AMSDU_CTRL,
        NL80211_TID_CONFIG_ATTR_TX_RATE_TYPE})
    if (given.has(setting)) return fail(Errc::kUnsupportedMode, "unsupported TID configuration");
  return {};
}

Result<void> set_tid_config(Context& context) {
  const netlink::Attribute* list = context.attributes().find(NL80211_ATTR_TID_CONFIG);
  if (!list) return fail(Errc::kInvalid);
  for (const netlink::Attribute& nest : netlink::AttributeRange(*list))
    TRY(check_tid(nest, context.request.ack));
  return fail(Errc::kUnsupported);
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_ADD_TX_TS, .handle = add_stream},
    {.command = NL80211_CMD_DEL_TX_TS, .handle = delete_stream},
    {.command = NL80211_CMD_SET_TID_CONFIG, .handle = set_tid_config},
};

}  // namespace

std::span<const Row> traffic_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
