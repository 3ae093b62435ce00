#include "genl/bus.h"

#include <gtest/gtest.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "base/rng.h"
#include "netlink/client.h"
#include "netlink/errno.h"

namespace airloom::genl {
namespace {

using netlink::Kind;
using netlink::MessageWriter;

constexpr netlink::PolicyRow kRows[] = {
    {}, netlink::of(Kind::kU32), netlink::at_most(Kind::kU8, 7)};
constexpr netlink::Policy kPolicy{kRows};
constexpr Operation kOperations[] = {
    {.command = 1, .can_do = true, .can_dump = true, .policy = &kPolicy},
    {.command = 2, .can_do = true, .permission = GENL_UNS_ADMIN_PERM, .policy = &kPolicy},
    {.command = 3, .can_do = true, .policy = &kPolicy},
    {.command = 4, .can_do = true, .policy = &kPolicy},
    {.command = 5, .can_do = true, .policy = &kPolicy},
};
constexpr std::string_view kGroups[] = {"config", "mlme"};

class CountDump final : public Dump {
 public:
  CountDump(uint32_t count, const uint32_t& generation) : count_(count), generation_(generation) {}
  Result<std::optional<MessageWriter>> next(const ReplyTo& make) override {
    if (next_ == count_) return std::nullopt;
    if (next_ == 666) return fail(Errc::kNoDevice, "gone");
    MessageWriter out = make.message(1);
    out.u32(1, next_++);
    out.bytes(2, Octets(100));
    return out;
  }
  uint32_t generation() const override { return generation_; }

 private:
  uint32_t count_;
  uint32_t next_ = 0;
  const uint32_t& generation_;
};

/// Command 1 echoes attribute 1 or dumps that many; 2 succeeds; 3 fails at attribute 1; 4 gives a
/// cookie; 5 a number.
class FakeFamily final : public Family {
 public:
  const FamilyInfo& info() const override {
    static constexpr FamilyInfo kInfo{.name = "fake",
                                      .version = 1,
                                      .max_attribute = 2,
                                      .operations = kOperations,
                                      .groups = kGroups};
    return kInfo;
  }
  Result<void> on_request(const Operation& operation, Request& request) override {
    switch (operation.command) {
      case 1:
        request.send(std::move(request.reply(9).u32(1, *request.attributes.u32(1))));
        break;
      case 3:
        return fail(Errc::kBusy, "a scan is running", 1);
      case 4:
        request.ack.cookie = {1, 0, 0, 0, 0, 0, 0, 0};
        break;
      case 5:
        request.ack.value = 77;
        break;
      default:
        break;
    }
    return {};
  }
  Result<std::unique_ptr<Dump>> start_dump(const Operation&, Request& request) override {
    const auto count = request.attributes.u32(1);
    if (!count) return fail(Errc::kInvalid);
    return std::make_unique<CountDump>(*count, generation);
  }
  void on_client_closed(NamespaceId ns, PortId port) override { closed.emplace_back(ns, port); }

  uint32_t generation = 1;
  std::vector<std::pair<NamespaceId, PortId>> closed;
};

class FakeSink final : public ClientSink {
 public:
  bool deliver(std::span<const uint8_t> datagram, uint32_t group) override {
    if (room == 0) return false;
    --room;
    datagrams.emplace_back(datagram.begin(), datagram.end());
    last_group = group;
    return true;
  }
  void overrun() override { ++overruns; }

  std::vector<netlink::Message> messages() const {
    std::vector<netlink::Message> all;
    for (const Octets& datagram : datagrams) {
      netlink::MessageReader reader(datagram);
      while (auto message = reader.next()) all.push_back(*message);
    }
    return all;
  }
  netlink::Outcome outcome() const {
    const auto all = messages();
    if (all.empty()) return {.error = -1};
    const auto parsed = netlink::parse_outcome(all.back());
    return parsed && *parsed ? **parsed : netlink::Outcome{.error = -1};
  }

  size_t room = SIZE_MAX;
  std::vector<Octets> datagrams;
  uint32_t last_group = 0;
  int overruns = 0;
};

/// Writes down what it sees: "> octets" and "< octets".
class FakeObserver final : public Observer {
 public:
  void on_requests(std::span<const uint8_t> datagram) override { note('>', datagram); }
  void on_delivery(std::span<const uint8_t> datagram) override { note('<', datagram); }
  std::vector<std::pair<char, Octets>> seen;

