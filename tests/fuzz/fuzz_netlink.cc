// Netlink datagrams: every walk ends, stays within the datagram and agrees with its lengths; a
// message built from what was read is read as the same.
#include "law.h"
#include "netlink/message.h"

namespace airloom::fuzz {
namespace {

bool within(std::span<const uint8_t> part, std::span<const uint8_t> whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void walk(netlink::AttributeRange range, std::span<const uint8_t> message, int depth) {
  for (const netlink::Attribute& attribute : range) {
    expect(within(attribute.payload, message), "an attribute lies within its message");
    expect(attribute.string().size() <= attribute.payload.size(), "a string ends in its payload");
    attribute.u64();
    attribute.mac();
    if (depth > 0) walk(netlink::AttributeRange(attribute), message, depth - 1);
  }
}

void rebuild(const netlink::Message& message) {
  const auto genl = message.genl();
  if (!genl) return;
  netlink::MessageWriter writer(message.header, *genl);
  const netlink::AttributeTable table(message.genl_attributes());
  for (const netlink::Attribute& attribute : message.genl_attributes())
    writer.bytes(attribute.type, attribute.payload);
  const Octets octets = std::move(writer).finish();
  if (octets.empty()) return;  // padding made it too long
  const auto again = netlink::MessageReader(octets).next();
  expect(again.has_value(), "a message that was written is read");
  for (const netlink::Attribute& attribute : again->genl_attributes()) {
    const auto* before = table.find(attribute.type);
    expect(before != nullptr, "no attribute comes from nowhere");
  }
}

}  // namespace
}  // namespace airloom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace airloom::fuzz;
  const std::span datagram(data, size);
  airloom::netlink::MessageReader reader(datagram);
  while (const auto message = reader.next()) {
    expect(within(message->octets, datagram), "a message lies within its datagram");
    if (message->genl()) walk(message->genl_attributes(), message->octets, 4);
    rebuild(*message);
  }
  return 0;
}
