// mac80211's driver at one end, a monitor interface at the other, and a perfect road between.
#include "tunnel/device.h"

#include <gtest/gtest.h>

#include <set>

#include "base/event_queue.h"
#include "tunnel/wtp.h"
#include "unit/hwsim/fake_hw.h"

namespace airloom::tunnel {
namespace {

using namespace std::chrono_literals;
using hwsim::FakeHw;

const MacAddress kOurs{{2, 0, 0, 0, 0, 0}}, kPeer{{2, 0, 0, 0, 2, 0}};
const mac80211::Vif kVif{.id = 1, .type = mac80211::InterfaceType::kAp, .address = kOurs};
const auto kChannel = mac80211::ChannelDefinition::from_type(2412, ieee80211::ChannelType::kNoHt);

class TunnelDevice : public testing::Test, public AcWire, public WtpWire, public RadioPort {
 protected:
  TunnelDevice() { device.set_hw(hw); }

  void bring_up() {
    device.ac().start();
    ASSERT_TRUE(queue.run_until([&] { return device.ac().is_joined(); }, 5s));
    start();
  }
  void start() {
    ASSERT_TRUE(device.start());
    ASSERT_TRUE(device.add_vif(kVif));
    ASSERT_TRUE(device.tune(kChannel));
    device.set_idle(false);
    queue.run_for(100ms);
  }
  mac80211::TxFrame frame(ieee80211::Subtype subtype, mac80211::TxToken token) {
    Octets octets;
    Writer writer(octets);
    writer.le16(static_cast<uint8_t>(subtype)).le16(0).mac(kPeer).mac(kOurs).mac(kOurs);
    writer.le16(static_cast<uint16_t>(token << 4)).zeros(40);
    mac80211::TxFrame made{
        .mpdu = pool.from(octets), .channel = kChannel, .vif = 1, .token = token};
    made.rates[0] = {.rate = {.legacy_100kbps = 60}, .tries = 4};
    return made;
  }
  /// The monitor shows a frame that was injected, with what became of it.
  void give_back(const Octets& mpdu, bool failed, uint8_t retries) {
    ieee80211::RadiotapHeader header;
    header.tx_flags = failed ? ieee80211::radiotap_tx::kFailed : uint16_t{0};
    header.data_retries = retries;
    Octets octets;
    Writer writer(octets);
    header.emit(writer);
    writer.bytes(mpdu);
    wtp.on_radio(octets);
  }

  EventQueue queue;
  SeededRng rng{1};
  FramePool pool;
  FakeHw hw{queue};
  Wtp wtp{{.scheduler = &queue, .pool = &pool, .wire = this, .radio = this, .log = {}}};
  Device device{{.scheduler = &queue, .rng = &rng, .pool = &pool, .wire = this, .log = {}}, 0};
  std::vector<Octets> injected;
  std::vector<MacAddress> addresses;
  std::optional<mac80211::ChannelDefinition> channel;
  bool road_is_open = true;

 private:
  void open() override {
    queue.post([this] { device.ac().on_open(); });
  }
  void send(Channel channel, std::span<const uint8_t> datagram) override {
    if (!road_is_open) return;
    queue.post([this, channel, octets = Octets(datagram.begin(), datagram.end())] {
      wtp.on_datagram(channel, {.id = 2 + static_cast<uint64_t>(channel), .host = 1}, octets);
    });
  }
  void send(Channel channel, uint64_t, std::span<const uint8_t> datagram) override {
    if (!road_is_open) return;
    queue.post([this, channel, octets = Octets(datagram.begin(), datagram.end())] {
      device.ac().on_datagram(channel, octets);
    });
  }
  size_t datagram_max() const override { return kDatagramMaxDefault; }

