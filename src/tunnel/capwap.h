// The CAPWAP header of both channels, and cutting what is longer than a datagram may be. DTLS,
// whose preamble differs, is the transport's. [RFC 5415 4.1, 4.3, 3.4]
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/writer.h"

namespace airloom::tunnel {

/// Each has a UDP port of its own, data's one above control's. [RFC 5415 3.1]
enum class Channel : uint8_t { kControl, kData };
constexpr size_t kChannelCount = 2;
constexpr uint16_t kControlPort = 5246;

/// What the first octet of a datagram says of the rest. [RFC 5415 4.1]
constexpr uint8_t kPreambleClear = 0x00;
constexpr uint8_t kPreambleDtls = 0x01;
/// The preamble that goes before a DTLS record: its type and three octets of zero. [RFC 5415 4.2]
constexpr size_t kDtlsPreambleOctets = 4;

constexpr uint8_t kBindingIeee80211 = 1;
constexpr uint8_t kTheRadio = 1;  ///< the number of a tunnel's one radio

struct CapwapHeader {
  uint8_t radio = kTheRadio;
  uint8_t binding = kBindingIeee80211;
  bool native = false;    ///< T: the payload is a frame of the binding's own format
  bool fragment = false;  ///< F
  bool last = false;      ///< L, with F
  bool keep_alive = false;
  uint16_t fragment_id = 0;
  uint16_t fragment_offset = 0;       ///< in units of eight octets, below 8192
  std::span<const uint8_t> wireless;  ///< wireless specific information; empty: none

  /// Reads a header, and leaves `reader` at the payload. `wireless` points into the octets; a radio
  /// MAC address is passed over.
  /// @error kUnsupported  another version, or DTLS;  kMalformed, kTruncated
  static Result<CapwapHeader> parse(Reader& reader);
  /// @param writer  `wireless` is at most 107 octets, what the header's length field leaves.
  void emit(Writer& writer) const;
  /// Octets on the wire.
  size_t length() const;
};

constexpr size_t kFragmentUnit = 8;
/// What one message may be: offsets have 13 bits. Frames are far shorter.
constexpr size_t kMessageMax = 16384;

/// Cuts a payload so that each datagram is at most `datagram_max` octets, and calls
/// `emit(datagram)` for each in order. One that fits goes whole. Wireless information goes with the
/// first.
/// @param header  without F and L; its fragment_id is used if the payload is cut.
/// @param buffer  a datagram is put together here.
template <typename Emit>
void cut(CapwapHeader header, std::span<const uint8_t> payload, size_t datagram_max, Octets& buffer,
         Emit emit) {
  const uint16_t id = header.fragment_id;
  header.fragment = header.length() + payload.size() > datagram_max;
  header.fragment_id = header.fragment ? id : uint16_t{0};
  do {
    const size_t room = (datagram_max - header.length()) / kFragmentUnit * kFragmentUnit;
    header.last = header.fragment && payload.size() <= room;
    const auto part = header.fragment && !header.last ? payload.first(room) : payload;
    buffer.clear();
    Writer writer(buffer);
    header.emit(writer);
    writer.bytes(part);
    emit(std::span<const uint8_t>(buffer));
    payload = payload.subspan(part.size());
    header.fragment_offset =
        static_cast<uint16_t>(header.fragment_offset + part.size() / kFragmentUnit);
    header.wireless = {};
  } while (!payload.empty());
}

}  // namespace airloom::tunnel
