// A FullMAC radio as a whole: the host's driver, its firmware, and the bus between them, on which
// what the firmware sends waits until the event that is handled now has ended.
#pragma once

#include "base/fifo.h"
#include "fullmac/capabilities.h"
#include "fullmac/driver.h"
#include "fullmac/firmware.h"

namespace airloom::fullmac {

class Device final : private Mailbox {
 public:
  /// All outlive the device. hw() is `radio`'s Hw; driver() is for Host::add_wiphy, with the
  /// capabilities below. The wiphy goes before the device.
  Device(const DevicePorts& ports, mac80211::Driver& radio,
         const cfg80211::SharedCapabilities& radio_capabilities,
         const std::vector<MacAddress>& addresses, const Log& log);

  mac80211::Hw& hw() { return firmware_.hw(); }
  cfg80211::Ops& driver() { return driver_; }
  /// @error as Driver::start()
  Result<void> start() { return driver_.start(); }
  /// The stack that its firmware runs.
  const mac80211::RadioStack& stack() const { return firmware_.stack(); }

 private:
  void post(FrameBuffer message) override;
  void deliver();

  Fifo<FrameBuffer> inbox_;
  Timer timer_;
  Firmware firmware_;
  Driver driver_;
};

}  // namespace airloom::fullmac
