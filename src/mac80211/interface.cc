#include "mac80211/interface.h"

#include "mac80211/access_point.h"
#include "mac80211/radio_stack.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

Interface::Interface(RadioStack& stack, cfg80211::Wdev& wdev, const Vif& vif)
    : stack_(stack),
      wdev_(wdev),
      vif_(vif),
      log_(stack.log().child(wdev.name())),
      power_save_(stack, *this) {
  links_[0];
}

Interface::~Interface() = default;

void Interface::notify_link_changed(uint32_t changes, LinkId id) {
  if (!up_) return;
  stack_.driver().link_changed(vif_, id, link(id).config, changes);
}

void Interface::set_edca(uint8_t access_category, const Edca& edca, LinkId id) {
  if (access_category >= 4) return;
  link(id).edca[access_category] = edca;
  if (!up_) return;
  stack_.driver().set_edca(vif_, id, access_category, edca.txop_32us, edca.cw_min, edca.cw_max,
                           edca.aifs);
}

std::array<Edca, 4> Interface::default_edca(bool qos) {
  // [802.11-2020 Table 9-155]; without QoS the rules of DCF.
  constexpr std::array<Edca, 4> kQos = {Edca{47, 3, 7, 2}, Edca{94, 7, 15, 2}, Edca{0, 15, 1023, 3},
                                        Edca{0, 15, 1023, 7}};
  constexpr Edca kDcf{0, 15, 1023, 2};
  return qos ? kQos : std::array<Edca, 4>{kDcf, kDcf, kDcf, kDcf};
}

void Interface::set_all_edca(const std::array<Edca, 4>& queues, bool qos, LinkId id) {
  for (uint8_t ac = 0; ac < 4; ++ac) set_edca(ac, queues[ac], id);
  link(id).qos = qos;
  link(id).admission_mandatory = 0;
}

void Interface::set_carrier(bool on) {
  carrier_ = on;
  if (auto* netdev = wdev_.netdev()) netdev->set_carrier(on);
}

}  // namespace airloom::mac80211
