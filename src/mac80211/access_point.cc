#include "mac80211/access_point.h"

#include <algorithm>

#include "ieee80211/bss_elements.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/rates.h"
#include "ieee80211/tim_element.h"
#include "mac80211/ap_vlan.h"
#include "mac80211/cipher_suites.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rates.h"

namespace airloom::mac80211 {

using ieee80211::FrameControl;
using ieee80211::FrameView;

AccessPoint::AccessPoint(RadioStack& stack, Interface& interface)
    : stack_(stack),
      interface_(interface),
      switch_timer_(stack.scheduler(), [this] { on_switch_timer(); }),
      age_timer_(stack.scheduler(), [this] { drop_aged(); }) {}

Result<void> AccessPoint::start(const cfg80211::StartApRequest& request) {
  TRY(stack_.channels().bind(interface_, 0, request.channel));
  set_beacon_parts(request.beacon);
  dtim_period_ = std::max<uint8_t>(request.dtim_period, 1);
  dtim_count_ = 0;
  beacon_rate_ = request.beacon_rate;

  interface_.control_port = {.ethertype = request.crypto.control_port_ethertype,
                             .enabled = request.crypto.control_port,
                             .over_nl80211 = request.crypto.control_port_over_nl80211,
                             .no_encrypt = request.crypto.control_port_no_encrypt,
                             .no_preauth = request.crypto.control_port_no_preauth};
  LinkConfig& config = interface_.link().config;
  config.bssid = interface_.address();
  config.beacon_interval_tu = request.beacon_interval_tu;
  config.dtim_period = request.dtim_period;
  config.ssid = request.ssid;
  config.hidden_ssid = request.hidden_ssid != 0;
  config.enable_beacon = true;
  interface_.notify_link_changed(kChangedBeaconInterval | kChangedBeaconEnabled | kChangedBeacon |
                                 kChangedSsid | kChangedBssid | kChangedTxPower);
  set_carrier(true);
  return {};
}

void AccessPoint::set_carrier(bool on) {
  interface_.set_carrier(on);
  for (Interface* vlan : vlans_of(interface_)) vlan->set_carrier(on);
}

void AccessPoint::set_beacon_parts(const cfg80211::BeaconData& beacon) {
  if (beacon.head) head_ = *beacon.head;
  if (beacon.tail) tail_ = *beacon.tail;
}

void AccessPoint::set_beacon(const cfg80211::BeaconData& beacon) {
  set_beacon_parts(beacon);
  interface_.notify_link_changed(kChangedBeacon);
}

void AccessPoint::stop() {
  abandon_switch();
  set_carrier(false);
  stack_.stations().remove_all(interface_);
  stack_.tx().drop(interface_);
  interface_.link().keys.clear();
  LinkConfig& config = interface_.link().config;
  config.enable_beacon = false;
  config.ssid.clear();
  interface_.notify_link_changed(kChangedBeaconEnabled);
  stack_.channels().release(interface_);
}

namespace {

/// Those of the octets that are rates of the channel's band, ascending.
std::vector<uint16_t> known_rates(const Interface& interface, std::span<const uint8_t> octets) {
  std::vector<uint16_t> rates;
  const auto& channel = interface.links().at(0).config.channel;
  const auto* band = channel ? band_of(interface, channel->primary_mhz) : nullptr;
  if (band == nullptr) return rates;
  for (const auto& known : band->rates)
    if (std::ranges::any_of(octets, [&](uint8_t octet) {
          return ieee80211::from_500kbps(octet) == known.rate_100kbps;
        }))
      rates.push_back(known.rate_100kbps);
  std::ranges::sort(rates);
  return rates;
}

}  // namespace

Result<void> AccessPoint::change_bss(const cfg80211::BssParams& params) {
  InterfaceLink& link = interface_.link();
  std::vector<uint16_t> basic;
  if (params.basic_rates) {
    basic = known_rates(interface_, *params.basic_rates);
    if (basic.empty()) return fail(Errc::kInvalid);
  }
  uint32_t changes = 0;
  auto apply = [&](const std::optional<bool>& value, bool& field) {
    if (!value) return;
    field = *value;
    changes |= kChangedProtection;
  };
  apply(params.cts_protection, link.config.cts_protection);
  apply(params.short_preamble, link.config.short_preamble);
  if (knows_short_slots_only(interface_) && !link.config.short_slot)
    apply(true, link.config.short_slot);
  apply(params.short_slot_time, link.config.short_slot);
  if (params.ht_operation_mode) {
    link.config.ht_operation_mode = *params.ht_operation_mode;
    changes |= kChangedHtOperation;
  }
  if (params.basic_rates) {
    link.config.basic_rates_100kbps = std::move(basic);
    forget_mask_without_basic_rates(interface_);
    changes |= kChangedBasicRates;
  }
  if (params.ap_isolate) isolate = *params.ap_isolate;
  interface_.notify_link_changed(changes);
  return {};
}

void AccessPoint::advance_dtim() {
  dtim_count_ = dtim_count_ == 0 ? static_cast<uint8_t>(dtim_period_ - 1)
                                 : static_cast<uint8_t>(dtim_count_ - 1);
}

std::optional<TxFrame> AccessPoint::next_beacon() {
  if (head_.size() < 24) return std::nullopt;
  advance_dtim();
  count_down();
  scratch_.clear();
  Writer writer(scratch_);
  writer.bytes(head_);
  const bool group_waits = dtim_count_ == 0 && !held_group_queue.empty();
  ieee80211::emit_element(writer, ieee80211::TimElement::from_aids(dtim_count_, dtim_period_,
                                                                   group_waits, waiting_aids_));
  writer.bytes(tail_);
  KeyRing& keys = interface_.link().keys;
  if (Key* bigtk = keys.tx_key(keys.beacon); bigtk != nullptr && bigtk->is_bip())
    add_management_mic(*bigtk, scratch_);

  TxFrame frame;
  frame.mpdu = stack_.pool().from(scratch_);
  frame.channel = interface_.link().config.channel.value_or(stack_.channels().current());
  frame.no_ack = true;
  frame.rates = single_rate(
      beacon_rate_100kbps(interface_, beacon_rate_, frame.channel.primary_mhz), frame.no_ack);
  frame.vif = interface_.id();
  frame.access_category = 0;
  return frame;
}

}  // namespace airloom::mac80211
