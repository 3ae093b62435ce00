#include "daemon/command_protocol.h"

#include <gtest/gtest.h>

namespace airloom::daemon {
namespace {

TEST(CommandProtocol, AMessageComesBackAsItWasSent) {
  const auto octets = emit_command_message(kAnswer, R"({"a":1})", {.time_ns = 5, .sequence = 2});
  const auto message = parse_command_message(octets);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, kAnswer);
  EXPECT_EQ(message->text(), R"({"a":1})");
}

TEST(CommandProtocol, AnEmptyBodyIsABody) {
  const auto octets = emit_command_message(kCaptureData, Octets{}, {});
  const auto message = parse_command_message(octets);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->body.empty());
}

TEST(CommandProtocol, RefusesMessagesOfTheInterposeProtocolAndUnknownOnes) {
  EXPECT_FALSE(parse_command_message(interpose::emit_message(interpose::Close{}, {})));
  const auto beyond = static_cast<interpose::MessageType>(static_cast<int>(kCaptureSlot) + 1);
  EXPECT_FALSE(parse_command_message(emit_command_message(beyond, Octets{1}, {})));
}

TEST(CommandProtocol, ASlotComesBackAsItWasSent) {
  const auto octets = emit_capture_slot({.slot = 7, .octets = 65536}, {});
  const auto message = parse_command_message(octets);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, kCaptureSlot);
  const auto slot = parse_capture_slot(message->body);
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->slot, 7u);
  EXPECT_EQ(slot->octets, 65536u);
  EXPECT_FALSE(parse_capture_slot(message->body.first(7)));
}

TEST(CommandProtocol, RefusesAnyPartOfAHeader) {
  const auto whole = emit_command_message(kCommand, Octets{}, {});
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(parse_command_message(std::span(whole).first(length))) << length;
}

}  // namespace
}  // namespace airloom::daemon
