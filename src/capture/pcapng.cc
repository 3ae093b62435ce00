#include "capture/pcapng.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace airloom::capture {
namespace {

constexpr uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr uint32_t kInterfaceDescription = 1;
constexpr uint32_t kEnhancedPacket = 6;
constexpr uint32_t kByteOrderMagic = 0x1a2b3c4d;

constexpr uint16_t kComment = 1;
constexpr uint16_t kInterfaceName = 2;
constexpr uint16_t kSectionApplication = 4;
constexpr uint16_t kTimeResolution = 9;
constexpr std::array<uint8_t, 1> kNanoseconds = {9};  // 10^-9 s

constexpr size_t kLengthAt = 4;  // of the total length within a block

}  // namespace

PcapngWriter::PcapngWriter(ByteSink& sink, std::string_view application) : sink_(sink) {
  begin_block(kSectionHeader);
  writer_.le32(kByteOrderMagic).le16(1).le16(0);  // version 1.0
  writer_.le64(UINT64_MAX);                       // the section's length is not known yet
  put_option(kSectionApplication, application);
  end_options();
  end_block();
}

PcapngWriter::InterfaceId PcapngWriter::add_interface(std::string_view name, LinkType link_type) {
  begin_block(kInterfaceDescription);
  writer_.le16(static_cast<uint16_t>(link_type)).le16(0).le32(0);  // no limit on packet lengths
  put_option(kInterfaceName, name);
  put_option(kTimeResolution, kNanoseconds);
  end_options();
  end_block();
  return interfaces_++;
}

void PcapngWriter::write_packet(InterfaceId id, uint64_t time_ns, std::span<const uint8_t> header,
                                std::span<const uint8_t> body, std::string_view comment) {
  WLAN_ASSERT(id < interfaces_);
  const auto length = static_cast<uint32_t>(header.size() + body.size());
  begin_block(kEnhancedPacket);
  writer_.le32(id);
  writer_.le32(static_cast<uint32_t>(time_ns >> 32)).le32(static_cast<uint32_t>(time_ns));
  writer_.le32(length).le32(length).bytes(header).bytes(body);
  pad();
  if (!comment.empty()) {
    put_option(kComment, comment);
    end_options();
  }
  end_block();
}

void PcapngWriter::begin_block(uint32_t type) {
  block_.clear();
  writer_.le32(type).le32(0);
}

void PcapngWriter::put_option(uint16_t code, std::span<const uint8_t> value) {
  value = value.first(std::min<size_t>(value.size(), UINT16_MAX));
  writer_.le16(code).le16(static_cast<uint16_t>(value.size())).bytes(value);
  pad();
}

void PcapngWriter::put_option(uint16_t code, std::string_view text) {
  const Octets octets(text.begin(), text.end());
  put_option(code, octets);
}

void PcapngWriter::pad() {
  writer_.zeros((4 - block_.size() % 4) % 4);
}

void PcapngWriter::end_block() {
  const auto length = static_cast<uint32_t>(block_.size() + 4);
  for (size_t i = 0; i < 4; ++i) block_[kLengthAt + i] = static_cast<uint8_t>(length >> (8 * i));
  writer_.le32(length);
  sink_.write(block_);
}

}  // namespace airloom::capture
