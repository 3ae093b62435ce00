#include "capture/pcapng.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

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

constexpr size_t padded(size_t octets) {
  return (octets + 3) / 4 * 4;
}

/// What can be told of a value in 16 bits of length.
constexpr size_t kOptionMax = UINT16_MAX;
constexpr size_t kEndOfOptions = 4;
constexpr size_t option_size(size_t value) {
  return 4 + padded(std::min(value, kOptionMax));
}

std::span<const uint8_t> octets_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {static_cast<const uint8_t*>(static_cast<const void*>(bytes.data())), bytes.size()};
}

}  // namespace

/// A block that is being written at the end of the batch; its length is known beforehand.
class PcapngWriter::Block {
 public:
  /// @param body  octets between the block's type and length and the length again
  Block(PcapngWriter& writer, uint32_t type, size_t body)
      : writer_(writer), length_(static_cast<uint32_t>(12 + body)) {
    if (writer.filled_ + length_ > writer.batch_.size()) writer.flush();
    if (writer.batch_.empty()) {
      writer.batch_ = writer.sink_.open(length_);
      writer.flush_timer_.arm(kPatience);
    }
    at_ = writer.batch_.data() + writer.filled_;
    le32(type).le32(length_);
  }
  ~Block() {
    le32(length_);
    writer_.filled_ += length_;
    WLAN_ASSERT(at_ == writer_.batch_.data() + writer_.filled_);
    // Another process had this memory last: fetched by its length ahead, a packet's room is here
    // when its turn comes.
    constexpr size_t kAhead = 4096, kLine = 64;
    const std::span<uint8_t> batch = writer_.batch_;
    const size_t begin = writer_.filled_ + kAhead;
    const size_t end = std::min(begin + length_, batch.size());
    for (size_t i = begin; i < end; i += kLine) __builtin_prefetch(&batch[i], 1);
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  template <std::unsigned_integral T>
  Block& le(T value) {
    if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
    return *this;
  }
  Block& le16(uint16_t value) { return le(value); }
  Block& le32(uint32_t value) { return le(value); }
  Block& bytes(std::span<const uint8_t> octets) {
    if (!octets.empty()) std::memcpy(at_, octets.data(), octets.size());
    at_ += octets.size();
    return *this;
  }
  /// Zeros up to the next multiple of four, behind so many octets.
  Block& pad(size_t octets) {
    for (size_t i = octets; i < padded(octets); ++i) *at_++ = 0;
    return *this;
  }
  Block& option(uint16_t code, std::span<const uint8_t> value) {
    value = value.first(std::min(value.size(), kOptionMax));
    return le16(code).le16(static_cast<uint16_t>(value.size())).bytes(value).pad(value.size());
  }
  Block& end_of_options() { return le32(0); }

 private:
  PcapngWriter& writer_;
  const uint32_t length_;
  uint8_t* at_;
};

PcapngWriter::PcapngWriter(Scheduler& scheduler, ByteSink& sink, std::string_view application)
    : sink_(sink), flush_timer_(scheduler, [this] { flush(); }) {
  constexpr size_t kFixed = 16;
  Block block(*this, kSectionHeader, kFixed + option_size(application.size()) + kEndOfOptions);
  block.le32(kByteOrderMagic).le16(1).le16(0);  // version 1.0
  block.le(uint64_t{UINT64_MAX});               // the section's length is not known yet
  block.option(kSectionApplication, octets_of(application)).end_of_options();
}

PcapngWriter::InterfaceId PcapngWriter::add_interface(std::string_view name, LinkType link_type) {
  constexpr size_t kFixed = 8;
  if (packets_ > 0) flush();
  {
    const size_t options = option_size(name.size()) + option_size(kNanoseconds.size());
    Block block(*this, kInterfaceDescription, kFixed + options + kEndOfOptions);
    block.le16(static_cast<uint16_t>(link_type)).le16(0).le32(0);  // no limit on packet lengths
    block.option(kInterfaceName, octets_of(name)).option(kTimeResolution, kNanoseconds);
    block.end_of_options();
  }
  flush();
  return interfaces_++;
}

void PcapngWriter::write_packet(InterfaceId id, uint64_t time_ns, std::span<const uint8_t> header,
                                std::span<const uint8_t> body, std::string_view comment) {
  WLAN_ASSERT(id < interfaces_);
  const size_t length = header.size() + body.size();
  constexpr size_t kFixed = 20;
  const size_t options = comment.empty() ? 0 : option_size(comment.size()) + kEndOfOptions;
  Block block(*this, kEnhancedPacket, kFixed + padded(length) + options);
  block.le32(id).le32(static_cast<uint32_t>(time_ns >> 32)).le32(static_cast<uint32_t>(time_ns));
  block.le32(static_cast<uint32_t>(length)).le32(static_cast<uint32_t>(length));
  block.bytes(header).bytes(body).pad(length);
  if (!comment.empty()) block.option(kComment, octets_of(comment)).end_of_options();
  ++packets_;
}

void PcapngWriter::flush() {
  if (std::exchange(batch_, {}).empty()) return;
  flush_timer_.cancel();
  sink_.commit(std::exchange(filled_, 0), std::exchange(packets_, 0));
}

}  // namespace airloom::capture
