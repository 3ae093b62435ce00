// Netlink and generic netlink messages: reading them out of a datagram, and writing one. Bounds
// are the kernel's: a message whose length field does not hold ends its datagram. What a reader
// returns points into the datagram. [netlink.h struct nlmsghdr] [genetlink.h struct genlmsghdr]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/mac_address.h"
#include "bytes/writer.h"
#include "netlink/attributes.h"
#include "netlink/native.h"

namespace airloom::netlink {

constexpr size_t kMessageHeaderSize = 16;
constexpr size_t kGenlHeaderSize = 4;

struct MessageHeader {
  uint32_t length = 0;  // as sent, header included
  uint16_t type = 0;
  uint16_t flags = 0;
  uint32_t sequence = 0;
  uint32_t port = 0;
};

struct GenlHeader {
  uint8_t command = 0;
  uint8_t version = 1;
  uint16_t reserved = 0;
};

/// One message within a datagram.
struct Message {
  MessageHeader header;
  std::span<const uint8_t> octets;  // all of it, header included, padding not

  std::span<const uint8_t> payload() const { return octets.subspan(kMessageHeaderSize); }
  /// The generic netlink header; none if the message is too short for one.
  std::optional<GenlHeader> genl() const;
  /// The attributes behind the generic netlink header.
  AttributeRange genl_attributes() const;
};

/// Takes the messages out of a datagram, one by one.
class MessageReader {
 public:
  explicit MessageReader(std::span<const uint8_t> datagram) : rest_(datagram) {}
  /// The next message; none at the end, or where the rest is malformed.
  std::optional<Message> next();

 private:
  std::span<const uint8_t> rest_;
};

/// Writes one message: headers, then attributes in calling order. An attribute or nest beyond
/// 65,535 octets spoils the message: finish() then gives nothing, as the kernel's EMSGSIZE would.
class MessageWriter {
 public:
  explicit MessageWriter(MessageHeader header);
  MessageWriter(MessageHeader header, GenlHeader genl);

  MessageWriter& u8(uint16_t type, uint8_t value) { return integer(type, value); }
  MessageWriter& u16(uint16_t type, uint16_t value) { return integer(type, value); }
  MessageWriter& u32(uint16_t type, uint32_t value) { return integer(type, value); }
  MessageWriter& s8(uint16_t type, int8_t value) { return integer(type, value); }
  MessageWriter& s32(uint16_t type, int32_t value) { return integer(type, value); }
  /// A 64-bit value, with an empty `pad` attribute before it where its payload would else not lie
  /// on eight octets.
  MessageWriter& u64(uint16_t type, uint64_t value, uint16_t pad);
  /// A 64-bit value without the alignment rule.
  MessageWriter& u64_unaligned(uint16_t type, uint64_t value) { return integer(type, value); }
  MessageWriter& string(uint16_t type, std::string_view value);  // NUL-terminated on the wire
  MessageWriter& flag(uint16_t type) { return bytes(type, {}); }
  MessageWriter& flag_if(bool condition, uint16_t type) { return condition ? flag(type) : *this; }
  MessageWriter& bytes(uint16_t type, std::span<const uint8_t> value);
  MessageWriter& mac(uint16_t type, const MacAddress& value) { return bytes(type, value.octets); }
  /// Octets outside any attribute (an nlmsgerr, the int of NLMSG_DONE); aligned afterwards.
  MessageWriter& raw(std::span<const uint8_t> octets);

  /// An open nest; close it (end its scope) before the writer is moved. Its length is filled
  /// in when the scope ends.
  class Nest {
   public:
    Nest(MessageWriter& writer, uint16_t type);
    ~Nest();
    Nest(const Nest&) = delete;
    Nest& operator=(const Nest&) = delete;

   private:
    MessageWriter& writer_;
    size_t at_;
  };
  /// Opens a nest without NLA_F_NESTED, as nl80211 does almost everywhere.
  [[nodiscard]] Nest nest(uint16_t type) { return Nest(*this, type); }
  /// Opens a nest with NLA_F_NESTED.
  [[nodiscard]] Nest flagged_nest(uint16_t type);

  size_t size() const { return octets_.size(); }
  /// Ends the message and hands it over; empty if something did not fit.
  Octets finish() &&;

 private:
  template <std::integral T>
  MessageWriter& integer(uint16_t type, T value) {
    header(type, sizeof value);
    append(octets_, value);
    align();
    return *this;
  }
  void header(uint16_t type, size_t payload);
  void align() { octets_.resize(align4(octets_.size())); }

  Octets octets_;
  bool overflowed_ = false;
};

}  // namespace airloom::netlink
