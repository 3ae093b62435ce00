#include "fullmac/device.h"

#include "fullmac/driver.h"
#include "fullmac/firmware.h"

namespace airloom::fullmac {

Device::Device(const DevicePorts& ports, mac80211::Driver& radio,
               const cfg80211::SharedCapabilities& radio_capabilities,
               const std::vector<MacAddress>& addresses, const Log& log)
    : timer_(*ports.scheduler, [this] { deliver(); }) {
  Mailbox& mailbox = *this;
  firmware_ = std::make_unique<Firmware>(ports, radio, radio_capabilities, addresses, mailbox, log);
  driver_ = std::make_unique<Driver>(*firmware_, log);
}

Device::~Device() = default;

mac80211::Hw& Device::hw() {
  return firmware_->hw();
}

cfg80211::Ops& Device::driver() {
  return *driver_;
}

Result<void> Device::start() {
  return driver_->start();
}

void Device::post(FrameBuffer message) {
  inbox_.push_back(std::move(message));
  if (!timer_.is_armed()) timer_.arm({});
}

void Device::deliver() {
  while (!inbox_.empty()) driver_->on_message(inbox_.pop_front());
}

}  // namespace airloom::fullmac
