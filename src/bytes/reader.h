// A cursor over octets that somebody else owns. Each read either succeeds and advances, or fails
// with kTruncated and leaves the cursor where it was.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/mac_address.h"
#include "base/result.h"

namespace airloom {

class Reader {
 public:
  Reader() = default;
  Reader(std::span<const uint8_t> octets) : rest_(octets) {}  // NOLINT: implicit on purpose

  size_t remaining() const { return rest_.size(); }
  bool at_end() const { return rest_.empty(); }
  std::span<const uint8_t> rest() const { return rest_; }

  /// Little-endian unsigned integer, 802.11's order.
  template <std::unsigned_integral T>
  Result<T> le() {
    return integer<T>([](size_t i) { return i; });
  }
  /// Big-endian unsigned integer, Ethernet's and EAPOL's order.
  template <std::unsigned_integral T>
  Result<T> be() {
    return integer<T>([](size_t i) { return sizeof(T) - 1 - i; });
  }
  Result<uint8_t> u8() { return le<uint8_t>(); }
  Result<uint16_t> le16() { return le<uint16_t>(); }
  Result<uint32_t> le32() { return le<uint32_t>(); }
  Result<uint64_t> le64() { return le<uint64_t>(); }
  Result<uint16_t> be16() { return be<uint16_t>(); }
  Result<uint32_t> be32() { return be<uint32_t>(); }
  Result<uint64_t> be64() { return be<uint64_t>(); }

  /// The next `count` octets, still owned by whoever owns the whole.
  Result<std::span<const uint8_t>> take(size_t count) {
    if (count > rest_.size()) return fail(Errc::kTruncated);
    auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  Result<void> skip(size_t count) {
    if (count > rest_.size()) return fail(Errc::kTruncated);
    rest_ = rest_.subspan(count);
    return {};
  }
  template <size_t N>
  Result<std::array<uint8_t, N>> array() {
    if (N > rest_.size()) return fail(Errc::kTruncated);
    std::array<uint8_t, N> out;
    std::memcpy(out.data(), rest_.data(), N);
    rest_ = rest_.subspan(N);
    return out;
  }
  Result<MacAddress> mac() {
    auto octets = array<6>();
    if (!octets) return fail(Errc::kTruncated);
    return MacAddress{*octets};
  }

 private:
  template <typename T, typename Shift>
  Result<T> integer(Shift shift) {
    if (sizeof(T) > rest_.size()) return fail(Errc::kTruncated);
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof(T); ++i) value |= uint64_t{rest_[i]} << (8 * shift(i));
    rest_ = rest_.subspan(sizeof(T));
    return static_cast<T>(value);
  }

  std::span<const uint8_t> rest_;
};

}  // namespace airloom
