// Where a capture's octets go: memory that the daemon shares with a reader, a vector in a test. The
// writer fills memory of the sink's, so that they are copied once. This layer does no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace airloom::capture {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  /// Memory for what comes next in the file, at least so many octets: the writer's until it has
  /// committed them. None is open yet.
  virtual std::span<uint8_t> open(size_t octets) = 0;
  /// Takes the first octets of what was opened: any number of whole blocks, so that whoever reads
  /// along sees no halves. Failures are the sink's to report.
  /// @param packets  that are among them; without any they must not be left out, as later packets
  ///                 refer to what they say.
  virtual void commit(size_t octets, size_t packets) = 0;
};

}  // namespace airloom::capture
