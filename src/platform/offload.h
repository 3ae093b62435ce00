// What a TAP with offloads says of each frame, and what is to be done with it where frames go on
// the air: a checksum left open is completed, and a TCP segment larger than the MTU is cut into
// what fits (the kernel's generic segmentation offload, below the netdev). Nothing of it is to be
// trusted: a program may have written it (PACKET_VNET_HDR).
// [virtio 1.1 5.1.6] [RFC 9293 3.8]
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "bytes/frame_buffer.h"

namespace airloom::platform {

/// struct virtio_net_hdr in the machine's byte order.
struct OffloadHeader {
  static constexpr size_t kOctets = 10;
  using Bytes = std::array<uint8_t, kOctets>;

  enum Flag : uint8_t { kNeedsChecksum = 1 };
  enum Segmentation : uint8_t { kNone = 0, kTcpIpv4 = 1, kTcpIpv6 = 4, kEcn = 0x80 };

  uint8_t flags = 0;
  uint8_t segmentation = kNone;  ///< kEcn may be added
  uint16_t header_octets = 0;    ///< a hint: up to the payload
  uint16_t segment_octets = 0;   ///< payload of each segment but the last
  uint16_t checksum_from = 0;    ///< where what is summed begins; it goes to the end
  uint16_t checksum_at = 0;      ///< where the sum goes, counted from there

  static OffloadHeader load(const Bytes& from);
  Bytes store() const;
};

/// Puts the checksum in where the header says that it is open. (A frame with `segmentation` is for
/// cut_segments().)
/// @error kMalformed  its place is beyond the frame
Result<void> complete_checksum(const OffloadHeader& header, FrameBuffer& frame);

/// Cuts a large TCP segment: appends frames to `out` as if TCP had sent them one by one, with their
/// sequence numbers, lengths, identifications and checksums; PSH and FIN stay with the last, CWR
/// with the first.
/// @param frame_max  octets that a frame with its Ethernet header may have
/// @error kMalformed  the header does not fit the octets; nothing is appended
Result<void> cut_segments(const OffloadHeader& header, std::span<const uint8_t> whole,
                          size_t frame_max, FramePool& pool, std::vector<FrameBuffer>& out);

}  // namespace airloom::platform
