// Attribute policies as data, and the kernel's validation against them: same checks, same order,
// same errno, same words. A Policy is an array of rows indexed by attribute type; types beyond it
// are unknown. Policies are constants: rows hold pointers to other policies and to functions.
// [netlink.h enum netlink_attribute_type] [lib/nlattr.c of Linux 6.1 is the model]
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "netlink/attributes.h"
#include "netlink/ext_ack.h"

namespace airloom::netlink {

enum class Kind : uint8_t {
  kUnspec,
  kU8,
  kU16,
  kU32,
  kU64,
  kS8,
  kS16,
  kS32,
  kS64,
  kMsecs,
  kFlag,
  kString,
  kNulString,
  kBinary,
  kNested,
  kNestedArray,
  kBitfield32,
  kReject,
};

/// The octets of an integer kind; 0 for the others.
size_t integer_size(Kind kind);

enum class Check : uint8_t {
  kNone,
  kRange,             // min <= value (or length of a kBinary) <= max
  kRangeWarnTooLong,  // as kRange, but a longer kBinary passes
  kMin,
  kMax,
  kMask,      // no bit outside `mask`
  kFunction,  // `validate` decides
};

struct Policy;

struct PolicyRow {
  using Validate = Result<void> (*)(const Attribute&);

  Kind kind = Kind::kUnspec;
  Check check = Check::kNone;
  uint16_t length = 0;  // at most (kBinary, strings; 0: any), at least (others; 0: the kind's own)
  int64_t min = 0;
  int64_t max = 0;
  uint64_t mask = 0;
  const Policy* nested = nullptr;
  Validate validate = nullptr;
};

struct Policy {
  std::span<const PolicyRow> rows;
  /// From this type on attributes are checked strictly even in a liberal command; 0: none.
  uint16_t strict_start = 0;

  uint16_t max_type() const { return rows.empty() ? 0 : static_cast<uint16_t>(rows.size() - 1); }
};

// Rows are made by these, in the manner of the kernel's NLA_POLICY_ macros.
constexpr PolicyRow of(Kind kind, uint16_t length = 0) {
  return {.kind = kind, .length = length};
}
constexpr PolicyRow range(Kind kind, int64_t min, int64_t max) {
  return {.kind = kind, .check = Check::kRange, .min = min, .max = max};
}
constexpr PolicyRow at_least(Kind kind, int64_t min) {
  return {.kind = kind, .check = Check::kMin, .min = min};
}
constexpr PolicyRow at_most(Kind kind, int64_t max) {
  return {.kind = kind, .check = Check::kMax, .max = max};
}
constexpr PolicyRow mask(Kind kind, uint64_t bits) {
  return {.kind = kind, .check = Check::kMask, .mask = bits};
}
/// Exactly this many octets.
constexpr PolicyRow exact_length(uint16_t length) {
  return range(Kind::kBinary, length, length);
}
/// At least this many octets; more are ignored.
constexpr PolicyRow exact_length_warn(uint16_t length) {
  return {.kind = Kind::kBinary, .check = Check::kRangeWarnTooLong, .min = length, .max = length};
}
constexpr PolicyRow min_length(uint16_t length) {
  return at_least(Kind::kBinary, length);
}
constexpr PolicyRow nested(const Policy& policy) {
  return {.kind = Kind::kNested, .nested = &policy};
}
constexpr PolicyRow nested_array(const Policy& policy) {
  return {.kind = Kind::kNestedArray, .nested = &policy};
}
constexpr PolicyRow checked(Kind kind, PolicyRow::Validate validate, uint16_t length = 0) {
  return {.kind = kind, .check = Check::kFunction, .length = length, .validate = validate};
}
constexpr PolicyRow reject() {
  return {.kind = Kind::kReject};
}

enum class Strictness : uint8_t {
  kLiberal,  // unknown types, trailing octets and missing NLA_F_NESTED pass
  kStrict,
};

/// Checks every attribute of the run and sorts it into a table.
/// @param ack  on error gets the text, the offset and the policy.
/// @error kRange, kInvalid (or what a row's function answered)
Result<AttributeTable> validate_and_parse(AttributeRange range, const Policy& policy, ExtAck& ack,
                                          Strictness strictness = Strictness::kLiberal);
/// The same for what lies inside a nest.
Result<AttributeTable> validate_and_parse(const Attribute& nest, const Policy& policy, ExtAck& ack,
                                          Strictness strictness = Strictness::kLiberal);

/// What a row lets pass, as GETPOLICY and ext acks describe it: NL_POLICY_TYPE_ATTR_* in a nest of
/// type `nest_type`. Rows that say nothing (kUnspec, kReject) write nothing.
/// @param numbering  a GETPOLICY dump's policies in order, by which nested ones are named; null
///                   in an ext ack.
void put_policy_row(MessageWriter& writer, const PolicyRow& row, uint16_t nest_type,
                    const std::vector<const Policy*>* numbering = nullptr);

}  // namespace airloom::netlink
