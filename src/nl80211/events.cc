#include "nl80211/events.h"

#include <linux/nl80211.h>

#include "cfg80211/wdev.h"
#include "nl80211/put_interface.h"
#include "nl80211/server.h"

namespace airloom::nl80211 {

namespace {

void tell_interface(Server& server, uint8_t command, const cfg80211::Wdev& wdev) {
  netlink::MessageWriter message = server.event(command);
  put_interface(message, wdev);
  server.multicast(Group::kConfig, wdev.name_space(), std::move(message));
}

}  // namespace

void Events::interface_added(const cfg80211::Wdev& wdev) {
  tell_interface(server_, NL80211_CMD_NEW_INTERFACE, wdev);
}

void Events::interface_changed(const cfg80211::Wdev& wdev) {
  tell_interface(server_, NL80211_CMD_SET_INTERFACE, wdev);
}

void Events::interface_removed(const cfg80211::Wdev& wdev) {
  tell_interface(server_, NL80211_CMD_DEL_INTERFACE, wdev);
}

}  // namespace airloom::nl80211
