#include "capture/pcap_reader.h"

#include <limits>

namespace airloom::capture {
namespace {

constexpr uint32_t kPcapMicroseconds = 0xa1b2c3d4;
constexpr uint32_t kPcapNanoseconds = 0xa1b23c4d;
constexpr uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr uint32_t kInterfaceDescription = 1;
constexpr uint32_t kEnhancedPacket = 6;
constexpr uint16_t kEndOfOptions = 0;
constexpr uint16_t kTimeResolution = 9;
constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr size_t kBlockFrame = 12;  // type, length, length again

uint32_t swapped(uint32_t value) {
  return value >> 24 | (value >> 8 & 0xff00) | (value << 8 & 0xff0000) | value << 24;
}

/// Units a second of an if_tsresol octet; 0: more than 64 bits hold.
uint64_t units_of(uint8_t resolution) {
  const unsigned exponent = resolution & 0x7f;
  if ((resolution & 0x80) != 0) return exponent < 64 ? uint64_t{1} << exponent : 0;
  uint64_t units = 1;
  for (unsigned i = 0; i < exponent; ++i) {
    if (units > std::numeric_limits<uint64_t>::max() / 10) return 0;
    units *= 10;
  }
  return units;
}

uint64_t to_ns(uint64_t time, uint64_t units_per_second) {
  const uint64_t rest = time % units_per_second;
  // Of resolutions finer than a nanosecond only the leading digits matter.
  const uint64_t ns = units_per_second <= kNsPerSecond ? rest * kNsPerSecond / units_per_second
                                                       : rest / (units_per_second / kNsPerSecond);
  return time / units_per_second * kNsPerSecond + ns;
}

}  // namespace

Result<PcapReader> PcapReader::open(std::span<const uint8_t> file) {
  PcapReader reader(file);
  Reader peek(file);
  const auto magic = peek.le32();
  if (!magic) return fail(Errc::kMalformed, "too short for a capture");
  if (*magic == kSectionHeader) {
    reader.is_pcapng_ = true;
    return reader;
  }
  TRY(reader.read_pcap_header(*magic));
  return reader;
}

Result<void> PcapReader::read_pcap_header(uint32_t magic) {
  const uint32_t reversed = swapped(magic);
  big_endian_ = reversed == kPcapMicroseconds || reversed == kPcapNanoseconds;
  const uint32_t order = big_endian_ ? reversed : magic;
  if (order != kPcapMicroseconds && order != kPcapNanoseconds)
    return fail(Errc::kMalformed, "neither pcap nor pcapng");
  TRY(file_.skip(20));  // magic, version, time zone, accuracy, snap length
  const uint32_t link_type = TRY(integer<uint32_t>(file_));
  interfaces_ = {{static_cast<uint16_t>(link_type),
                  order == kPcapNanoseconds ? kNsPerSecond : kNsPerSecond / 1000}};
  return {};
}

Result<std::optional<CapturedPacket>> PcapReader::next() {
  if (!is_pcapng_) return next_of_pcap();
  while (!file_.at_end())
    if (auto packet = TRY(read_block())) return packet;
  return std::nullopt;
}

Result<std::optional<CapturedPacket>> PcapReader::next_of_pcap() {
  if (file_.at_end()) return std::nullopt;
  const Interface& interface = interfaces_.front();
  const uint64_t seconds = TRY(integer<uint32_t>(file_));
  const uint64_t rest = TRY(integer<uint32_t>(file_));
  const uint32_t length = TRY(integer<uint32_t>(file_));
  const uint32_t original = TRY(integer<uint32_t>(file_));
  return CapturedPacket{
      .time_ns = seconds * kNsPerSecond + rest * (kNsPerSecond / interface.units_per_second),
      .link_type = interface.link_type,
      .octets = TRY(file_.take(length)),
      .is_cut = original > length};
}

Result<std::optional<CapturedPacket>> PcapReader::read_block() {
  Reader block = file_;
  const uint32_t type = TRY(integer<uint32_t>(block));
  if (type == kSectionHeader) {  // the same in either order; its magic tells the rest's
    Reader magic = block;
    TRY(magic.skip(4));
    big_endian_ = TRY(magic.le32()) != kByteOrderMagic;
  }
  const uint32_t length = TRY(integer<uint32_t>(block));
  if (length < kBlockFrame || length % 4 != 0) return fail(Errc::kMalformed, "a block's length");
  Reader body(TRY(block.take(length - kBlockFrame)));
  TRY(file_.skip(length));
  if (type == kSectionHeader) TRY(read_section(body));
  if (type == kInterfaceDescription) TRY(read_interface(body));
  if (type != kEnhancedPacket) return std::nullopt;
  return TRY(read_packet(body));
}

Result<void> PcapReader::read_section(Reader body) {
  if (TRY(integer<uint32_t>(body)) != kByteOrderMagic)
    return fail(Errc::kMalformed, "a section's byte order");
  interfaces_.clear();
  return {};
}

Result<void> PcapReader::read_interface(Reader body) {
  Interface interface { .link_type = TRY(integer<uint16_t>(body)) };
  TRY(body.skip(6));  // reserved, snap length
  while (!body.at_end()) {
    const uint16_t code = TRY(integer<uint16_t>(body));
    const uint16_t length = TRY(integer<uint16_t>(body));
    if (code == kEndOfOptions) break;
    const auto value = TRY(body.take(length));
    TRY(body.skip((4 - length % 4) % 4));
    if (code == kTimeResolution && length == 1) interface.units_per_second = units_of(value[0]);
  }
  if (interface.units_per_second == 0) return fail(Errc::kMalformed, "a time resolution");
  interfaces_.push_back(interface);
  return {};
}

Result<CapturedPacket> PcapReader::read_packet(Reader body) const {
  const uint32_t interface = TRY(integer<uint32_t>(body));
  if (interface >= interfaces_.size())
    return fail(Errc::kMalformed, "a packet of an unknown interface");
  const uint64_t high = TRY(integer<uint32_t>(body));
  const uint64_t low = TRY(integer<uint32_t>(body));
  const uint32_t length = TRY(integer<uint32_t>(body));
  const uint32_t original = TRY(integer<uint32_t>(body));
  const Interface& from = interfaces_[interface];
  return CapturedPacket{.time_ns = to_ns(high << 32 | low, from.units_per_second),
                        .link_type = from.link_type,
                        .interface = interface,
                        .octets = TRY(body.take(length)),
                        .is_cut = original > length};
}

}  // namespace airloom::capture
