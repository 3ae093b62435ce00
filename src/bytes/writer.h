// Appends octets to a vector. A length that is known only later is back-filled when its scope ends.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/mac_address.h"

namespace airloom {

using Octets = std::vector<uint8_t>;

class Writer {
 public:
  /// Appends to `out`, which must outlive the writer.
  explicit Writer(Octets& out) : out_(out) {}

  template <std::unsigned_integral T>
  Writer& le(T value) {
    for (size_t i = 0; i < sizeof(T); ++i)
      out_.push_back(static_cast<uint8_t>(uint64_t{value} >> (8 * i)));
    return *this;
  }
  template <std::unsigned_integral T>
  Writer& be(T value) {
    for (size_t i = sizeof(T); i-- > 0;)
      out_.push_back(static_cast<uint8_t>(uint64_t{value} >> (8 * i)));
    return *this;
  }
  Writer& u8(uint8_t value) { return le(value); }
  Writer& le16(uint16_t value) { return le(value); }
  Writer& le32(uint32_t value) { return le(value); }
  Writer& le64(uint64_t value) { return le(value); }
  Writer& be16(uint16_t value) { return be(value); }
  Writer& be32(uint32_t value) { return be(value); }
  Writer& be64(uint64_t value) { return be(value); }
  Writer& bytes(std::span<const uint8_t> octets) {
    out_.insert(out_.end(), octets.begin(), octets.end());
    return *this;
  }
  Writer& mac(const MacAddress& address) { return bytes(address.octets); }
  Writer& zeros(size_t count) {
    out_.insert(out_.end(), count, 0);
    return *this;
  }

  size_t size() const { return out_.size(); }
  Octets& octets() { return out_; }

  /// One octet of length, filled in when the returned scope ends; its content must fit 255.
  class Length8 {
   public:
    explicit Length8(Octets& out) : out_(out), at_(out.size()) { out_.push_back(0); }
    ~Length8() {
      const size_t length = out_.size() - at_ - 1;
      WLAN_ASSERT(length <= 255);
      out_[at_] = static_cast<uint8_t>(length);
    }
    Length8(const Length8&) = delete;
    Length8& operator=(const Length8&) = delete;

   private:
    Octets& out_;
    size_t at_;
  };
  [[nodiscard]] Length8 length8() { return Length8(out_); }

 private:
  Octets& out_;
};

}  // namespace airloom
