#include "daemon/command_protocol.h"

namespace airloom::daemon {

Result<CommandMessage> parse_command_message(std::span<const uint8_t> datagram) {
  Reader reader(datagram);
  const auto header = TRY(interpose::parse_header(reader));
  if (header.type < kCommand || header.type > kCaptureData) return fail(Errc::kUnsupported);
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

}  // namespace airloom::daemon
