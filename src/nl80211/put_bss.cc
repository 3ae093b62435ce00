#include "nl80211/put_bss.h"

#include <linux/nl80211.h>

#include "cfg80211/wiphy.h"

namespace airloom::nl80211 {
namespace {

/// The kernel's nl80211_bss_scan_width; all wider scans look like 20 MHz.
uint32_t scan_width(cfg80211::ChannelWidth width) {
  switch (width) {
    case cfg80211::ChannelWidth::k10:
      return NL80211_BSS_CHAN_WIDTH_10;
    case cfg80211::ChannelWidth::k5:
      return NL80211_BSS_CHAN_WIDTH_5;
    case cfg80211::ChannelWidth::k1:
      return NL80211_BSS_CHAN_WIDTH_1;
    case cfg80211::ChannelWidth::k2:
      return NL80211_BSS_CHAN_WIDTH_2;
    default:
      return NL80211_BSS_CHAN_WIDTH_20;
  }
}

void put_announcements(netlink::MessageWriter& writer, const cfg80211::Bss& bss) {
  const auto u64 = [&](uint16_t type, uint64_t value) { writer.u64(type, value, NL80211_BSS_PAD); };
  if (bss.probe_response) writer.flag(NL80211_BSS_PRESP_DATA);
  u64(NL80211_BSS_TSF, bss.announcement().tsf_us);
  const Octets& elements = bss.elements();
  if (!elements.empty()) writer.bytes(NL80211_BSS_INFORMATION_ELEMENTS, elements);
  if (bss.beacon) {
    u64(NL80211_BSS_BEACON_TSF, bss.beacon->tsf_us);
    if (!bss.beacon->elements.empty()) writer.bytes(NL80211_BSS_BEACON_IES, bss.beacon->elements);
  }
}

void put_status(netlink::MessageWriter& writer, const cfg80211::Wdev& wdev,
                const cfg80211::Bss& bss) {
  for (const auto& [id, link] : wdev.links())
    if (link.current_bss == bss.id && bss.id != 0)
      writer.u32(NL80211_BSS_STATUS, NL80211_BSS_STATUS_ASSOCIATED);
}

}  // namespace

void put_bss(netlink::MessageWriter& writer, const cfg80211::Wdev& wdev, const cfg80211::Bss& bss) {
  const auto& wiphy = wdev.wiphy();
  writer.u32(NL80211_ATTR_GENERATION, wiphy.bss_table().generation());
  if (wdev.netdev() != nullptr) writer.u32(NL80211_ATTR_IFINDEX, wdev.ifindex());
  writer.u64(NL80211_ATTR_WDEV, wdev.id(), NL80211_ATTR_PAD);
  const auto nest = writer.nest(NL80211_ATTR_BSS);
  if (!bss.bssid.is_zero()) writer.mac(NL80211_BSS_BSSID, bss.bssid);
  put_announcements(writer, bss);
  if (bss.beacon_interval_tu != 0) writer.u16(NL80211_BSS_BEACON_INTERVAL, bss.beacon_interval_tu);
  writer.u16(NL80211_BSS_CAPABILITY, bss.capability);
  writer.u32(NL80211_BSS_FREQUENCY, bss.mhz);
  writer.u32(NL80211_BSS_FREQUENCY_OFFSET, bss.offset_khz);
  writer.u32(NL80211_BSS_CHAN_WIDTH, scan_width(bss.scan_width));
  const auto age = wiphy.scheduler().now() - bss.last_seen;
  writer.u32(
      NL80211_BSS_SEEN_MS_AGO,
      static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(age).count()));
  if (bss.parent_tsf_us != 0) {
    writer.u64(NL80211_BSS_PARENT_TSF, bss.parent_tsf_us, NL80211_BSS_PAD);
    writer.mac(NL80211_BSS_PARENT_BSSID, bss.parent_bssid);
  }
  if (bss.last_seen_boottime.count() != 0)
    writer.u64(NL80211_BSS_LAST_SEEN_BOOTTIME,
               static_cast<uint64_t>(bss.last_seen_boottime.count()), NL80211_BSS_PAD);
  writer.s32(NL80211_BSS_SIGNAL_MBM, bss.signal_mbm);
  put_status(writer, wdev, bss);
}

}  // namespace airloom::nl80211
