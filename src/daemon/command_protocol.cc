#include "daemon/command_protocol.h"

namespace airloom::daemon {

Result<CommandMessage> parse_command_message(std::span<const uint8_t> datagram) {
  Reader reader(datagram);
  const auto header = TRY(interpose::parse_header(reader));
  if (header.type < kCommand || header.type > kCaptureSlot) return fail(Errc::kUnsupported);
  return CommandMessage{header.type, reader.rest()};
}

Octets emit_command_message(interpose::MessageType type, std::span<const uint8_t> body,
                            interpose::Stamp stamp) {
  Octets message;
  Writer writer(message);
  interpose::emit_header(writer, {.type = type, .stamp = stamp});
  writer.bytes(body);
  return message;
}

Octets emit_command_message(interpose::MessageType type, const std::string& text,
                            interpose::Stamp stamp) {
  const Octets body(text.begin(), text.end());
  return emit_command_message(type, body, stamp);
}

Result<CaptureSlot> parse_capture_slot(std::span<const uint8_t> body) {
  Reader reader(body);
  CaptureSlot slot;
  slot.slot = TRY(reader.le32());
  slot.octets = TRY(reader.le32());
  return slot;
}

Octets emit_capture_slot(const CaptureSlot& slot, interpose::Stamp stamp) {
  Octets message;
  Writer writer(message);
  interpose::emit_header(writer, {.type = kCaptureSlot, .stamp = stamp});
  writer.le32(slot.slot).le32(slot.octets);
  return message;
}

Result<lab::ReplayFrame> parse_replay_frame(std::span<const uint8_t> body) {
  Reader reader(body);
  lab::ReplayFrame frame;
  frame.at = Duration(static_cast<int64_t>(TRY(reader.le64())));
  frame.interface = TRY(reader.le32());
  frame.mhz = TRY(reader.le32());
  frame.has_radiotap = TRY(reader.u8()) != 0;
  frame.octets = reader.rest();
  return frame;
}

Octets emit_replay_frame(const lab::ReplayFrame& frame, interpose::Stamp stamp) {
  Octets message;
  Writer writer(message);
  interpose::emit_header(writer, {.type = kReplayFrame, .stamp = stamp});
  writer.le64(static_cast<uint64_t>(frame.at.count())).le32(frame.interface).le32(frame.mhz);
  writer.u8(frame.has_radiotap ? 1 : 0).bytes(frame.octets);
  return message;
}

}  // namespace airloom::daemon