  RadioDescription describe() const override { return {kOurs}; }
  bool inject(std::span<const uint8_t> octets) override {
    Reader reader(octets);
    EXPECT_TRUE(ieee80211::RadiotapHeader::parse(reader));
    injected.emplace_back(reader.rest().begin(), reader.rest().end());
    return true;
  }
  Result<void> set_channel(const mac80211::ChannelDefinition& wanted) override {
    channel = wanted;
    return {};
  }
  void set_addresses(std::span<const MacAddress> wanted) override {
    addresses.assign(wanted.begin(), wanted.end());
  }
};

TEST_F(TunnelDevice, SetsTheRadioAsTheStackSetsIt) {
  bring_up();
  EXPECT_EQ(channel, kChannel);
  EXPECT_EQ(addresses, std::vector<MacAddress>{kOurs});
  EXPECT_EQ(device.radio().address, kOurs);
}

TEST_F(TunnelDevice, TellsWhatBecameOfAFrame) {
  bring_up();
  for (const bool failed : {false, true}) {
    device.transmit(frame(ieee80211::Subtype::kAuthentication, failed ? 12 : 11));
    queue.run_for(1ms);
    ASSERT_FALSE(injected.empty());
    give_back(injected.back(), failed, 2);
    queue.run_for(100ms);
  }
  ASSERT_EQ(hw.statuses.size(), 2u);
  EXPECT_EQ(hw.statuses[0].token, 11u);
  EXPECT_TRUE(hw.statuses[0].acked);
  EXPECT_EQ(hw.statuses[0].tried[0].tries, 3);
  EXPECT_FALSE(hw.statuses[1].acked);
}

TEST_F(TunnelDevice, DoesNotHaveTooManyFramesOnTheirWay) {
  bring_up();
  auto& waiting = hw.queues[{1, 1, 0}];
  for (mac80211::TxToken token = 1; token <= 1000; ++token)
    waiting.push_back(frame(ieee80211::Subtype::kData, token));
  device.wake_queue(kVif, 1, 0);
  EXPECT_EQ(waiting.size(), 1000 - Device::kInFlightMax);
  queue.run_for(1s);  // nobody tells, so each counts as received after a while
  EXPECT_TRUE(waiting.empty());
  EXPECT_EQ(injected.size(), 1000u);
  std::set<mac80211::TxToken> told;
  for (const auto& status : hw.statuses) told.insert(status.token);
  EXPECT_EQ(told.size(), 1000u);
}

TEST_F(TunnelDevice, GivesUpFramesThatTheRoadLost) {
  bring_up();
  road_is_open = false;
  device.transmit(frame(ieee80211::Subtype::kAuthentication, 5));
  queue.run_for(2 * Device::kReportTime);
  ASSERT_EQ(hw.statuses.size(), 1u);
  EXPECT_FALSE(hw.statuses[0].acked);
  EXPECT_EQ(device.ac().counters().of(Count::kTxUnreported), 1u);
}

TEST_F(TunnelDevice, FailsFramesAtOnceWithoutAPeer) {
  start();
  device.transmit(frame(ieee80211::Subtype::kAuthentication, 5));
  EXPECT_TRUE(hw.statuses.empty());  // never from within
  queue.run_for(1ms);
  ASSERT_EQ(hw.statuses.size(), 1u);
  EXPECT_FALSE(hw.statuses[0].acked);
}

TEST_F(TunnelDevice, SendsBeaconsWhenTheRadiosClockSaysSo) {
  bring_up();
  hw.make_beacon = [&] { return frame(ieee80211::Subtype::kBeacon, 0); };
  device.link_changed(kVif, 0, {.bssid = kOurs, .enable_beacon = true, .beacon_interval_tu = 100},
                      0);
  queue.run_for(1s);
  ASSERT_GE(injected.size(), 9u);
  const Octets& beacon = injected.back();
  uint64_t timestamp = 0;
  for (size_t i = 8; i-- > 0;) timestamp = timestamp << 8 | beacon[24 + i];
  EXPECT_EQ(timestamp % (100 * 1024), 0u);
}

TEST_F(TunnelDevice, HandsUpWhatTheRadioHears) {
  bring_up();
  ieee80211::RadiotapHeader header{.tsft_us = 5'000'000, .signal_dbm = -61};
  header.rate_500kbps = 12;
  header.channel = ieee80211::RadiotapChannel{2412, 0};
  Octets octets;
  Writer writer(octets);
  header.emit(writer);
  writer.le16(0x00b0).le16(0).mac(kOurs).mac(kPeer).mac(kOurs).le16(0).zeros(6);
  wtp.on_radio(octets);
  queue.run_for(1ms);
  ASSERT_EQ(hw.received.size(), 1u);
  const auto& status = hw.received[0].second;
  EXPECT_EQ(status.mhz, 2412u);
  EXPECT_EQ(status.signal_dbm, -61);
  EXPECT_EQ(status.rate.legacy_100kbps, 60);
  EXPECT_EQ(status.mactime_us, 5'000'000u);
}

}  // namespace
}  // namespace airloom::tunnel
