#include "nl80211/put_interface.h"

#include <linux/nl80211.h>

#include "cfg80211/host.h"
#include "cfg80211/wiphy.h"
#include "nl80211/channel.h"
#include "nl80211/put_station.h"

namespace airloom::nl80211 {

namespace {

/// The SSID that the interface serves or is connected to.
const Octets* current_ssid(const cfg80211::Wdev& wdev) {
  using State = cfg80211::Wdev::Connection::State;
  if (is_ap(wdev.type())) return wdev.access_point ? &wdev.access_point->ssid : nullptr;
  if (is_station(wdev.type()) && wdev.connection.state == State::kConnected)
    return &wdev.connection.ssid;
  return nullptr;
}

/// What only the driver knows: the channel in use and the transmit power.
void put_driver_state(netlink::MessageWriter& writer, cfg80211::Wdev& wdev) {
  cfg80211::Wiphy& wiphy = wdev.wiphy();
  if (const auto channel = wiphy.ops().get_channel(wdev, 0)) put_channel(writer, *channel);
  if (const auto dbm = wiphy.ops().get_tx_power_dbm(wiphy, wdev))
    writer.u32(NL80211_ATTR_WIPHY_TX_POWER_LEVEL, static_cast<uint32_t>(*dbm * 100));
}

void put_group_queue(netlink::MessageWriter& writer, const cfg80211::Wdev& wdev) {
  cfg80211::Wiphy& wiphy = wdev.wiphy();
  if (!wiphy.capabilities().has_extended_feature(NL80211_EXT_FEATURE_TXQS)) return;
  cfg80211::Wdev* present = wiphy.find_wdev(wdev.id());
  if (present == nullptr) return;
  if (const auto stats = wiphy.ops().get_tx_queue_stats(present))
    put_tx_queue_stats(writer, NL80211_ATTR_TXQ_STATS, *stats);
}

}  // namespace

void put_wdev_ids(netlink::MessageWriter& writer, const cfg80211::Wdev& wdev) {
  writer.u32(NL80211_ATTR_WIPHY, wdev.wiphy().index());
  if (wdev.netdev()) writer.u32(NL80211_ATTR_IFINDEX, wdev.ifindex());
  writer.u64(NL80211_ATTR_WDEV, wdev.id(), NL80211_ATTR_PAD);
}

void put_interface(netlink::MessageWriter& writer, const cfg80211::Wdev& wdev) {
  if (const cfg80211::Netdev* netdev = wdev.netdev()) {
    writer.u32(NL80211_ATTR_IFINDEX, netdev->ifindex());
    writer.string(NL80211_ATTR_IFNAME, netdev->name());
  }
  writer.u32(NL80211_ATTR_WIPHY, wdev.wiphy().index());
  writer.u32(NL80211_ATTR_IFTYPE, static_cast<uint32_t>(wdev.type()));
  writer.u64(NL80211_ATTR_WDEV, wdev.id(), NL80211_ATTR_PAD);
  writer.mac(NL80211_ATTR_MAC, wdev.address());
  writer.u32(NL80211_ATTR_GENERATION, wdev.wiphy().interface_generation());
  writer.u8(NL80211_ATTR_4ADDR, wdev.use_4addr);
  if (cfg80211::Wdev* present = wdev.wiphy().find_wdev(wdev.id()))
    put_driver_state(writer, *present);
  if (const Octets* ssid = current_ssid(wdev); ssid && !ssid->empty())
    writer.bytes(NL80211_ATTR_SSID, *ssid);
  put_group_queue(writer, wdev);
}

}  // namespace airloom::nl80211
