// Spelling a policy as a list of (attribute, rule) pairs.
#pragma once

#include <array>
#include <cstdint>

#include "netlink/policy.h"

namespace airloom::nl80211 {

struct TypedRow {
  uint16_t type;
  netlink::PolicyRow row;
};

/// The rows of a policy whose highest attribute is `kMax`.
template <size_t kMax, size_t N>
constexpr std::array<netlink::PolicyRow, kMax + 1> by_type(const TypedRow (&rows)[N]) {
  std::array<netlink::PolicyRow, kMax + 1> table{};
  for (const TypedRow& row : rows) table[row.type] = row.row;
  return table;
}

}  // namespace airloom::nl80211