 private:
  void note(char direction, std::span<const uint8_t> datagram) {
    seen.emplace_back(direction, Octets(datagram.begin(), datagram.end()));
  }
};

class BusTest : public ::testing::Test {
 protected:
  netlink::MessageWriter request(uint8_t command, uint16_t flags = 0) {
    return netlink::make_request(family_id, command, 42, flags);
  }
  void send(MessageWriter&& message) { bus.request(client, std::move(message).finish()); }
  netlink::Outcome outcome_of(MessageWriter&& message) {
    sink.datagrams.clear();
    send(std::move(message));
    return sink.outcome();
  }

  Bus bus{Log()};
  FakeFamily family;
  FamilyId family_id = bus.add(family);
  FakeSink sink;
  ClientId client = bus.open(sink, 1, {.net_admin = true, .pid = 1234});
};

Octets golden(const char* name) {
  std::ifstream in(std::string(AIRLOOM_VECTORS "/linux-6.1/netlink/") + name, std::ios::binary);
  return Octets(std::istreambuf_iterator<char>(in), {});
}

TEST_F(BusTest, FamilyIdsComeFromTheTop) {
  EXPECT_EQ(family_id, GENL_MAX_ID);
  FakeSink other_sink;
  class Second final : public Family {
    const FamilyInfo& info() const override {
      static constexpr FamilyInfo kInfo{.name = "second"};
      return kInfo;
    }
    Result<void> on_request(const Operation&, Request&) override { return {}; }
    Result<std::unique_ptr<Dump>> start_dump(const Operation&, Request&) override {
      return fail(Errc::kUnsupported);
    }
    void on_client_closed(NamespaceId, PortId) override {}
  } second;
  EXPECT_EQ(bus.add(second), GENL_MAX_ID - 1);
}

TEST_F(BusTest, AnObserverSeesRequestsAndWhatIsDeliveredOrWaitsButNothingLost) {
  FakeObserver observer;
  Bus observed(Log(), &observer);
  FakeFamily fake;
  const FamilyId id = observed.add(fake);
  const ClientId asking = observed.open(sink, 1);
  sink.room = 1;
  observed.set_receive_buffer(asking, 0);
  MessageWriter request = netlink::make_request(id, 1, 42, NLM_F_ACK);
  const Octets ask = std::move(request.u32(1, 5)).finish();
  observed.request(asking, ask);  // the reply is delivered, the ACK waits
  ASSERT_EQ(observer.seen.size(), 3u);
  EXPECT_EQ(observer.seen[0], std::make_pair('>', ask));
  EXPECT_EQ(observer.seen[1], std::make_pair('<', sink.datagrams.at(0)));
  observed.request(asking, ask);
  EXPECT_EQ(observer.seen.size(), 4u) << "the request; its answers were lost";
  sink.room = SIZE_MAX;
  observed.drain(asking);
  EXPECT_EQ(observer.seen[2], std::make_pair('<', sink.datagrams.at(1)));
  EXPECT_EQ(observer.seen.size(), 4u) << "nothing is seen twice";
}

TEST_F(BusTest, NlctrlDescribesItselfAsLinuxDoes) {
  const Octets expected = golden("newfamily_nlctrl.nl");
  ASSERT_FALSE(expected.empty());
  const auto header = netlink::MessageReader(expected).next()->header;
  ASSERT_TRUE(bus.bind(client, header.port));
  MessageWriter ask = netlink::make_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, header.sequence);
  send(std::move(ask.string(CTRL_ATTR_FAMILY_NAME, "nlctrl")));
  ASSERT_EQ(sink.datagrams.size(), 2u);
  EXPECT_EQ(sink.datagrams[0], expected);
  EXPECT_EQ(sink.outcome().error, 0);
}

TEST_F(BusTest, NlctrlFindsByNameAndId) {
  bus.request(client, netlink::make_get_family("fake", 7));
  const auto ids = netlink::parse_family(sink.messages()[0]);
  ASSERT_TRUE(ids);
  EXPECT_EQ(ids->id, family_id);
  EXPECT_EQ(ids->group("mlme"), Bus::kFirstGroup + 1);
  MessageWriter by_id = netlink::make_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 8);
  EXPECT_EQ(outcome_of(std::move(by_id.u16(CTRL_ATTR_FAMILY_ID, family_id))).error, 0);
  EXPECT_EQ(sink.messages().size(), 2u);
  MessageWriter unknown = netlink::make_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 9);
  EXPECT_EQ(outcome_of(std::move(unknown.string(CTRL_ATTR_FAMILY_NAME, "nope"))).error, ENOENT);
  EXPECT_EQ(outcome_of(netlink::make_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 9)).error, EINVAL);
}

