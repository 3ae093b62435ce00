// A program as the medium: two simulated radios, and a client that plays the air between them.
#include <gmock/gmock.h>

#include <cerrno>

#include "base/event_queue.h"
#include "fixture.h"
#include "hwsim/device.h"
#include "ieee80211/mac_header.h"
#include "unit/hwsim/fake_hw.h"

namespace airloom::hwsimnl {
namespace {

using ieee80211::Subtype;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

const MacAddress kFirst{{0x02, 0, 0, 0, 0, 0}}, kSecond{{0x02, 0, 0, 0, 1, 0}};
const MacAddress kFirstName{{0x42, 0, 0, 0, 0, 0}}, kSecondName{{0x42, 0, 0, 0, 1, 0}};
constexpr uint32_t kSignal = static_cast<uint32_t>(-50);
constexpr uint32_t kMhz = 2412;

class Witness final : public medium::Observer {
 public:
  void on_end(const medium::Transmission& transmission, std::span<const Decoder>) override {
    frames.push_back(transmission.frame);
  }
  std::vector<FrameBuffer> frames;
};

class MediumTest : public HwsimnlTest {
 protected:
  struct Node {
    Node(MediumTest& test, const MacAddress& address, const MacAddress& its_name)
        : hw(test.scheduler), device(test.scheduler, test.pool, test.air, 0), name(its_name) {
      device.set_hw(hw);
      device.set_outside(test.medium, name);
      test.medium.attach(name, device);
      EXPECT_TRUE(device.start());
      device.set_idle(false);
      EXPECT_TRUE(device.tune(
          ieee80211::ChannelDefinition::from_type(kMhz, ieee80211::ChannelType::kHt20)));
      EXPECT_TRUE(device.add_vif({.id = 1, .address = address}));
    }
    hwsim::FakeHw hw;
    hwsim::Device device;
    MacAddress name;
  };

  MediumTest() { air.add_observer(witness); }

  FrameBuffer mpdu(const MacAddress& to, const MacAddress& from, size_t body = 12) {
    Octets octets;
    Writer writer(octets);
    ieee80211::MacHeader{.fc = Subtype::kData, .address1 = to, .address2 = from, .address3 = from}
        .emit(writer);
    writer.zeros(body);
    return pool.from(octets);
  }
  void send(Node& node, FrameBuffer frame, mac80211::TxToken token = 0) {
    mac80211::TxFrame out{
        .mpdu = std::move(frame),
        .channel = ieee80211::ChannelDefinition::from_type(kMhz, ieee80211::ChannelType::kHt20),
        .vif = 1,
        .token = token};
    out.rates[0] = {.rate = {.kind = cfg80211::RateInfo::Kind::kHt, .mcs = 7}, .tries = 2};
    out.rates[1] = {.rate = {.legacy_100kbps = 110}, .tries = 4};
    node.device.transmit(std::move(out));
    scheduler.run_for(std::chrono::milliseconds(1));
  }
  /// What the medium was told since last asked.
  std::vector<netlink::Message> told() {
    kept = std::exchange(client.datagrams, {});
    std::vector<netlink::Message> all;
    for (const Octets& datagram : kept) {
      netlink::MessageReader reader(datagram);
      while (auto message = reader.next()) all.push_back(*message);
    }
    return all;
  }
  netlink::MessageWriter frame_to(const MacAddress& radio, const FrameBuffer& frame) {
    auto message = request(HWSIM_CMD_FRAME);
    message.mac(HWSIM_ATTR_ADDR_RECEIVER, radio).bytes(HWSIM_ATTR_FRAME, frame.octets());
    message.u32(HWSIM_ATTR_RX_RATE, 4).u32(HWSIM_ATTR_SIGNAL, kSignal);
    message.u32(HWSIM_ATTR_FREQ, kMhz);
    return message;
  }
  netlink::MessageWriter info_on(const MacAddress& radio, uint64_t cookie, uint32_t flags) {
    auto message = request(HWSIM_CMD_TX_INFO_FRAME);
    message.mac(HWSIM_ATTR_ADDR_TRANSMITTER, radio).u32(HWSIM_ATTR_FLAGS, flags);
    message.u64_unaligned(HWSIM_ATTR_COOKIE, cookie).u32(HWSIM_ATTR_SIGNAL, kSignal);
    message.bytes(HWSIM_ATTR_TX_INFO, Octets{7, 1, 0xff, 0, 0xff, 0, 0xff, 0});
    return message;
  }
  void enlist() { ASSERT_EQ(ask(request(HWSIM_CMD_REGISTER)), 0); }

