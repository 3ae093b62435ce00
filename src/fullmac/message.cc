#include "fullmac/message.h"

#include <algorithm>

namespace airloom::fullmac {

Result<Header> Header::parse(Reader& message) {
  Reader reader = message;
  const uint8_t version = TRY(reader.u8());
  const uint8_t kind = TRY(reader.u8());
  Header header;
  header.code = TRY(reader.le16());
  header.interface = TRY(reader.le16());
  header.sequence = TRY(reader.le16());
  if (version != kVersion) return fail(Errc::kUnsupported, "another version");
  if (kind > static_cast<uint8_t>(Kind::kData)) return fail(Errc::kMalformed, "no such kind");
  header.kind = static_cast<Kind>(kind);
  message = reader;
  return header;
}

void Header::emit(Writer& writer) const {
  writer.u8(kVersion).u8(static_cast<uint8_t>(kind));
  writer.le16(code).le16(interface).le16(sequence);
}

FrameBuffer wrap_data(FrameBuffer ethernet, uint16_t interface) {
  if (!ethernet.is_unique() || ethernet.headroom() < kHeaderLength) ethernet = ethernet.copy();
  const auto header = ethernet.push_front(kHeaderLength);
  const std::array<uint8_t, kHeaderLength> octets = {kVersion,
                                                     static_cast<uint8_t>(Kind::kData),
                                                     0,
                                                     0,
                                                     static_cast<uint8_t>(interface),
                                                     static_cast<uint8_t>(interface >> 8),
                                                     0,
                                                     0};
  std::copy(octets.begin(), octets.end(), header.begin());
  return ethernet;
}

}  // namespace airloom::fullmac
