// Where a capture's octets go: a file in the daemon, a vector in a test. This layer does no I/O.
#pragma once

#include <cstdint>
#include <span>

namespace airloom::capture {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  /// Takes the next octets of the file. Each call ends at a block's end, so that whoever reads
  /// along sees whole blocks; failures are the sink's to report.
  virtual void write(std::span<const uint8_t> octets) = 0;
};

}  // namespace airloom::capture
