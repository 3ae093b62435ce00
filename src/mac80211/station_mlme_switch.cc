// The AP announces that it moves: the station follows, or leaves if it cannot. Then its beacon on
// the new channel ends the switch. Also: the width of the channel that the AP's beacons show.
// [802.11-2020 11.8.8, 11.38.4]
#include "cfg80211/commands.h"
#include "cfg80211/driver_events.h"
#include "ieee80211/action.h"
#include "mac80211/bss_channel.h"
#include "mac80211/radio_stack.h"
#include "mac80211/scan.h"
#include "mac80211/station_mlme.h"

namespace airloom::mac80211 {

void StationMlme::on_announcement(std::span<const uint8_t> elements, bool in_beacon) {
  auto* state = std::get_if<Associated>(&state_);
  const auto& current = interface_.link().config.channel;
  if (state == nullptr || !current || state->following || stack_.scan_work().is_running()) return;
  const auto parsed = switch_announcement(wdev().wiphy(), current->primary_mhz, elements, modes_);
  if (!parsed) {
    interface_.log().warn("{}: {}", bssid_.to_string(), parsed.error().text);
    return give_up_switch(/*quiet=*/false);
  }
  if (!*parsed) return;
  const SwitchAnnouncement& announced = **parsed;
  const bool same_band =
      ieee80211::band_of(announced.channel.primary_mhz) == ieee80211::band_of(current->primary_mhz);
  if (!same_band || !cfg80211::is_usable(wdev().wiphy(), announced.channel)) {
    interface_.log().warn("{} moves to {}, where we cannot follow", bssid_.to_string(),
                          announced.channel.to_string());
    return give_up_switch(announced.quiet);
  }
  if (announced.channel == *current && (!announced.quiet || !in_beacon)) return;
  auto reserved = stack_.channels().reserve(interface_, 0, announced.channel,
                                            [this](bool moved) { on_moved(moved); });
  if (!reserved) return give_up_switch(announced.quiet);
  state->following = Following{.channel = announced.channel, .quiet = announced.quiet};
  interface_.transmit_blocked = announced.quiet;
  cfg80211::channel_switch_started(wdev(), announced.channel, announced.count, announced.quiet);
  const int beacons = announced.count <= 1 ? 0 : announced.count - 1;
  switch_timer_.arm(tu(beacons * interface_.link().config.beacon_interval_tu));
}

/// Leaves the AP, a moment later: whoever handles a frame of it now still needs it.
void StationMlme::give_up_switch(bool quiet) {
  auto* state = std::get_if<Associated>(&state_);
  if (state == nullptr) return;
  stack_.channels().unreserve(interface_);
  state->following = Following{.quiet = quiet, .failed = true};
  switch_timer_.arm(Duration{0});
}

void StationMlme::on_switch_timer() {
  auto* state = std::get_if<Associated>(&state_);
  if (state == nullptr || !state->following) return;
  if (state->following->failed) return on_connection_lost();
  stack_.channels().use_reserved(interface_);
}

void StationMlme::on_moved(bool moved) {
  auto* state = std::get_if<Associated>(&state_);
  if (state == nullptr || !state->following) return;
  if (!moved) return give_up_switch(state->following->quiet);
  state->following->arrived = true;
  arm_beacon_loss();
}

/// The first beacon on the new channel.
void StationMlme::finish_switch() {
  auto* state = std::get_if<Associated>(&state_);
  if (state == nullptr || !state->following || !state->following->arrived) return;
  const ChannelDefinition channel = state->following->channel;
  end_switch();
  cfg80211::channel_switched(wdev(), channel);
}

void StationMlme::end_switch() {
  switch_timer_.cancel();
  stack_.channels().unreserve(interface_);
  if (auto* state = std::get_if<Associated>(&state_)) state->following.reset();
  if (!std::exchange(interface_.transmit_blocked, false)) return;
  stack_.tx().wake_all();
}

void StationMlme::on_switch_action(const RxFrame& frame) {
  if (frame.view.bssid() != bssid_ || !is_associated()) return;
  Reader reader(frame.view.body());
  const auto header = ieee80211::ActionHeader::parse(reader);
  if (!header) return;
  const auto rest = reader.rest();
  using ieee80211::ActionCategory;
  const auto is = [&](ActionCategory category, auto code) {
    return header->is(category) && header->code == static_cast<uint8_t>(code);
  };
  if (is(ActionCategory::kSpectrumManagement, ieee80211::SpectrumAction::kChannelSwitch))
    return on_announcement(rest, /*in_beacon=*/false);
  if (!is(ActionCategory::kPublic, ieee80211::PublicAction::kExtendedChannelSwitch)) return;
  // The fixed fields are those of the element; further elements follow. [802.11-2020 9.6.7.7]
  constexpr size_t kFixed = 4;
  if (rest.size() < kFixed) return;
  Octets elements;
  Writer writer(elements);
  ieee80211::emit_element(writer, ieee80211::ElementId::kExtendedChannelSwitchAnnouncement,
                          rest.first(kFixed));
  writer.bytes(rest.subspan(kFixed));
  on_announcement(elements, /*in_beacon=*/false);
}

/// The AP's beacons show another width: follow it on the same primary channel.
void StationMlme::follow_width(std::span<const uint8_t> elements) {
  auto* state = std::get_if<Associated>(&state_);
  const auto& current = interface_.link().config.channel;
  const bool shows_ht =
      ieee80211::find_element(elements, ieee80211::ElementId::kHtOperation).has_value();
  if (state == nullptr || !current || state->following || !modes_.ht || !shows_ht) return;
  const BssChannel shown = bss_channel(wdev().wiphy(), current->primary_mhz, elements, modes_);
  if (shown.channel == *current) return;
  const bool loses_mode = shown.modes.ht != modes_.ht || shown.modes.vht != modes_.vht;
  if (!loses_mode && stack_.channels().bind(interface_, 0, shown.channel)) return;
  interface_.log().warn("cannot follow {} to {}", bssid_.to_string(), shown.channel.to_string());
  give_up_switch(/*quiet=*/false);
}

}  // namespace airloom::mac80211
