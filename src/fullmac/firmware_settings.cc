// What the host asks of the radio's settings and of frames.
#include "fullmac/firmware.h"

namespace airloom::fullmac {

Result<void> Firmware::on(uint16_t, const SetWiphyParams& set) {
  return cfg80211::set_wiphy_params(wiphy(), set.params);
}

Result<void> Firmware::on(uint16_t number, const SetTxPower& set) {
  const FirmwareInterface* interface = find(number);
  if (number != 0 && interface == nullptr) return fail(Errc::kNoDevice);
  return cfg80211::set_tx_power(wiphy(), interface ? interface->wdev : nullptr, set.setting,
                                set.mbm);
}

Result<int32_t> Firmware::on(FirmwareInterface& interface, const GetTxPower&) {
  return wiphy().ops().get_tx_power_dbm(wiphy(), *interface.wdev);
}

Result<ChannelDefinition> Firmware::on(FirmwareInterface& interface, const GetChannel&) {
  return wiphy().ops().get_channel(*interface.wdev, 0);
}

Result<void> Firmware::on(FirmwareInterface& interface, const SetPowerManagement& set) {
  return cfg80211::set_power_save(*interface.wdev, set.on);
}

Result<void> Firmware::on(FirmwareInterface& interface, const SetCqm& set) {
  return wiphy().ops().set_cqm(*interface.wdev, set.request);
}

Result<cfg80211::SurveyInfo> Firmware::on(FirmwareInterface& interface, const DumpSurvey& dump) {
  return wiphy().ops().dump_survey(*interface.wdev, dump.index);
}

Result<void> Firmware::on(FirmwareInterface& interface, const SetFrameInterest& set) {
  interface.interest = set.interest;
  // An access point takes all that concern it from its start on.
  if (interface.access_point) return {};
  const uint16_t wanted = set.interest.unicast_subtypes | set.interest.multicast_subtypes;
  for (unsigned subtype = 0; subtype < 16; ++subtype) {
    const auto bit = static_cast<uint16_t>(1u << subtype);
    if (!(wanted & bit) || (interface.registered & bit)) continue;
    if (cfg80211::register_frame(
            *interface.wdev,
            {.port = kFirmwarePort, .frame_type = static_cast<uint16_t>(subtype << 4)}))
      interface.registered |= bit;
  }
  return {};
}

Result<void> Firmware::on(FirmwareInterface& interface, const ManagementTx& send) {
  sched_scans_.yield();
  const uint64_t cookie = TRY(cfg80211::send_frame(*interface.wdev, send.request));
  remember(
      cookie,
      {.interface = interface.number, .host = send.cookie, .waits = send.request.wait_ms != 0});
  return {};
}

Result<void> Firmware::on(FirmwareInterface& interface, const CancelTxWait& cancel) {
  const auto cookie = cookie_of(interface.number, cancel.cookie);
  if (!cookie) return fail(Errc::kNotFound);
  return cfg80211::cancel_frame_wait(*interface.wdev, *cookie);
}

Result<void> Firmware::on(FirmwareInterface& interface, const RemainOnChannel& remain) {
  sched_scans_.yield();
  const uint64_t cookie =
      TRY(cfg80211::remain_on_channel(*interface.wdev, remain.channel, remain.duration_ms));
  remember(cookie, {.interface = interface.number, .host = remain.cookie});
  return {};
}

Result<void> Firmware::on(FirmwareInterface& interface, const CancelRemain& cancel) {
  const auto cookie = cookie_of(interface.number, cancel.cookie);
  if (!cookie) return fail(Errc::kNotFound);
  return cfg80211::cancel_remain_on_channel(*interface.wdev, *cookie);
}

Result<bool> Firmware::on(FirmwareInterface& interface, const ControlPortTx& send) {
  cfg80211::ControlPortTxRequest request = send.request;
  request.want_status = send.cookie != 0;
  const uint64_t cookie = TRY(cfg80211::send_control_port_frame(*interface.wdev, request));
  if (cookie != 0) remember(cookie, {.interface = interface.number, .host = send.cookie});
  return cookie != 0;
}

}  // namespace airloom::fullmac
