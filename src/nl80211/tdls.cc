// TDLS_MGMT, TDLS_OPER, TDLS_CHANNEL_SWITCH and TDLS_CANCEL_CHANNEL_SWITCH: links between two
// stations of an access point. [802.11-2020 11.20]
#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "nl80211/context.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

bool has_all(const Context& context, std::initializer_list<uint16_t> needed) {
  for (const uint16_t attribute : needed)
    if (!context.attributes().has(attribute)) return false;
  return true;
}

/// Only a connected station has peers to speak to.
Result<void> check_connected_station(const Context& context) {
  const cfg80211::Wdev& wdev = context.wdev();
  if (!is_station(wdev.type()) || !wdev.is_connected()) return fail(Errc::kInvalid);
  return {};
}

Result<void> tdls_mgmt(Context& context) {
  if (!context.wiphy().capabilities().tdls) return fail(Errc::kUnsupported);
  if (!has_all(context, {NL80211_ATTR_TDLS_ACTION, NL80211_ATTR_STATUS_CODE,
                         NL80211_ATTR_TDLS_DIALOG_TOKEN, NL80211_ATTR_IE, NL80211_ATTR_MAC}))
    return fail(Errc::kInvalid);
  TRY(check_connected_station(context));
  return fail(Errc::kUnsupported, "airloom does not do TDLS yet");
}

Result<void> tdls_oper(Context& context) {
  if (!context.wiphy().capabilities().tdls) return fail(Errc::kUnsupported);
  if (!has_all(context, {NL80211_ATTR_TDLS_OPERATION, NL80211_ATTR_MAC}))
    return fail(Errc::kInvalid);
  TRY(check_connected_station(context));
  switch (*context.attributes().u8(NL80211_ATTR_TDLS_OPERATION)) {
    case NL80211_TDLS_TEARDOWN:
    case NL80211_TDLS_SETUP:
    case NL80211_TDLS_DISCOVERY_REQ:
      return fail(Errc::kUnsupportedMode);  // userspace sends those frames itself
    default:
      return fail(Errc::kUnsupported, "airloom does not do TDLS yet");
  }
}

/// A feature of the radio, and none of ours has it.
Result<void> tdls_channel_switch(Context&) {
  return fail(Errc::kUnsupported);
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_TDLS_MGMT, .handle = tdls_mgmt},
    {.command = NL80211_CMD_TDLS_OPER, .handle = tdls_oper},
    {.command = NL80211_CMD_TDLS_CHANNEL_SWITCH, .handle = tdls_channel_switch},
    {.command = NL80211_CMD_TDLS_CANCEL_CHANNEL_SWITCH, .handle = tdls_channel_switch},
};

}  // namespace

std::span<const Row> tdls_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
