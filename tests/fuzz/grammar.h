// Attributes that a policy lets pass, or nearly: the input chooses types and values, the policy's
// rows their sizes and nesting. What is left of the input decides how often a row is broken.
#pragma once

#include <algorithm>
#include <array>

#include "bytes/reader.h"
#include "netlink/message.h"
#include "netlink/policy.h"

namespace airloom::fuzz {

class Grammar {
 public:
  Grammar(Reader& input, netlink::MessageWriter& writer) : input_(input), writer_(writer) {}

  /// Up to `count` attributes of a policy.
  void put(const netlink::Policy& policy, size_t count, int depth = 0) {
    for (size_t i = 0; i < count && !input_.at_end() && policy.max_type() != 0; ++i) {
      const auto type = static_cast<uint16_t>(1 + number(2) % policy.max_type());
      put_one(type, policy.rows[type], depth);
    }
  }

 private:
  static constexpr int kDepthMax = 4;
  static constexpr size_t kBreaks = 32;  // one size in so many is not the policy's

  uint64_t number(size_t octets) {
    uint64_t value = 0;
    for (size_t i = 0; i < octets; ++i) value = value << 8 | input_.u8().value_or(0);
    return value;
  }

  void put_one(uint16_t type, const netlink::PolicyRow& row, int depth) {
    using netlink::Kind;
    const bool nests = row.nested != nullptr && depth < kDepthMax;
    if (nests && row.kind == Kind::kNested) {
      const auto nest = writer_.flagged_nest(type);
      return put(*row.nested, number(1) % 8, depth + 1);
    }
    if (nests && row.kind == Kind::kNestedArray) {
      const auto nest = writer_.flagged_nest(type);
      const auto entries = static_cast<uint16_t>(number(1) % 4);
      for (uint16_t entry = 0; entry < entries; ++entry) {
        const auto inner = writer_.flagged_nest(entry);
        put(*row.nested, number(1) % 8, depth + 1);
      }
      return;
    }
    size_t size = size_of(row);
    if (number(1) % kBreaks == 0) size = number(1);
    const auto octets = input_.take(std::min(size, input_.remaining()));
    Octets value(octets->begin(), octets->end());
    value.resize(size);
    clamp(value, row);
    writer_.bytes(type, value);
  }

  size_t size_of(const netlink::PolicyRow& row) {
    using netlink::Kind;
    if (const size_t octets = netlink::integer_size(row.kind); octets != 0) return octets;
    switch (row.kind) {
      case Kind::kMsecs:
      case Kind::kBitfield32:
        return 8;
      case Kind::kFlag:
      case Kind::kReject:
        return 0;
      case Kind::kUnspec:
        return row.length;
      case Kind::kString:
      case Kind::kNulString:
        return number(1) % (row.length != 0 ? row.length : 33);
      default:
        break;
    }
    const bool bounded = row.check == netlink::Check::kRange && row.kind == Kind::kBinary;
    const auto least = static_cast<size_t>(bounded ? row.min : 0);
    const auto most = static_cast<size_t>(bounded ? row.max : row.length != 0 ? row.length : 64);
    return least + number(1) % (std::min<size_t>(most, 256 + least) - least + 1);
  }

  /// A number that is out of range goes in, most of the time.
  void clamp(Octets& value, const netlink::PolicyRow& row) {
    if (row.kind == netlink::Kind::kBinary || value.empty() || value.size() > 8) return;
    if (row.check != netlink::Check::kRange || row.max < row.min || value[0] % kBreaks == 0) return;
    const uint64_t span = static_cast<uint64_t>(row.max) - static_cast<uint64_t>(row.min) + 1;
    const uint64_t in = static_cast<uint64_t>(row.min) + (span != 0 ? value[0] % span : value[0]);
    for (size_t i = 0; i < value.size(); ++i) value[i] = static_cast<uint8_t>(in >> (8 * i));
  }

  Reader& input_;
  netlink::MessageWriter& writer_;
};

}  // namespace airloom::fuzz
