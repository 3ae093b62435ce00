// How values lie in a message between host and firmware. A type names its members once, in a
// function fields(), which serves to write and to read. Integers are little-endian; an optional has
// an octet in front that says whether it is there, a list or text a 16-bit count. What does not
// parse, down to an enumerator that nobody knows, is an error: either side may be hostile.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/time.h"
#include "bytes/reader.h"
#include "bytes/writer.h"

namespace airloom::fullmac {

/// T, const or not: fields() is written once for the encoder and the decoder.
template <typename V, typename T>
concept Is = std::same_as<std::remove_const_t<V>, T>;

/// The highest enumerator of an enum that starts at 0; to specialise for each that travels.
template <typename E>
inline constexpr E kLast = E{};

class Encoder {
 public:
  explicit Encoder(Octets& out) : writer_(out) {}

  template <typename... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

 private:
  template <typename T>
  void put(const T& value) {
    if constexpr (std::same_as<T, bool>) {
      writer_.u8(value ? 1 : 0);
    } else if constexpr (std::integral<T>) {
      writer_.le(static_cast<std::make_unsigned_t<T>>(value));
    } else if constexpr (std::is_enum_v<T>) {
      put(static_cast<std::underlying_type_t<T>>(value));
    } else {
      fields(*this, value);
    }
  }
  void put(const MacAddress& value) { writer_.mac(value); }
  void put(const Duration& value) { put(static_cast<int64_t>(value.count())); }
  void put(const Octets& value) {
    put_count(value.size());
    writer_.bytes(value);
  }
  template <typename T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <typename T>
  void put(const std::vector<T>& values) {
    put_count(values.size());
    for (const T& value : values) put(value);
  }
  template <typename T, size_t N>
  void put(const std::array<T, N>& values) {
    for (const T& value : values) put(value);
  }
  template <typename A, typename B>
  void put(const std::pair<A, B>& value) {
    put(value.first);
    put(value.second);
  }
  void put_count(size_t count) {
    WLAN_ASSERT(count <= 0xffff);
    writer_.le16(static_cast<uint16_t>(count));
  }

  Writer writer_;
};

class Decoder {
 public:
  explicit Decoder(Reader reader) : reader_(reader) {}

  template <typename... T>
  void operator()(T&... values) {
    (get(values), ...);
  }
  /// All that was asked for was there, and nothing else is.
  bool is_whole() const { return ok_ && reader_.at_end(); }

 private:
  template <typename T>
  void get(T& value) {
    if constexpr (std::same_as<T, bool>) {
      const auto octet = take(reader_.u8());
      value = octet == 1;
      if (octet > 1) ok_ = false;
    } else if constexpr (std::integral<T>) {
      value = static_cast<T>(take(reader_.le<std::make_unsigned_t<T>>()));
    } else if constexpr (std::is_enum_v<T>) {
      std::underlying_type_t<T> number{};
      get(number);
      if (number > static_cast<std::underlying_type_t<T>>(kLast<T>)) ok_ = false;
      value = ok_ ? static_cast<T>(number) : T{};
    } else {
      fields(*this, value);
    }
  }
  void get(MacAddress& value) { value = take(reader_.mac()); }
  void get(Duration& value) {
    int64_t count = 0;
    get(count);
    value = Duration(count);
  }
  void get(Octets& value) {
    const auto octets = take(reader_.take(count()));
    value.assign(octets.begin(), octets.end());
  }
  template <typename T>
  void get(std::optional<T>& value) {
    bool has = false;
    get(has);
    value.reset();
    // Of T{}: clang thinks that a nested struct with initializers has no default constructor.
    if (has && ok_) get(value.emplace(T{}));
  }
  template <typename T>
  void get(std::vector<T>& values) {
    values.clear();
    const size_t wanted = count();
    if (wanted > reader_.remaining()) ok_ = false;  // each takes an octet at least
    for (size_t i = 0; i < wanted && ok_; ++i) get(values.emplace_back());
  }
  template <typename T, size_t N>
  void get(std::array<T, N>& values) {
    for (T& value : values) get(value);
  }
  template <typename A, typename B>
  void get(std::pair<A, B>& value) {
    get(value.first);
    get(value.second);
  }
  size_t count() { return take(reader_.le16()); }
  template <typename T>
  T take(Result<T> read) {
    if (!read) ok_ = false;
    return ok_ ? *read : T{};
  }

  Reader reader_;
  bool ok_ = true;
};

/// Nothing, as most confirmations say.
struct Nothing {};
template <typename A, Is<Nothing> V>
void fields(A&, V&) {}

template <typename T>
void encode(Octets& out, const T& value) {
  Encoder encoder(out);
  encoder(value);
}

/// @error kMalformed  it is not one T and no more.
template <typename T>
Result<T> decode(Reader reader) {
  Decoder decoder(reader);
  T value{};
  decoder(value);
  if (!decoder.is_whole()) return fail(Errc::kMalformed);
  return value;
}

}  // namespace airloom::fullmac
