#include "mac80211/sleep_announcement.h"

#include "mac80211/radio_stack.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

bool announce_sleep(RadioStack& stack, bool sleeping) {
  if (!stack.channels().visits_leave_home()) return false;
  bool any = false;
  for (const auto& [id, interface] : stack.interfaces()) {
    StationMlme* mlme = interface->station_mlme();
    if (mlme == nullptr || !mlme->is_associated()) continue;
    const Station* ap = stack.stations().find(*interface, mlme->bssid());
    if (ap == nullptr) continue;
    if (interface->power_save().is_dozing()) continue;  // the AP has been told
    stack.management_tx_path().send_null(*interface, mlme->bssid(),
                                         {.qos = ap->wme, .power_management = sleeping});
    any = true;
  }
  return any;
}

}  // namespace airloom::mac80211
