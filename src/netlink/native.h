// Integers in this machine's byte order, which is netlink's order on the wire.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace airloom::netlink {

/// The integer that `octets` begins with; none if there are too few.
template <std::integral T>
std::optional<T> load(std::span<const uint8_t> octets) {
  if (octets.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, octets.data(), sizeof value);
  return value;
}

/// Writes an integer over the octets at `at`, which must exist.
template <std::integral T>
void store(std::vector<uint8_t>& out, size_t at, T value) {
  std::memcpy(out.data() + at, &value, sizeof value);
}

template <std::integral T>
void append(std::vector<uint8_t>& out, T value) {
  out.resize(out.size() + sizeof value);
  store(out, out.size() - sizeof value, value);
}

/// Netlink aligns messages and attributes to four octets. [netlink.h NLMSG_ALIGN]
constexpr size_t align4(size_t size) {
  return (size + 3) & ~size_t{3};
}

}  // namespace airloom::netlink
