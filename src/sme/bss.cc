#include "sme/bss.h"

#include <linux/nl80211.h>

#include "ieee80211/bss_elements.h"
#include "ieee80211/element.h"
#include "ieee80211/management.h"

namespace airloom::sme {

namespace {

bool fits(const Bss& bss, const BssWish& wish) {
  if (bss.ssid != wish.ssid) return false;
  if (wish.bssid && bss.bssid != *wish.bssid) return false;
  if (!wish.security) return !bss.is_protected();
  if (!bss.rsn) return false;
  const auto rsn = choose_rsn(*bss.rsn, *wish.security);
  if (!rsn) return false;
  return rsn->akms.at(0) != ieee80211::akm::kSae ||
         wish.security->sae_pwe != SaePwe::kHashToElement ||
         offers_hash_to_element(bss.rsnx_element);
}

bool is_better(const Bss& a, const Bss& b) {
  if (a.signal_mbm != b.signal_mbm) return a.signal_mbm > b.signal_mbm;
  return a.bssid < b.bssid;
}

}  // namespace

Result<Bss> Bss::parse(const netlink::AttributeTable& nest) {
  Bss bss;
  const auto bssid = nest.mac(NL80211_BSS_BSSID);
  const auto frequency = nest.u32(NL80211_BSS_FREQUENCY);
  auto elements = nest.bytes(NL80211_BSS_INFORMATION_ELEMENTS);
  if (!elements) elements = nest.bytes(NL80211_BSS_BEACON_IES);
  if (!bssid || !frequency || !elements) return fail(Errc::kMalformed, "BSS");
  bss.bssid = *bssid;
  bss.frequency_mhz = *frequency;
  bss.signal_mbm = nest.s32(NL80211_BSS_SIGNAL_MBM).value_or(0);
  bss.capability = nest.u16(NL80211_BSS_CAPABILITY).value_or(0);
  const auto ssid = ieee80211::find_element<ieee80211::SsidElement>(*elements);
  if (!ssid) return fail(Errc::kMalformed, "BSS without SSID");
  bss.ssid = ssid->ssid;
  if (const auto rsn = ieee80211::find_element(*elements, ieee80211::ElementId::kRsn)) {
    bss.rsn_element.assign(rsn->whole.begin(), rsn->whole.end());
    if (auto parsed = ieee80211::RsnElement::parse(rsn->body)) bss.rsn = *std::move(parsed);
  }
  if (const auto rsnx = ieee80211::find_element(*elements, ieee80211::ElementId::kRsnExtension))
    bss.rsnx_element.assign(rsnx->whole.begin(), rsnx->whole.end());
  return bss;
}

bool Bss::is_protected() const {
  return (capability & ieee80211::capability::kPrivacy) || !rsn_element.empty();
}

std::optional<Bss> choose_bss(const std::vector<Bss>& found, const BssWish& wish) {
  const Bss* best = nullptr;
  for (const Bss& bss : found)
    if (fits(bss, wish) && (!best || is_better(bss, *best))) best = &bss;
  return best ? std::optional(*best) : std::nullopt;
}

}  // namespace airloom::sme
