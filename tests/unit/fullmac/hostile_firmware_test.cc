// The host's side of the boundary against firmware that lies: whatever it answers and sends, the
// host answers its programs and goes on. The same harness as fuzz_fullmac, with seeded octets.
#include "support/hostile_firmware.h"

#include <gmock/gmock.h>

#include "base/rng.h"

namespace airloom::fullmac {
namespace {

Octets random_octets(Rng& rng, size_t size_max) {
  Octets octets(rng.below(size_max + 1));
  rng.fill(octets);
  return octets;
}

TEST(HostileFirmware, AnyOctetsAreSurvived) {
  SeededRng rng(7);
  for (int round = 0; round < 300; ++round) {
    HostileFirmware world(random_octets(rng, 400));
    for (int i = 0; i < 20; ++i) world.hear(random_octets(rng, 200));
    world.use_everything();
  }
}

TEST(HostileFirmware, AnyPayloadOfEachEventIsSurvived) {
  SeededRng rng(8);
  for (int round = 0; round < 40; ++round) {
    HostileFirmware world({});
    for (uint16_t code = 0; code <= static_cast<uint16_t>(Event::kCount); ++code) {
      // Zeros parse the furthest: truth values, counts and enumerators are all fine.
      for (const bool zeros : {false, true}) {
        Octets payload = random_octets(rng, 120);
        if (zeros) std::fill(payload.begin(), payload.end(), uint8_t{0});
        world.hear_event(code, payload);
      }
    }
    world.use_everything();
  }
}

TEST(HostileFirmware, WhatCannotBeIsPassedOver) {
  HostileFirmware world({});
  world.events.take();
  const MacAddress somebody{{2, 0, 0, 0, 9, 9}};
  const auto hear = [&](const auto& event) {
    Octets payload;
    encode(payload, event);
    world.hear_event(static_cast<uint16_t>(event.kCode), payload);
  };
  hear(ConnectDone{.result = {.bssid = somebody}});  // nobody asked to connect
  hear(Roamed{.result = {.bssid = somebody}});
  hear(Disconnected{.reason = 3});
  hear(ScanDone{});
  hear(SchedScanResults{});
  hear(StationAdded{.mac = somebody});  // it is no access point
  hear(ChannelSwitched{.channel = {.primary_mhz = 1}});
  hear(PortAuthorized{.mac = somebody});
  EXPECT_THAT(world.events.take(), testing::IsEmpty());
  EXPECT_FALSE(world.wdev->is_connected());
}

TEST(HostileFirmware, ARefusalKeepsItsErrorAndNonsenseIsAnInputOutputError) {
  const auto error_with = [](const Octets& script) {
    HostileFirmware world(script);
    return cfg80211::get_station(*world.wdev, {{2, 0, 0, 0, 9, 9}}).error().code;
  };
  const auto refusal = static_cast<uint8_t>(1 + static_cast<uint8_t>(Errc::kNotFound));
  EXPECT_EQ(error_with({HostileFirmware::kEcho, refusal}), Errc::kNotFound);
  EXPECT_EQ(error_with({HostileFirmware::kEcho, 0xff}), Errc::kIo);  // no such status
  EXPECT_EQ(error_with({HostileFirmware::kEcho, 0, 1}), Errc::kIo);  // a truncated reply
  EXPECT_EQ(error_with({HostileFirmware::kDead}), Errc::kIo);
}

}  // namespace
}  // namespace airloom::fullmac
