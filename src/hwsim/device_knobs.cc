// The knobs of a simulated radio that Linux has in debugfs: pretended power save, and how strongly
// it is heard. [mac80211_hwsim.c hwsim_fops_ps, hwsim_fops_group, hwsim_fops_rx_rssi]
#include "hwsim/device.h"
#include "hwsim/rate_map.h"
#include "ieee80211/mac_header.h"

namespace airloom::hwsim {

namespace {

using ieee80211::FrameControl;
using ieee80211::Subtype;

constexpr uint16_t kAidBits = 0xc000;  // of a PS-Poll's AID field [802.11-2020 9.3.1.5]

}  // namespace

void Device::mark_power_save(FrameBuffer& mpdu) {
  if (power_save_ == PowerSave::kOff || mpdu.size() < 2) return;
  if (!mpdu.is_unique()) mpdu = mpdu.copy();
  mpdu.writable()[1] |= static_cast<uint8_t>(FrameControl::kPowerManagement >> 8);
}

void Device::send_now(const Octets& octets) {
  if (channels_.empty()) return;
  mac80211::TxFrame frame{.mpdu = pool_.from(octets), .channel = channels_.front()};
  frame.rates[0] = {.rate = {}, .tries = 1};
  transmit(std::move(frame));
}

Result<void> Device::pretend_power_save(PowerSave mode) {
  if (mode == PowerSave::kManualPoll) {
    if (power_save_ != PowerSave::kOn) return fail(Errc::kInvalid);
    for (const auto& [id, vif] : vifs_) {
      if (!vif.associated) continue;
      Octets octets;
      Writer writer(octets);
      writer.u8(static_cast<uint8_t>(Subtype::kPsPoll)).u8(0);
      writer.le16(static_cast<uint16_t>(kAidBits | vif.aid));
      writer.bytes(vif.bssid.octets).bytes(vif.address.octets);
      send_now(octets);
    }
    return {};
  }
  const bool was_on = power_save_ != PowerSave::kOff;
  power_save_ = mode;
  radio_.set_deaf(mode == PowerSave::kOn);
  const bool is_on = mode != PowerSave::kOff;
  if (was_on == is_on) return {};
  // The access point is told by a frame that says nothing else; mark_power_save() sets its bit.
  for (const auto& [id, vif] : vifs_) {
    if (!vif.associated) continue;
    Octets octets;
    Writer writer(octets);
    ieee80211::MacHeader{.fc = FrameControl(Subtype::kNull, FrameControl::kToDs),
                         .address1 = vif.bssid,
                         .address2 = vif.address,
                         .address3 = vif.bssid}
        .emit(writer);
    send_now(octets);
  }
  return {};
}

}  // namespace airloom::hwsim
