#include "platform/internet_checksum.h"

#include <array>
#include <bit>
#include <cstring>

namespace airloom::platform {
namespace {

template <typename T>
T load(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

uint16_t fold(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

uint16_t network_order(uint16_t value) {
  return std::endian::native == std::endian::little ? static_cast<uint16_t>(value << 8 | value >> 8)
                                                    : value;
}

}  // namespace

InternetSum& InternetSum::add(std::span<const uint8_t> octets) {
  // 32-bit words into 64-bit sums, four at a time: carries cost nothing until the end.
  std::array<uint64_t, 4> sums{};
  const uint8_t* at = octets.data();
  size_t left = octets.size();
  for (; left >= 16; left -= 16, at += 16)
    for (size_t i = 0; i < 4; ++i) sums[i] += load<uint32_t>(at + 4 * i);
  for (; left >= 2; left -= 2, at += 2) sums[0] += load<uint16_t>(at);
  if (left > 0) {
    const std::array<uint8_t, 2> padded{*at, 0};
    sums[0] += load<uint16_t>(padded.data());
  }
  sum_ += fold(sums[0] + sums[1] + sums[2] + sums[3]);
  return *this;
}

InternetSum& InternetSum::add16(uint16_t value) {
  sum_ += network_order(value);
  return *this;
}

uint16_t InternetSum::folded() const {
  return network_order(fold(sum_));
}

}  // namespace airloom::platform
