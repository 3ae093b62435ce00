#include "fullmac/device.h"

namespace airloom::fullmac {

Device::Device(const DevicePorts& ports, mac80211::Driver& radio,
               const cfg80211::SharedCapabilities& radio_capabilities,
               const std::vector<MacAddress>& addresses, const Log& log)
    : timer_(*ports.scheduler, [this] { deliver(); }),
      firmware_(ports, radio, radio_capabilities, addresses, *this, log),
      driver_(firmware_, log) {}

void Device::post(FrameBuffer message) {
  inbox_.push_back(std::move(message));
  if (!timer_.is_armed()) timer_.arm({});
}

void Device::deliver() {
  while (!inbox_.empty()) driver_.on_message(inbox_.pop_front());
}

}  // namespace airloom::fullmac
