// What a fuzz target does when a law does not hold: it says which, and stops.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "bytes/reader.h"
#include "bytes/writer.h"

namespace airloom::fuzz {

inline void expect(bool law, const char* words) {
  if (law) return;
  std::fprintf(stderr, "law broken: %s\n", words);
  std::abort();
}

inline bool equal(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  return std::ranges::equal(a, b);
}

template <typename T>
Octets emitted(const T& value) {
  Octets octets;
  Writer writer(octets);
  value.emit(writer);
  return octets;
}

/// Parsing what was emitted gives a value that emits the same.
template <typename T>
void expect_round_trip(std::span<const uint8_t> octets) {
  const auto value = T::parse(Reader(octets));
  if (!value) return;
  const Octets first = emitted(*value);
  const auto again = T::parse(Reader(first));
  expect(again.has_value(), "what was emitted parses");
  expect(emitted(*again) == first, "what was emitted is emitted again");
}

/// The stronger law, for bodies that keep every octet.
template <typename T>
void expect_identity(std::span<const uint8_t> octets) {
  const auto value = T::parse(Reader(octets));
  if (value) expect(equal(emitted(*value), octets), "what parsed is emitted octet by octet");
}

}  // namespace airloom::fuzz