  EventQueue scheduler;
  FramePool pool;
  medium::IdealPropagation ideal;
  medium::Medium air{scheduler, ideal};
  Witness witness;
  Node first{*this, kFirst, kFirstName};
  Node second{*this, kSecond, kSecondName};
  std::vector<Octets> kept;
};

TEST_F(MediumTest, OneProgramIsTheMedium) {
  FakeClient third;
  const auto third_id = bus.open(third, 0, {.net_admin = true, .pid = 300});
  EXPECT_EQ(ask(other, other_id, request(HWSIM_CMD_REGISTER)), -EPERM);
  enlist();
  EXPECT_EQ(ask(third, third_id, request(HWSIM_CMD_REGISTER)), -EBUSY);
  EXPECT_EQ(ask(request(HWSIM_CMD_REGISTER)), -EBUSY);
}

TEST_F(MediumTest, GetsEachFrameAsLinuxSendsIt) {
  enlist();
  client.datagrams.clear();
  send(first, mpdu(kSecond, kFirst), 9);
  const auto messages = told();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].genl()->command, HWSIM_CMD_FRAME);
  std::vector<uint16_t> types;
  for (const auto& attribute : messages[0].genl_attributes())
    if (attribute.type != HWSIM_ATTR_PAD) types.push_back(attribute.type);
  EXPECT_THAT(types, ElementsAre(HWSIM_ATTR_ADDR_TRANSMITTER, HWSIM_ATTR_FRAME, HWSIM_ATTR_FLAGS,
                                 HWSIM_ATTR_FREQ, HWSIM_ATTR_TX_INFO, HWSIM_ATTR_TX_INFO_FLAGS,
                                 HWSIM_ATTR_COOKIE));
  const netlink::AttributeTable attributes(messages[0].genl_attributes());
  EXPECT_EQ(attributes.mac(HWSIM_ATTR_ADDR_TRANSMITTER), kFirstName);
  EXPECT_THAT(*attributes.bytes(HWSIM_ATTR_FRAME),
              ElementsAreArray(mpdu(kSecond, kFirst).octets()));
  EXPECT_EQ(attributes.u32(HWSIM_ATTR_FLAGS), HWSIM_TX_CTL_REQ_TX_STATUS);
  EXPECT_EQ(attributes.u32(HWSIM_ATTR_FREQ), kMhz);
  EXPECT_THAT(*attributes.bytes(HWSIM_ATTR_TX_INFO), ElementsAre(7, 2, 3, 4, 0xff, 0, 0xff, 0));
  EXPECT_THAT(*attributes.bytes(HWSIM_ATTR_TX_INFO_FLAGS),
              ElementsAre(7, 8, 0, 3, 0, 0, 0xff, 0, 0, 0xff, 0, 0));
  EXPECT_EQ(attributes.u64(HWSIM_ATTR_COOKIE), 1u);
  EXPECT_TRUE(second.hw.received.empty());  // nobody hears it but by the program's word
  EXPECT_TRUE(first.hw.statuses.empty());
  ASSERT_EQ(witness.frames.size(), 1u);  // a capture sees it all the same
}

TEST_F(MediumTest, SaysWhetherSomebodyWaitsForTheStatus) {
  enlist();
  client.datagrams.clear();
  for (const mac80211::TxToken token : {uint64_t{0}, mac80211::kStatisticsToken, uint64_t{2}})
    send(first, mpdu(kSecond, kFirst), token);
  std::vector<uint32_t> flags;
  for (const auto& message : told())
    flags.push_back(*netlink::AttributeTable(message.genl_attributes()).u32(HWSIM_ATTR_FLAGS));
  EXPECT_THAT(flags, ElementsAre(0, 0, HWSIM_TX_CTL_REQ_TX_STATUS));
}

TEST_F(MediumTest, WhatItSaysIsHeardAndAcknowledged) {
  enlist();
  send(first, mpdu(kSecond, kFirst), 9);
  EXPECT_EQ(ask(frame_to(kSecondName, mpdu(kSecond, kFirst))), 0);
  ASSERT_EQ(second.hw.received.size(), 1u);
  EXPECT_EQ(second.hw.received[0].second.signal_dbm, -50);
  EXPECT_EQ(second.hw.received[0].second.rate.legacy_100kbps, 60);
  EXPECT_EQ(ask(info_on(kFirstName, 1, HWSIM_TX_STAT_ACK)), 0);
  ASSERT_EQ(first.hw.statuses.size(), 1u);
  const auto& status = first.hw.statuses[0];
  EXPECT_EQ(status.token, 9u);
  EXPECT_TRUE(status.acked);
  EXPECT_EQ(status.ack_signal_dbm, -50);
  EXPECT_EQ(status.tried[0].tries, 1);
  EXPECT_EQ(status.tried[1].tries, 0);
  ASSERT_EQ(witness.frames.size(), 2u);  // the frame, and an ACK to its sender
  EXPECT_EQ(MacAddress::from(witness.frames[1].octets().subspan(4)), kFirst);
  EXPECT_EQ(ask(info_on(kFirstName, 1, HWSIM_TX_STAT_ACK)), -EINVAL);  // only once
}

