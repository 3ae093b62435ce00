// A host with a FullMAC radio, beside the SoftMAC hosts of mac80211's tests and on their air.
#pragma once

#include <gtest/gtest.h>

#include "cfg80211/commands.h"
#include "cfg80211/host.h"
#include "fullmac/device.h"
#include "support/event_recorder.h"
#include "support/loop_driver.h"
#include "support/memory_netdev.h"
#include "unit/mac80211/mlme_hosts.h"

namespace airloom::fullmac {

using cfg80211::InterfaceType;

/// A FullMAC device on a driver of the loop air, with one interface.
struct FullmacNode {
  FullmacNode(EventQueue& queue, test::LoopAir& air, FramePool& pool, Rng& rng, uint8_t number)
      : radio(air),
        address{{2, 0, 0, 0, number, 0}},
        device({.scheduler = &queue, .rng = &rng, .pool = &pool}, radio, radio_capabilities(),
               {address}, {}),
        host("host", {.scheduler = &queue, .netdevs = &netdevs}, {}) {
    radio.set_hw(device.hw());
    EXPECT_TRUE(device.start());
    static const auto capabilities = make_capabilities(*radio_capabilities());
    wiphy =
        &host.add_wiphy({.capabilities = capabilities, .addresses = {address}}, device.driver());
  }
  static const cfg80211::SharedCapabilities& radio_capabilities() {
    static const cfg80211::SharedCapabilities shared = [] {
      auto capabilities = mac80211::small_radio();
      capabilities.features |= NL80211_FEATURE_MAC_ON_CREATE;
      return std::make_shared<const cfg80211::Capabilities>(capabilities);
    }();
    return shared;
  }
  void bring_up(InterfaceType type) {
    wdev = *wiphy->add_interface({.name = "wlan0", .type = type});
    EXPECT_TRUE(netdev().up().has_value());
  }
  test::MemoryNetdev& netdev() { return netdevs["wlan0"]; }

  test::LoopDriver radio;
  test::MemoryNetdevs netdevs;
  MacAddress address;
  Device device;
  cfg80211::Host host;
  cfg80211::Wiphy* wiphy = nullptr;
  cfg80211::Wdev* wdev = nullptr;
};

}  // namespace airloom::fullmac
