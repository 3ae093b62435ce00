// The netlink client: names to ids, requests to answers, and what a hostile server may send.
#include "sme/client_port.h"

#include <gtest/gtest.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/nl80211.h>

#include "base/rng.h"
#include "sme/requests.h"

namespace airloom::sme {
namespace {

constexpr uint16_t kFamily = 27;

class FakeTransport final : public NetlinkTransport {
 public:
  void set_receiver(Receiver* receiver) override { this->receiver = receiver; }
  Result<void> send(std::span<const uint8_t> datagram) override {
    if (broken) return fail(Errc::kIo, "broken");
    sent.emplace_back(datagram.begin(), datagram.end());
    return {};
  }
  Result<void> join(uint32_t group) override {
    joined.push_back(group);
    return {};
  }

  Receiver* receiver = nullptr;
  std::vector<Octets> sent;
  std::vector<uint32_t> joined;
  bool broken = false;
};

class ClientPortTest : public testing::Test {
 protected:
  uint32_t last_sequence() const {
    return netlink::MessageReader(transport.sent.back()).next()->header.sequence;
  }
  void deliver(netlink::MessageWriter&& message) {
    transport.receiver->on_datagram(std::move(message).finish());
  }
  void ack(uint32_t sequence, int32_t error = 0, const std::string& text = {},
           std::optional<uint64_t> cookie = {}) {
    const bool extended = !text.empty() || cookie;
    netlink::MessageWriter message(
        {.type = NLMSG_ERROR,
         .flags = static_cast<uint16_t>(NLM_F_CAPPED | (extended ? NLM_F_ACK_TLVS : 0)),
         .sequence = sequence});
    Octets body;
    netlink::append<int32_t>(body, -error);
    body.resize(4 + 16);
    message.raw(body);
    if (!text.empty()) message.string(NLMSGERR_ATTR_MSG, text);
    if (cookie) message.u64_unaligned(NLMSGERR_ATTR_COOKIE, *cookie);
    deliver(std::move(message));
  }
  void answer_family(bool with_groups = true) {
    netlink::MessageWriter message({.type = GENL_ID_CTRL, .sequence = last_sequence()},
                                   {.command = CTRL_CMD_NEWFAMILY});
    message.u16(CTRL_ATTR_FAMILY_ID, kFamily);
    if (with_groups) {
      const auto groups = message.nest(CTRL_ATTR_MCAST_GROUPS);
      const auto group = message.nest(1);
      message.string(CTRL_ATTR_MCAST_GRP_NAME, "mlme").u32(CTRL_ATTR_MCAST_GRP_ID, 6);
    }
    const uint32_t sequence = last_sequence();
    deliver(std::move(message));
    ack(sequence);
  }
  void open() {
    client.open(
        {"mlme"}, [this](const Nl80211Event& event) { events.push_back(event.command); },
        [this] { ++losses; }, [this](Result<void> outcome) { opened = outcome; });
  }
  ClientPort::Done record() {
    return [this](Result<Reply> reply) { replies.push_back(std::move(reply)); };
  }

