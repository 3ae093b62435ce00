#include "mac80211/ap_vlan.h"

#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

Result<Interface*> find_bss_of_vlan(const Interface& vlan) {
  for (const auto& [id, other] : vlan.stack().interfaces())
    if (other->is_up() && other->type() == InterfaceType::kAp && other->address() == vlan.address())
      return other.get();
  return fail(Errc::kNoLink, "no access point with this address is up");
}

std::vector<Interface*> vlans_of(const Interface& access_point) {
  std::vector<Interface*> vlans;
  for (const auto& [id, other] : access_point.stack().interfaces())
    if (other.get() != &access_point && &other->bss() == &access_point)
      vlans.push_back(other.get());
  return vlans;
}

void close_vlans_of(const Interface& access_point) {
  for (Interface* vlan : vlans_of(access_point))
    if (auto* netdev = vlan->wdev().netdev()) netdev->close();
}

}  // namespace airloom::mac80211
