// Keys as requests name them, in a KEY nest or in attributes of their own, and the WEP keys of
// CONNECT. [nl80211.h enum nl80211_key_attributes, NL80211_ATTR_KEYS]
#pragma once

#include <optional>

#include "base/result.h"
#include "cfg80211/wep.h"
#include "nl80211/context.h"

namespace airloom::nl80211 {

struct KeyRequest {
  std::optional<uint8_t> index;
  std::optional<uint32_t> type;
  bool is_default = false, is_default_management = false, is_default_beacon = false;
  bool for_unicast = false, for_multicast = false;
  cfg80211::KeyParams params;
};

/// What a KEY nest says, unchecked but for its policy.
Result<KeyRequest> parse_key_nest(const netlink::Attribute& nest, netlink::ExtAck& ack);

/// The WEP keys of CONNECT; nothing if there is none.
/// @error kInvalid  keys that are not WEP's, or not exactly one to send with
Result<std::optional<cfg80211::WepKeys>> parse_wep_keys(const Context& context);

}  // namespace airloom::nl80211
