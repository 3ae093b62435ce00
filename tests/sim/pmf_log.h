// Which peers protect management frames between them, as programs of a world told their kernels:
// from the pairwise key of an association with PMF to its end. [802.11-2020 12.6.19]
#pragma once

#include <linux/nl80211.h>

#include <optional>
#include <set>
#include <utility>

#include "lab/world.h"
#include "netlink/message.h"

namespace airloom::lab {

class PmfLog final : public NetlinkObserver {
 public:
  explicit PmfLog(World& world) : world_(world) { world_.add_netlink_observer(*this); }
  ~PmfLog() override { world_.remove_netlink_observer(*this); }

  /// Whether `owner` has to protect what is robust and individually addressed to `peer`.
  bool protects(const MacAddress& owner, const MacAddress& peer) const {
    return agreed_.contains({owner, peer}) && keyed_.contains({owner, peer});
  }

  void on_netlink(const WorldHost& host, NetlinkDirection direction,
                  std::span<const uint8_t> datagram) override {
    const MacAddress owner = host.all_radios().begin()->second->addresses.front();
    netlink::MessageReader reader(datagram);
    while (const auto message = reader.next()) {
      const auto genl = message->genl();
      if (!genl) continue;
      const netlink::AttributeTable attributes(message->genl_attributes());
      if (direction == NetlinkDirection::kToKernel)
        on_request(owner, genl->command, attributes);
      else
        on_event(owner, genl->command, attributes);
    }
  }

 private:
  void on_request(const MacAddress& owner, uint8_t command,
                  const netlink::AttributeTable& attributes) {
    const auto peer = attributes.mac(NL80211_ATTR_MAC);
    switch (command) {
      case NL80211_CMD_NEW_KEY:
        if (peer) keyed_.insert({owner, *peer});
        return;
      case NL80211_CMD_NEW_STATION:
        forget(owner, peer);
        [[fallthrough]];
      case NL80211_CMD_SET_STATION:
        if (peer && sets_mfp(attributes)) agreed_.insert({owner, *peer});
        return;
      case NL80211_CMD_ASSOCIATE:
        forget(owner, {});
        if (peer && attributes.u32(NL80211_ATTR_USE_MFP) == NL80211_MFP_REQUIRED)
          agreed_.insert({owner, *peer});
        return;
      case NL80211_CMD_AUTHENTICATE:
      case NL80211_CMD_CONNECT:
      case NL80211_CMD_START_AP:
      case NL80211_CMD_STOP_AP:
        return forget(owner, {});
      case NL80211_CMD_DEL_STATION:
      case NL80211_CMD_DEL_KEY:
        return forget(owner, peer);
      default:
        return;
    }
  }
  void on_event(const MacAddress& owner, uint8_t command,
                const netlink::AttributeTable& attributes) {
    switch (command) {
      case NL80211_CMD_DEL_STATION:
        return forget(owner, attributes.mac(NL80211_ATTR_MAC));
      case NL80211_CMD_DEAUTHENTICATE:
      case NL80211_CMD_DISASSOCIATE:
      case NL80211_CMD_DISCONNECT:
      case NL80211_CMD_STOP_AP:
        return forget(owner, {});
      default:
        return;
    }
  }
  static bool sets_mfp(const netlink::AttributeTable& attributes) {
    const auto flags = attributes.bytes(NL80211_ATTR_STA_FLAGS2);  // the mask, then the values
    return flags && flags->size() == 8 && ((*flags)[4] & 1U << NL80211_STA_FLAG_MFP) != 0;
  }
  /// Without a peer: all of them.
  void forget(const MacAddress& owner, const std::optional<MacAddress>& peer) {
    for (auto* pairs : {&agreed_, &keyed_})
      std::erase_if(*pairs, [&](const auto& pair) {
        return pair.first == owner && (!peer || pair.second == *peer);
      });
  }

  using Pairs = std::set<std::pair<MacAddress, MacAddress>>;  // owner and peer
  World& world_;
  Pairs agreed_, keyed_;
};

}  // namespace airloom::lab
