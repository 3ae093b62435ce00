// Messages of the daemon protocol, both ways, and the `airloom` command's part of it: what parses
// is emitted and parsed as the same.
#include "daemon/command_protocol.h"
#include "interpose/protocol.h"
#include "law.h"

namespace airloom {
namespace {

using fuzz::expect;

void try_message(std::span<const uint8_t> datagram) {
  const auto envelope = interpose::parse_message(datagram);
  if (!envelope) return;
  const Octets first = interpose::emit_message(envelope->message, envelope->stamp);
  const auto again = interpose::parse_message(first);
  expect(again.has_value(), "what was emitted parses");
  expect(again->stamp == envelope->stamp, "the stamp is kept");
  expect(interpose::emit_message(again->message, again->stamp) == first,
         "what was emitted is emitted again");
}

void try_replay_frame(std::span<const uint8_t> body) {
  const auto frame = daemon::parse_replay_frame(body);
  if (!frame) return;
  const Octets emitted = daemon::emit_replay_frame(*frame, {});
  const auto again = daemon::parse_command_message(emitted);
  expect(again.has_value() && daemon::parse_replay_frame(again->body).has_value(),
         "a replayed frame that was emitted parses");
}

void try_capture_slot(std::span<const uint8_t> body) {
  const auto slot = daemon::parse_capture_slot(body);
  if (!slot) return;
  const Octets emitted = daemon::emit_capture_slot(*slot, {});
  const auto again = daemon::parse_command_message(emitted);
  expect(again.has_value(), "a capture's slot that was emitted is a message");
  const auto same = daemon::parse_capture_slot(again->body);
  expect(same && same->slot == slot->slot && same->octets == slot->octets,
         "a capture's slot comes back");
}

void try_command(std::span<const uint8_t> datagram) {
  const auto command = daemon::parse_command_message(datagram);
  if (!command) return;
  try_replay_frame(command->body);
  try_capture_slot(command->body);
}

}  // namespace
}  // namespace airloom

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  airloom::try_message({data, size});
  airloom::try_command({data, size});
  return 0;
}