TEST_F(BusTest, NlctrlDumpsFamiliesAndPolicies) {
  send(netlink::make_dump_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 5));
  EXPECT_EQ(sink.messages().size(), 3u);  // nlctrl, fake, DONE
  EXPECT_TRUE(sink.outcome().dump_done);
  sink.datagrams.clear();
  MessageWriter ask = netlink::make_dump_request(GENL_ID_CTRL, CTRL_CMD_GETPOLICY, 6);
  send(std::move(ask.u16(CTRL_ATTR_FAMILY_ID, family_id)));
  EXPECT_EQ(sink.messages().size(), 5u + 2u + 1u);  // operations, rows, DONE
}

TEST_F(BusTest, RepliesComeBeforeTheAck) {
  send(std::move(request(1).u32(1, 77)));
  const auto all = sink.messages();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(netlink::AttributeTable(all[0].genl_attributes()).u32(1), 77u);
  EXPECT_EQ(all[0].header.sequence, 42u);
  EXPECT_EQ(all[0].header.port, 1234u);
  EXPECT_EQ(all[1].header.type, NLMSG_ERROR);
  EXPECT_EQ(all[1].header.flags, NLM_F_CAPPED);
}

TEST_F(BusTest, ErrorsFollowTheKernelsOrder) {
  MessageWriter nowhere({.type = 500, .flags = NLM_F_REQUEST}, {.command = 1});
  EXPECT_EQ(outcome_of(std::move(nowhere)).error, ENOENT);
  EXPECT_EQ(outcome_of(request(250)).error, EOPNOTSUPP);
  EXPECT_EQ(outcome_of(request(2, NLM_F_DUMP)).error, EOPNOTSUPP);
  EXPECT_EQ(outcome_of(std::move(request(2).u8(2, 8))).error, ERANGE);
  FakeSink user_sink;
  const ClientId user = bus.open(user_sink, 1, {.net_admin = false});
  bus.request(user, std::move(request(2).u8(2, 8)).finish());
  EXPECT_EQ(user_sink.outcome().error, EPERM) << "before the attributes are looked at";
  bus.request(user, std::move(request(3)).finish());
  EXPECT_EQ(user_sink.outcome().error, EBUSY);
}

TEST_F(BusTest, ExtendedAcksOnlyForThoseWhoAsk) {
  EXPECT_EQ(outcome_of(std::move(request(3).u32(1, 5))).text, "");
  bus.set_option(client, ClientOption::kExtAck, true);
  auto outcome = outcome_of(std::move(request(3).u32(1, 5)));
  EXPECT_EQ(outcome.text, "a scan is running");
  EXPECT_EQ(outcome.bad_offset, 20u);
  EXPECT_EQ(sink.messages().back().header.flags, NLM_F_ACK_TLVS);
  bus.set_option(client, ClientOption::kCapAck, true);
  outcome = outcome_of(std::move(request(3).u32(1, 5)));
  EXPECT_EQ(outcome.text, "a scan is running");
  EXPECT_EQ(sink.messages().back().header.flags, NLM_F_ACK_TLVS | NLM_F_CAPPED);
  outcome = outcome_of(std::move(request(2).u8(2, 8)));
  EXPECT_EQ(outcome.text, "integer out of range");
  EXPECT_EQ(outcome_of(request(4)).cookie, 1u);
}

TEST_F(BusTest, AcknowledgesWithANumber) {
  EXPECT_EQ(outcome_of(request(5)).value, 77u);
  // The kernel takes it for an error of a kind: it comes unasked, and with the request behind it.
  auto unasked = netlink::MessageWriter({.type = family_id, .flags = NLM_F_REQUEST, .sequence = 42},
                                        {.command = 5});
  const size_t size = unasked.size();
  EXPECT_EQ(outcome_of(std::move(unasked)).value, 77u);
  EXPECT_EQ(sink.messages().back().payload().size(), 4 + size);
}

