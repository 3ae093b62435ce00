#include "netlink/policy.h"

#include <algorithm>

namespace airloom::netlink {

size_t integer_size(Kind kind) {
  switch (kind) {
    case Kind::kU8:
    case Kind::kS8:
      return 1;
    case Kind::kU16:
    case Kind::kS16:
      return 2;
    case Kind::kU32:
    case Kind::kS32:
      return 4;
    case Kind::kU64:
    case Kind::kS64:
      return 8;
    case Kind::kMsecs:
    case Kind::kFlag:
    case Kind::kString:
    case Kind::kNulString:
    case Kind::kBinary:
    case Kind::kNested:
    case Kind::kNestedArray:
    case Kind::kBitfield32:
    case Kind::kUnspec:
    case Kind::kReject:
      return 0;
  }
  return 0;
}

namespace {

constexpr int kMaxDepth = 10;

bool is_nest(Kind kind) {
  return kind == Kind::kNested || kind == Kind::kNestedArray;
}

/// The value that a check looks at. Values of 2^63 and above count as the largest, which no range
/// of ours reaches.
int64_t checked_value(Kind kind, const Attribute& attribute) {
  const auto p = attribute.payload;
  switch (kind) {
    case Kind::kU8:
      return load<uint8_t>(p).value_or(0);
    case Kind::kU16:
      return load<uint16_t>(p).value_or(0);
    case Kind::kU32:
      return load<uint32_t>(p).value_or(0);
    case Kind::kS8:
      return load<int8_t>(p).value_or(0);
    case Kind::kS16:
      return load<int16_t>(p).value_or(0);
    case Kind::kS32:
      return load<int32_t>(p).value_or(0);
    case Kind::kS64:
      return load<int64_t>(p).value_or(0);
    case Kind::kU64:
    case Kind::kMsecs:
      return static_cast<int64_t>(std::min<uint64_t>(load<uint64_t>(p).value_or(0), INT64_MAX));
    default:
      return static_cast<int64_t>(p.size());  // the length of the others is their value
  }
}

/// One walk over a message's attributes against its policy, nested policies included.
class Validator {
 public:
  explicit Validator(ExtAck& ack) : ack_(ack) {}

  Result<void> run(AttributeRange range, const Policy& policy, bool strict, int depth,
                   AttributeTable* table);

 private:
  Result<void> attribute(const Attribute& a, const Policy& policy, bool strict, int depth);
  Result<void> form(const Attribute& a, const PolicyRow& row, bool strict, int depth);
  Result<void> value(const Attribute& a, const PolicyRow& row, bool strict);
  Result<void> nul_string(const Attribute& a, const PolicyRow& row);
  Result<void> string(const Attribute& a, const PolicyRow& row);
  Result<void> array(const Attribute& a, const PolicyRow& row, bool strict, int depth);

  Result<void> refuse(Errc code, const char* text, const Attribute& a,
                      const PolicyRow* row = nullptr) {
    ack_.text = text;
    ack_.offset = a.offset;
    ack_.policy = row;
    return fail(code, text, a.type);
  }
  Result<void> refuse_form(Errc code, const Attribute& a, const PolicyRow& row) {
    return refuse(code, "Attribute failed policy validation", a, &row);
  }

