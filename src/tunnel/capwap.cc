#include "tunnel/capwap.h"

#include "base/assert.h"

namespace airloom::tunnel {
namespace {

constexpr size_t kFixedOctets = 8;
constexpr size_t kWord = 4;  // what lengths are counted in
constexpr uint32_t kLengthMax = 31;

// The bits of the first word, below preamble, length, radio and binding.
constexpr uint32_t kNative = 1u << 8;
constexpr uint32_t kFragment = 1u << 7;
constexpr uint32_t kLast = 1u << 6;
constexpr uint32_t kWireless = 1u << 5;
constexpr uint32_t kRadioMac = 1u << 4;
constexpr uint32_t kKeepAlive = 1u << 3;

constexpr size_t padded(size_t octets) {
  return (octets + kWord - 1) / kWord * kWord;
}

/// An optional part: an octet of length, that many octets, and padding to a whole word.
Result<std::span<const uint8_t>> take_part(Reader& reader) {
  const size_t length = TRY(reader.u8());
  const auto part = TRY(reader.take(length));
  TRY(reader.skip(padded(1 + length) - 1 - length));
  return part;
}

}  // namespace

size_t CapwapHeader::length() const {
  return kFixedOctets + (wireless.empty() ? 0 : padded(1 + wireless.size()));
}

Result<CapwapHeader> CapwapHeader::parse(Reader& reader) {
  Reader fixed = reader;
  const uint32_t first = TRY(fixed.be32());
  if (first >> 24 != kPreambleClear)
    return fail(Errc::kUnsupported, "not CAPWAP version 0 in the clear");
  const size_t length = (first >> 19 & 0x1f) * kWord;
  if (length < kFixedOctets) return fail(Errc::kMalformed, "CAPWAP header too short");
  Reader parts(TRY(reader.take(length)));
  TRY(parts.skip(kWord));
  CapwapHeader header{.radio = static_cast<uint8_t>(first >> 14 & 0x1f),
                      .binding = static_cast<uint8_t>(first >> 9 & 0x1f),
                      .native = (first & kNative) != 0,
                      .fragment = (first & kFragment) != 0,
                      .last = (first & kLast) != 0,
                      .keep_alive = (first & kKeepAlive) != 0};
  header.fragment_id = TRY(parts.be16());
  header.fragment_offset = static_cast<uint16_t>(TRY(parts.be16()) >> 3);
  if (first & kRadioMac) TRY(take_part(parts));
  if (first & kWireless) header.wireless = TRY(take_part(parts));
  return header;
}

void CapwapHeader::emit(Writer& writer) const {
  const auto words = static_cast<uint32_t>(length() / kWord);
  WLAN_ASSERT(words <= kLengthMax && radio < 32 && binding < 32);
  uint32_t first =
      uint32_t{kPreambleClear} << 24 | words << 19 | uint32_t{radio} << 14 | uint32_t{binding} << 9;
  if (native) first |= kNative;
  if (fragment) first |= kFragment;
  if (last) first |= kLast;
  if (!wireless.empty()) first |= kWireless;
  if (keep_alive) first |= kKeepAlive;
  writer.be32(first).be16(fragment_id).be16(static_cast<uint16_t>(fragment_offset << 3));
  if (wireless.empty()) return;
  writer.u8(static_cast<uint8_t>(wireless.size())).bytes(wireless);
  writer.zeros(padded(1 + wireless.size()) - 1 - wireless.size());
}

}  // namespace airloom::tunnel
