// VENDOR. The one vendor command that a radio of ours has is the test command of Linux's simulator,
// which hostapd tries on every radio that lists it: it answers its number plus two, and tells the
// group "vendor" the number plus one. It asks nothing of a driver, so it is served here.
#include <linux/nl80211.h>

#include <algorithm>

#include "nl80211/context.h"
#include "nl80211/policy_rows.h"
#include "nl80211/put_interface.h"
#include "nl80211/rows.h"
#include "nl80211/server.h"

namespace airloom::nl80211 {

namespace {

using netlink::MessageWriter;

constexpr uint32_t kTestOui = 0x001374;
constexpr uint32_t kTestSubcommand = 1;
constexpr uint16_t kTestNumber = 8;  // the attribute with the number

constexpr TypedRow kTestAttributes[] = {{kTestNumber, netlink::of(netlink::Kind::kU32)}};
constexpr auto kTestRows = by_type<kTestNumber>(kTestAttributes);
constexpr netlink::Policy kTestPolicy{kTestRows};

void put_number(MessageWriter& writer, uint32_t number) {
  const auto nest = writer.nest(NL80211_ATTR_VENDOR_DATA);
  writer.u32(kTestNumber, number);
}

void tell(Server& server, const cfg80211::Wdev& wdev, uint32_t number) {
  MessageWriter event = server.event(NL80211_CMD_VENDOR);
  event.u32(NL80211_ATTR_WIPHY, wdev.wiphy().index());
  event.u32(NL80211_ATTR_VENDOR_ID, kTestOui);
  event.u32(NL80211_ATTR_VENDOR_SUBCMD, kTestSubcommand);
  event.u64(NL80211_ATTR_WDEV, wdev.id(), NL80211_ATTR_PAD);
  event.u32(NL80211_ATTR_IFINDEX, wdev.ifindex());
  put_number(event, number);
  server.multicast(Group::kVendor, wdev.name_space(), std::move(event));
}

Result<void> serve_test(Context& context, const cfg80211::Wdev& wdev) {
  const netlink::Attribute* data = context.attributes().find(NL80211_ATTR_VENDOR_DATA);
  if (!data) return fail(Errc::kInvalid);
  if (!data->nested_flag)
    return fail(Errc::kInvalid, "expected nested data", NL80211_ATTR_VENDOR_DATA);
  const auto given = TRY(netlink::validate_and_parse(*data, kTestPolicy, context.request.ack,
                                                     netlink::Strictness::kStrict));
  const auto number = given.u32(kTestNumber);
  if (!number) return fail(Errc::kInvalid);
  tell(context.server, wdev, *number + 1);
  MessageWriter reply = context.reply(NL80211_CMD_VENDOR);
  reply.u32(NL80211_ATTR_WIPHY, wdev.wiphy().index());
  put_number(reply, *number + 2);
  context.send(std::move(reply));
  return {};
}

bool has_command(const cfg80211::Capabilities& can, uint32_t oui, uint32_t subcommand) {
  return std::any_of(
      can.vendor_commands.begin(), can.vendor_commands.end(),
      [&](const cfg80211::VendorId& id) { return id.oui == oui && id.subcommand == subcommand; });
}

Result<void> vendor(Context& context) {
  const auto& attributes = context.attributes();
  const auto& can = context.wiphy().capabilities();
  if (can.vendor_commands.empty()) return fail(Errc::kUnsupported);
  const cfg80211::Wdev* wdev = nullptr;
  if (attributes.has(NL80211_ATTR_IFINDEX) || attributes.has(NL80211_ATTR_WDEV))
    wdev = TRY(find_wdev(context.host, context.request.ns, attributes));
  const auto oui = attributes.u32(NL80211_ATTR_VENDOR_ID);
  const auto subcommand = attributes.u32(NL80211_ATTR_VENDOR_SUBCMD);
  if (!oui || !subcommand) return fail(Errc::kInvalid);
  if (!has_command(can, *oui, *subcommand) || *oui != kTestOui || *subcommand != kTestSubcommand)
    return fail(Errc::kUnsupported);
  if (!wdev || !wdev->netdev()) return fail(Errc::kInvalid);
  return serve_test(context, *wdev);
}

constexpr Row kRows[] = {
    {NL80211_CMD_VENDOR, vendor},
};

}  // namespace

std::span<const Row> vendor_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
