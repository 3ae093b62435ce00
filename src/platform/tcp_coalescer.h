// Joins TCP segments that follow each other into one large segment, so that a TAP takes many frames
// by one write (the kernel's generic receive offload, above the air). Joining is lossless: cut
// again, the large segment gives the same frames, so a bridge or router behind the TAP sends on
// what was sent. Whatever does not follow, or has a checksum that does not hold, goes as it came.
// Segments of a flow keep their order, and so do frames that are not IP with regard to all others.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "bytes/frame_buffer.h"
#include "platform/offload.h"
#include "platform/tcp_frame.h"

namespace airloom::platform {

class TcpCoalescer {
 public:
  using Parts = std::span<const std::span<const uint8_t>>;
  /// Takes a frame in parts. The octets are only lent.
  using Write = std::function<void(const OffloadHeader&, Parts)>;

  explicit TcpCoalescer(Write write) : write_(std::move(write)) {}

  /// Writes a frame, or keeps it for what may follow.
  void add(FrameBuffer frame);
  /// Writes what is kept, oldest flow first: nothing follows for now.
  void flush();
  bool is_empty() const { return used_ == 0; }

 private:
  static constexpr size_t kFlows = 8;  // that segments are kept of at once

  /// Segments of one flow, each following the one before.
  struct Train {
    std::vector<FrameBuffer> frames;
    TcpFrame tcp;
    size_t segment_octets = 0;  // payload of the first
    size_t octets = 0;          // of the large segment, with one header
    uint32_t next_sequence = 0;
    uint16_t next_id = 0;
    uint8_t last_flags = 0;
  };

  Train* find_flow(const TcpFrame& tcp, std::span<const uint8_t> frame);
  void begin(const TcpFrame& tcp, FrameBuffer frame);
  void write(const Train& train);
  void write_alone(const FrameBuffer& frame);
  void remove(Train& train);

  Write write_;
  std::array<Train, kFlows> trains_;  // the first used_ hold frames, oldest first
  size_t used_ = 0;
  std::vector<std::span<const uint8_t>> parts_;  // kept for its memory
};

}  // namespace airloom::platform
