// Attributes as they lie in a message: one attribute, a walk over a run of them, and a table by
// type. Nothing here judges values (policy.h does). Spans point into the message, which must
// outlive them. Malformed octets end a walk early, as in the kernel. [netlink.h struct nlattr]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/mac_address.h"
#include "netlink/native.h"

namespace airloom::netlink {

/// One attribute; `type` has the NLA_F_* bits taken off.
struct Attribute {
  uint16_t type = 0;
  bool nested_flag = false;  // NLA_F_NESTED was set
  uint32_t offset = 0;       // of its header, from the start of the message
  std::span<const uint8_t> payload;

  // The value, or none when the payload is too short for it.
  std::optional<uint8_t> u8() const { return load<uint8_t>(payload); }
  std::optional<uint16_t> u16() const { return load<uint16_t>(payload); }
  std::optional<uint32_t> u32() const { return load<uint32_t>(payload); }
  std::optional<uint64_t> u64() const { return load<uint64_t>(payload); }
  std::optional<int8_t> s8() const { return load<int8_t>(payload); }
  std::optional<int32_t> s32() const { return load<int32_t>(payload); }
  std::optional<MacAddress> mac() const;
  /// The payload up to the first NUL.
  std::string_view string() const;
};

/// Walks a run of attributes: `for (const Attribute& a : AttributeRange(span, offset))`.
class AttributeRange {
 public:
  /// @param offset  where `octets` begin, from the start of the message.
  explicit AttributeRange(std::span<const uint8_t> octets, uint32_t offset = 0)
      : octets_(octets), offset_(offset) {}
  /// What lies inside a nest.
  explicit AttributeRange(const Attribute& nest) : AttributeRange(nest.payload, nest.offset + 4) {}

  class Iterator {
   public:
    Iterator(std::span<const uint8_t> rest, uint32_t offset) : rest_(rest), offset_(offset) {
      read();
    }
    const Attribute& operator*() const { return current_; }
    const Attribute* operator->() const { return &current_; }
    Iterator& operator++();
    bool operator==(std::default_sentinel_t) const { return done_; }
    /// Octets that did not form an attribute, once the walk has ended.
    size_t leftover() const { return rest_.size(); }

   private:
    void read();
    std::span<const uint8_t> rest_;
    uint32_t offset_;
    Attribute current_;
    bool done_ = false;
  };
  Iterator begin() const { return Iterator(octets_, offset_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::span<const uint8_t> octets_;
  uint32_t offset_;
};

/// Attributes by type; of several of one type the last counts.
class AttributeTable {
 public:
  AttributeTable() = default;
  /// Sorts in every attribute, unjudged: for replies and events, whose sender is trusted, and for
  /// nests whose own types are known to be open.
  explicit AttributeTable(AttributeRange range);
  explicit AttributeTable(const Attribute& nest) : AttributeTable(AttributeRange(nest)) {}

  void set(const Attribute& attribute);
  const Attribute* find(uint16_t type) const;
  bool has(uint16_t type) const { return find(type) != nullptr; }
  bool empty() const { return found_.empty(); }

  // The value of an attribute; none when it is absent or too short.
  std::optional<uint8_t> u8(uint16_t type) const { return get(type, &Attribute::u8); }
  std::optional<uint16_t> u16(uint16_t type) const { return get(type, &Attribute::u16); }
  std::optional<uint32_t> u32(uint16_t type) const { return get(type, &Attribute::u32); }
  std::optional<uint64_t> u64(uint16_t type) const { return get(type, &Attribute::u64); }
  std::optional<int8_t> s8(uint16_t type) const { return get(type, &Attribute::s8); }
  std::optional<int32_t> s32(uint16_t type) const { return get(type, &Attribute::s32); }
  std::optional<MacAddress> mac(uint16_t type) const { return get(type, &Attribute::mac); }
  std::optional<std::string_view> string(uint16_t type) const;
  std::optional<std::span<const uint8_t>> bytes(uint16_t type) const;
  /// What lies inside a nest, as a table; empty when the nest is absent.
  AttributeTable nest(uint16_t type) const;

 private:
  template <typename T>
  std::optional<T> get(uint16_t type, std::optional<T> (Attribute::*read)() const) const {
    const Attribute* attribute = find(type);
    return attribute ? (attribute->*read)() : std::nullopt;
  }

  std::vector<uint16_t> index_;  // by type: position in found_ plus one, 0 for none
  std::vector<Attribute> found_;
};

}  // namespace airloom::netlink
