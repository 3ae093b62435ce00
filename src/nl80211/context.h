// What a handler gets: the request, and the wiphy or interface that the dispatcher found for it.
#pragma once

#include "cfg80211/host.h"
#include "cfg80211/wdev.h"
#include "cfg80211/wiphy.h"
#include "genl/family.h"

namespace airloom::nl80211 {

class Server;

struct Context {
  Server& server;
  cfg80211::Host& host;
  genl::Request& request;
  cfg80211::Wiphy* found_wiphy = nullptr;
  cfg80211::Wdev* found_wdev = nullptr;

  const netlink::AttributeTable& attributes() const { return request.attributes; }
  /// Set where the command's row needs a wiphy or an interface.
  cfg80211::Wiphy& wiphy() const { return *found_wiphy; }
  cfg80211::Wdev& wdev() const { return *found_wdev; }
  netlink::MessageWriter reply(uint8_t command) const { return request.reply(command); }
  void send(netlink::MessageWriter&& message) { request.send(std::move(message)); }
  /// The requester's port, if it asked to own what it makes; else 0.
  cfg80211::PortId owner() const;
};

// Finding what a request is about, within its namespace. [nl80211.h NL80211_ATTR_WIPHY, _IFINDEX,
// _WDEV]

/// @error kInvalid  nothing is named, two names disagree, or a netdev that is not wireless
/// @error kNoDevice  no such thing
Result<cfg80211::Wiphy*> find_wiphy(cfg80211::Host& host, genl::NamespaceId ns,
                                    const netlink::AttributeTable& attributes);
/// @error kInvalid  nothing is named  @error kNoDevice  no such interface
Result<cfg80211::Wdev*> find_wdev(cfg80211::Host& host, genl::NamespaceId ns,
                                  const netlink::AttributeTable& attributes);
/// The interface with that netdev, or null.
cfg80211::Wdev* find_ifindex(cfg80211::Host& host, genl::NamespaceId ns, uint32_t ifindex);

}  // namespace airloom::nl80211
