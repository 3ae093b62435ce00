#include <linux/nl80211.h>

#include "nl80211/key_request.h"

namespace airloom::nl80211 {

namespace {

/// One of them, checked in the kernel's order.
Result<KeyRequest> parse_wep_key(const Context& context, const netlink::Attribute& nest,
                                 bool has_default) {
  KeyRequest key = TRY(parse_key_nest(nest, context.request.ack));
  if (key.params.key.empty()) return fail(Errc::kInvalid);
  if (!key.index || *key.index > 3) return fail(Errc::kInvalid, "key index out of range [0-3]");
  if (key.is_default && has_default) return fail(Errc::kInvalid, "only one key can be default");
  if (key.is_default ? !key.for_unicast || !key.for_multicast : key.is_default_management)
    return fail(Errc::kInvalid);
  TRY(cfg80211::check_wep_key(context.wiphy(), *key.index, key.params));
  return key;
}

}  // namespace

Result<std::optional<cfg80211::WepKeys>> parse_wep_keys(const Context& context) {
  const netlink::Attribute* all = context.attributes().find(NL80211_ATTR_KEYS);
  if (all == nullptr) return std::nullopt;
  cfg80211::WepKeys result;
  bool has_key = false, has_default = false;
  for (const auto& nest : netlink::AttributeRange(*all)) {
    KeyRequest key = TRY(parse_wep_key(context, nest, has_default));
    has_key = true;
    if (key.is_default) result.transmit = *key.index;
    has_default = has_default || key.is_default;
    result.keys[*key.index] = std::move(key.params);
  }
  if (!has_key) return std::nullopt;
  if (!has_default) return fail(Errc::kInvalid, "need a default/TX key");
  return result;
}

}  // namespace airloom::nl80211
