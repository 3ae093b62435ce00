// Action frames that change how we talk to a peer, read before userspace sees the rest: channel
// switches of our AP, operating mode, channel width and SM power save of either side.
// [802.11-2020 9.6.2.6, 9.6.7.7, 9.6.11, 9.6.22.4]
#include <linux/nl80211.h>

#include "ieee80211/action.h"
#include "ieee80211/ht_vht_elements.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rx_stages.h"
#include "mac80211/station_mlme.h"
#include "mac80211/station_rates.h"

namespace airloom::mac80211 {

using ieee80211::ActionCategory;
using ieee80211::ActionHeader;

namespace {

template <typename Code>
bool is(const ActionHeader& header, ActionCategory category, Code code) {
  return header.is(category) && header.code == static_cast<uint8_t>(code);
}

/// SM Power Save: bit 0 says it is on, bit 1 that it is dynamic. [802.11-2020 9.4.1.20]
std::optional<uint8_t> smps_mode(uint8_t control) {
  switch (control & 3) {
    case 0:
      return NL80211_SMPS_OFF;
    case 1:
      return NL80211_SMPS_STATIC;
    case 3:
      return NL80211_SMPS_DYNAMIC;
    default:
      return std::nullopt;
  }
}

void change_smps(Station& station, uint8_t control) {
  const auto mode = smps_mode(control);
  if (!mode || *mode == station.smps) return;
  station.smps = *mode;
  limit_width(station, station.width_limit_mhz, {.smps = mode});
}

void change_width(Station& station, uint8_t width) {
  if (!station.ht || !(station.ht->info & ieee80211::ht_capability::kWidth40)) return;
  constexpr uint8_t k20Only = 0;
  limit_width(station, width == k20Only ? 20 : receive_width_mhz(station), {});
}

/// Public Action frames are not robust: PMF lets them pass in clear. Where there is a protected way
/// to tell the same, none in clear makes us change the channel.
/// DEVIATES: the kernel follows.
bool must_not_move_us(const RxFrame& frame, const StationMlme& mlme) {
  if (frame.decrypted || frame.station == nullptr || !frame.station->mfp) return false;
  return !frame.view.is_group_addressed() || mlme.protects_beacons();
}

}  // namespace

Verdict follow_action(RadioStack&, RxFrame& frame) {
  if (!frame.view.fc().is_action()) return Verdict::kContinue;
  Reader reader(frame.view.body());
  const auto header = ActionHeader::parse(reader);
  if (!header) return Verdict::kContinue;
  StationMlme* mlme = frame.interface.station_mlme();
  const bool is_5ghz = ieee80211::band_of(frame.status.mhz) == ieee80211::Band::k5GHz;
  const bool announces =
      (is(*header, ActionCategory::kSpectrumManagement,
          ieee80211::SpectrumAction::kChannelSwitch) &&
       is_5ghz) ||
      is(*header, ActionCategory::kPublic, ieee80211::PublicAction::kExtendedChannelSwitch);
  if (announces && mlme != nullptr && frame.view.bssid() == mlme->bssid()) {
    if (must_not_move_us(frame, *mlme)) return drop_for(frame, Drop::kRxClearManagement);
    mlme->on_switch_action(frame);
    return Verdict::kTaken;
  }
  if (frame.station == nullptr || frame.view.is_group_addressed()) return Verdict::kContinue;
  const auto value = reader.u8();
  if (!value) return Verdict::kContinue;
  if (is(*header, ActionCategory::kHt, ieee80211::HtAction::kSmPowerSave))
    change_smps(*frame.station, *value);
  else if (is(*header, ActionCategory::kHt, ieee80211::HtAction::kNotifyChannelWidth))
    change_width(*frame.station, *value);
  else if (is(*header, ActionCategory::kVht, ieee80211::VhtAction::kOperatingModeNotification))
    apply_operating_mode(*frame.station, *value);
  else
    return Verdict::kContinue;
  return Verdict::kTaken;
}

}  // namespace airloom::mac80211