  FakeTransport transport;
  Nl80211Client client{transport};
  std::optional<Result<void>> opened;
  std::vector<int> events;
  std::vector<Result<Reply>> replies;
  int losses = 0;
};

TEST_F(ClientPortTest, FindsTheFamilyAndJoinsGroupsByName) {
  client.request(NL80211_CMD_GET_WIPHY, {}, record(), ClientPort::Kind::kDo);
  EXPECT_EQ(replies.at(0).error().code, Errc::kNotConnected);
  open();
  answer_family();
  ASSERT_TRUE(opened && *opened);
  EXPECT_EQ(transport.joined, (std::vector<uint32_t>{6}));
}

TEST_F(ClientPortTest, MissingFamilyOrGroupFailsToOpen) {
  open();
  ack(last_sequence(), 2);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->error().code, Errc::kNotFound);
  open();
  answer_family(false);
  EXPECT_EQ(opened->error().code, Errc::kNotFound);
}

TEST_F(ClientPortTest, AnswersFindTheirRequest) {
  open();
  answer_family();
  client.request(
      NL80211_CMD_GET_SCAN, [](auto& w) { w.u32(NL80211_ATTR_IFINDEX, 3); }, record(),
      ClientPort::Kind::kDump);
  const uint32_t dump = last_sequence();
  const auto request = *netlink::MessageReader(transport.sent.back()).next();
  EXPECT_EQ(request.header.type, kFamily);
  EXPECT_EQ(request.header.flags & NLM_F_DUMP, NLM_F_DUMP);
  client.request(NL80211_CMD_CONTROL_PORT_FRAME, {}, record(), ClientPort::Kind::kDo);
  const uint32_t control = last_sequence();
  client.request(NL80211_CMD_START_AP, {}, record(), ClientPort::Kind::kDo);
  const uint32_t start = last_sequence();

  ack(start, 22, "no beacon");
  ack(control, 0, {}, 77);
  for (int i = 0; i < 2; ++i) {
    netlink::MessageWriter part({.type = kFamily, .flags = NLM_F_MULTI, .sequence = dump},
                                {.command = NL80211_CMD_NEW_SCAN_RESULTS});
    part.u32(NL80211_ATTR_GENERATION, static_cast<uint32_t>(i));
    deliver(std::move(part));
  }
  EXPECT_EQ(replies.size(), 2u);
  netlink::MessageWriter done({.type = NLMSG_DONE, .flags = NLM_F_MULTI, .sequence = dump});
  done.raw(Octets(4));
  deliver(std::move(done));

  ASSERT_EQ(replies.size(), 3u);
  EXPECT_EQ(replies[0].error().text, "no beacon");
  EXPECT_EQ(replies[1]->cookie, 77u);
  ASSERT_EQ(replies[2]->data.size(), 2u);
  EXPECT_EQ(replies[2]->data[1].attributes().u32(NL80211_ATTR_GENERATION), 1u);
  ack(start);  // once more: nobody waits for it
  EXPECT_EQ(replies.size(), 3u);
}

TEST_F(ClientPortTest, EventsComeAndLossEndsWhatWaits) {
  open();
  answer_family();
  deliver(netlink::MessageWriter({.type = kFamily}, {.command = NL80211_CMD_DEAUTHENTICATE}));
  deliver(netlink::MessageWriter({.type = kFamily + 1}, {.command = NL80211_CMD_CONNECT}));
  EXPECT_EQ(events, (std::vector<int>{NL80211_CMD_DEAUTHENTICATE}));
  client.request(NL80211_CMD_SET_BSS, {}, record(), ClientPort::Kind::kDo);
  transport.receiver->on_overrun();
  EXPECT_EQ(replies.at(0).error().code, Errc::kNoBuffers);
  EXPECT_EQ(losses, 1);
  transport.broken = true;
  client.request(NL80211_CMD_SET_BSS, {}, record(), ClientPort::Kind::kDo);
  EXPECT_EQ(replies.at(1).error().code, Errc::kIo);
}

TEST_F(ClientPortTest, RandomDatagramsAreHarmless) {
  open();
  answer_family();
  client.request(NL80211_CMD_GET_SCAN, {}, record(), ClientPort::Kind::kDump);
  SeededRng rng(7);
  for (int round = 0; round < 20000; ++round) {
    Octets datagram(rng.below(96));
    rng.fill(datagram);
    if (datagram.size() >= 16 && round % 2) {  // let it pass for a message of ours
      netlink::store<uint32_t>(datagram, 0, static_cast<uint32_t>(datagram.size()));
      netlink::store<uint16_t>(datagram, 4, round % 3 ? kFamily : uint16_t{NLMSG_ERROR});
      netlink::store<uint32_t>(datagram, 8, round % 5 ? 0 : last_sequence());
    }
    transport.receiver->on_datagram(datagram);
  }
}

TEST_F(ClientPortTest, ChainStopsAtTheFirstFailureThatMatters) {
  open();
  answer_family();
  std::vector<std::string> done;
  std::optional<Result<void>> outcome;
  RequestChain chain(client);
  chain.attempt("first", NL80211_CMD_DEL_STATION, {})
      .then("second",
            [&done]() -> Result<void> {
              done.push_back("second");
              return {};
            })
      .then("third", NL80211_CMD_START_AP, {})
      .then("fourth", NL80211_CMD_SET_BSS, {})
      .run([&outcome](Result<void> result) { outcome = result; });
  EXPECT_TRUE(chain.is_running());
  ack(last_sequence(), 2);
  EXPECT_EQ(done.size(), 1u);
  ack(last_sequence(), 16, "busy");
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().text, "third: busy");
  EXPECT_EQ(outcome->error().code, Errc::kBusy);
  EXPECT_FALSE(chain.is_running());
}

}  // namespace
}  // namespace airloom::sme
