#include "nl80211/server.h"

#include <linux/nl80211.h>

#include "nl80211/context.h"
#include "nl80211/events.h"

namespace airloom::nl80211 {

namespace {

constexpr std::string_view kGroups[] = {
    NL80211_MULTICAST_GROUP_CONFIG, NL80211_MULTICAST_GROUP_SCAN,   NL80211_MULTICAST_GROUP_REG,
    NL80211_MULTICAST_GROUP_MLME,   NL80211_MULTICAST_GROUP_VENDOR, NL80211_MULTICAST_GROUP_NAN};

/// Links count from 1 where an interface really has several.
bool is_multi_link(const cfg80211::Wdev& wdev) {
  return wdev.links().size() > 1;
}

std::unexpected<Error> not_yet(const KernelOperation& operation) {
  return fail(Errc::kUnsupported,
              std::string("airloom does not do NL80211_CMD_") + operation.name + " yet");
}

Result<void> check_links(uint8_t needs, const Context& context) {
  const auto link = context.attributes().u8(NL80211_ATTR_MLO_LINK_ID);
  const bool multi = context.found_wdev && is_multi_link(*context.found_wdev);
  if (needs & kLink) {
    const bool known = link && context.found_wdev && context.found_wdev->links().contains(*link);
    if (multi ? !known : link.has_value()) return fail(Errc::kInvalid);
  }
  if ((needs & kNoLink) && (multi || link)) return fail(Errc::kInvalid);
  return {};
}

}  // namespace

Server::Server(genl::Bus& bus, cfg80211::Host& host)
    : bus_(bus),
      host_(host),
      info_{.name = NL80211_GENL_NAME,
            .version = 1,
            .max_attribute = NL80211_ATTR_MAX,
            .operations = table_.on_bus(),
            .groups = kGroups,
            .strict_header_from = NL80211_CMD_REMOVE_LINK_STA + 1},
      events_(std::make_unique<Events>(*this)) {
  id_ = bus_.add(*this);
  host_.set_event_sink(*events_);
}

Server::~Server() {
  host_.clear_event_sink();
  bus_.remove(id_);
}

netlink::MessageWriter Server::event(uint8_t command) const {
  return bus_.event(id_).message(command);
}

void Server::multicast(Group group, genl::NamespaceId ns, netlink::MessageWriter&& message) {
  bus_.multicast(id_, static_cast<size_t>(group), ns, std::move(message));
}

bool Server::unicast(genl::NamespaceId ns, genl::PortId port, netlink::MessageWriter&& message) {
  return bus_.unicast(ns, port, std::move(message)).has_value();
}

Result<void> Server::prepare(const KernelOperation& operation, Context& context) const {
  const uint8_t needs = operation.needs;
  if (needs & kWiphy)
    context.found_wiphy = TRY(find_wiphy(host_, context.request.ns, context.attributes()));
  if (needs & (kWdev | kNetdev)) {
    context.found_wdev = TRY(find_wdev(host_, context.request.ns, context.attributes()));
    context.found_wiphy = &context.found_wdev->wiphy();
    if ((needs & kNetdev) && !context.found_wdev->netdev()) return fail(Errc::kInvalid);
    if ((needs & kUp) && !context.found_wdev->is_running()) return fail(Errc::kNetDown);
  }
  return check_links(needs, context);
}

Result<void> Server::on_request(const genl::Operation& on_bus, genl::Request& request) {
  const KernelOperation& operation = *table_.operation(on_bus.command);
  Context context{.server = *this, .host = host_, .request = request};
  TRY(prepare(operation, context));
  const Row* row = table_.find(on_bus.command);
  if (!row || !row->handle) return not_yet(operation);
  return row->handle(context);
}

Result<std::unique_ptr<genl::Dump>> Server::start_dump(const genl::Operation& on_bus,
                                                       genl::Request& request) {
  const Row* row = table_.find(on_bus.command);
  if (!row || !row->dump) return not_yet(*table_.operation(on_bus.command));
  Context context{.server = *this, .host = host_, .request = request};
  return row->dump(context);
}

void Server::on_client_closed(genl::NamespaceId, genl::PortId port) {
  host_.on_port_closed(port);
}

}  // namespace airloom::nl80211
