// Where the headers of a TCP segment in an Ethernet frame stand: IPv4 or IPv6, behind up to two
// VLAN tags. Fragments, and packets with octets behind them, are none.
// [RFC 9293 3.1] [RFC 791 3.1] [RFC 8200 3, 4]
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace airloom::platform {

/// IPv4 or IPv6, with or without VLAN tags.
bool is_ip(std::span<const uint8_t> ethernet);

struct TcpFrame {
  /// Nothing if it is anything else.
  static std::optional<TcpFrame> find(std::span<const uint8_t> ethernet);

  size_t ip_at = 0, tcp_at = 0, payload_at = 0;
  bool is_ipv6 = false;
  bool has_ip_options = false;  ///< or extension headers

  /// A header's fields begin so far behind ip_at or tcp_at.
  static constexpr size_t kIpv4Length = 2, kIpv4Id = 4, kIpv4Checksum = 10, kIpv4Addresses = 12;
  static constexpr size_t kIpv6Length = 4, kIpv6Header = 40, kIpv6Addresses = 8;
  static constexpr size_t kSequence = 4, kFlags = 13, kChecksum = 16, kOptions = 20;

  /// Both addresses of the IP header.
  std::span<const uint8_t> addresses(std::span<const uint8_t> ethernet) const;
  /// The pseudo-header's sum, folded, for so many octets of TCP header and payload.
  uint16_t pseudo_sum(std::span<const uint8_t> ethernet, size_t tcp_octets) const;
  /// Whether the IP header (where it has a checksum) and the segment are as they were sent.
  bool checksums_hold(std::span<const uint8_t> ethernet) const;
  /// Puts the length of headers and payload into the IP header, and its checksum.
  /// @param headers  the frame, or its first payload_at octets
  void set_length(std::span<uint8_t> headers, size_t frame_octets) const;
};

namespace tcp_flag {
constexpr uint8_t kFin = 1, kPsh = 8, kAck = 0x10, kCwr = 0x80;
}

}  // namespace airloom::platform
