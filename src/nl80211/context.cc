#include "nl80211/context.h"

#include <linux/nl80211.h>

namespace airloom::nl80211 {

namespace {

cfg80211::Wdev* find_id(cfg80211::Host& host, genl::NamespaceId ns, cfg80211::WdevId id) {
  cfg80211::Wdev* wdev = host.find_wdev(id);
  return wdev && wdev->wiphy().name_space() == ns ? wdev : nullptr;
}

}  // namespace

cfg80211::Wdev* find_ifindex(cfg80211::Host& host, genl::NamespaceId ns, uint32_t ifindex) {
  for (const auto& [index, wiphy] : host.wiphys())
    for (const auto& [id, wdev] : wiphy->wdevs())
      if (wdev->netdev() && wdev->ifindex() == ifindex && wdev->name_space() == ns)
        return wdev.get();
  return nullptr;
}

cfg80211::PortId Context::owner() const {
  return attributes().has(NL80211_ATTR_SOCKET_OWNER) ? request.port : 0;
}

Result<cfg80211::Wdev*> find_wdev(cfg80211::Host& host, genl::NamespaceId ns,
                                  const netlink::AttributeTable& attributes) {
  const auto ifindex = attributes.u32(NL80211_ATTR_IFINDEX);
  const auto id = attributes.u64(NL80211_ATTR_WDEV);
  if (!ifindex && !id) return fail(Errc::kInvalid);
  cfg80211::Wdev* wdev = ifindex ? find_ifindex(host, ns, *ifindex) : nullptr;
  if (!wdev && id) wdev = find_id(host, ns, *id);
  if (!wdev) return fail(Errc::kNoDevice);
  return wdev;
}

Result<cfg80211::Wiphy*> find_wiphy(cfg80211::Host& host, genl::NamespaceId ns,
                                    const netlink::AttributeTable& attributes) {
  const auto index = attributes.u32(NL80211_ATTR_WIPHY);
  const auto ifindex = attributes.u32(NL80211_ATTR_IFINDEX);
  const auto id = attributes.u64(NL80211_ATTR_WDEV);
  if (!index && !ifindex && !id) return fail(Errc::kInvalid);
  const bool wired =
      ifindex && !find_ifindex(host, ns, *ifindex) && host.netdevs().has_other(ns, *ifindex);
  if (wired) return fail(Errc::kInvalid);
  cfg80211::Wiphy* found = index ? host.find_wiphy(*index) : nullptr;
  if (found && found->name_space() != ns) found = nullptr;
  const cfg80211::Wdev* named[] = {id ? find_id(host, ns, *id) : nullptr,
                                   ifindex ? find_ifindex(host, ns, *ifindex) : nullptr};
  for (const cfg80211::Wdev* wdev : named) {
    if (!wdev) continue;
    if (found && found != &wdev->wiphy()) return fail(Errc::kInvalid);
    found = &wdev->wiphy();
  }
  if (!found) return fail(Errc::kNoDevice);
  return found;
}

}  // namespace airloom::nl80211
