// Describing a policy row to a client: in the ext ack of a refused attribute, and to GETPOLICY.
#include <linux/netlink.h>

#include <algorithm>

#include "netlink/policy.h"

namespace airloom::netlink {

namespace {

uint32_t wire_type(Kind kind) {
  switch (kind) {
    case Kind::kU8:
      return NL_ATTR_TYPE_U8;
    case Kind::kU16:
      return NL_ATTR_TYPE_U16;
    case Kind::kU32:
      return NL_ATTR_TYPE_U32;
    case Kind::kU64:
    case Kind::kMsecs:
      return NL_ATTR_TYPE_U64;
    case Kind::kS8:
      return NL_ATTR_TYPE_S8;
    case Kind::kS16:
      return NL_ATTR_TYPE_S16;
    case Kind::kS32:
      return NL_ATTR_TYPE_S32;
    case Kind::kS64:
      return NL_ATTR_TYPE_S64;
    case Kind::kFlag:
      return NL_ATTR_TYPE_FLAG;
    case Kind::kString:
      return NL_ATTR_TYPE_STRING;
    case Kind::kNulString:
      return NL_ATTR_TYPE_NUL_STRING;
    case Kind::kBinary:
      return NL_ATTR_TYPE_BINARY;
    case Kind::kNested:
      return NL_ATTR_TYPE_NESTED;
    case Kind::kNestedArray:
      return NL_ATTR_TYPE_NESTED_ARRAY;
    case Kind::kBitfield32:
      return NL_ATTR_TYPE_BITFIELD32;
    case Kind::kUnspec:
    case Kind::kReject:
      return NL_ATTR_TYPE_INVALID;
  }
  return NL_ATTR_TYPE_INVALID;
}

/// The largest value of an integer kind.
uint64_t kind_max(Kind kind) {
  switch (kind) {
    case Kind::kU8:
      return UINT8_MAX;
    case Kind::kU16:
      return UINT16_MAX;
    case Kind::kU32:
      return UINT32_MAX;
    case Kind::kS8:
      return INT8_MAX;
    case Kind::kS16:
      return INT16_MAX;
    case Kind::kS32:
      return INT32_MAX;
    case Kind::kS64:
      return INT64_MAX;
    default:
      return UINT64_MAX;
  }
}

bool bounded_below(const PolicyRow& row) {
  return row.check == Check::kRange || row.check == Check::kRangeWarnTooLong ||
         row.check == Check::kMin;
}

bool bounded_above(const PolicyRow& row) {
  return row.check == Check::kRange || row.check == Check::kRangeWarnTooLong ||
         row.check == Check::kMax;
}

void put_unsigned(MessageWriter& writer, const PolicyRow& row) {
  if (row.check == Check::kMask) {
    writer.u64(NL_POLICY_TYPE_ATTR_MASK, row.mask, NL_POLICY_TYPE_ATTR_PAD);
    return;
  }
  const auto min = bounded_below(row) ? static_cast<uint64_t>(row.min) : 0;
  const auto max = bounded_above(row) ? static_cast<uint64_t>(row.max) : kind_max(row.kind);
  writer.u64(NL_POLICY_TYPE_ATTR_MIN_VALUE_U, min, NL_POLICY_TYPE_ATTR_PAD);
  writer.u64(NL_POLICY_TYPE_ATTR_MAX_VALUE_U, max, NL_POLICY_TYPE_ATTR_PAD);
}

void put_signed(MessageWriter& writer, const PolicyRow& row) {
  const auto limit = static_cast<int64_t>(kind_max(row.kind));
  const int64_t min = bounded_below(row) ? row.min : -limit - 1;
  const int64_t max = bounded_above(row) ? row.max : limit;
  writer.u64(NL_POLICY_TYPE_ATTR_MIN_VALUE_S, static_cast<uint64_t>(min), NL_POLICY_TYPE_ATTR_PAD);
  writer.u64(NL_POLICY_TYPE_ATTR_MAX_VALUE_S, static_cast<uint64_t>(max), NL_POLICY_TYPE_ATTR_PAD);
}

void put_lengths(MessageWriter& writer, const PolicyRow& row) {
  if (row.check == Check::kRange || row.check == Check::kRangeWarnTooLong) {
    if (row.min != 0) writer.u32(NL_POLICY_TYPE_ATTR_MIN_LENGTH, static_cast<uint32_t>(row.min));
    if (row.max < UINT16_MAX)
      writer.u32(NL_POLICY_TYPE_ATTR_MAX_LENGTH, static_cast<uint32_t>(row.max));
  } else if (row.length != 0) {
    writer.u32(NL_POLICY_TYPE_ATTR_MAX_LENGTH, row.length);
  }
}

void put_nested(MessageWriter& writer, const PolicyRow& row,
                const std::vector<const Policy*>* numbering) {
  if (!numbering || !row.nested) return;
  const auto at = std::find(numbering->begin(), numbering->end(), row.nested);
  if (at == numbering->end()) return;
  writer.u32(NL_POLICY_TYPE_ATTR_POLICY_IDX, static_cast<uint32_t>(at - numbering->begin()));
  writer.u32(NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE, row.nested->max_type());
}

}  // namespace

void put_policy_row(MessageWriter& writer, const PolicyRow& row, uint16_t nest_type,
                    const std::vector<const Policy*>* numbering) {
  const uint32_t type = wire_type(row.kind);
  if (type == NL_ATTR_TYPE_INVALID) return;
  const auto nest = writer.flagged_nest(nest_type);
  switch (row.kind) {
    case Kind::kU8:
    case Kind::kU16:
    case Kind::kU32:
    case Kind::kU64:
    case Kind::kMsecs:
      put_unsigned(writer, row);
      break;
    case Kind::kS8:
    case Kind::kS16:
    case Kind::kS32:
    case Kind::kS64:
      put_signed(writer, row);
      break;
    case Kind::kString:
    case Kind::kNulString:
    case Kind::kBinary:
      put_lengths(writer, row);
      break;
    case Kind::kNested:
    case Kind::kNestedArray:
      put_nested(writer, row, numbering);
      break;
    case Kind::kBitfield32:
      writer.u32(NL_POLICY_TYPE_ATTR_BITFIELD32_MASK, static_cast<uint32_t>(row.mask));
      break;
    case Kind::kFlag:
    case Kind::kUnspec:
    case Kind::kReject:
      break;
  }
  writer.u32(NL_POLICY_TYPE_ATTR_TYPE, type);
}

}  // namespace airloom::netlink