  ExtAck& ack_;
};

Result<void> Validator::run(AttributeRange range, const Policy& policy, bool strict, int depth,
                            AttributeTable* table) {
  if (depth >= kMaxDepth) {
    ack_.text = "allowed policy recursion depth exceeded";
    return fail(Errc::kInvalid, ack_.text);
  }
  auto it = range.begin();
  for (; it != range.end(); ++it) {
    const Attribute& a = *it;
    if (a.type == 0 || a.type > policy.max_type()) {
      if (strict) return refuse(Errc::kInvalid, "Unknown attribute type", a);
      continue;
    }
    TRY(attribute(a, policy, strict, depth));
    if (table) table->set(a);
  }
  if (it.leftover() > 0 && strict) {
    ack_.text = "bytes leftover after parsing attributes";
    return fail(Errc::kInvalid, ack_.text);
  }
  return {};
}

Result<void> Validator::attribute(const Attribute& a, const Policy& policy, bool strict,
                                  int depth) {
  if (policy.strict_start != 0 && a.type >= policy.strict_start) strict = true;
  const PolicyRow& row = policy.rows[a.type];
  const size_t exact = integer_size(row.kind);
  if (strict && exact != 0 && a.payload.size() != exact)
    return refuse(Errc::kInvalid, "invalid attribute length", a, &row);
  if (strict && is_nest(row.kind) && !a.nested_flag)
    return refuse(Errc::kInvalid, "NLA_F_NESTED is missing", a, &row);
  if (strict && !is_nest(row.kind) && row.kind != Kind::kUnspec && a.nested_flag)
    return refuse(Errc::kInvalid, "NLA_F_NESTED not expected", a, &row);
  TRY(form(a, row, strict, depth));
  return value(a, row, strict);
}

Result<void> Validator::form(const Attribute& a, const PolicyRow& row, bool strict, int depth) {
  const size_t size = a.payload.size();
  switch (row.kind) {
    case Kind::kReject:
      return refuse_form(Errc::kInvalid, a, row);
    case Kind::kFlag:
      return size > 0 ? refuse_form(Errc::kRange, a, row) : Result<void>{};
    case Kind::kBitfield32:
      return size != 8 ? refuse_form(Errc::kRange, a, row) : Result<void>{};
    case Kind::kNulString:
      TRY(nul_string(a, row));
      return string(a, row);
    case Kind::kString:
      return string(a, row);
    case Kind::kBinary:
      if (row.length != 0 && size > row.length) return refuse_form(Errc::kRange, a, row);
      return {};
    case Kind::kNested:
    case Kind::kNestedArray:
      if (size == 0) return {};
      if (size < 4) return refuse_form(Errc::kRange, a, row);
      if (!row.nested) return {};
      if (row.kind == Kind::kNestedArray) return array(a, row, strict, depth);
      return run(AttributeRange(a), *row.nested, strict, depth + 1, nullptr);
    case Kind::kUnspec:
      if (strict) return refuse(Errc::kInvalid, "Unsupported attribute", a);
      if (size < row.length) return refuse_form(Errc::kRange, a, row);
      return {};
    default: {  // the integers
      const size_t own = row.kind == Kind::kMsecs ? 8 : integer_size(row.kind);
      if (size < (row.length != 0 ? row.length : own)) return refuse_form(Errc::kRange, a, row);
      return {};
    }
  }
}

Result<void> Validator::nul_string(const Attribute& a, const PolicyRow& row) {
  size_t looked_at = a.payload.size();
  if (row.length != 0) looked_at = std::min<size_t>(looked_at, row.length + 1);
  const auto head = a.payload.first(looked_at);
  if (std::find(head.begin(), head.end(), 0) == head.end())
    return refuse_form(Errc::kInvalid, a, row);
  return {};
}

Result<void> Validator::string(const Attribute& a, const PolicyRow& row) {
  size_t size = a.payload.size();
  if (size < 1) return refuse_form(Errc::kRange, a, row);
  if (row.length == 0) return {};
  if (a.payload.back() == 0) --size;
  if (size > row.length) return refuse_form(Errc::kRange, a, row);
  return {};
}

Result<void> Validator::array(const Attribute& a, const PolicyRow& row, bool strict, int depth) {
  for (const Attribute& entry : AttributeRange(a)) {
    if (entry.payload.empty()) continue;
    if (entry.payload.size() < 4)
      return refuse(Errc::kRange, "Array element too short", entry, &row);
    TRY(run(AttributeRange(entry), *row.nested, strict, depth + 1, nullptr));
  }
  return {};
}

Result<void> Validator::value(const Attribute& a, const PolicyRow& row, bool strict) {
  if (row.check == Check::kNone) return {};
  if (row.check == Check::kFunction) {
    auto judged = row.validate ? row.validate(a) : Result<void>{};
    if (judged) return {};
    return refuse(judged.error().code, judged.error().text.c_str(), a);
  }
  const int64_t value = checked_value(row.kind, a);
  if (row.check == Check::kMask) {
    if (static_cast<uint64_t>(value) & ~row.mask)
      return refuse(Errc::kInvalid, "reserved bit set", a, &row);
    return {};
  }
  const bool has_max = row.check != Check::kMin;
  const bool has_min = row.check != Check::kMax;
  if (row.check == Check::kRangeWarnTooLong && value > row.max) {
    if (strict) return refuse(Errc::kInvalid, "invalid attribute length", a, &row);
    return {};
  }
  if ((has_min && value < row.min) || (has_max && value > row.max)) {
    const bool binary = row.kind == Kind::kBinary;
    return refuse(Errc::kRange,
                  binary ? "binary attribute size out of range" : "integer out of range", a, &row);
  }
  return {};
}

}  // namespace

Result<AttributeTable> validate_and_parse(AttributeRange range, const Policy& policy, ExtAck& ack,
                                          Strictness strictness) {
  AttributeTable table;
  TRY(Validator(ack).run(range, policy, strictness == Strictness::kStrict, 0, &table));
  return table;
}

Result<AttributeTable> validate_and_parse(const Attribute& nest, const Policy& policy, ExtAck& ack,
                                          Strictness strictness) {
  return validate_and_parse(AttributeRange(nest), policy, ack, strictness);
}

}  // namespace airloom::netlink
