// A FullMAC radio as a whole: the host's driver, its firmware, and the bus between them, on which
// what the firmware sends waits until the event that is handled now has ended.
#pragma once

#include <memory>
#include <vector>

#include "base/fifo.h"
#include "base/log.h"
#include "base/rng.h"
#include "base/scheduler.h"
#include "cfg80211/ops.h"
#include "cfg80211/regulatory.h"
#include "fullmac/capabilities.h"
#include "fullmac/link.h"
#include "mac80211/driver.h"

namespace airloom::fullmac {

class Driver;
class Firmware;

/// What a device is built on. All outlive it.
struct DevicePorts {
  Scheduler* scheduler = nullptr;
  Rng* rng = nullptr;
  FramePool* pool = nullptr;
  const cfg80211::RegulatoryDatabase* regulatory = nullptr;
};

class Device final : private Mailbox {
 public:
  /// All outlive the device. hw() is `radio`'s Hw; driver() is for Host::add_wiphy, with
  /// make_capabilities(). The wiphy goes before the device.
  /// @param radio_capabilities  what the radio can do under a SoftMAC stack
  Device(const DevicePorts& ports, mac80211::Driver& radio,
         const cfg80211::SharedCapabilities& radio_capabilities,
         const std::vector<MacAddress>& addresses, const Log& log);
  ~Device() override;

  mac80211::Hw& hw();
  cfg80211::Ops& driver();
  /// Greets the firmware; before the wiphy is made. @error as Driver::start()
  Result<void> start();

 private:
  void post(FrameBuffer message) override;
  void deliver();

  Fifo<FrameBuffer> inbox_;
  Timer timer_;
  std::unique_ptr<Firmware> firmware_;
  std::unique_ptr<Driver> driver_;
};

}  // namespace airloom::fullmac
