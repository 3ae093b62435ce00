// GET_KEY, NEW_KEY, SET_KEY and DEL_KEY, in their newer form (a KEY nest) and their older one.
#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "nl80211/context.h"
#include "nl80211/key_request.h"
#include "nl80211/policies.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

using cfg80211::KeySlot;

/// The attribute numbers of one form; 0: the form has no such attribute.
struct Form {
  uint16_t data, sequence, index, cipher, type, is_default, default_management, default_beacon,
      default_types, mode;
};
constexpr Form kNested{NL80211_KEY_DATA,          NL80211_KEY_SEQ,
                       NL80211_KEY_IDX,           NL80211_KEY_CIPHER,
                       NL80211_KEY_TYPE,          NL80211_KEY_DEFAULT,
                       NL80211_KEY_DEFAULT_MGMT,  NL80211_KEY_DEFAULT_BEACON,
                       NL80211_KEY_DEFAULT_TYPES, NL80211_KEY_MODE};
constexpr Form kFlat{NL80211_ATTR_KEY_DATA,          NL80211_ATTR_KEY_SEQ,
                     NL80211_ATTR_KEY_IDX,           NL80211_ATTR_KEY_CIPHER,
                     NL80211_ATTR_KEY_TYPE,          NL80211_ATTR_KEY_DEFAULT,
                     NL80211_ATTR_KEY_DEFAULT_MGMT,  0,
                     NL80211_ATTR_KEY_DEFAULT_TYPES, 0};

Octets copy(std::optional<std::span<const uint8_t>> octets) {
  return octets ? Octets(octets->begin(), octets->end()) : Octets();
}

Result<KeyRequest> parse_form(const netlink::AttributeTable& given, const Form& form,
                              netlink::ExtAck& ack) {
  KeyRequest key;
  key.index = given.u8(form.index);
  key.type = given.u32(form.type);
  key.params.key = copy(given.bytes(form.data));
  key.params.sequence = copy(given.bytes(form.sequence));
  key.params.cipher = given.u32(form.cipher).value_or(0);
  key.params.mode = given.u8(form.mode).value_or(NL80211_KEY_RX_TX);
  key.is_default = given.has(form.is_default);
  key.is_default_management = given.has(form.default_management);
  key.is_default_beacon = given.has(form.default_beacon);
  key.for_unicast = key.is_default;
  key.for_multicast = key.is_default || key.is_default_management || key.is_default_beacon;
  if (const netlink::Attribute* types = given.find(form.default_types)) {
    const auto which = TRY(netlink::validate_and_parse(*types, kKeyDefaultPolicy, ack));
    key.for_unicast = which.has(NL80211_KEY_DEFAULT_TYPE_UNICAST);
    key.for_multicast = which.has(NL80211_KEY_DEFAULT_TYPE_MULTICAST);
  }
  return key;
}

Result<void> check_index(const KeyRequest& key) {
  if (!key.index) return {};
  const uint8_t index = *key.index;
  if (key.is_default_management && (index < 4 || index > 5))
    return fail(Errc::kInvalid, "defmgmt key idx not 4 or 5");
  if (key.is_default_beacon && (index < 6 || index > 7))
    return fail(Errc::kInvalid, "defbeacon key idx not 6 or 7");
  if (key.is_default && index > 3) return fail(Errc::kInvalid, "def key idx not 0-3");
  if (index > 7) return fail(Errc::kInvalid, "key idx not 0-7");
  return {};
}

}  // namespace

Result<KeyRequest> parse_key_nest(const netlink::Attribute& nest, netlink::ExtAck& ack) {
  return parse_form(TRY(netlink::validate_and_parse(nest, kKeyPolicy, ack)), kNested, ack);
}