TEST_F(BusTest, AnErrorWithoutCapAckEchoesTheRequest) {
  const Octets sent = std::move(request(3).u32(1, 5)).finish();
  bus.request(client, sent);
  const auto error = sink.messages().back();
  ASSERT_EQ(error.octets.size(), 16 + 4 + sent.size());
  EXPECT_TRUE(std::equal(sent.begin(), sent.end(), error.octets.begin() + 20));
}

TEST_F(BusTest, OneDatagramMayHoldManyRequests) {
  Octets both = std::move(request(1).u32(1, 1)).finish();
  MessageWriter silent({.type = family_id, .flags = 0}, {.command = 3});  // not a request
  const Octets ignored = std::move(silent).finish();
  const Octets last = std::move(request(1).u32(1, 2)).finish();
  both.insert(both.end(), ignored.begin(), ignored.end());
  both.insert(both.end(), last.begin(), last.end());
  both.insert(both.end(), {1, 2, 3});
  bus.request(client, both);
  EXPECT_EQ(sink.messages().size(), 4u);
}

TEST_F(BusTest, PortsAreUniquePerNamespace) {
  EXPECT_EQ(bus.bind(client), 1234u);
  EXPECT_EQ(bus.bind(client, 99).error().code, Errc::kInvalid);
  FakeSink other;
  const ClientId same_pid = bus.open(other, 1, {.pid = 1234});
  EXPECT_EQ(bus.bind(same_pid, 1234).error().code, Errc::kAddressInUse);
  EXPECT_EQ(bus.bind(same_pid), static_cast<PortId>(-4097));
  const ClientId elsewhere = bus.open(other, 2, {.pid = 1234});
  EXPECT_EQ(bus.bind(elsewhere), 1234u);
  bus.close(elsewhere);
  bus.close(client);
  const std::pair<NamespaceId, PortId> expected[] = {{2, 1234}, {1, 1234}};
  EXPECT_TRUE(std::equal(family.closed.begin(), family.closed.end(), std::begin(expected)));
}

TEST_F(BusTest, MulticastsReachMembersOfTheNamespace) {
  FakeSink there;
  const ClientId elsewhere = bus.open(there, 2);
  const uint32_t mlme = Bus::kFirstGroup + 1;
  ASSERT_TRUE(bus.join(client, mlme));
  ASSERT_TRUE(bus.join(elsewhere, mlme));
  EXPECT_FALSE(bus.join(client, 0));
  EXPECT_FALSE(bus.join(client, 100000));
  EXPECT_TRUE(bus.has_listeners(family_id, 1, 1));
  EXPECT_FALSE(bus.has_listeners(family_id, 0, 1));
  bus.multicast(family_id, 1, 1, bus.event(family_id).message(5));
  EXPECT_EQ(sink.datagrams.size(), 1u);
  EXPECT_EQ(sink.last_group, mlme);
  EXPECT_TRUE(there.datagrams.empty());
  ASSERT_TRUE(bus.leave(client, mlme));
  bus.multicast(family_id, 1, 1, bus.event(family_id).message(5));
  EXPECT_EQ(sink.datagrams.size(), 1u);
}

TEST_F(BusTest, UnicastsFindTheirPortOrFail) {
  ASSERT_TRUE(bus.bind(client));
  EXPECT_TRUE(bus.unicast(1, 1234, bus.event(family_id).message(5)));
  EXPECT_EQ(sink.last_group, 0u);
  EXPECT_EQ(bus.unicast(2, 1234, bus.event(family_id).message(5)).error().code, Errc::kNotFound);
}

TEST_F(BusTest, AFullClientLosesLoudlyAndOnce) {
  ASSERT_TRUE(bus.join(client, Bus::kFirstGroup));
  bus.set_receive_buffer(client, 4096);
  sink.room = 0;
  const auto event = [&] { bus.multicast(family_id, 0, 1, bus.event(family_id).message(5)); };
  for (int i = 0; i < 100; ++i) event();
  EXPECT_EQ(sink.overruns, 1);
  sink.room = 3;
  bus.drain(client);
  event();
  EXPECT_EQ(sink.datagrams.size(), 3u);
  EXPECT_EQ(sink.overruns, 1) << "nothing gets past the hole until the queue has emptied";
  sink.room = SIZE_MAX;
  bus.drain(client);
  const size_t kept = sink.datagrams.size();
  EXPECT_EQ(kept, 4096u / (512 + 20) + 1);
  event();
  EXPECT_EQ(sink.datagrams.size(), kept + 1);
}

