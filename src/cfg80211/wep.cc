#include "cfg80211/wep.h"

#include "cfg80211/internal.h"
#include "cfg80211/sme.h"

namespace airloom::cfg80211 {

Result<void> connect_with_wep(Wdev& wdev, ConnectRequest request, WepKeys keys, PortId caller) {
  if (wdev.wiphy().capabilities().full_mac)
    return fail(Errc::kUnsupported, "airloom connects with WEP keys by its own SME alone");
  const KeyParams& key = keys.keys.at(keys.transmit);
  request.key = key.key;
  request.key_index = keys.transmit;
  if (request.crypto.group_cipher == 0) request.crypto.group_cipher = key.cipher;
  if (request.crypto.pairwise_ciphers.empty()) request.crypto.pairwise_ciphers = {key.cipher};
  TRY(connect(wdev, std::move(request), caller));
  wdev.sme->wep_keys = std::move(keys);
  return {};
}

void install_wep_keys(Wdev& wdev) {
  if (!wdev.sme || !wdev.sme->wep_keys) return;
  const WepKeys& wep = *wdev.sme->wep_keys;
  for (uint8_t index = 0; index < wep.keys.size(); ++index) {
    const KeyParams& params = wep.keys[index];
    if (params.cipher == 0) continue;
    auto set = wdev.wiphy().ops().add_key(wdev, {.index = index}, params);
    if (set && index == wep.transmit)
      set = wdev.wiphy().ops().set_default_key(wdev, index, true, true);
    if (!set) wdev.log().warn("the driver refuses WEP key {}: {}", index, set.error().text);
  }
  wdev.sme->wep_keys.reset();
}

}  // namespace airloom::cfg80211