TEST_F(MediumTest, WhatItDropsIsLost) {
  enlist();
  send(first, mpdu(kSecond, kFirst), 9);
  EXPECT_EQ(ask(info_on(kFirstName, 1, 0)), 0);
  ASSERT_EQ(first.hw.statuses.size(), 1u);
  EXPECT_FALSE(first.hw.statuses[0].acked);
}

TEST_F(MediumTest, RefusesWhatMakesNoSense) {
  const FrameBuffer frame = mpdu(kSecond, kFirst);
  EXPECT_EQ(ask(frame_to(kSecondName, frame)), -EINVAL);  // not the medium
  enlist();
  EXPECT_EQ(ask(request(HWSIM_CMD_FRAME)), -EINVAL);
  EXPECT_EQ(ask(request(HWSIM_CMD_TX_INFO_FRAME)), -EINVAL);
  EXPECT_EQ(ask(frame_to(kSecond, frame)), -EINVAL);  // no radio has that name
  EXPECT_EQ(ask(other, other_id, frame_to(kSecondName, frame)), -EINVAL);
  EXPECT_EQ(ask(frame_to(kSecondName, mpdu(kSecond, kFirst, 2400))), -ERANGE);
  auto elsewhere = frame_to(kSecondName, frame);
  elsewhere.u32(HWSIM_ATTR_FREQ, 2437);
  EXPECT_EQ(ask(std::move(elsewhere)), -EINVAL);
  auto too_fast = frame_to(kSecondName, frame);
  too_fast.u32(HWSIM_ATTR_RX_RATE, 12);
  EXPECT_EQ(ask(std::move(too_fast)), -EINVAL);
  auto too_short = frame_to(kSecondName, frame);
  too_short.bytes(HWSIM_ATTR_FRAME, Octets(23));
  EXPECT_EQ(ask(std::move(too_short)), -EINVAL);
  second.device.set_idle(true);
  EXPECT_EQ(ask(frame_to(kSecondName, frame)), -EINVAL);
  EXPECT_TRUE(second.hw.received.empty());
}

TEST_F(MediumTest, IsToldOfAddresses) {
  enlist();
  client.datagrams.clear();
  const MacAddress added{{0x02, 0, 0, 0, 0, 9}};
  ASSERT_TRUE(first.device.add_vif({.id = 2, .address = added}));
  first.device.remove_vif({.id = 2, .address = added});
  ASSERT_TRUE(first.device.add_vif({.id = 3, .type = mac80211::InterfaceType::kMonitor}));
  const auto messages = told();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].genl()->command, HWSIM_CMD_ADD_MAC_ADDR);
  EXPECT_EQ(messages[1].genl()->command, HWSIM_CMD_DEL_MAC_ADDR);
  for (const auto& message : messages) {
    const netlink::AttributeTable attributes(message.genl_attributes());
    EXPECT_EQ(attributes.mac(HWSIM_ATTR_ADDR_TRANSMITTER), kFirstName);
    EXPECT_EQ(attributes.mac(HWSIM_ATTR_ADDR_RECEIVER), added);
  }
}

TEST_F(MediumTest, AMediumThatAnswersNothingLosesTheOldestFrames) {
  enlist();
  for (mac80211::TxToken token = 1; token <= 201; ++token)
    send(first, mpdu(kSecond, kFirst), token);
  ASSERT_EQ(first.hw.statuses.size(), 101u);
  EXPECT_EQ(first.hw.statuses[0].token, 1u);
  EXPECT_FALSE(first.hw.statuses[0].acked);
}

TEST_F(MediumTest, ItsEndGivesTheAirBack) {
  enlist();
  send(first, mpdu(kSecond, kFirst), 9);
  bus.close(client_id);
  ASSERT_EQ(first.hw.statuses.size(), 1u);
  EXPECT_FALSE(first.hw.statuses[0].acked);
  send(first, mpdu(kSecond, kFirst), 10);
  EXPECT_EQ(second.hw.received.size(), 1u);
  ASSERT_EQ(first.hw.statuses.size(), 2u);
  EXPECT_TRUE(first.hw.statuses[1].acked);
}

}  // namespace
}  // namespace airloom::hwsimnl
