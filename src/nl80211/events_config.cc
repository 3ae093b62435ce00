#include <linux/nl80211.h>

#include "cfg80211/wiphy.h"
#include "nl80211/events.h"
#include "nl80211/put_interface.h"
#include "nl80211/put_wiphy.h"
#include "nl80211/server.h"

namespace airloom::nl80211 {

namespace {

void tell_interface(Server& server, uint8_t command, const cfg80211::Wdev& wdev) {
  netlink::MessageWriter message = server.event(command);
  put_interface(message, wdev);
  // A wiphy that moves takes its netdevs along first, and is told of where it was.
  server.multicast(Group::kConfig, wdev.wiphy().name_space(), std::move(message));
}

}  // namespace

void Events::wiphy_added(const Wiphy& wiphy) {
  auto message = server_.event(NL80211_CMD_NEW_WIPHY);
  put_wiphy(message, wiphy);
  server_.multicast(Group::kConfig, wiphy.name_space(), std::move(message));
}

void Events::wiphy_removed(const Wiphy& wiphy) {
  auto message = server_.event(NL80211_CMD_DEL_WIPHY);
  put_wiphy_ids(message, wiphy);
  server_.multicast(Group::kConfig, wiphy.name_space(), std::move(message));
}

void Events::wiphy_renamed(const Wiphy& wiphy) {
  wiphy_added(wiphy);
}

void Events::interface_added(const cfg80211::Wdev& wdev) {
  tell_interface(server_, NL80211_CMD_NEW_INTERFACE, wdev);
}

void Events::interface_changed(const cfg80211::Wdev& wdev) {
  tell_interface(server_, NL80211_CMD_SET_INTERFACE, wdev);
}

void Events::interface_removed(const cfg80211::Wdev& wdev) {
  tell_interface(server_, NL80211_CMD_DEL_INTERFACE, wdev);
}

void Events::regulatory_changed(uint8_t initiator, uint8_t type, const char* alpha2,
                                const Wiphy* wiphy) {
  auto message = server_.event(NL80211_CMD_REG_CHANGE);
  message.u8(NL80211_ATTR_REG_INITIATOR, initiator);
  message.u8(NL80211_ATTR_REG_TYPE, type);
  if (type == NL80211_REGDOM_TYPE_COUNTRY) message.string(NL80211_ATTR_REG_ALPHA2, alpha2);
  if (wiphy != nullptr) message.u32(NL80211_ATTR_WIPHY, wiphy->index());
  server_.multicast(Group::kRegulatory, 0, std::move(message));
}

void Events::beacon_hint(const Wiphy& wiphy, uint32_t mhz) {
  auto message = server_.event(NL80211_CMD_REG_BEACON_HINT);
  message.u32(NL80211_ATTR_WIPHY, wiphy.index());
  {
    const auto before = message.nest(NL80211_ATTR_FREQ_BEFORE);
    message.u32(NL80211_FREQUENCY_ATTR_FREQ, mhz);
    message.flag(NL80211_FREQUENCY_ATTR_NO_IR).flag(__NL80211_FREQUENCY_ATTR_NO_IBSS);
  }
  {
    const auto after = message.nest(NL80211_ATTR_FREQ_AFTER);
    message.u32(NL80211_FREQUENCY_ATTR_FREQ, mhz);
  }
  server_.multicast(Group::kRegulatory, 0, std::move(message));
}

}  // namespace airloom::nl80211
