#include "netlink/message.h"

#include <linux/netlink.h>

#include <algorithm>

namespace airloom::netlink {

std::optional<GenlHeader> Message::genl() const {
  const auto octets = payload();
  if (octets.size() < kGenlHeaderSize) return std::nullopt;
  return GenlHeader{octets[0], octets[1], *load<uint16_t>(octets.subspan(2))};
}

AttributeRange Message::genl_attributes() const {
  const size_t skipped = std::min(octets.size(), kMessageHeaderSize + kGenlHeaderSize);
  return AttributeRange(octets.subspan(skipped), static_cast<uint32_t>(skipped));
}

std::optional<Message> MessageReader::next() {
  if (rest_.size() < kMessageHeaderSize) return std::nullopt;
  Message message;
  MessageHeader& header = message.header;
  header.length = *load<uint32_t>(rest_);
  header.type = *load<uint16_t>(rest_.subspan(4));
  header.flags = *load<uint16_t>(rest_.subspan(6));
  header.sequence = *load<uint32_t>(rest_.subspan(8));
  header.port = *load<uint32_t>(rest_.subspan(12));
  if (header.length < kMessageHeaderSize || header.length > rest_.size()) {
    rest_ = {};
    return std::nullopt;
  }
  message.octets = rest_.first(header.length);
  rest_ = rest_.subspan(std::min(align4(header.length), rest_.size()));
  return message;
}

MessageWriter::MessageWriter(MessageHeader header) {
  append<uint32_t>(octets_, 0);
  append(octets_, header.type);
  append(octets_, header.flags);
  append(octets_, header.sequence);
  append(octets_, header.port);
}

MessageWriter::MessageWriter(MessageHeader header, GenlHeader genl) : MessageWriter(header) {
  append(octets_, genl.command);
  append(octets_, genl.version);
  append(octets_, genl.reserved);
}

void MessageWriter::header(uint16_t type, size_t payload) {
  if (payload > UINT16_MAX - NLA_HDRLEN) overflowed_ = true;
  append(octets_, static_cast<uint16_t>(NLA_HDRLEN + payload));
  append(octets_, type);
}

MessageWriter& MessageWriter::u64(uint16_t type, uint64_t value, uint16_t pad) {
  if (octets_.size() % 8 == 0) flag(pad);
  return integer(type, value);
}

MessageWriter& MessageWriter::string(uint16_t type, std::string_view value) {
  header(type, value.size() + 1);
  octets_.insert(octets_.end(), value.begin(), value.end());
  octets_.push_back(0);
  align();
  return *this;
}

MessageWriter& MessageWriter::bytes(uint16_t type, std::span<const uint8_t> value) {
  header(type, value.size());
  return raw(value);
}

MessageWriter& MessageWriter::raw(std::span<const uint8_t> octets) {
  octets_.insert(octets_.end(), octets.begin(), octets.end());
  align();
  return *this;
}

MessageWriter::Nest::Nest(MessageWriter& writer, uint16_t type)
    : writer_(writer), at_(writer.octets_.size()) {
  writer_.header(type, 0);
}

MessageWriter::Nest::~Nest() {
  const size_t length = writer_.octets_.size() - at_;
  if (length > UINT16_MAX) writer_.overflowed_ = true;
  store(writer_.octets_, at_, static_cast<uint16_t>(length));
}

MessageWriter::Nest MessageWriter::flagged_nest(uint16_t type) {
  return Nest(*this, type | NLA_F_NESTED);
}

Octets MessageWriter::finish() && {
  if (overflowed_) return {};
  store(octets_, 0, static_cast<uint32_t>(octets_.size()));
  return std::move(octets_);
}

}  // namespace airloom::netlink