namespace {

Result<KeyRequest> parse_key(const Context& context) {
  const auto& attributes = context.attributes();
  netlink::ExtAck& ack = context.request.ack;
  const netlink::Attribute* nest = attributes.find(NL80211_ATTR_KEY);
  auto key = nest ? TRY(parse_key_nest(*nest, ack)) : TRY(parse_form(attributes, kFlat, ack));
  if (key.is_default + key.is_default_management + key.is_default_beacon > 1)
    return fail(Errc::kInvalid, "key with multiple default flags is invalid");
  if ((key.is_default_management || key.is_default_beacon) &&
      (key.for_unicast || !key.for_multicast))
    return fail(Errc::kInvalid, "defmgmt/defbeacon key must be mcast");
  TRY(check_index(key));
  return key;
}

/// Which key it is: pairwise if it says so, else if it names a peer.
Result<KeySlot> parse_slot(const Context& context, std::optional<uint8_t> index,
                           std::optional<uint32_t> type) {
  KeySlot slot{.index = index.value_or(0xff),
               .peer = context.attributes().mac(NL80211_ATTR_MAC),
               .link = context.attributes().u8(NL80211_ATTR_MLO_LINK_ID)};
  slot.pairwise = slot.peer.has_value();
  if (type) {
    if (*type != NL80211_KEYTYPE_GROUP && *type != NL80211_KEYTYPE_PAIRWISE)
      return fail(Errc::kInvalid, "key type not pairwise or group");
    slot.pairwise = *type == NL80211_KEYTYPE_PAIRWISE;
  }
  return slot;
}

Result<void> new_key(Context& context) {
  KeyRequest key = TRY(parse_key(context));
  if (key.params.key.empty()) return fail(Errc::kInvalid, "no key");
  const KeySlot slot = TRY(parse_slot(context, key.index, key.type));
  if (!slot.pairwise)
    key.params.vlan_id = context.attributes().u16(NL80211_ATTR_VLAN_ID).value_or(0);
  return cfg80211::new_key(context.wdev(), slot, key.params);
}

Result<void> delete_key(Context& context) {
  const KeyRequest key = TRY(parse_key(context));
  auto slot = parse_slot(context, key.index, key.type);
  if (!slot) return fail(slot.error().code);
  return cfg80211::delete_key(context.wdev(), *slot);
}

Result<void> set_key(Context& context) {
  const KeyRequest key = TRY(parse_key(context));
  if (!key.index) return fail(Errc::kInvalid);
  cfg80211::Wdev& wdev = context.wdev();
  if (key.is_default)
    return cfg80211::set_default_key(wdev, *key.index, key.for_unicast, key.for_multicast);
  if (key.is_default_management) return cfg80211::set_default_management_key(wdev, *key.index);
  if (key.is_default_beacon) return cfg80211::set_default_beacon_key(wdev, *key.index);
  // What is left, switching transmission to a key of an extended key id, no driver of ours has.
  return fail(Errc::kInvalid);
}

Result<void> get_key(Context& context) {
  const auto& attributes = context.attributes();
  const uint8_t index = attributes.u8(NL80211_ATTR_KEY_IDX).value_or(0);
  const auto slot = parse_slot(context, index, attributes.u32(NL80211_ATTR_KEY_TYPE));
  if (!slot) return fail(slot.error().code);
  const cfg80211::KeyReport report = TRY(cfg80211::get_key(context.wdev(), *slot));
  netlink::MessageWriter reply = context.reply(NL80211_CMD_NEW_KEY);
  reply.u32(NL80211_ATTR_IFINDEX, context.wdev().ifindex());
  reply.u8(NL80211_ATTR_KEY_IDX, index);
  if (slot->peer) reply.mac(NL80211_ATTR_MAC, *slot->peer);
  reply.bytes(NL80211_ATTR_KEY_SEQ, report.sequence);
  reply.u32(NL80211_ATTR_KEY_CIPHER, report.cipher);
  {
    const auto nest = reply.nest(NL80211_ATTR_KEY);
    reply.bytes(NL80211_KEY_SEQ, report.sequence);
    reply.u32(NL80211_KEY_CIPHER, report.cipher);
    reply.u8(NL80211_KEY_IDX, index);
  }
  context.send(std::move(reply));
  return {};
}

constexpr Row kRows[] = {
    {NL80211_CMD_GET_KEY, get_key},
    {NL80211_CMD_SET_KEY, set_key},
    {NL80211_CMD_NEW_KEY, new_key},
    {NL80211_CMD_DEL_KEY, delete_key},
};

}  // namespace

std::span<const Row> key_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
