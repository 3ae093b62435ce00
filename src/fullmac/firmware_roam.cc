// Staying in a network whose access point is lost: the firmware looks for another one of it, in
// what it has heard and then by a scan of its own, and the host hears of the move, or of the end.
#include "fullmac/firmware.h"

namespace airloom::fullmac {

void Firmware::start_roam(FirmwareInterface& interface, Disconnected farewell) {
  interface.roam = std::make_unique<FirmwareInterface::Roam>(
      std::move(farewell), *ports_.scheduler, [this, number = interface.number] {
        if (FirmwareInterface* roaming = find(number)) look_for_another(*roaming);
      });
  interface.roam->timer.arm({});  // the stack is not done with the end of the connection yet
}

void Firmware::look_for_another(FirmwareInterface& interface) {
  sched_scans_.yield();
  cfg80211::ConnectRequest request = *interface.network;
  const cfg80211::Bss* best = nullptr;
  for (const cfg80211::Bss* bss : wiphy().bss_table().entries()) {
    constexpr uint16_t kPrivacy = 0x0010;  // [802.11-2020 9.4.1.4]
    if (bss->ssid() != request.ssid || bss->bssid == interface.bssid) continue;
    if (((bss->capability & kPrivacy) != 0) != request.privacy) continue;
    if (best == nullptr || bss->signal_mbm > best->signal_mbm) best = bss;
  }
  if (best != nullptr) {
    request.bssid = best->bssid;
    request.mhz = best->mhz;
    request.previous_bssid.reset();
    request.owner = kFirmwarePort;
    if (!cfg80211::connect(*interface.wdev, std::move(request), kFirmwarePort))
      give_up_roam(interface);
    return;
  }
  auto& roam = *interface.roam;
  if (roam.scanned || !cfg80211::trigger_scan(*interface.wdev, {.ssids = {request.ssid}}))
    return give_up_roam(interface);
  roam.scanning = roam.scanned = true;
}

void Firmware::give_up_roam(FirmwareInterface& interface) {
  const auto roam = std::exchange(interface.roam, nullptr);
  interface.network.reset();
  outbox_.tell(interface.number, roam->farewell);
}

}  // namespace airloom::fullmac
