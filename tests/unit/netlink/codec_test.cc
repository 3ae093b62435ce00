#include <gtest/gtest.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "base/rng.h"
#include "netlink/client.h"
#include "netlink/errno.h"
#include "netlink/message.h"
#include "netlink/policy.h"

namespace airloom::netlink {
namespace {

constexpr PolicyRow kInnerRows[] = {{}, of(Kind::kU32), at_most(Kind::kU8, 7)};
constexpr Policy kInner{kInnerRows};

Result<void> refuse_odd(const Attribute& a) {
  if (a.payload.size() % 2 != 0) return fail(Errc::kInvalid, "odd");
  return {};
}

constexpr PolicyRow kRows[] = {
    {},
    of(Kind::kU32),                      // 1
    exact_length_warn(6),                // 2: a MAC address
    of(Kind::kBinary, 32),               // 3: an SSID
    at_most(Kind::kU8, 7),               // 4: a key index
    range(Kind::kU16, 1, 2007),          // 5: an AID
    nested(kInner),                      // 6
    nested_array(kInner),                // 7
    of(Kind::kNulString, 15),            // 8
    of(Kind::kFlag),                     // 9
    checked(Kind::kBinary, refuse_odd),  // 10
    mask(Kind::kU32, 0x3),               // 11
    reject(),                            // 12
    min_length(4),                       // 13
};
constexpr Policy kPolicy{kRows};

MessageWriter writer() {
  return MessageWriter({.type = 30}, {.command = 1});
}

struct Judged {
  Result<AttributeTable> table;
  ExtAck ack;
};

Judged judge(const Octets& message, Strictness strictness = Strictness::kLiberal) {
  MessageReader reader(message);
  Judged judged;
  judged.table =
      validate_and_parse(reader.next()->genl_attributes(), kPolicy, judged.ack, strictness);
  return judged;
}

void expect_refused(MessageWriter&& message, Errc code, std::string_view text, uint32_t offset,
                    const PolicyRow* row) {
  const Octets octets = std::move(message).finish();
  const Judged judged = judge(octets);
  ASSERT_FALSE(judged.table);
  EXPECT_EQ(judged.table.error().code, code);
  EXPECT_EQ(judged.ack.text, text);
  EXPECT_EQ(judged.ack.offset, offset);
  EXPECT_EQ(judged.ack.policy, row);
}

TEST(Message, RoundTripsThroughAReader) {
  MessageWriter out({.type = 0x15, .flags = 5, .sequence = 7, .port = 9}, {.command = 3});
  out.u32(1, 0xdeadbeef).string(2, "wlan0");
  {
    const auto nest = out.nest(3);
    out.u8(1, 200);
    out.flag(2);
  }
  out.u64(4, 0x1122334455667788, 99);
  const Octets octets = std::move(out).finish();
  MessageReader reader(octets);
  const auto message = reader.next();
  ASSERT_TRUE(message);
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(message->header.length, octets.size());
  EXPECT_EQ(message->header.sequence, 7u);
  EXPECT_EQ(message->genl()->command, 3);
  const AttributeTable table(message->genl_attributes());
  EXPECT_EQ(table.u32(1), 0xdeadbeef);
  EXPECT_EQ(table.string(2), "wlan0");
  EXPECT_EQ(table.nest(3).u8(1), 200);
  EXPECT_TRUE(table.nest(3).has(2));
  EXPECT_EQ(table.u64(4), 0x1122334455667788u);
  EXPECT_FALSE(table.find(3)->nested_flag);
  EXPECT_FALSE(table.u8(77));
}

TEST(Message, SixtyFourBitValuesLieOnEightOctets) {
  for (size_t before = 0; before < 3; ++before) {
    MessageWriter out = writer();
    for (size_t i = 0; i < before; ++i) out.flag(1);
    out.u64(2, 5, 3);
    const Octets octets = std::move(out).finish();
    MessageReader reader(octets);
    const auto message = reader.next();
    const AttributeTable table(message->genl_attributes());
    EXPECT_EQ((table.find(2)->offset + 4) % 8, 0u);
  }
}

TEST(Message, ABadLengthEndsTheDatagram) {
  Octets octets = std::move(writer().u32(1, 1)).finish();
  store(octets, 0, uint32_t{15});
  EXPECT_FALSE(MessageReader(octets).next());
  store(octets, 0, static_cast<uint32_t>(octets.size() + 1));
  EXPECT_FALSE(MessageReader(octets).next());
  EXPECT_FALSE(MessageReader(std::span(octets).first(15)).next());
}

TEST(Message, WhatDoesNotFitAnAttributeSpoilsTheMessage) {
  const Octets big(65532);
  EXPECT_TRUE(std::move(writer().bytes(1, big)).finish().empty());
  MessageWriter nested = writer();
  {
    const auto nest = nested.nest(1);
    nested.bytes(1, std::span(big).first(40000));
    nested.bytes(2, std::span(big).first(40000));
  }
  EXPECT_TRUE(std::move(nested).finish().empty());
}

TEST(Attributes, MalformedOctetsEndTheWalk) {
  const Octets cases[] = {{}, {4}, {3, 0, 1, 0}, {9, 0, 1, 0, 1, 2, 3, 4}, {0, 0, 0, 0}};
  for (const Octets& octets : cases) {
    auto it = AttributeRange(octets).begin();
    EXPECT_TRUE(it == std::default_sentinel);
    EXPECT_EQ(it.leftover(), octets.size());
  }
}

// The cases of the errno table's section on attribute validation.
TEST(Policy, RefusesAsTheKernelDoes) {
  const Octets octets(64);
  const auto first = [&](size_t n) { return std::span(octets).first(n); };
  expect_refused(std::move(writer().u16(1, 3)), Errc::kRange, "Attribute failed policy validation",
                 20, &kRows[1]);
  expect_refused(std::move(writer().bytes(2, first(5))), Errc::kRange,
                 "binary attribute size out of range", 20, &kRows[2]);
  expect_refused(std::move(writer().flag(9).bytes(3, first(33))), Errc::kRange,
                 "Attribute failed policy validation", 24, &kRows[3]);
  expect_refused(std::move(writer().u8(4, 8)), Errc::kRange, "integer out of range", 20, &kRows[4]);
  expect_refused(std::move(writer().u16(5, 0)), Errc::kRange, "integer out of range", 20,
                 &kRows[5]);
  expect_refused(std::move(writer().u16(5, 2008)), Errc::kRange, "integer out of range", 20,
                 &kRows[5]);
  expect_refused(std::move(writer().string(8, "sixteen letters!")), Errc::kInvalid,
                 "Attribute failed policy validation", 20, &kRows[8]);
  expect_refused(std::move(writer().u8(9, 0)), Errc::kRange, "Attribute failed policy validation",
                 20, &kRows[9]);
  expect_refused(std::move(writer().bytes(10, first(3))), Errc::kInvalid, "odd", 20, nullptr);
  expect_refused(std::move(writer().u32(11, 4)), Errc::kInvalid, "reserved bit set", 20,
                 &kRows[11]);
  expect_refused(std::move(writer().flag(12)), Errc::kInvalid, "Attribute failed policy validation",
                 20, &kRows[12]);
  expect_refused(std::move(writer().bytes(13, first(3))), Errc::kRange,
                 "binary attribute size out of range", 20, &kRows[13]);
}

TEST(Policy, PointsIntoNests) {
  MessageWriter out = writer();
  out.flag(9);
  {
    const auto nest = out.nest(6);
    out.u32(1, 0);
    out.u8(2, 8);
  }
  expect_refused(std::move(out), Errc::kRange, "integer out of range", 20 + 4 + 4 + 8,
                 &kInnerRows[2]);
  MessageWriter array = writer();
  {
    const auto nest = array.nest(7);
    const auto entry = array.nest(0);
    array.u8(2, 9);
  }
  expect_refused(std::move(array), Errc::kRange, "integer out of range", 28, &kInnerRows[2]);
}

TEST(Policy, LiberalLetsUnknownTypesTrailersAndLongAddressesPass) {
  const Octets seven(7);
  Octets octets = std::move(writer().bytes(2, seven).u32(2000, 1).u8(1, 0).u32(1, 4)).finish();
  EXPECT_FALSE(judge(octets).table) << "a short integer is refused even if a good one follows";
  octets = std::move(writer().bytes(2, seven).u32(2000, 1).u32(1, 4)).finish();
  octets.insert(octets.end(), {1, 2});
  store(octets, 0, static_cast<uint32_t>(octets.size()));
  const Judged judged = judge(octets);
  ASSERT_TRUE(judged.table);
  EXPECT_EQ(judged.table->u32(1), 4u);
  EXPECT_FALSE(judged.table->has(2000));
  EXPECT_EQ(judge(octets, Strictness::kStrict).ack.text, "invalid attribute length");
}

TEST(Policy, StrictWantsNestedFlagsAndKnownTypes) {
  MessageWriter out = writer();
  {
    const auto nest = out.nest(6);
    out.u32(1, 0);
  }
  EXPECT_EQ(judge(std::move(out).finish(), Strictness::kStrict).ack.text,
            "NLA_F_NESTED is missing");
  EXPECT_EQ(judge(std::move(writer().flag(2000)).finish(), Strictness::kStrict).ack.text,
            "Unknown attribute type");
}

TEST(Policy, AnyOctetsEndInATableOrAnError) {
  SeededRng rng(1);
  for (int round = 0; round < 20000; ++round) {
    Octets octets(rng.below(80));
    rng.fill(octets);
    for (size_t i = 0; i + 4 <= octets.size(); i += 4 + 4 * rng.below(4)) {
      octets[i] = static_cast<uint8_t>(rng.below(24));
      octets[i + 1] = 0;
      octets[i + 2] = static_cast<uint8_t>(rng.below(16));
      octets[i + 3] = rng.below(2) ? 0x80 : 0;
    }
    ExtAck ack;
    const auto table =
        validate_and_parse(AttributeRange(octets), kPolicy, ack,
                           rng.below(2) ? Strictness::kStrict : Strictness::kLiberal);
    if (!table) {
      EXPECT_FALSE(ack.text.empty());
    }
  }
}

TEST(Client, ReadsAnErrorWithExtendedAck) {
  const Octets request = std::move(make_request(30, 5, 77).u32(1, 2)).finish();
  MessageWriter out({.type = NLMSG_ERROR, .flags = NLM_F_ACK_TLVS, .sequence = 77});
  Octets code;
  append(code, -34);
  out.raw(code).raw(request);
  put_ext_ack(out, {.text = "integer out of range", .offset = 20, .policy = &kRows[4]}, true);
  const Octets octets = std::move(out).finish();
  const auto outcome = parse_outcome(*MessageReader(octets).next());
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ((*outcome)->error, 34);
  EXPECT_EQ((*outcome)->text, "integer out of range");
  EXPECT_EQ((*outcome)->bad_offset, 20u);
  EXPECT_EQ((*outcome)->result().error().code, Errc::kRange);
  for (size_t cut = 16; cut < octets.size(); ++cut) {
    Octets shorter(octets.begin(), octets.begin() + static_cast<long>(cut));
    store(shorter, 0, static_cast<uint32_t>(cut));
    const auto message = MessageReader(shorter).next();
    ASSERT_TRUE(message);
    (void)parse_outcome(*message);  // never reads past the end; ASan watches
  }
}

TEST(Errno, EveryCodeHasOne) {
  for (int i = 0; i <= static_cast<int>(Errc::kBadAuth); ++i) {
    const auto code = static_cast<Errc>(i);
    EXPECT_EQ(to_errno(from_errno(to_errno(code))), to_errno(code));
  }
  EXPECT_EQ(to_errno(Errc::kUnsupportedMode), 524);
}

}  // namespace
}  // namespace airloom::netlink