TEST_F(BusTest, NoEnobufsLosesInSilence) {
  ASSERT_TRUE(bus.join(client, Bus::kFirstGroup));
  bus.set_option(client, ClientOption::kNoEnobufs, true);
  bus.set_receive_buffer(client, 4096);
  sink.room = 0;
  for (int i = 0; i < 100; ++i) bus.multicast(family_id, 0, 1, bus.event(family_id).message(5));
  EXPECT_EQ(sink.overruns, 0);
}

TEST_F(BusTest, DumpsFillDatagramsAndEndWithDone) {
  bus.set_receive_size(client, 16384);
  send(std::move(request(1, NLM_F_DUMP).u32(1, 500)));
  const auto all = sink.messages();
  ASSERT_EQ(all.size(), 501u);
  for (uint32_t i = 0; i < 500; ++i) {
    EXPECT_EQ(netlink::AttributeTable(all[i].genl_attributes()).u32(1), i);
    EXPECT_EQ(all[i].header.flags, NLM_F_MULTI);
  }
  for (const Octets& datagram : sink.datagrams) EXPECT_LE(datagram.size(), 16384u);
  // NLMSG_DONE has a datagram of its own.
  EXPECT_EQ(sink.datagrams.size(), (500 * 132 + 16383) / 16384u + 1);
  EXPECT_TRUE(sink.outcome().dump_done);
  EXPECT_EQ(sink.outcome().error, 0);
}

TEST_F(BusTest, DumpErrorsTravelInDone) {
  EXPECT_EQ(outcome_of(request(1, NLM_F_DUMP)).error, EINVAL);
  EXPECT_TRUE(sink.outcome().dump_done);
  bus.set_option(client, ClientOption::kExtAck, true);
  const auto outcome = outcome_of(std::move(request(1, NLM_F_DUMP).u32(1, 700)));
  EXPECT_EQ(outcome.error, ENODEV);
  EXPECT_TRUE(outcome.dump_done);
  EXPECT_EQ(outcome.text, "gone");
}

TEST_F(BusTest, ADumpWaitsForRoomAndRefusesASecond) {
  bus.set_receive_buffer(client, 8192);
  sink.room = 0;
  send(std::move(request(1, NLM_F_DUMP).u32(1, 500)));
  EXPECT_TRUE(sink.datagrams.empty());
  sink.room = 1;
  send(std::move(request(1, NLM_F_DUMP).u32(1, 3)));
  family.generation = 2;
  sink.room = SIZE_MAX;
  bus.drain(client);
  int errors = 0, interrupted = 0, done = 0, rows = 0;
  for (const auto& message : sink.messages()) {
    if (message.header.type == NLMSG_ERROR)
      ++errors;
    else if (message.header.type == NLMSG_DONE)
      ++done;
    else
      ++rows;
    if (message.header.flags & NLM_F_DUMP_INTR) ++interrupted;
  }
  EXPECT_EQ(errors, 1);
  EXPECT_EQ(done, 1);
  EXPECT_EQ(rows, 500);
  EXPECT_EQ(interrupted, 1);
}

TEST_F(BusTest, RemovingAFamilyEndsItsDumps) {
  bus.set_receive_buffer(client, 8192);
  sink.room = 0;
  send(std::move(request(1, NLM_F_DUMP).u32(1, 500)));
  bus.remove(family_id);
  sink.room = SIZE_MAX;
  bus.drain(client);
  EXPECT_TRUE(sink.outcome().dump_done);
  EXPECT_EQ(outcome_of(request(1)).error, ENOENT);
}

TEST_F(BusTest, HostileDatagramsAreAnsweredOrIgnored) {
  SeededRng rng(3);
  for (int round = 0; round < 20000; ++round) {
    Octets octets(rng.below(96));
    rng.fill(octets);
    if (octets.size() >= 20) {
      netlink::store(octets, 0, static_cast<uint32_t>(rng.below(100)));
      netlink::store(octets, 4, static_cast<uint16_t>(rng.below(2) ? family_id : GENL_ID_CTRL));
      octets[16] = static_cast<uint8_t>(rng.below(12));
      if (octets.size() >= 24) netlink::store(octets, 20, static_cast<uint16_t>(rng.below(16)));
    }
    bus.request(client, octets);
    sink.datagrams.clear();
  }
  bus.request(999, {});
}

}  // namespace
}  // namespace airloom::genl
