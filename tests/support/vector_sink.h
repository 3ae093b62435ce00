// Where a capture goes in a test.
#pragma once

#include <algorithm>
#include <string>

#include "bytes/writer.h"
#include "capture/byte_sink.h"

namespace airloom::capture {

struct VectorSink final : ByteSink {
  static constexpr size_t kRoom = 64 * 1024;

  std::span<uint8_t> open(size_t at_least) override {
    room.resize(std::max(at_least, kRoom));
    return room;
  }
  void commit(size_t count, size_t more_packets) override {
    octets.insert(octets.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(count));
    ++writes;
    packets += more_packets;
  }
  std::string text() const { return {octets.begin(), octets.end()}; }

  Octets room, octets;
  int writes = 0;
  size_t packets = 0;
};

}  // namespace airloom::capture
