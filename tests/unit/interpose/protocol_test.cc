#include "interpose/protocol.h"

#include <gtest/gtest.h>

namespace airloom::interpose {
namespace {

constexpr Stamp kStamp{123456789, 7};

template <typename T>
void survives(const T& message) {
  const Octets octets = emit_message(message, kStamp);
  const auto envelope = parse_message(octets);
  ASSERT_TRUE(envelope) << envelope.error().text;
  EXPECT_EQ(envelope->stamp, kStamp);
  ASSERT_TRUE(std::holds_alternative<T>(envelope->message));
  EXPECT_EQ(std::get<T>(envelope->message), message);
}

Attached an_attached() {
  Attached attached;
  attached.time_mode = TimeMode::kVirtual;
  attached.realtime_epoch_ns = 1;
  attached.monotonic_epoch_ns = 2;
  attached.seed = 3;
  attached.participant = 4;
  attached.families = {{0x3ff, "nl80211", {{0x101, "config"}, {0x102, "mlme"}}}, {0x3fe, "x", {}}};
  attached.descriptors = {Namespace::kUser, Namespace::kNetwork, Namespace::kMount};
  attached.preload = "/run/preload.so";
  attached.emulated = "no TAPs here";
  attached.sysfs = "/run/hosts/ap";
  return attached;
}

TEST(Protocol, EveryMessageSurvivesTheWire) {
  survives(Attach{"ap", "hostapd", 17});
  survives(Open{4, 17, true, SocketKind::kPacket, 3, 0x123456789a});
  survives(Channel{4, 17});
  survives(Describe{});
  survives(Answer{19, 5, {1, 2, 3}});
  survives(Bind{0x1234, 17});
  survives(Membership{0x102, false});
  survives(SetOption{kLastOption, 8192});
  survives(Consumed{100000});
  survives(an_attached());
  survives(Refused{2, "no host of that name"});
  survives(Outcome{98, 5});
  survives(Overrun{});
  survives(Close{});
}

TEST(Protocol, DatagramsAreCarriedAsTheyAre) {
  const Octets datagram{1, 2, 3, 4, 5};
  const Octets request = emit_message(Request{true, datagram}, kStamp);
  const auto parsed = parse_message(request);
  ASSERT_TRUE(parsed);
  const auto& body = std::get<Request>(parsed->message);
  EXPECT_TRUE(body.privileged);
  EXPECT_EQ(Octets(body.datagram.begin(), body.datagram.end()), datagram);
  const Octets deliver = emit_message(Deliver{9, datagram}, kStamp);
  EXPECT_EQ(std::get<Deliver>(parse_message(deliver)->message).group, 9u);
  const Octets address(kFrameAddressSize, 7);
  const Octets frame = emit_message(Frame{address, datagram}, kStamp);
  EXPECT_EQ(std::get<Frame>(parse_message(frame)->message).octets.size(), datagram.size());
  const Octets ioctl = emit_message(Ioctl{0x8913, true, datagram}, kStamp);
  EXPECT_EQ(std::get<Ioctl>(parse_message(ioctl)->message).argument.size(), datagram.size());
}

TEST(Protocol, AnotherVersionIsTold) {
  Octets octets = emit_message(Overrun{}, kStamp);
  octets[2] = 9;
  EXPECT_EQ(parse_message(octets).error().code, Errc::kUnsupported);
}

// Cut and altered messages are refused or parse; none crash.
TEST(Protocol, HostileOctets) {
  const Octets whole = emit_message(an_attached(), kStamp);
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_message(std::span(whole).first(size))) << size;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (uint8_t value : {0x00, 0x01, 0x7f, 0xff}) {
      Octets altered = whole;
      altered[at] = value;
      (void)parse_message(altered);
    }
  }
  Octets longer = emit_message(Outcome{}, kStamp);
  longer.push_back(0);
  EXPECT_EQ(parse_message(longer).error().code, Errc::kMalformed);
  for (uint16_t type : {0, 12, 15, 22, 31, 32, 35, 64, 65535}) {
    Octets unknown;
    Writer writer(unknown);
    emit_header(writer, {static_cast<MessageType>(type), kStamp});
    EXPECT_EQ(parse_message(unknown).error().code, Errc::kUnsupported);
  }
}

TEST(Protocol, SeveralMessagesTravelTogether) {
  const Octets datagram{1, 2, 3};
  Together together;
  EXPECT_TRUE(together.empty());
  together.add(emit_message(Deliver{7, datagram}, {100, 1}));
  together.add(emit_message(Outcome{.error = 5}, {100, 2}));
  const Octets both = together.take();
  EXPECT_TRUE(together.empty());
  std::vector<uint64_t> sequences;
  const auto take = [&](const Envelope& envelope) -> Result<void> {
    sequences.push_back(envelope.stamp.sequence);
    if (const auto* its = std::get_if<Deliver>(&envelope.message)) {
      EXPECT_TRUE(std::equal(its->datagram.begin(), its->datagram.end(), datagram.begin()));
    }
    return {};
  };
  ASSERT_TRUE(for_each_message(both, take));
  EXPECT_EQ(sequences, (std::vector<uint64_t>{1, 2}));
  // Alone, a message is what it would be without.
  const Octets alone = emit_message(Outcome{}, {100, 3});
  together.add(alone);
  EXPECT_EQ(together.take(), alone);
  ASSERT_TRUE(for_each_message(alone, take));
  EXPECT_EQ(sequences.back(), 3u);
  for (size_t size = 0; size < both.size(); ++size) {
    const auto cut = std::span(both).first(size);
    const size_t first_end = kHeaderSize + 4 + kHeaderSize + 4 + datagram.size();
    EXPECT_EQ(for_each_message(cut, take).has_value(), size == kHeaderSize || size == first_end);
  }
}

}  // namespace
}  // namespace airloom::interpose
