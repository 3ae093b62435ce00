// What the `airloom` command and the daemon say to each other beyond the interpose protocol, on the
// same socket: a Command with a JSON object {"verb": ..., arguments}, answered by any number of
// Progress messages and one Answer, each a JSON object. An Answer with "error" is a refusal, in
// one sentence. A capture is answered by a Progress with the descriptor of SharedSlots, then by
// CaptureData with octets and CaptureSlots that name a slot with octets, until the connection ends;
// a replay is followed by ReplayFrames.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "bytes/writer.h"
#include "interpose/protocol.h"
#include "lab/air_replay.h"

namespace airloom::daemon {

constexpr auto kCommand = static_cast<interpose::MessageType>(64);
constexpr auto kProgress = static_cast<interpose::MessageType>(65);
constexpr auto kAnswer = static_cast<interpose::MessageType>(66);
constexpr auto kCaptureData = static_cast<interpose::MessageType>(67);
constexpr auto kReplayFrame = static_cast<interpose::MessageType>(68);
constexpr auto kCaptureSlot = static_cast<interpose::MessageType>(69);
static_assert(kCommand == interpose::MessageType::kCommandFirst);

struct CommandMessage {
  interpose::MessageType type;
  std::span<const uint8_t> body;
  std::string text() const { return {body.begin(), body.end()}; }
};

/// @error kMalformed, kUnsupported  not a message of this protocol.
Result<CommandMessage> parse_command_message(std::span<const uint8_t> datagram);
Octets emit_command_message(interpose::MessageType type, std::span<const uint8_t> body,
                            interpose::Stamp stamp);
Octets emit_command_message(interpose::MessageType type, const std::string& text,
                            interpose::Stamp stamp);

/// Which slot, and how many octets of it.
struct CaptureSlot {
  uint32_t slot = 0;
  uint32_t octets = 0;
};
Result<CaptureSlot> parse_capture_slot(std::span<const uint8_t> body);
Octets emit_capture_slot(const CaptureSlot& slot, interpose::Stamp stamp);

/// A frame to put on the air; `octets` are the message's.
Result<lab::ReplayFrame> parse_replay_frame(std::span<const uint8_t> body);
Octets emit_replay_frame(const lab::ReplayFrame& frame, interpose::Stamp stamp);

}  // namespace airloom::daemon
